"""Says which Dataflow Compiler this Python has. Called by `mien hailo compile`; prints one JSON document."""

import json
import os
import shutil
import sys


def command_line():
    """The vendor's command line: beside this interpreter, else on the path."""
    beside = os.path.join(os.path.dirname(sys.executable), "hailo")
    return beside if os.access(beside, os.X_OK) else shutil.which("hailo")


try:
    import hailo_sdk_client
except ImportError as error:
    print(json.dumps({"missing": str(error)}))
else:
    version = getattr(hailo_sdk_client, "__version__", "")
    print(json.dumps({"version": version, "hailo": command_line()}))
