"""Writes mobilenet_v3_small.json: layers of keras.applications.MobileNetV3Small as Keras lists them.

Needs Keras 3 with TensorFlow. Usage: python tests/golden/mobilenet_v3_small.py
"""

import json
import pathlib

import keras

CASES = {
    "no_top_128": dict(input_shape=(128, 128, 3), include_top=False, include_preprocessing=False),
    "no_top_97x65_preprocessing": dict(input_shape=(97, 65, 3), include_top=False),
    "top_224": dict(input_shape=(224, 224, 3), include_top=True),
    "no_top_075": dict(input_shape=(64, 64, 3), include_top=False, alpha=0.75),
    "top_150_minimalistic": dict(
        input_shape=(64, 64, 3), include_top=True, classes=7, alpha=1.5, minimalistic=True
    ),
}


def describe(options):
    keras.backend.clear_session()
    model = keras.applications.MobileNetV3Small(weights=None, **options)
    return {
        "parameters": model.count_params(),
        "layers": [
            [layer.name, type(layer).__name__, list(layer.output.shape[1:]), layer.count_params()]
            for layer in model.layers
        ],
    }


golden = {"keras": keras.__version__, **{name: describe(options) for name, options in CASES.items()}}
path = pathlib.Path(__file__).with_suffix(".json")
lines = [
    f'"{name}": {{"parameters": {case["parameters"]}, "layers": [\n'
    + ",\n".join(json.dumps(layer, separators=(",", ":")) for layer in case["layers"])
    + "\n]}"
    for name, case in golden.items()
    if name != "keras"
]
path.write_text("{\n" + f'"keras": "{golden["keras"]}",\n' + ",\n".join(lines) + "\n}\n")
