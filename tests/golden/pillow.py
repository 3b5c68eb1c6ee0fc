"""Makes pillow.json: Pillow's enhancers and ImageOps on a small picture (Pillow 13).

    python tests/golden/pillow.py > tests/golden/pillow.json

The picture is made from a formula, so that only results are stored: grey level of pixel k of 20 x 30 is
30 + (k * k * 7 + k * 13 + 5) % 171.
"""

import json

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

HEIGHT, WIDTH = 20, 30

k = np.arange(HEIGHT * WIDTH, dtype=np.int64)
picture = Image.fromarray((30 + (k * k * 7 + k * 13 + 5) % 171).astype(np.uint8).reshape(HEIGHT, WIDTH))

CASES = {
    "brightness 0.4": ImageEnhance.Brightness(picture).enhance(0.4),
    "brightness 1.6": ImageEnhance.Brightness(picture).enhance(1.6),
    "contrast 0.4": ImageEnhance.Contrast(picture).enhance(0.4),
    "contrast 1.6": ImageEnhance.Contrast(picture).enhance(1.6),
    "sharpness 0.1": ImageEnhance.Sharpness(picture).enhance(0.1),
    "sharpness 1.9": ImageEnhance.Sharpness(picture).enhance(1.9),
    "autoContrast": ImageOps.autocontrast(picture),
    "equalize": ImageOps.equalize(picture),
}

lines = [f"{json.dumps(name)}: {json.dumps(np.asarray(image).ravel().tolist(), separators=(',', ':'))}"
         for name, image in CASES.items()]
print("{\n" + ",\n".join(lines) + "\n}")
