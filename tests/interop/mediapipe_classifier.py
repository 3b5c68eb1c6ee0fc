"""Classifies raw pictures with MediaPipe's image classifier.

usage: mediapipe_classifier.py FOLDER
FOLDER holds case.json {"file", "xShape"}, the file and x.bin (uint8, [N, H, W, 3]). Writes result.json: the classes in the
order of the model's outputs, and the scores [N, K] in that order.
"""

import json
import pathlib
import sys

import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision

folder = pathlib.Path(sys.argv[1])
case = json.loads((folder / "case.json").read_text())
x = np.fromfile(folder / "x.bin", "uint8").reshape(case["xShape"])
options = vision.ImageClassifierOptions(base_options=BaseOptions(model_asset_path=str(folder / case["file"])))
scores = []
with vision.ImageClassifier.create_from_options(options) as classifier:
    for picture in x:
        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(picture))
        categories = sorted(classifier.classify(image).classifications[0].categories, key=lambda c: c.index)
        scores.append([category.score for category in categories])
labels = [category.category_name for category in categories]
(folder / "result.json").write_text(json.dumps({"labels": labels, "scores": np.ravel(scores).tolist()}))
