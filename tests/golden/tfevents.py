"""A small TensorBoard event file for src/train/log, framed and encoded by TensorFlow.

Run with tensorflow and tensorboard installed:
  python tests/golden/tfevents.py               writes tests/golden/tfevents.bin and .json
  python tests/golden/tfevents.py FOLDER        prints the scalars that TensorBoard reads from FOLDER
"""

import json
import sys
from pathlib import Path

EVENTS = [
    {"kind": "version", "wallTime": 1700000000.25},
    {"kind": "start", "wallTime": 1700000001.5, "step": 7},
    {"kind": "scalars", "wallTime": 1700000002.5, "step": 0, "values": {"loss/train": 1.6094379425048828}},
    {
        "kind": "scalars",
        "wallTime": 1700000003.125,
        "step": 300,
        "values": {"loss/train": 0.0, "accuracy/validation": 0.8125, "größe": -2.5},
    },
    {"kind": "scalars", "wallTime": 1700000004.0, "step": 5000000000, "values": {"lr": 1.0000000116860974e-07}},
]


def message(event):
    from tensorflow.core.util import event_pb2

    proto = event_pb2.Event(wall_time=event["wallTime"], step=event.get("step", 0))
    if event["kind"] == "version":
        proto.file_version = "brain.Event:2"
    elif event["kind"] == "start":
        proto.session_log.status = event_pb2.SessionLog.START
    else:
        for tag, value in event["values"].items():
            proto.summary.value.add(tag=tag, simple_value=value)
    return proto.SerializeToString(deterministic=True)


def write():
    import tensorflow as tf

    target = Path(__file__).with_suffix(".bin")
    with tf.io.TFRecordWriter(str(target)) as writer:
        for event in EVENTS:
            writer.write(message(event))
    target.with_suffix(".json").write_text(json.dumps(EVENTS, ensure_ascii=False) + "\n", encoding="utf-8")


def read(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = EventAccumulator(folder)
    log.Reload()
    for tag in sorted(log.Tags()["scalars"]):
        print(tag, [(event.step, event.value) for event in log.Scalars(tag)])


if len(sys.argv) > 1:
    read(sys.argv[1])
else:
    write()
