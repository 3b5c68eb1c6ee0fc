"""Converts a .keras file by TensorFlow's own converter: tflite_convert.py MODEL.keras OUT_FOLDER [PICTURES].

Writes float32.tflite and float16.tflite (the converter's own float16 quantization), and with a file of normalized pictures
(float32, [N, H, W, C]) int8.tflite: full integer quantization calibrated on them, float32 in and out. Prints its versions
as JSON.
"""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402


def converted(model, precision, pictures):
    # A fixed batch, as Mien's files have it: LiteRT on WebAssembly takes no other.
    picture = keras.Input(batch_shape=(1, *model.input_shape[1:]))
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(picture, model(picture)))
    if precision == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.representative_dataset = lambda: ([pictures[i : i + 1]] for i in range(len(pictures)))
    if precision == "float16":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    return converter.convert()


def main(path, out, calibration=None):
    model = keras.models.load_model(path, compile=False)
    pictures = None
    precisions = ["float32", "float16"]
    if calibration is not None:
        pictures = np.fromfile(calibration, "float32").reshape(-1, *model.input_shape[1:])
        precisions.append("int8")
    for precision in precisions:
        with open(os.path.join(out, f"{precision}.tflite"), "wb") as file:
            file.write(converted(model, precision, pictures))
    print(json.dumps({"tensorflow": tf.__version__, "keras": keras.__version__}))


main(*sys.argv[1:])
