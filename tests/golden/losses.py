"""Golden values and logit gradients of the losses, by Keras and tf.GradientTape in float64.

    python tests/golden/losses.py      # rewrites tests/golden/losses.json

The focal law, for soft labels: alpha_t * (1 - p_t)^gamma * CE with p_t = sum(y * p) clipped to [1e-7, 1] and
alpha_t = sum(y * alpha). Inputs are multiples of 1/64, so that float32 holds them exactly.
"""

import json
import pathlib

import keras
import numpy as np
import tensorflow as tf

keras.backend.set_floatx("float64")
rng = np.random.default_rng(5)
N, K = 6, 5

logits = np.round(rng.normal(size=(N, K)) * 3 * 64) / 64
one_hot = np.eye(K)[rng.integers(0, K, N)]
mixed = 0.75 * one_hot + 0.25 * np.roll(one_hot, 1, axis=0)
ones = np.ones(N)
uneven = rng.integers(16, 160, size=N) / 64
alpha = rng.integers(32, 128, size=K) / 64
# Right beyond doubt, wrong beyond doubt, and undecided.
extreme = np.array([[40.0, 0, 0, 0, 0], [0, 40, 0, 0, 0], [16, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, -16, 0, 0, 0], [8, 8, 0, 0, 0]])
first = np.eye(K)[[0, 0, 0, 0, 1, 0]]


def smooth(y, amount):
    return y * (1 - amount) + amount / K


def focal(y, z, config):
    y = smooth(y, config.get("labelSmoothing", 0))
    p_t = tf.clip_by_value(tf.reduce_sum(y * tf.nn.softmax(z), -1), 1e-7, 1)
    cross_entropy = keras.losses.categorical_crossentropy(y, z, from_logits=True)
    alpha_t = tf.reduce_sum(y * np.array(config.get("alpha", [1.0] * K)), -1)
    return alpha_t * (1 - p_t) ** config["gamma"] * cross_entropy


def case(name, config, z, y, weight):
    z_ = tf.Variable(z)
    with tf.GradientTape() as tape:
        if config["name"] == "focal":
            loss = tf.reduce_sum(focal(y, z_, config) * weight) / N
        else:
            law = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=config.get("labelSmoothing", 0))
            loss = law(y, z_, sample_weight=weight)
    gradient = tape.gradient(loss, z_).numpy()
    assert np.isfinite(gradient).all(), name
    listed = lambda a: [float(f"{x:.15g}") for x in np.ravel(a)]
    return {"name": name, "config": config, "logits": listed(z), "labels": listed(y), "weight": listed(weight),
            "loss": float(loss), "gradient": listed(gradient)}


cross = {"name": "categoricalCrossentropy"}
cases = [
    case("cross-entropy", cross, logits, one_hot, ones),
    case("cross-entropy, soft labels", cross, logits, mixed, ones),
    case("cross-entropy, label smoothing", {**cross, "labelSmoothing": 0.1}, logits, one_hot, ones),
    case("cross-entropy, soft labels, smoothing and weights", {**cross, "labelSmoothing": 0.25}, logits, mixed, uneven),
    case("cross-entropy, extreme logits", cross, extreme, first, ones),
]
for gamma in [0, 0.5, 2]:
    config = {"name": "focal", "gamma": gamma}
    cases += [
        case(f"focal {gamma}", config, logits, one_hot, ones),
        case(f"focal {gamma}, alpha", {**config, "alpha": alpha.tolist()}, logits, one_hot, ones),
        case(f"focal {gamma}, alpha, soft labels, smoothing and weights",
             {**config, "alpha": alpha.tolist(), "labelSmoothing": 0.1}, logits, mixed, uneven),
    ]
document = {"keras": keras.__version__, "tensorflow": tf.__version__, "batch": N, "classes": K, "cases": cases}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(document, separators=(",", ":")).replace('{"name":"', '\n{"name":"').replace('"config":\n', '"config":') + "\n")
