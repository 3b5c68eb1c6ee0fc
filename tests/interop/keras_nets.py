"""Writes what Keras's applications compute, for the nets of the same names here.

usage: keras_nets.py FOLDER [NAME...]
For each net, with and without top, FOLDER/<name>-<top|no_top>/ gets weights.h5 (the layout of Keras's own *_no_top.h5
files), model.h5 (the whole model, legacy format), model.keras, x<size>.bin and y<size>.bin for 128 and 224 pixels
([N, H, W, C] and the outputs, float32), and case.json: layers by size, parameters.

Weights are drawn; batch norms then take over the statistics of a batch, as trained ones would have them.
"""

import json
import pathlib
import sys

import h5py
import keras
import numpy as np
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

V3 = {"include_preprocessing": False}
NETS = {
    "mobileNetV3Small": (keras.applications.MobileNetV3Small, V3),
    "mobileNetV3Large": (keras.applications.MobileNetV3Large, V3),
    "mobileNetV2": (keras.applications.MobileNetV2, {}),
    "densenet121": (keras.applications.DenseNet121, {}),
    "nasnetMobile": (keras.applications.NASNetMobile, {}),
}
SIZES = (128, 224)
CLASSES = 10


def build(name, top, size):
    keras.backend.clear_session()
    make, options = NETS[name]
    shape = (size, size, 3)
    return make(weights=None, include_top=top, input_shape=shape, **({"classes": CLASSES} if top else {}), **options)


def draw(model, x):
    random = np.random.default_rng(1)
    for layer in model.layers:
        weights = layer.get_weights()
        if isinstance(layer, keras.layers.BatchNormalization):
            weights[0] = weights[0] + random.normal(0, 0.1, weights[0].shape)
            weights[1] = weights[1] + random.normal(0, 0.1, weights[1].shape)
            layer.set_weights(weights)
            layer.momentum = 0.0
        elif len(weights) > 0 and len(weights[-1].shape) == 1:
            layer.set_weights([*weights[:-1], random.normal(0, 0.1, weights[-1].shape)])
    model(x, training=True)
    made = NETS_MOMENTUM[model.name]
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = made[layer.name]


def momenta(model):
    return {l.name: l.momentum for l in model.layers if isinstance(l, keras.layers.BatchNormalization)}


def layers(model):
    return [[l.name, type(l).__name__, list(l.output.shape[1:]), l.count_params()] for l in model.layers]


NETS_MOMENTUM = {}


def write(root, name, top):
    folder = root / f"{name}-{'top' if top else 'no_top'}"
    folder.mkdir(parents=True)
    case = {"layers": {}, "classes": CLASSES}
    weights = None
    for size in SIZES:
        model = build(name, top, size)
        x = np.random.default_rng(size).normal(0, 1, (2, size, size, 3)).astype("float32")
        if weights is None:
            NETS_MOMENTUM[model.name] = momenta(model)
            draw(model, x)
            weights = model.get_weights()
            with h5py.File(folder / "weights.h5", "w") as file:
                save_weights_to_hdf5_group(file, model)
            model.save(folder / "model.h5")
            model.save(folder / "model.keras")
        else:
            model.set_weights(weights)
        y = np.asarray(model(x, training=False))
        x.tofile(folder / f"x{size}.bin")
        y.astype("<f4").tofile(folder / f"y{size}.bin")
        case["layers"][str(size)] = layers(model)
        case["parameters"] = model.count_params()
        case["last60"] = [l.name for l in model.layers[-60:]]
    case["keras"] = keras.__version__
    (folder / "case.json").write_text(json.dumps(case))


root = pathlib.Path(sys.argv[1])
for name in sys.argv[2:] or NETS:
    for top in (False, True):
        write(root, name, top)
