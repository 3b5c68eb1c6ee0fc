"""Golden values and input gradients of Mien's operators, by PyTorch in float64.

    python tests/golden/ops.py      # rewrites tests/golden/ops.json

Inputs and output gradients are multiples of 1/64, so that float32 holds them exactly. The loss is the sum of
output times output gradient.
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(3)
cases = []


def normal(*shape):
    return np.round(rng.normal(size=shape) * 64) / 64


def positive(*shape):
    return rng.integers(16, 160, size=shape) / 64


def apart(*shape):
    """Distinct values without 0."""
    size = int(np.prod(shape))
    return ((rng.permutation(size) - size // 2) * 2 + 1).reshape(shape) / 64


def listed(array, dtype=None):
    array = np.asarray(array, dtype=np.float64)
    data = [float(f"{x:.15g}") for x in array.ravel()]
    data = [int(x) if x.is_integer() else x for x in data]
    return {**({"dtype": dtype} if dtype else {}), "shape": list(array.shape), "data": data}


class Const:
    """An input that the graph holds as a constant: axes, shapes, indices, conditions."""

    def __init__(self, data, dtype="int64", shape=None):
        self.array = np.asarray(data, dtype=np.float64).reshape(shape if shape is not None else np.shape(data))
        self.dtype = dtype


def ints(*data):
    return Const(data)


def case(operator, name, inputs, function, domain="", through=None, forward_only=False, **attributes):
    """`function` gets one tensor per input that is not an integer or bool constant."""
    leaves, records = [], []
    for item in inputs:
        if item is None:
            records.append(None)
        elif isinstance(item, Const):
            if item.dtype == "float32":
                leaves.append(torch.tensor(item.array))
            records.append({**listed(item.array, item.dtype), "constant": True})
        else:
            leaves.append(torch.tensor(item, requires_grad=not forward_only))
            records.append(listed(item, "float32"))
    outputs = function(*leaves)
    outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
    record = {
        "operator": operator,
        "name": f"{operator}: {name}",
        "domain": domain,
        "attributes": attributes,
        "inputs": records,
        "outputs": [listed(y.detach().to(torch.float64).numpy()) for y in outputs],
        "outputGrads": [],
        "inputGrads": [],
    }
    if not forward_only:
        chosen = range(len(outputs)) if through is None else through
        grads = [normal(*y.shape) if i in chosen else None for i, y in enumerate(outputs)]
        loss = sum((y * torch.tensor(g)).sum() for y, g in zip(outputs, grads) if g is not None)
        loss.backward()
        record["outputGrads"] = [None if g is None else listed(g) for g in grads]
        it = iter(leaves)
        for item in inputs:
            leaf = next(it) if item is not None and not (isinstance(item, Const) and item.dtype != "float32") else None
            has = leaf is not None and leaf.requires_grad
            zero = lambda: torch.zeros_like(leaf)
            record["inputGrads"].append(listed((leaf.grad if leaf.grad is not None else zero()).numpy()) if has else None)
    cases.append(record)


def elementwise():
    case("Add", "broadcast both ways", [normal(4, 1), normal(3, 1, 2)], torch.add)
    case("Sub", "broadcast", [normal(2, 1), normal(2, 3)], torch.sub)
    case("Mul", "broadcast", [normal(2, 3), normal(3)], torch.mul)
    case("Div", "broadcast", [normal(2, 3), positive(3)], torch.div)
    case("Neg", "matrix", [normal(2, 3)], torch.neg)
    case("Exp", "matrix", [normal(2, 3)], torch.exp)
    case("Log", "matrix", [positive(2, 3)], torch.log)
    case("Sqrt", "matrix", [positive(2, 3)], torch.sqrt)
    case("Reciprocal", "matrix", [positive(2, 3)], torch.reciprocal)
    case("Abs", "with zero", [np.array([-1.5, 0, 2])], torch.abs)
    case("Identity", "vector", [normal(3)], lambda x: x * 1)
    case("Max", "ties", [np.array([1.0, 2, 3]), np.array([3.0, 2, 1])], torch.maximum)
    case("Min", "ties, broadcast", [np.array([1.0, 2, 3]), np.array([[2.0], [3.0]])], torch.minimum)
    case("Where", "broadcast", [Const([1, 0, 1], "bool"), normal(2, 3), normal(2, 1)],
         lambda a, b: torch.where(torch.tensor([True, False, True]), a, b))
    case("Cast", "float32 to float32", [normal(3)], lambda x: x * 1, to=1)
    case("Cast", "float32 to int32", [np.array([-1.75, -0.5, 0.5, 2.75])], lambda x: x.trunc(), forward_only=True, to=6)
    case("Sign", "with zero", [np.array([-1.5, 0, 2])], torch.sign, forward_only=True)
    case("Floor", "both signs", [np.array([-1.5, -1, 0.25, 2])], torch.floor, forward_only=True)
    case("Ceil", "both signs", [np.array([-1.5, -1, 0.25, 2])], torch.ceil, forward_only=True)
    three, other = np.array([1.0, 2, 3]), np.array([2.0, 2, 2])
    case("Equal", "vectors", [three, other], torch.eq, forward_only=True)
    case("Greater", "vectors", [three, other], torch.gt, forward_only=True)
    case("Less", "vectors", [three, other], torch.lt, forward_only=True)


def powers():
    case("Pow", "negative variable exponents", [positive(2, 3), -positive(3)], torch.pow)
    case("Pow", "fractional variable exponents", [positive(2, 3), positive(2, 3)], torch.pow)
    zeros = np.array([0.0, 0, 2, 3])
    case("Pow", "base 0 and exponent 0", [zeros, np.array([0.0, 2, 0, 1])], torch.pow)
    for exponent in [2, -1.5, 0.5, 0, 3]:
        base = zeros if exponent == 0 else positive(2, 3)
        case("Pow", f"constant {exponent}", [base, Const(exponent, "float32", ())], torch.pow)
    # Values on the bounds are left out: PyTorch changed their gradient between versions.
    x = np.array([-2.0, -1.25, 0, 0.75, 2])
    low, high = Const(-1.0, "float32", ()), Const(1.0, "float32", ())
    case("Clip", "both bounds", [x, low, high], lambda x, a, b: torch.clamp(x, -1.0, 1.0))
    case("Clip", "only min", [x, low], lambda x, a: torch.clamp(x, min=-1.0))
    case("Clip", "only max", [x, None, high], lambda x, b: torch.clamp(x, max=1.0))
    case("Clip", "bounds with gradients", [apart(7), np.array(-0.0625), np.array(0.0625)], torch.clamp)


def activations():
    case("Relu", "with zero", [np.array([-1.0, 0, 2])], torch.relu)
    x = np.array([-4.0, -2.75, -2, 0, 1, 2.25, 4])
    hard = lambda alpha, beta: lambda x: torch.clamp(alpha * x + beta, 0, 1)
    case("HardSigmoid", "default slope 0.2", [x], hard(0.2, 0.5))
    case("HardSigmoid", "slope 1/6", [x], F.hardsigmoid, alpha=1 / 6, beta=0.5)
    case("HardSigmoid", "slope 0", [x], hard(0, 0.25), alpha=0, beta=0.25)
    case("HardSwish", "both plateaus", [x], F.hardswish)
    case("Sigmoid", "wide", [np.array([-30.0, -1, 0, 1, 30])], torch.sigmoid)
    case("Tanh", "wide", [np.array([-8.0, -1, 0, 1, 8])], torch.tanh)
    case("Softmax", "default axis", [normal(2, 4)], lambda x: torch.softmax(x, -1))
    case("Softmax", "axis 1 of 3", [normal(2, 3, 2)], lambda x: torch.softmax(x, 1), axis=1)
    large = np.array([[1000.0, 1001, 999, -1000]])
    case("Softmax", "large logits", [large], lambda x: torch.softmax(x, -1))
    case("LogSoftmax", "first axis", [normal(3, 2)], lambda x: torch.log_softmax(x, 0), axis=0)
    case("LogSoftmax", "large logits", [large], lambda x: torch.log_softmax(x, -1))


def matrices():
    case("MatMul", "matrices", [normal(2, 3), normal(3, 4)], torch.matmul)
    case("MatMul", "batch times matrix", [normal(2, 2, 3), normal(3, 2)], torch.matmul)
    case("MatMul", "batches broadcast", [normal(2, 1, 2, 3), normal(2, 3, 2)], torch.matmul)
    maybe = lambda x, flag: x.mT if flag else x
    for ta in [0, 1]:
        for tb in [0, 1]:
            a, b = normal(*([3, 2] if ta else [2, 3])), normal(*([4, 3] if tb else [3, 4]))
            gemm = lambda a, b, c: 0.5 * maybe(a, ta) @ maybe(b, tb) - 2 * c
            case("Gemm", f"transA {ta} transB {tb}", [a, b, normal(4)], gemm, transA=ta, transB=tb, alpha=0.5, beta=-2)
            fused = lambda a, b: 0.25 * maybe(a, ta) @ maybe(b, tb)
            batch = [np.stack([a, -a]), np.stack([b, b / 2])]
            case("FusedMatMul", f"transA {ta} transB {tb}", batch, fused, "com.microsoft", transA=ta, transB=tb, alpha=0.25)
    case("Gemm", "no C", [normal(2, 3), normal(3, 2)], torch.matmul)


def reductions():
    functions = {
        "ReduceSum": torch.sum,
        "ReduceMean": torch.mean,
        "ReduceMax": torch.amax,
        "ReduceL2": lambda x, **k: torch.linalg.vector_norm(x, **k),
        "ReduceSumSquare": lambda x, **k: (x * x).sum(**k),
    }
    for operator, function in functions.items():
        case(operator, "kept", [apart(2, 3, 2), ints(-2)], lambda x: function(x, dim=1, keepdim=True))
        case(operator, "dropped", [apart(2, 3, 2), ints(0, 2)], lambda x: function(x, dim=(0, 2)), keepdims=0)
        case(operator, "all", [apart(2, 3)], lambda x: function(x, dim=(0, 1)), keepdims=0)
    case("ReduceMax", "ties", [np.array([[1.0, 2, 2, 0]]), ints(1)], lambda x: torch.amax(x, 1, True))
    case("ReduceL2", "a zero vector", [np.array([[0.0, 0], [3, 4]]), ints(1)],
         lambda x: torch.linalg.vector_norm(x, dim=1, keepdim=True))


def shapes():
    case("Reshape", "0 and -1", [normal(2, 3, 2), ints(0, -1)], lambda x: x.reshape(2, 6))
    case("Flatten", "axis 2", [normal(2, 1, 3)], lambda x: x.reshape(2, 3), axis=2)
    case("Squeeze", "axis -1", [normal(1, 2, 1), ints(-1)], lambda x: x.squeeze(-1))
    case("Unsqueeze", "two axes", [normal(2, 3), ints(0, -1)], lambda x: x[None, :, :, None])
    case("Transpose", "cycle", [normal(2, 3, 2)], lambda x: x.permute(1, 2, 0), perm=[1, 2, 0])
    case("Expand", "both ways", [normal(3, 1), ints(2, 1, 2)], lambda x: x.expand(2, 3, 2))
    case("Concat", "axis 1", [normal(2, 1, 2), normal(2, 2, 2)], lambda *x: torch.cat(x, 1), axis=1)
    case("Slice", "steps", [normal(5, 6), ints(1, -6), ints(5, 100), ints(0, 1), ints(2, 3)], lambda x: x[1:5:2, ::3])
    case("Split", "num_outputs", [normal(2, 5)], lambda x: torch.split(x, 2, 1), axis=1, num_outputs=3)
    case("Split", "sizes", [normal(5, 2), ints(1, 4)], lambda x: torch.split(x, [1, 4], 0))
    case("Pad", "zeros", [normal(2, 3), ints(1, 0, 0, 2)], lambda x: F.pad(x, (0, 2, 1, 0)))
    x = normal(1, 3, 4)
    case("Pad", "reflect", [x, ints(0, 0, 2, 0, 0, 3)], lambda x: F.pad(x, (2, 3), "reflect"), forward_only=True, mode="reflect")
    case("Pad", "edge", [x, ints(0, 0, 1, 0, 0, 5)], lambda x: F.pad(x, (1, 5), "replicate"), forward_only=True, mode="edge")
    case("Gather", "rows repeated", [normal(4, 2), ints(1, -1, 1)], lambda x: x[[1, 3, 1]])
    case("Gather", "axis 1", [normal(2, 4, 2), Const([[0, 3], [2, 2]])], lambda x: x[:, [[0, 3], [2, 2]]], axis=1)


def bordered(pads, value=0.0):
    top, left, bottom, right = pads
    return lambda x: F.pad(x, (left, right, top, bottom), value=value)


def pools():
    case("GlobalAveragePool", "images", [normal(2, 2, 3, 2)], lambda x: x.mean((2, 3), keepdim=True))
    x, kernel = normal(1, 2, 5, 4), [3, 2]
    same = {"kernel_shape": kernel, "strides": [2, 1], "pads": [1, 1, 1, 1]}
    for include in [0, 1]:
        average = lambda x: F.avg_pool2d(x, kernel, (2, 1), (1, 1), count_include_pad=include == 1)
        case("AveragePool", f"count_include_pad {include}", [x], average, count_include_pad=include, **same)
    odd = {"kernel_shape": kernel, "strides": [1, 2], "pads": [0, 1, 2, 0]}
    border = bordered(odd["pads"])
    total = lambda x: F.avg_pool2d(border(x), kernel, (1, 2))
    case("AveragePool", "asymmetric, border left out", [x], lambda x: total(x) / total(torch.ones_like(x)), **odd)
    case("AveragePool", "asymmetric, border counted", [x], total, count_include_pad=1, **odd)
    y = apart(1, 2, 6, 5)
    case("MaxPool", "3x3 stride 2", [y], lambda x: F.max_pool2d(x, 3, 2, 1),
         kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    lowest = bordered(odd["pads"], -np.inf)
    case("MaxPool", "asymmetric", [y], lambda x: F.max_pool2d(lowest(x), kernel, (1, 2)), **odd)
    case("MaxPool", "dilated", [y], lambda x: F.max_pool2d(x, 2, 1, 0, (2, 3)), kernel_shape=[2, 2], dilations=[2, 3])
    ties = np.array([[[[1.0, 1, 0], [0, 1, 1], [0, 0, 0]]]])
    case("MaxPool", "ties go to the first", [ties], lambda x: F.max_pool2d(x, 2, 1), kernel_shape=[2, 2])


def convolutions():
    def conv(name, x, w, bias=None, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), group=1):
        function = lambda x, w, b=None: F.conv2d(bordered(pads)(x), w, b, strides, 0, dilations, group)
        inputs = [x, w] if bias is None else [x, w, bias]
        attributes = {"strides": list(strides), "pads": list(pads), "dilations": list(dilations), "group": group}
        case("Conv", name, inputs, function, **attributes)

    conv("3x3", normal(2, 2, 4, 4), normal(3, 2, 3, 3), pads=(1, 1, 1, 1))
    conv("3x3 stride 2 with bias", normal(2, 2, 5, 6), normal(2, 2, 3, 3), normal(2), (2, 2), (1, 1, 1, 1))
    conv("1x1", normal(2, 3, 2, 3), normal(2, 3, 1, 1), normal(2))
    conv("depthwise stride 2, asymmetric border", normal(1, 3, 6, 5), normal(3, 1, 3, 3), None, (2, 2), (0, 0, 1, 1), group=3)
    conv("grouped", normal(1, 4, 4, 3), normal(6, 2, 2, 2), group=2)
    conv("dilation 2", normal(1, 2, 6, 6), normal(2, 2, 3, 2), pads=(1, 2, 1, 0), dilations=(2, 2))
    transposed = lambda x, w: F.conv_transpose2d(x, w, None, 2, 1, 1, 1)
    case("ConvTranspose", "stride 2", [normal(1, 2, 3, 3), normal(2, 2, 3, 3)], transposed, forward_only=True,
         strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])


def normalizations():
    mean, variance = Const(normal(3), "float32"), Const(positive(3), "float32")
    inference = lambda x, s, b, m, v: F.batch_norm(x, m, v, s, b, False, 0.1, 1e-3)
    case("BatchNormalization", "given statistics", [normal(2, 3, 2, 2), normal(3), normal(3), mean, variance],
         inference, epsilon=1e-3)

    def training(x, scale, bias):
        axes = [i for i in range(x.dim()) if i != 1]
        y = F.batch_norm(x, None, None, scale, bias, True, 0.1, 1e-3)
        return y, x.mean(axes), x.var(axes, correction=0)

    for name, x in [("images", normal(3, 2, 2, 2)), ("vectors", normal(6, 2)), ("far from 0", normal(6, 2) + 32)]:
        case("BatchNormTraining", name, [x, normal(2), normal(2)], training, "mien", through=[0], epsilon=1e-3)


def quantization():
    """PyTorch rounds halves to even and saturates, as ONNX does."""
    x = np.array([[-3.0, -0.1875, 0.125, 0.375], [0.625, 1.0, 40.0, -40.0]])

    def stored(dtype, zero, x, scale):
        if scale.dim() == 0:
            return torch.quantize_per_tensor(x.float(), float(scale), zero, dtype).int_repr()
        zeros = torch.tensor(zero)
        return torch.quantize_per_channel(x.float(), scale, zeros, 0, dtype).int_repr()

    for name, dtype, zero in [("int8", torch.qint8, -3), ("uint8", torch.quint8, 7)]:
        inputs = [x, Const(0.25, "float32", ()), Const(zero, name, ())]
        case("QuantizeLinear", f"{name}, halves and saturation", inputs,
             lambda x, scale: stored(dtype, zero, x, scale), forward_only=True)
    inputs = [x, Const([0.25, 0.5], "float32"), Const([-3, 5], "int8")]
    case("QuantizeLinear", "int8 along axis 0", inputs,
         lambda x, scale: stored(torch.qint8, [-3, 5], x, scale), forward_only=True, axis=0)

    def real(zero, codes):
        q = torch._make_per_tensor_quantized_tensor(torch.tensor(codes, dtype=torch.int8), 0.25, zero)
        return lambda scale: q.dequantize()

    codes = [[-128, -3, 0], [1, 64, 127]]
    inputs = [Const(codes, "int8"), Const(0.25, "float32", ()), Const(-3, "int8", ())]
    case("DequantizeLinear", "int8", inputs, real(-3, codes), forward_only=True)

    def by_channel(scale):
        q = torch._make_per_channel_quantized_tensor(
            torch.tensor(codes, dtype=torch.int8), scale, torch.tensor([-3, 5]), 0)
        return q.dequantize()

    inputs = [Const(codes, "int8"), Const([0.25, 0.5], "float32"), Const([-3, 5], "int8")]
    case("DequantizeLinear", "int8 along axis 0", inputs, by_channel, forward_only=True, axis=0)


def moving_averages():
    """new = momentum * old + (1 - momentum) * batch (ONNX, Keras), with the population variance."""
    x, mean, variance, momentum = normal(4, 2, 2, 1), normal(2), positive(2), 0.9
    t = torch.tensor(x)
    torch_mean, torch_variance = torch.tensor(mean), torch.tensor(variance)
    F.batch_norm(t, torch_mean, torch_variance, training=True, momentum=1 - momentum)
    count = x.size // 2
    batch = t.var((0, 2, 3), correction=0).numpy()
    new_variance = momentum * variance + (1 - momentum) * batch
    # PyTorch averages the unbiased variance: the same formula with count / (count - 1).
    unbiased = momentum * variance + (1 - momentum) * batch * count / (count - 1)
    assert np.allclose(unbiased, torch_variance.numpy())
    return {"momentum": momentum, "x": listed(x), "mean": listed(mean), "variance": listed(variance),
            "newMean": listed(torch_mean.numpy()), "newVariance": listed(new_variance)}


def main():
    for family in [elementwise, powers, activations, matrices, reductions, shapes, pools, convolutions, normalizations]:
        family()
    averages = moving_averages()
    quantization()
    document = {"torch": torch.__version__.split("+")[0], "movingAverages": averages, "cases": cases}
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    head = json.dumps({k: v for k, v in document.items() if k != "cases"}, separators=(",", ":"))
    text = f'{head[:-1]},"cases":[\n{lines}\n]}}\n'
    json.loads(text)
    pathlib.Path(__file__).with_suffix(".json").write_text(text)


main()
