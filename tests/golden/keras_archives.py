"""Writes keras_zoo.keras and keras_nested.keras, saved by Keras 3, and keras_archives.json with inputs and outputs.

The zoo uses every supported layer, a shared layer, and bare operations; the nested model has a backbone called
with training=False and a sequential head whose layer names repeat the backbone's.
Needs Keras 3 with TensorFlow. Usage: python tests/golden/keras_archives.py
"""

import json
import pathlib

import keras
import numpy as np

L = keras.layers
HERE = pathlib.Path(__file__).parent
rng = np.random.default_rng(7)


def zoo():
    image = L.Input((9, 10, 3), name="image")
    x = L.Rescaling([0.5, 1.0, 2.0], 0.25)(image)
    x = L.SeparableConv2D(6, 3, depth_multiplier=2, padding="same", strides=2, activation="swish")(x)
    x = L.Concatenate()([L.MaxPooling2D(3, 2, "same")(x), L.AveragePooling2D(3, 2, "same")(x)])
    x = L.DepthwiseConv2D(3, depth_multiplier=2, padding="same", dilation_rate=2)(x)
    x = L.Conv2D(8, (3, 1), padding="same", groups=2, activation="hard_swish")(x)
    x = L.BatchNormalization(scale=False)(x)
    gate = L.Conv2D(8, 1)(L.GlobalAveragePooling2D(keepdims=True)(x))
    gate = L.ReLU(6.0)(gate + 3.0) * (1.0 / 6.0)
    x = L.Multiply()([x, gate])
    x = L.Cropping2D(((0, 1), (1, 0)))(L.ZeroPadding2D(2)(x))
    flat = L.Flatten()(x)
    shaped = L.Reshape((2, 2, -1))(L.Dense(32, activation="tanh")(flat))
    back = L.Flatten()(L.MaxPooling2D(1)(shaped))
    shared = L.Dense(32, activation="hard_sigmoid", name="shared")
    y = L.Add()([shared(L.GlobalMaxPooling2D()(x)), back])
    y = shared(L.Dense(8, activation="relu6")(y))
    y = 1.0 - L.ReLU(2.0, negative_slope=0.1)(y * 2.0 - 1.5) / 2.0
    y = L.Activation("sigmoid")(L.BatchNormalization()(y))
    y = L.Softmax()(L.Dense(5, kernel_regularizer=keras.regularizers.L2(1e-4))(L.Dropout(0.3)(y)))
    return keras.Model(image, y, name="zoo")


def nested():
    inner = L.Input((8, 8, 3))
    x = L.BatchNormalization(name="bn")(L.Conv2D(4, 3, strides=2, padding="same", name="conv")(inner))
    backbone = keras.Model(inner, L.ReLU()(x), name="backbone")
    head = keras.Sequential([L.GlobalAveragePooling2D(), L.Dense(3, name="conv")], name="head")
    image = L.Input((8, 8, 3))
    return keras.Model(image, head(backbone(image, training=False)), name="nested")


def describe(model):
    for weight in model.weights:
        values = rng.normal(size=weight.shape) * 0.3
        if "variance" in weight.path:
            values = np.abs(values) + 0.5
        weight.assign(values.astype("float32"))
    model.save(HERE / f"keras_{model.name}.keras")
    if model.name == "nested":
        model.save(HERE / "keras_nested.h5")
    x = rng.normal(size=(2, *model.input_shape[1:])).astype("float32").round(3)
    y = model.predict(x, verbose=0)
    return {
        "layers": [layer.name for layer in model.layers],
        "parameters": model.count_params(),
        "xShape": x.shape,
        "x": [round(float(v), 3) for v in x.ravel()],
        "yShape": y.shape,
        "y": [float(v) for v in y.ravel()],
    }


golden = {"keras": keras.__version__, "zoo": describe(zoo()), "nested": describe(nested())}
(HERE / "keras_archives.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
