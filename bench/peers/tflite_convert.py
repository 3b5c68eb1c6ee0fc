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
    # A fixed batch, as Mien's files have it.
    call = tf.function(lambda x: model(x, training=False)).get_concrete_function(
        tf.TensorSpec([1, *model.input_shape[1:]], tf.float32, name="picture")
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([call], model)
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
