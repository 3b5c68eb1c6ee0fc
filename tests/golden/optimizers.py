"""Golden trajectories of 20 steps by Keras's optimizers in float64: a kernel [3, 4] and a bias [4].

    python tests/golden/optimizers.py      # rewrites tests/golden/optimizers.json

Gradients change sign and size from step to step and do not depend on the weights; two steps are far larger than
the rest, so that clipping bites some of the time. Inputs are multiples of 1/64, so that float32 holds them exactly.
"""

import json
import pathlib

import keras
import numpy as np

keras.backend.set_floatx("float64")
rng = np.random.default_rng(6)
STEPS = 20
start = [np.round(rng.normal(size=(3, 4)) * 64) / 64, np.round(rng.normal(size=4) * 64) / 64]
sizes = [0.2 + 0.1 * (step % 4) + (3 if step in (4, 11) else 0) for step in range(STEPS)]
gradients = [[np.round(rng.normal(size=w.shape) * size * 64) / 64 for w in start] for size in sizes]
rates = [0.01 * (1 + (step % 5)) for step in range(STEPS)]


def trajectory(optimizer, varying):
    kernel, bias = (keras.Variable(w, dtype="float64") for w in start)
    if isinstance(optimizer, keras.optimizers.AdamW):
        optimizer.exclude_from_weight_decay(var_list=[bias])
    optimizer.build([kernel, bias])
    points = []
    for step, grads in enumerate(gradients):
        if varying:
            optimizer.learning_rate = rates[step]
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in grads], [kernel, bias])
        points.append(np.concatenate([np.ravel(kernel.numpy()), np.ravel(bias.numpy())]))
    return points


def case(name, config, optimizer, clip=None, varying=False):
    points = trajectory(optimizer, varying)
    listed = [[float(f"{x:.10g}") for x in point] for point in points]
    rate = [rates[step] if varying else float(optimizer.learning_rate) for step in range(STEPS)]
    return {"name": name, "config": config, "clip": clip or {}, "rates": [float(f"{r:.12g}") for r in rate], "weights": listed}


k = keras.optimizers
adam, sgd = {"name": "adam"}, {"name": "sgd"}
cases = [
    case("Adam", adam, k.Adam(0.01)),
    case("Adam, its own betas and epsilon", {**adam, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-2},
         k.Adam(0.02, beta_1=0.8, beta_2=0.95, epsilon=1e-2)),
    case("Adam, a rate that changes", adam, k.Adam(0.01), varying=True),
    case("Adam, clipnorm", adam, k.Adam(0.01, clipnorm=0.5), {"clipnorm": 0.5}),
    case("Adam, global clipnorm", adam, k.Adam(0.01, global_clipnorm=0.75), {"globalClipnorm": 0.75}),
    case("AdamW", {"name": "adamw", "weightDecay": 0.05}, k.AdamW(0.01, weight_decay=0.05)),
    case("AdamW, clipnorm and a rate that changes", {"name": "adamw", "weightDecay": 0.05},
         k.AdamW(0.01, weight_decay=0.05, clipnorm=0.5), {"clipnorm": 0.5}, varying=True),
    case("AdamW without decay", {"name": "adamw", "weightDecay": 0}, k.AdamW(0.01, weight_decay=0.0)),
    case("SGD", sgd, k.SGD(0.05)),
    case("SGD, momentum", {**sgd, "momentum": 0.9}, k.SGD(0.05, momentum=0.9)),
    case("SGD, Nesterov", {**sgd, "momentum": 0.9, "nesterov": True}, k.SGD(0.05, momentum=0.9, nesterov=True)),
    case("SGD, a rate that changes, momentum", {**sgd, "momentum": 0.9}, k.SGD(0.05, momentum=0.9), varying=True),
    case("SGD, clipnorm", sgd, k.SGD(0.05, clipnorm=0.5), {"clipnorm": 0.5}),
    case("SGD, global clipnorm, Nesterov", {**sgd, "momentum": 0.9, "nesterov": True},
         k.SGD(0.05, momentum=0.9, nesterov=True, global_clipnorm=0.75), {"globalClipnorm": 0.75}),
]
flat = lambda pair: [float(x) for part in pair for x in np.ravel(part)]
document = {"keras": keras.__version__, "start": flat(start), "gradients": [flat(g) for g in gradients], "cases": cases}
text = json.dumps(document, separators=(",", ":"))
pathlib.Path(__file__).with_suffix(".json").write_text(text.replace('{"name":"', '\n{"name":"').replace('"config":\n', '"config":') + "\n")
