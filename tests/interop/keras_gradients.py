"""Oracle: loss and gradient of a layer graph by real Keras layers and TensorFlow's tape, all in float64.

usage: keras_gradients.py FOLDER
FOLDER holds graph.json (nodes: name, className, config, trainable, inbound, constant, weights), weights.bin
(float32, in node order, Keras layout), x.bin [N, H, W, C] and y.bin [N, K] with their shapes in graph.json. Writes
gradients.bin (float64, in the order of weights.bin; zero for what does not train) and result.json.

Batch norms that train use the batch's statistics; dropout is left out.
"""

import json
import pathlib
import sys

import keras
import numpy as np
import tensorflow as tf

keras.backend.set_floatx("float64")
folder = pathlib.Path(sys.argv[1])
spec = json.loads((folder / "graph.json").read_text())
flat = np.fromfile(folder / "weights.bin", "<f4").astype(np.float64)
x = np.fromfile(folder / "x.bin", "<f4").reshape(spec["xShape"]).astype(np.float64)
y = np.fromfile(folder / "y.bin", "<f4").reshape(spec["yShape"]).astype(np.float64)

OPERATIONS = {"Add": tf.add, "Multiply": tf.multiply}
offset, layers, values, variables = 0, {}, {}, []


def build(node):
    """The node as a function of its inputs; bare operations have a constant operand."""
    if node.get("constant") is not None:
        return lambda t: OPERATIONS[node["className"]](t, np.float64(node["constant"]))
    layer = getattr(keras.layers, node["className"]).from_config({**node["config"], "dtype": "float64"})
    layer.trainable = node["trainable"]
    # Keras freezes a batch norm with trainable=False even in training.
    training = {"training": True} if node["className"] == "BatchNormalization" else {}
    return lambda *t: layer(list(t) if len(t) > 1 else t[0], **training), layer


def call(node, inputs):
    made = build(node)
    if not isinstance(made, tuple):
        return made(*inputs)
    function, layer = made
    shapes = [tuple(t.shape) for t in inputs]
    if not layer.built:
        layer.build(shapes if len(shapes) > 1 else shapes[0])
    load(node, layer)
    return function(*inputs)


def load(node, layer):
    global offset
    ours = []
    for weight in node["weights"]:
        size = int(np.prod(weight["shape"]))
        ours.append(flat[offset:offset + size].reshape(weight["shape"]))
        offset += size
    layer.set_weights(ours)
    variables.extend(v.value for v in layer.weights)


with tf.GradientTape() as tape:
    for node in spec["nodes"]:
        if node["className"] == "InputLayer":
            values[node["name"]] = tf.constant(x)
        elif node["className"] == "Dropout":
            values[node["name"]] = values[node["inbound"][0]]
        else:
            values[node["name"]] = call(node, [values[name] for name in node["inbound"]])
    logits = values[spec["output"]]
    loss = tf.reduce_mean(keras.losses.categorical_crossentropy(y, logits, from_logits=True))
assert offset == flat.size, f"{offset} of {flat.size} weights were used"
assert loss.dtype == tf.float64
gradients = tape.gradient(loss, variables, unconnected_gradients="zero")
np.concatenate([np.ravel(g.numpy()) for g in gradients]).astype("<f8").tofile(folder / "gradients.bin")
result = {"loss": float(loss), "oracle": f"Keras {keras.__version__}, TensorFlow {tf.__version__}, float64"}
(folder / "result.json").write_text(json.dumps(result))
