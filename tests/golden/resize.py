"""Makes resize.json: tf.image.resize on small pictures (TensorFlow 2.x).

    python tests/golden/resize.py > tests/golden/resize.json

Pictures are made from a formula, so that only the results are stored: pixel k of a case is
(k * k * 7 + k * 13 + 5) % 256. Values are kept as integers in 1/1000 grey level; large results are sampled
at every `step`-th element.
"""

import json

import numpy as np
import tensorflow as tf

CASES = [
    # name, [height, width, channels], [height, width], method, antialias
    ("grey 48 to 96", [48, 48, 1], [96, 96], "bicubic", True),
    ("grey 48 to 128", [48, 48, 1], [128, 128], "bicubic", True),
    ("grey 48 to 112", [48, 48, 1], [112, 112], "bicubic", True),
    ("rgb 100x70 to 48", [100, 70, 3], [48, 48], "bicubic", True),
    ("grey 100x70 to 48", [100, 70, 1], [48, 48], "bicubic", True),
    ("rgb 30x61 to 48x40", [30, 61, 3], [48, 40], "bicubic", True),
    ("grey 5x3 to 2x7", [5, 3, 1], [2, 7], "bicubic", True),
    ("bicubic without antialias", [20, 14, 3], [9, 31], "bicubic", False),
    ("bilinear", [20, 14, 3], [9, 31], "bilinear", False),
    ("bilinear antialias", [20, 14, 3], [9, 31], "bilinear", True),
    ("nearest", [20, 14, 3], [9, 31], "nearest", False),
    ("same size", [6, 6, 1], [6, 6], "bicubic", True),
]
KEPT = 400


def picture(shape):
    k = np.arange(np.prod(shape), dtype=np.int64)
    return ((k * k * 7 + k * 13 + 5) % 256).astype(np.float32).reshape(shape)


def run(name, shape, size, method, antialias):
    result = tf.image.resize(picture(shape), size, method=method, antialias=antialias).numpy().ravel()
    step = max(1, result.size // KEPT) | 1
    values = [int(v) for v in np.rint(result[::step].astype(np.float64) * 1000)]
    return {"name": name, "shape": shape, "size": size, "method": method, "antialias": antialias,
            "step": step, "thousandths": values}


print("[\n" + ",\n".join(json.dumps(run(*case), separators=(",", ":")) for case in CASES) + "\n]")
