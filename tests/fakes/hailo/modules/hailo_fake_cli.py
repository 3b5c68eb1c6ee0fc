"""A fake of the compiler's command line: see ../README.md. Archives are tar files made from public descriptions."""

import argparse
import io
import json
import os
import shutil
import sys
import tarfile
import time

from hailo_fake_plan import FOLDER, calls_of, plan, remember

ARCHITECTURES = ("hailo8", "hailo8r", "hailo8l", "hailo10h", "hailo15h", "hailo15m", "hailo15l")


def arguments():
    parser = argparse.ArgumentParser(prog="hailo")
    verbs = parser.add_subparsers(dest="verb", required=True)
    parse = verbs.add_parser("parser").add_subparsers(dest="framework", required=True)
    for framework in ("onnx", "tf"):
        verb = parse.add_parser(framework)
        verb.add_argument("model_path")
        verb.add_argument("--net-name", required=True)
        verb.add_argument("--har-path", required=True)
        verb.add_argument("--start-node-names", nargs="+", required=True)
        verb.add_argument("--end-node-names", nargs="+", required=True)
        verb.add_argument("-y", action="store_true")
        verb.add_argument("--hw-arch", choices=ARCHITECTURES, required=True)
    optimize = verbs.add_parser("optimize")
    optimize.add_argument("har_path")
    optimize.add_argument("--calib-set-path", required=True)
    optimize.add_argument("--model-script", required=True)
    optimize.add_argument("--output-har-path", required=True)
    optimize.add_argument("--hw-arch", choices=ARCHITECTURES, required=True)
    compiler = verbs.add_parser("compiler")
    compiler.add_argument("har_path")
    compiler.add_argument("--output-dir", required=True)
    compiler.add_argument("--output-har-path", required=True)
    compiler.add_argument("--hw-arch", choices=ARCHITECTURES, required=True)
    return parser.parse_args()


def layer(kind, name, before, after, original):
    return {"type": kind, "input": before, "output": after, "output_shapes": [[-1, 1, 1, 5]], "original_names": original}


def write_har(path, name, state, nodes, script=""):
    first, last = (f"{name}/{layer}" for layer in ("conv1", "fc1"))
    layers = {
        first: layer("conv", first, [], [last], [nodes[0]]),
        last: layer("dense", last, [first], [], [nodes[1]]),
    }
    files = {
        f"{name}.metadata.json": json.dumps({"state": state, "hn": f"{name}.hn", "nodes": nodes, "name": name}),
        f"{name}.hn": json.dumps({"name": name, "net_params": {}, "layers": layers}),
        f"{name}.alls": script,
    }
    with tarfile.open(path, "w") as archive:
        for file, text in files.items():
            info = tarfile.TarInfo(file)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))


def read_har(path, state):
    with tarfile.open(path) as archive:
        name = next(file for file in archive.getnames() if file.endswith(".metadata.json"))
        metadata = json.load(archive.extractfile(name))
    assert metadata["state"] == state, f"the archive is a {metadata['state']}, expected a {state}"
    return metadata


def run(options, stage):
    if stage == "parse":
        assert os.path.isfile(options.model_path)
        nodes = [options.start_node_names[0], options.end_node_names[0]]
        write_har(options.har_path, options.net_name, "hailo_model", nodes)
    elif stage == "optimize":
        metadata = read_har(options.har_path, "hailo_model")
        assert os.path.isfile(options.calib_set_path)
        with open(options.model_script, encoding="utf-8") as file:
            script = file.read()
        write_har(options.output_har_path, metadata["name"], "quantized_model", metadata["nodes"], script)
    else:
        metadata = read_har(options.har_path, "quantized_model")
        write_har(options.output_har_path, metadata["name"], "compiled_model", metadata["nodes"])
        target = os.path.join(options.output_dir, f"{plan().get('hef', metadata['name'])}.hef")
        shutil.copy(os.path.join(FOLDER, "model.hef"), target)


def main():
    options = arguments()
    stage = {"parser": "parse", "optimize": "optimize", "compiler": "compile"}[options.verb]
    todo = plan()
    failures = todo.get("fail", {}).get(stage, 0)
    tried = calls_of(stage)
    remember(stage=stage, arguments=sys.argv[1:])
    for line in todo.get("lines", {}).get(stage, []):
        print(line, flush=True)
    if todo.get("slow") == stage:
        time.sleep(60)
    if tried < failures:
        print(f"[error] Failed to {stage} (as planned)", file=sys.stderr)
        sys.exit(1)
    if stage not in todo.get("silent", []):
        run(options, stage)


main()
