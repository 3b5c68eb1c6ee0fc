"""Oracle: loss and gradient of a Keras-style layer graph in PyTorch float64.

usage: torch_gradients.py FOLDER
FOLDER holds graph.json (nodes: name, className, config, inbound, weights), weights.bin (float32, in node order,
Keras layout), x.bin [N, H, W, C] and y.bin [N, K] with their shapes in graph.json. Writes gradients.bin (float64, in the
order of weights.bin; zero for moving statistics) and result.json.
"""
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(2)
folder = sys.argv[1]
spec = json.load(open(f"{folder}/graph.json"))
flat = np.fromfile(f"{folder}/weights.bin", "<f4").astype(np.float64)
x = np.fromfile(f"{folder}/x.bin", "<f4").reshape(spec["xShape"]).astype(np.float64)
y = torch.tensor(np.fromfile(f"{folder}/y.bin", "<f4").reshape(spec["yShape"]).astype(np.float64))

offset, weights = 0, {}
for node in spec["nodes"]:
    for weight in node["weights"]:
        size = int(np.prod(weight["shape"]))
        value = torch.tensor(flat[offset:offset + size].reshape(weight["shape"]))
        offset += size
        if not weight["name"].startswith("moving"):
            value.requires_grad_(True)
        weights[f'{node["name"]}/{weight["name"]}'] = value


def same_pads(size, kernel, stride):
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def convolve(t, kernel, config, groups, bias):
    (sh, sw), (kh, kw) = config["strides"], config["kernel_size"]
    if config["padding"] == "same":
        top, bottom = same_pads(t.shape[2], kh, sh)
        left, right = same_pads(t.shape[3], kw, sw)
        t = F.pad(t, (left, right, top, bottom))
    return F.conv2d(t, kernel, bias, stride=(sh, sw), groups=groups)


def hard_sigmoid(t):
    return F.relu6(t + 3) / 6


ACTIVATIONS = {
    "relu": F.relu, "linear": lambda t: t, "hard_swish": lambda t: t * hard_sigmoid(t),
    "hard_silu": lambda t: t * hard_sigmoid(t), "hard_sigmoid": hard_sigmoid, "relu6": F.relu6,
}


def call(node, inputs):
    kind, config, name = node["className"], node["config"], node["name"]
    w = lambda key: weights.get(f"{name}/{key}")
    t = inputs[0] if inputs else None
    if kind == "Conv2D":
        return convolve(t, w("kernel").permute(3, 2, 0, 1), config, 1, w("bias"))
    if kind == "DepthwiseConv2D":
        return convolve(t, w("kernel").permute(2, 3, 0, 1), config, t.shape[1], w("bias"))
    if kind == "BatchNormalization":
        axes = [a for a in range(t.dim()) if a != 1]
        shape = [1, -1] + [1] * (t.dim() - 2)
        if node["trainable"]:
            mean, var = t.mean(axes), t.var(axes, unbiased=False)
        else:
            mean, var = w("moving_mean"), w("moving_variance")
        n = (t - mean.reshape(shape)) / torch.sqrt(var.reshape(shape) + config["epsilon"])
        return n * w("gamma").reshape(shape) + w("beta").reshape(shape)
    if kind == "Dense":
        out = t @ w("kernel")
        return out if w("bias") is None else out + w("bias")
    if kind == "Activation":
        return ACTIVATIONS[config["activation"]](t)
    if kind == "ReLU":
        return F.relu(t) if config.get("max_value") is None else t.clamp(0, config["max_value"])
    if kind == "Add" and len(inputs) == 2:
        return inputs[0] + inputs[1]
    if kind == "Multiply" and len(inputs) == 2:
        return inputs[0] * inputs[1]
    if kind == "Add":
        return t + node["constant"]
    if kind == "Multiply":
        return t * node["constant"]
    if kind == "GlobalAveragePooling2D":
        return t.mean((2, 3), keepdim=bool(config.get("keepdims")))
    if kind == "ZeroPadding2D":
        (top, bottom), (left, right) = config["padding"]
        return F.pad(t, (left, right, top, bottom))
    if kind == "Dropout":
        return t
    raise SystemExit(f"unsupported layer {kind}")


values = {}
for node in spec["nodes"]:
    if node["className"] == "InputLayer":
        values[node["name"]] = torch.tensor(x).permute(0, 3, 1, 2)
    else:
        values[node["name"]] = call(node, [values[name] for name in node["inbound"]])
logits = values[spec["output"]]
loss = -(y * F.log_softmax(logits, 1)).sum(1).mean()
loss.backward()
parts = [(w.grad if w.grad is not None else torch.zeros_like(w)).numpy().ravel() for w in weights.values()]
np.concatenate(parts).astype("<f8").tofile(f"{folder}/gradients.bin")
json.dump({"loss": loss.item(), "oracle": f"PyTorch {torch.__version__}, float64"}, open(f"{folder}/result.json", "w"))
