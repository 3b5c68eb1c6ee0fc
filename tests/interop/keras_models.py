"""Saves models of the kinds that people have, for Mien to read.

usage: keras_models.py FOLDER
Each of FOLDER/<name>.keras and <name>.h5 is one model with drawn weights; <name>-x.bin and <name>-y.bin are a batch
[N, H, W, C] and its outputs (float32), <name>.json {"xShape": [...]}.
"""

import json
import pathlib
import sys

import keras
import numpy as np

L = keras.layers


def nested():
    """The reference project's form: a backbone as one layer, half of it frozen, compiled."""
    base = keras.applications.MobileNetV3Small(
        weights=None, include_top=False, input_shape=(64, 64, 3), include_preprocessing=False
    )
    for layer in base.layers[:-60]:
        layer.trainable = False
    image = keras.Input((64, 64, 3))
    x = L.GlobalAveragePooling2D()(base(image, training=False))
    x = L.BatchNormalization()(x)
    x = L.Dropout(0.5)(x)
    x = L.Dense(32, activation="relu", kernel_regularizer=keras.regularizers.l2(1e-4))(x)
    model = keras.Model(image, L.Dense(5, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(1e-3, clipnorm=1.0), "categorical_crossentropy", ["accuracy"])
    return model


def flat():
    """The same on top of the backbone's own output."""
    base = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(64, 64, 3), alpha=0.35)
    x = L.GlobalMaxPooling2D()(base.output)
    return keras.Model(base.input, L.Dense(4)(x))


def sequential():
    return keras.Sequential(
        [
            keras.Input((24, 24, 1)),
            L.Rescaling(1 / 255),
            L.Conv2D(8, 3, activation="relu", padding="same"),
            L.MaxPooling2D(),
            L.SeparableConv2D(12, 3),
            L.BatchNormalization(),
            L.Flatten(),
            L.Dropout(0.3),
            L.Dense(3, activation="softmax"),
        ]
    )


def sequential_nested():
    base = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(32, 32, 3), alpha=0.35)
    base.trainable = False
    return keras.Sequential([base, L.GlobalAveragePooling2D(), L.Dense(6)])


root = pathlib.Path(sys.argv[1])
for make in (nested, flat, sequential, sequential_nested):
    keras.backend.clear_session()
    random = np.random.default_rng(3)
    model = make()
    # Positive and near what trained weights look like: variances must be.
    drawn = [np.abs(random.normal(0.15, 0.1, w.shape)) + 0.01 if w.ndim == 1 else random.normal(0, 0.1, w.shape)
             for w in model.get_weights()]
    model.set_weights(drawn)
    x = random.normal(0, 1, (4, *model.input_shape[1:])).astype("float32")
    name = make.__name__
    x.tofile(root / f"{name}-x.bin")
    np.asarray(model(x, training=False)).astype("<f4").tofile(root / f"{name}-y.bin")
    (root / f"{name}.json").write_text(json.dumps({"xShape": x.shape, "parameters": model.count_params()}))
    model.save(root / f"{name}.keras")
    model.save(root / f"{name}.h5")
