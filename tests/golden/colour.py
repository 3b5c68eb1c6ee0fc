"""Golden values of TensorFlow's adjust_saturation and adjust_hue. Run: python tests/golden/colour.py"""

import json
import pathlib

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(7)
pixels = rng.uniform(0, 255, (58, 3)).astype(np.float32)
special = [[0, 0, 0], [255, 255, 255], [90, 90, 90], [255, 0, 0], [0, 255, 0], [200, 200, 10]]
rgb = np.concatenate([pixels, np.array(special, np.float32)])[None]


def rows(tensor):
    return [[round(float(value), 4) for value in pixel] for pixel in tensor.numpy()[0]]


record = {
    "tensorflow": tf.__version__,
    "rgb": [[round(float(value), 4) for value in pixel] for pixel in rgb[0]],
    "saturation": {str(f): rows(tf.image.adjust_saturation(rgb[None], f)[0]) for f in (0.0, 0.9, 1.1, 3.0)},
    "hue": {str(d): rows(tf.image.adjust_hue(rgb[None], d)[0]) for d in (-0.4, -0.03, 0.03, 0.5)},
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(record, separators=(",", ":")) + "\n")
