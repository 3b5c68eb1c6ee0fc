"""Latency of TensorFlow Lite and ONNX files on one thread, in turns: tflite_latency.py FILE...

Prints the fastest, the tenth percentile and the median of 300 runs, in milliseconds a picture. TensorFlow Lite's interpreter runs
with XNNPACK, as it does by default.
"""

import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402
import tensorflow as tf  # noqa: E402

ROUNDS = 30
PASSES = 10


def tflite(path):
    interpreter = tf.lite.Interpreter(path, num_threads=1)
    interpreter.allocate_tensors()
    entry = interpreter.get_input_details()[0]
    interpreter.set_tensor(entry["index"], drawn(entry["shape"]).astype(entry["dtype"]))
    return interpreter.invoke


def onnx(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    x = drawn([size if isinstance(size, int) else 1 for size in entry.shape])
    return lambda: session.run(None, {entry.name: x})


def drawn(shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


subjects = {path: (tflite if path.endswith(".tflite") else onnx)(path) for path in sys.argv[1:]}
times = {path: [] for path in subjects}
for _ in range(ROUNDS):
    for path, run in subjects.items():
        run()
        for _ in range(PASSES):
            started = time.perf_counter()
            run()
            times[path].append((time.perf_counter() - started) * 1e3)
for path, found in times.items():
    least, tenth, middle = np.percentile(found, [0, 10, 50])
    print(f"{path:48s} fastest {least:.2f}  tenth {tenth:.2f}  median {middle:.2f}")
