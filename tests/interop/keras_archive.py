"""Opens a .keras archive in real Keras 3 and compares it with what Mien says about it.

usage: keras_archive.py FOLDER
FOLDER holds model.keras, x.bin (float32, [N, H, W, C]), y.bin (Mien's outputs, float32, channels last) and
case.json {"xShape": [...], "layers": [...], "parameters": n}. Writes result.json: agreement as loaded, after one
epoch of training on random labels (finite loss), and resaved.keras for Mien to read back, with resaved-y.bin.
"""

import json
import pathlib
import sys

import keras
import numpy as np


def worst(found, expected):
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def train_on(model, x):
    """One step of Keras's own training; leaves the caller's model as it was."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    copy.compile(optimizer="adam", loss="mse")
    target = np.random.default_rng(0).normal(size=model.predict(x, verbose=0).shape)
    return float(copy.fit(x, target, epochs=1, verbose=0).history["loss"][0])


folder = pathlib.Path(sys.argv[1])
case = json.loads((folder / "case.json").read_text())
x = np.fromfile(folder / "x.bin", "<f4").reshape(case["xShape"])
model = keras.models.load_model(folder / "model.keras")
y = model.predict(x, verbose=0)
mien = np.fromfile(folder / "y.bin", "<f4").reshape(y.shape)
summary = []
model.summary(print_fn=lambda line, **_: summary.append(line))
model.save(folder / "resaved.keras")
y.astype("<f4").tofile(folder / "resaved-y.bin")
result = {
    "keras": keras.__version__,
    "worstRelativeToLargest": worst(mien, y),
    "sameLayers": [layer.name for layer in model.layers] == case["layers"],
    "sameParameters": model.count_params() == case["parameters"],
    "trainingLoss": train_on(model, x),
    "summary": "\n".join(summary),
}
(folder / "result.json").write_text(json.dumps(result, indent=1))
print({key: value for key, value in result.items() if key != "summary"})
