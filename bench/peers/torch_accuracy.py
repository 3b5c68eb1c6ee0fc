"""Trains torchvision's MobileNetV3-Small by a recipe of Mien's, on pictures that Mien decoded and divided.

`bench/time-to-accuracy.ts` starts this program with the path of a JSON file: {"threads", "seed", "folder", "side",
"recipe", "classes", "counts"}. The folder holds uint8 pictures [n, side, side], int32 labels and indices, and float32
weights in the order of the net. It prints JSON lines: {"event": "step"} after the first step, {"event": "epoch",
"epoch", "valAccuracy"} after each epoch, {"event": "done", "validation", "test", "versions"}.

What the recipe has and this program follows: AdamW (no decay of vectors), warm-up and cosine, label smoothing, moving
average of the weights, batch size, input sizes, mirror images, scale, rotation, translation, brightness, contrast.
Augmentation works on whole batches in PyTorch; memory is channels-last.
"""

import copy
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torchvision
from torch import nn
from torch.nn import functional

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
KNOWN = {"flip", "scale", "rotation", "translation", "brightness", "contrast"}


class Net(nn.Module):
    """The backbone, pooling, dropout and one dense layer: Mien's light head."""

    def __init__(self, classes, dropout):
        super().__init__()
        self.backbone = torchvision.models.mobilenet_v3_small(weights=None).features
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(576, classes))

    def forward(self, images):
        return self.head(self.backbone(images).mean((2, 3)))


def load_weights(net, folder, manifest):
    """Fills convolutions and batch norms in the order of the net from Keras's layouts."""
    values = np.fromfile(folder / "weights.bin", dtype=np.float32)
    offset, slots = 0, []
    for name, shape in manifest:
        size = math.prod(shape)
        slots.append((name, values[offset : offset + size].reshape(shape)))
        offset += size
    queue = iter(slots)

    def take(*endings):
        name, found = next(queue)
        if not name.endswith(endings):
            raise ValueError(f"weight {name} where one of {', '.join(endings)} belongs")
        return found.copy()

    with torch.no_grad():
        for module in net.backbone.modules():
            if isinstance(module, nn.Conv2d):
                kernel = take("kernel")
                # HWIO, or HWC1 of a depthwise convolution.
                axes = (2, 3, 0, 1) if module.groups > 1 else (3, 2, 0, 1)
                module.weight.copy_(torch.from_numpy(kernel.transpose(axes).copy()))
                if module.bias is not None:
                    module.bias.copy_(torch.from_numpy(take("bias")))
            elif isinstance(module, nn.BatchNorm2d):
                module.weight.copy_(torch.from_numpy(take("gamma")))
                module.bias.copy_(torch.from_numpy(take("beta")))
                module.running_mean.copy_(torch.from_numpy(take("moving_mean")))
                module.running_var.copy_(torch.from_numpy(take("moving_variance")))
    if next(queue, None) is not None:
        raise ValueError("more weights than the net has")


def augmented(images, plan):
    """Mirror, scale, turn and move a batch [n, 1, h, w] in one resampling, then brightness and contrast."""
    strange = set(plan) - KNOWN
    if strange:
        raise ValueError(f"augmentation without a counterpart here: {', '.join(sorted(strange))}")
    count = len(images)
    uniform = lambda low, high: torch.empty(count).uniform_(low, high)  # noqa: E731
    happens = lambda part: (torch.rand(count) < part.get("probability", 1)).float()  # noqa: E731
    mirror = 1 - 2 * happens(plan["flip"]) if "flip" in plan else torch.ones(count)
    scale = uniform(plan["scale"]["low"], plan["scale"]["high"]) if "scale" in plan else torch.ones(count)
    degrees = plan.get("rotation", {}).get("degrees", 0)
    angle = uniform(-degrees, degrees) * math.pi / 180
    move = 2 * plan.get("translation", {}).get("fraction", 0)
    cos, sin = torch.cos(angle) / scale, torch.sin(angle) / scale
    rows = [torch.stack([mirror * cos, -mirror * sin, uniform(-move, move)], 1)]
    rows.append(torch.stack([sin, cos, uniform(-move, move)], 1))
    grid = functional.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    images = functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    if "brightness" in plan:
        shift = 255 * uniform(-plan["brightness"]["delta"], plan["brightness"]["delta"])
        images = images + (shift * happens(plan["brightness"])).view(-1, 1, 1, 1)
    if "contrast" in plan:
        drawn = uniform(plan["contrast"]["low"], plan["contrast"]["high"]) - 1
        factor = (1 + drawn * happens(plan["contrast"])).view(-1, 1, 1, 1)
        mean = images.mean((1, 2, 3), keepdim=True)
        images = (images - mean) * factor + mean
    return images.clamp_(0, 255)


def prepared(images, side):
    """[n, 1, h, w] in 0..255 as the net takes it: bicubic to the input size, three normalized channels."""
    images = functional.interpolate(images, size=(side, side), mode="bicubic", align_corners=False)
    images = (images / 255).expand(-1, 3, -1, -1)
    return ((images - MEAN) / STD).contiguous(memory_format=torch.channels_last)


def optimizer_of(net, config):
    """Vectors (biases, batch norms) do not decay."""
    groups = [
        {"params": [p for p in net.parameters() if p.ndim > 1], "weight_decay": config["weightDecay"]},
        {"params": [p for p in net.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    options = {"lr": 1e-3, "eps": 1e-7}
    try:
        return torch.optim.AdamW(groups, fused=True, **options)
    except (RuntimeError, TypeError):
        return torch.optim.AdamW(groups, **options)


def rate(schedule, step, per_epoch, total):
    top, low = schedule["learningRate"], schedule["minLearningRate"]
    warmup = min(int(schedule["warmupEpochs"] * per_epoch), total)
    if step < warmup:
        return top * step / warmup
    done = min(1, (step - warmup) / max(1, total - warmup))
    return low + (top - low) * (1 + math.cos(math.pi * done)) / 2


def accuracy(net, images, labels, indices, side):
    net.eval()
    right = 0
    with torch.inference_mode():
        for part in indices.split(64):
            answers = net(prepared(images[part].float(), side)).argmax(1)
            right += int((answers == labels[part]).sum())
    return right / len(indices)


def average(shadow, net, decay):
    with torch.no_grad():
        for kept, new in zip(shadow.parameters(), net.parameters()):
            kept.lerp_(new, 1 - decay)
        for kept, new in zip(shadow.buffers(), net.buffers()):
            kept.copy_(new)


def train_stage(net, stage, side, data, work, state):
    """Trains a stage; returns the averaged net."""
    images, labels, train, validation = data
    size = work["recipe"]["batchSize"]
    per_epoch = len(train) // size
    total = per_epoch * stage["epochs"]
    optimizer = optimizer_of(net, stage["optimizer"])
    criterion = nn.CrossEntropyLoss(label_smoothing=stage["loss"].get("labelSmoothing", 0))
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            # PyTorch's momentum weighs the new value.
            module.momentum = 1 - stage.get("batchNormMomentum", 0.99)
    shadow, step = copy.deepcopy(net), 0
    for _ in range(stage["epochs"]):
        net.train()
        order = train[torch.randperm(len(train))]
        for part in order[: per_epoch * size].split(size):
            for group in optimizer.param_groups:
                group["lr"] = rate(stage["schedule"], step, per_epoch, total)
            batch = augmented(images[part].float(), stage["augmentation"])
            optimizer.zero_grad(set_to_none=True)
            criterion(net(prepared(batch, side)), labels[part]).backward()
            optimizer.step()
            average(shadow, net, min(stage.get("ema", 0), (1 + step) / (10 + step)))
            step += 1
            if state["steps"] == 0:
                say({"event": "step"})
            state["steps"] += 1
        state["epochs"] += 1
        found = accuracy(shadow, images, labels, validation, side)
        say({"event": "epoch", "epoch": state["epochs"], "valAccuracy": found})
    return shadow


def say(message):
    print(json.dumps(message), flush=True)


def read(folder, name, kind):
    return torch.from_numpy(np.fromfile(folder / name, dtype=kind))


def main():
    work = json.loads(Path(sys.argv[1]).read_text())
    torch.set_num_threads(work["threads"])
    torch.set_flush_denormal(True)
    torch.manual_seed(work["seed"])
    folder, side = Path(work["folder"]), work["side"]
    images = read(folder, "pictures.bin", np.uint8).view(-1, 1, side, side)
    labels = read(folder, "labels.bin", np.int32).long()
    train, validation, test = (read(folder, f"{n}.bin", np.int32).long() for n in ("train", "validation", "test"))
    recipe = work["recipe"]
    net = Net(work["classes"], recipe["head"].get("dropout", 0)).to(memory_format=torch.channels_last)
    load_weights(net, folder, work["weights"])
    state = {"steps": 0, "epochs": 0}
    for stage in recipe["stages"]:
        pixels = stage.get("inputSize", recipe["inputSize"])
        net = train_stage(net, stage, pixels, (images, labels, train, validation), work, state)
    final = {
        name: accuracy(net, images, labels, part, recipe["inputSize"]) if len(part) else None
        for name, part in (("validation", validation), ("test", test))
    }
    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__}
    say({"event": "done", **final, "versions": versions})


if __name__ == "__main__":
    main()
