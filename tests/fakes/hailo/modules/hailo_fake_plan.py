"""What the fakes are told to do, and their memory of calls. A fake: see README.md."""

import json
import os

FOLDER = os.environ["FAKE_HAILO"]
CALLS = os.path.join(FOLDER, "calls.jsonl")


def plan():
    with open(os.path.join(FOLDER, "plan.json"), encoding="utf-8") as file:
        return json.load(file)


def remember(**call):
    with open(CALLS, "a", encoding="utf-8") as file:
        file.write(json.dumps(call) + "\n")


def calls_of(stage):
    if not os.path.exists(CALLS):
        return 0
    with open(CALLS, encoding="utf-8") as file:
        return sum(json.loads(line)["stage"] == stage for line in file)
