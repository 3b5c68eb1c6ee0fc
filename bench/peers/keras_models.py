"""Times training steps and predictions of Keras's applications (TensorFlow) under a pooling, a dropout and a dense layer.

Speaks the same JSON lines as torch_steps.py; cases are `train:<net>` and `inference:<net>`.
"""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers  # noqa: E402

from keras_steps import batches_of, inference_step, say, timed, training_step  # noqa: E402

V3 = {"include_preprocessing": False}
NETS = {
    "mobileNetV3Small": (keras.applications.MobileNetV3Small, V3),
    "mobileNetV3Large": (keras.applications.MobileNetV3Large, V3),
    "mobileNetV2": (keras.applications.MobileNetV2, {}),
    "densenet121": (keras.applications.DenseNet121, {}),
    "nasnetMobile": (keras.applications.NASNetMobile, {}),
}


def prepare(name, work):
    keras.backend.clear_session()
    make, options = NETS[name]
    backbone = make(
        input_shape=(work["size"], work["size"], 3), include_top=False, weights=None, **options
    )
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(backbone.output))
    return keras.Model(backbone.input, layers.Dense(work["classes"])(x))


def main():
    work = json.loads(sys.stdin.readline())
    tf.config.threading.set_intra_op_parallelism_threads(work["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(work["threads"])
    batches = batches_of(work)
    say({"versions": {"keras": keras.__version__, "tensorflow": tf.__version__}})
    # One net at a time: the largest take a gigabyte each.
    current, step = None, None
    for line in sys.stdin:
        request = json.loads(line)
        if request["case"] != current:
            current = request["case"]
            kind, name = current.split(":")
            net = prepare(name, work)
            step = inference_step(net) if kind == "inference" else training_step(net)
        say({"ms": timed(step, batches, request["steps"])})


if __name__ == "__main__":
    main()
