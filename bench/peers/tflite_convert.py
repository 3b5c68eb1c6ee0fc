"""Converts a .keras file by TensorFlow's own converter: tflite_convert.py MODEL.keras OUT_FOLDER.

Writes float32.tflite and float16.tflite (the converter's own float16 quantization) and prints its versions as JSON.
"""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402


def converted(model, half):
    # A fixed batch, as Mien's files have it: LiteRT on WebAssembly takes no other.
    picture = keras.Input(batch_shape=(1, *model.input_shape[1:]))
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(picture, model(picture)))
    if half:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    return converter.convert()


def main(path, out):
    model = keras.models.load_model(path, compile=False)
    for precision in ("float32", "float16"):
        with open(os.path.join(out, f"{precision}.tflite"), "wb") as file:
            file.write(converted(model, precision == "float16"))
    print(json.dumps({"tensorflow": tf.__version__, "keras": keras.__version__}))


main(*sys.argv[1:])
