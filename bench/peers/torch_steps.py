"""Times steps of torchvision's MobileNetV3-Small under the reference head.

`bench/train.ts` starts this program and speaks JSON lines with it: a first line describes the work
({"threads", "batch", "size", "classes", "l2", "trainableConvolutions"}), each later one asks for a turn
({"case": "frozen" | "top60" | "full" | "inference", "steps": 8}); answers are {"versions": {...}} and
{"ms": [...]}. Between two requests it computes nothing.
"""

import json
import sys
import time

import torch
import torchvision
from torch import nn


class Dense(nn.Sequential):
    """The reference head: logits from pooled features."""

    def __init__(self, features, classes):
        layers, width = [nn.BatchNorm1d(features, eps=1e-3, momentum=0.01)], features
        for drop, units in ((0.5, 512), (0.4, 256), (0.3, 128)):
            dense = nn.Linear(width, units, bias=False)
            layers += [nn.Dropout(drop), dense, nn.BatchNorm1d(units, eps=1e-3, momentum=0.01), nn.ReLU()]
            width = units
        super().__init__(*layers, nn.Dropout(0.2), nn.Linear(width, classes))

    def penalty(self, l2):
        """λ·Σw² of the hidden layers."""
        hidden = [layer.weight for layer in self if isinstance(layer, nn.Linear) and layer.bias is None]
        return l2 * sum(weight.square().sum() for weight in hidden)


class Net(nn.Module):
    def __init__(self, work):
        super().__init__()
        self.backbone = torchvision.models.mobilenet_v3_small(weights=None).features
        self.head = Dense(576, work["classes"])

    def forward(self, images):
        return self.head(self.backbone(images).mean((2, 3)))


class FixedNet(Net):
    """Only the head is differentiated."""

    def forward(self, images):
        with torch.no_grad():
            features = self.backbone(images).mean((2, 3))
        return self.head(features)


def prepare(case, work):
    """A net with the case's layers frozen, in channels-last memory format."""
    net = (FixedNet if case == "frozen" else Net)(work).to(memory_format=torch.channels_last)
    if case == "inference":
        return net.eval().requires_grad_(False)
    net.train()
    if case == "full":
        return net
    net.backbone.eval().requires_grad_(False)
    if case == "top60":
        convolutions = [m for m in net.backbone.modules() if isinstance(m, nn.Conv2d)]
        for index in work["trainableConvolutions"]:
            convolutions[index].requires_grad_(True)
    return net


def optimizer_of(parameters):
    """Adam in one kernel where this PyTorch has it."""
    options = {"lr": 1e-3, "eps": 1e-7}
    try:
        return torch.optim.Adam(parameters, fused=True, **options)
    except (RuntimeError, TypeError):
        return torch.optim.Adam(parameters, **options)


def training_step(net, work):
    optimizer = optimizer_of([p for p in net.parameters() if p.requires_grad])
    criterion = nn.CrossEntropyLoss()

    def step(images, labels):
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(net(images), labels) + net.head.penalty(work["l2"])
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def inference_step(net):
    def step(images, labels):  # noqa: ARG001
        with torch.inference_mode():
            return net(images)[0, 0].item()

    return step


def batches_of(work, count=4):
    torch.manual_seed(1)
    shape = (work["batch"], 3, work["size"], work["size"])
    images = [torch.randn(shape).to(memory_format=torch.channels_last) for _ in range(count)]
    labels = torch.arange(work["batch"]) % work["classes"]
    return [(batch, labels) for batch in images]


def timed(step, batches, steps):
    milliseconds = []
    for index in range(steps):
        start = time.perf_counter()
        step(*batches[index % len(batches)])
        milliseconds.append((time.perf_counter() - start) * 1000)
    return milliseconds


def say(answer):
    print(json.dumps(answer), flush=True)


def main():
    work = json.loads(sys.stdin.readline())
    torch.set_num_threads(work["threads"])
    torch.set_flush_denormal(True)
    batches, steps = batches_of(work), {}
    say({"versions": {"torch": torch.__version__, "torchvision": torchvision.__version__}})
    for line in sys.stdin:
        request = json.loads(line)
        case = request["case"]
        if case not in steps:
            net = prepare(case, work)
            steps[case] = inference_step(net) if case == "inference" else training_step(net, work)
        say({"ms": timed(steps[case], batches, request["steps"])})


if __name__ == "__main__":
    main()
