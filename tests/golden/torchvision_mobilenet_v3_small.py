"""Writes torchvision_mobilenet_v3_small.json: what torchvision's own network computes with its ImageNet weights.

Needs torch, torchvision, h5py. Usage: python tests/golden/torchvision_mobilenet_v3_small.py WEIGHTS.h5
WEIGHTS.h5 is torchvision's file in Keras's layout (layer groups, kernels HWIO). Inputs are waves, so that they need no
file: x[c, i, j] = sin(0.13 i + 0.07 j + c). Outputs are the features' means over all pixels, and their largest value.
"""

import json
import pathlib
import sys

import h5py
import numpy as np
import torch
import torchvision

EPSILON = 1e-3  # as torchvision builds this net


def layers_of(file):
    for name in file.attrs["layer_names"]:
        names = file[name].attrs["weight_names"]
        if len(names) > 0:
            yield [np.asarray(file[name][weight]) for weight in names]


def fill(module, values):
    """One convolution or batch norm; depthwise kernels are HWC1 there and C1HW here."""
    if isinstance(module, torch.nn.BatchNorm2d):
        assert module.eps == EPSILON
        targets = [module.weight, module.bias, module.running_mean, module.running_var]
    else:
        kernel = values[0]
        order = (2, 3, 0, 1) if module.groups > 1 else (3, 2, 0, 1)
        values = [kernel.transpose(order), *values[1:]]
        targets = [module.weight] + ([module.bias] if module.bias is not None else [])
    assert len(values) == len(targets)
    for target, value in zip(targets, values):
        target.data.copy_(torch.from_numpy(np.ascontiguousarray(value)))


def wave(size):
    c, i, j = np.meshgrid(np.arange(3), np.arange(size), np.arange(size), indexing="ij")
    return np.sin(0.13 * i + 0.07 * j + c).astype("float32")


net = torchvision.models.mobilenet_v3_small(weights=None).eval()
modules = [m for m in net.features.modules() if isinstance(m, (torch.nn.Conv2d, torch.nn.BatchNorm2d))]
with h5py.File(sys.argv[1]) as file:
    stored = list(layers_of(file))
assert len(stored) == len(modules), f"{len(stored)} layers for {len(modules)} modules"
for module, values in zip(modules, stored):
    fill(module, values)
golden = {"torchvision": torchvision.__version__}
for size in (128, 224):
    with torch.no_grad():
        features = net.features(torch.from_numpy(wave(size))[None])[0]
    golden[str(size)] = {
        "shape": list(features.shape),
        "largest": float(features.abs().max()),
        "means": [round(float(mean), 7) for mean in features.mean((1, 2))],
    }
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
