"""Runs check images through a quantized archive in the compiler's emulator, once in full precision and once as the
chip computes. Called by `mien hailo compile`: check.py HAR IMAGES.npy RESULT.json"""

import json
import sys

import numpy as np
from hailo_sdk_client import ClientRunner, InferenceContext

CONTEXTS = ("SDK_FP_OPTIMIZED", "SDK_QUANTIZED")


def logits_of(runner, context, images):
    """[images, classes], whatever axes of size 1 the emulator adds."""
    with runner.infer_context(getattr(InferenceContext, context)) as inference:
        result = runner.infer(inference, images)
    return np.asarray(result).reshape(len(images), -1).tolist()


def main(archive, images_path, result_path):
    images = np.load(images_path).astype(np.float32)
    runner = ClientRunner(har=archive)
    result = {context: logits_of(runner, context, images) for context in CONTEXTS}
    with open(result_path, "w", encoding="utf-8") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
