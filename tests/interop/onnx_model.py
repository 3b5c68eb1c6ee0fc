"""Checks a .onnx file with ONNX's checker and strict shape inference, and runs it in ONNX Runtime.

usage: onnx_model.py FOLDER
FOLDER holds case.json {"file", "xShape", "xType", "yShape"}, the file, x.bin and y.bin. Writes result.json: outputs picture
by picture and for the batch at once, domains, shapes, values whose shape is unknown, metadata.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime


def shape_of(value):
    return [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]


folder = pathlib.Path(sys.argv[1])
case = json.loads((folder / "case.json").read_text())
path = folder / case["file"]
model = onnx.load(path)
onnx.checker.check_model(model, full_check=True)
inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
known = {value.name for value in inferred.graph.value_info if all(shape_of(value))}
known.update(value.name for value in inferred.graph.output)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 3
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
x = np.fromfile(folder / "x.bin", case["xType"]).reshape(case["xShape"])
run = lambda batch: session.run(None, {session.get_inputs()[0].name: batch})[0]
result = {
    "single": np.concatenate([run(x[i : i + 1]) for i in range(len(x))]).ravel().tolist(),
    "whole": run(x).ravel().tolist(),
    "domains": sorted({node.domain for node in model.graph.node}),
    "inputShape": shape_of(model.graph.input[0]),
    "outputShape": shape_of(model.graph.output[0]),
    "unknown": sorted({name for node in model.graph.node for name in node.output} - known),
    "metadata": {entry.key: entry.value for entry in model.metadata_props},
}
(folder / "result.json").write_text(json.dumps(result))
