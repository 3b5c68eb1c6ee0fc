"""Opens a .keras archive in real Keras 3 and compares it with what Mien says about it.

usage: keras_archive.py FOLDER
FOLDER holds model.keras, x.bin (float32, [N, H, W, C]), y.bin (Mien's outputs, float32, channels last) and
case.json {"xShape": [...], "layers": [...], "parameters": n}. Writes result.json: agreement as loaded, losses of two
further epochs of training by Keras, summary(); and resaved.keras for Mien to read back, with resaved-y.bin.
"""

import json
import pathlib
import sys

import keras
import numpy as np


def worst(found, expected):
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def train_on(path, x):
    """Keras goes on training a copy: as it was compiled, or with Adam where it was not. Losses of three epochs."""
    copy = keras.models.load_model(path)
    if not copy.compiled:
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
        copy.compile(optimizer=keras.optimizers.Adam(1e-3, clipnorm=1.0), loss=loss)
    labels = np.eye(copy.output_shape[-1])[np.arange(len(x)) % copy.output_shape[-1]]
    # Dropout: 64 pictures in four batches are few, and which units fall out decides about single epochs.
    keras.utils.set_random_seed(1)
    return [float(loss) for loss in copy.fit(x, labels, epochs=3, batch_size=16, verbose=0).history["loss"]]


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
    "compiled": bool(model.compiled),
    "trainingLoss": train_on(folder / "model.keras", x),
    "summary": "\n".join(summary),
}
(folder / "result.json").write_text(json.dumps(result, indent=1))
print({key: value for key, value in result.items() if key != "summary"})
