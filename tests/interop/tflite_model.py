"""Runs a .tflite file in TensorFlow Lite's interpreter and reads its structure with TensorFlow's own schema.

usage: tflite_model.py FOLDER
FOLDER holds case.json {"file", "xShape", "xType", "yShape"}, the file, x.bin and y.bin. Writes result.json: outputs picture
by picture and for the batch at once (inputs resized), operators by name, and what must hold of buffers and signatures.
"""

import json
import pathlib
import sys
import warnings

warnings.filterwarnings("ignore")

import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema

ALIGNMENT = 16


def open_interpreter(path, batch):
    interpreter = tf.lite.Interpreter(str(path), num_threads=1)
    details = interpreter.get_input_details()[0]
    interpreter.resize_tensor_input(details["index"], [batch, *details["shape"][1:]], strict=False)
    interpreter.allocate_tensors()
    return interpreter


def run(interpreter, x):
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def misaligned(content, model):
    """Buffers that do not begin at a multiple of ALIGNMENT bytes of the file."""
    count = 0
    for i in range(model.BuffersLength()):
        data = model.Buffers(i).DataAsNumpy()
        if isinstance(data, np.ndarray):
            start = data.__array_interface__["data"][0] - content.__array_interface__["data"][0]
            count += start % ALIGNMENT != 0
    return count


folder = pathlib.Path(sys.argv[1])
case = json.loads((folder / "case.json").read_text())
path = folder / case["file"]
x = np.fromfile(folder / "x.bin", case["xType"]).reshape(case["xShape"])
content = np.fromfile(path, "uint8")
model = schema.Model.GetRootAs(content, 0)
tree = schema.ModelT.InitFromObj(model)
names = {value: name for name, value in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
codes = [names[code.builtinCode] for code in tree.operatorCodes]
operators = [codes[operator.opcodeIndex] for operator in tree.subgraphs[0].operators]
single = open_interpreter(path, 1)
whole = open_interpreter(path, len(x))
result = {
    "tensorflow": tf.__version__,
    "y": np.concatenate([run(single, x[i : i + 1]) for i in range(len(x))]).ravel().tolist(),
    "resized": run(whole, x).ravel().tolist(),
    "operators": {name: operators.count(name) for name in sorted(set(operators))},
    "firstBuffer": 0 if tree.buffers[0].data is None else len(tree.buffers[0].data),
    "misaligned": misaligned(content, model),
    "signature": single.get_signature_list(),
    "delegated": any(operator["op_name"] == "DELEGATE" for operator in single._get_ops_details()),
    "metadata": sorted(entry.name.decode() for entry in tree.metadata),
}
(folder / "result.json").write_text(json.dumps(result))
