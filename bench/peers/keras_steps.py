"""Times steps of Keras's MobileNetV3-Small (TensorFlow) under the reference head.

Speaks the same JSON lines as torch_steps.py; `trainableLayers` says how many of the backbone's last layers
train in the case top60.
"""

import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers  # noqa: E402


def head(x, work):
    """The reference head: logits from feature maps."""
    x = layers.BatchNormalization()(layers.GlobalAveragePooling2D()(x))
    for drop, units in ((0.5, 512), (0.4, 256), (0.3, 128)):
        penalty = keras.regularizers.L2(work["l2"])
        x = layers.Dense(units, use_bias=False, kernel_regularizer=penalty)(layers.Dropout(drop)(x))
        x = layers.ReLU()(layers.BatchNormalization()(x))
    return layers.Dense(work["classes"])(layers.Dropout(0.2)(x))


def prepare(case, work):
    """A net with the case's layers frozen."""
    shape = (work["size"], work["size"], 3)
    backbone = keras.applications.MobileNetV3Small(
        input_shape=shape, include_top=False, weights=None, include_preprocessing=False
    )
    first = len(backbone.layers) - work["trainableLayers"]
    for index, layer in enumerate(backbone.layers):
        norm = isinstance(layer, layers.BatchNormalization)
        if case == "frozen" or (case == "top60" and (norm or index < first)):
            layer.trainable = False
    return keras.Model(backbone.input, head(backbone.output, work))


def training_step(net):
    optimizer = keras.optimizers.Adam(1e-3)

    @tf.function(jit_compile=False)
    def step(images, labels):
        with tf.GradientTape() as tape:
            logits = net(images, training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            penalties = net.losses
            loss = tf.reduce_mean(losses) + (tf.add_n(penalties) if penalties else 0.0)
        optimizer.apply_gradients(
            zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables)
        )
        return loss

    optimizer.build(net.trainable_variables)
    return step


def inference_step(net):
    @tf.function(jit_compile=False)
    def step(images, labels):  # noqa: ARG001
        return net(images, training=False)

    return step


def batches_of(work, count=4):
    shape = (work["batch"], work["size"], work["size"], 3)
    labels = tf.range(work["batch"]) % work["classes"]
    return [(tf.random.normal(shape, seed=index), labels) for index in range(count)]


def timed(step, batches, steps):
    milliseconds = []
    for index in range(steps):
        start = time.perf_counter()
        step(*batches[index % len(batches)]).numpy()
        milliseconds.append((time.perf_counter() - start) * 1000)
    return milliseconds


def say(answer):
    print(json.dumps(answer), flush=True)


def main():
    work = json.loads(sys.stdin.readline())
    tf.config.threading.set_intra_op_parallelism_threads(work["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(work["threads"])
    batches, steps = batches_of(work), {}
    say({"versions": {"keras": keras.__version__, "tensorflow": tf.__version__}})
    for line in sys.stdin:
        request = json.loads(line)
        case = request["case"]
        if case not in steps:
            net = prepare(case, work)
            steps[case] = inference_step(net) if case == "inference" else training_step(net)
        say({"ms": timed(steps[case], batches, request["steps"])})


if __name__ == "__main__":
    main()
