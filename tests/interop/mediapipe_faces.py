"""Photographs from Python packages, and MediaPipe's face detector.

usage: mediapipe_faces.py photos FOLDER
Copies photographs of people that come with packages into FOLDER as PNG.

usage: mediapipe_faces.py detect FOLDER
FOLDER holds case.json {"model", "pictures": [{"file", "height", "width"}]} and the files: a BlazeFace model, pictures as
uint8 [H, W, 3]. Writes result.json: for each picture a list of {"score", "box": [x, y, width, height]} in pixels.
"""

import importlib.util
import json
import pathlib
import sys

import numpy as np

folder = pathlib.Path(sys.argv[2])
PHOTOS = {
    "astronaut": ("skimage", "data/astronaut.png"),
    "cameraman": ("skimage", "data/camera.png"),
    "hopper": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
}


def photos():
    from PIL import Image

    for name, (package, path) in PHOTOS.items():
        spec = importlib.util.find_spec(package)
        source = pathlib.Path(spec.origin).parent / path
        Image.open(source).convert("RGB").save(folder / f"{name}.png")


def with_normalization(path):
    """The model as MediaPipe's tasks want it: the file says that pixels become (p - 127.5) / 127.5."""
    import flatbuffers
    from mediapipe.tasks.metadata import metadata_schema_py_generated as meta
    from tensorflow.lite.python import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    unit = meta.ProcessUnitT()
    unit.optionsType = meta.ProcessUnitOptions.NormalizationOptions
    unit.options = meta.NormalizationOptionsT()
    unit.options.mean, unit.options.std = [127.5], [127.5]
    content = meta.ContentT()
    content.contentPropertiesType = meta.ContentProperties.ImageProperties
    content.contentProperties = meta.ImagePropertiesT()
    content.contentProperties.colorSpace = meta.ColorSpaceType.RGB
    image = meta.TensorMetadataT()
    image.name, image.content, image.processUnits = "image", content, [unit]
    subgraph = meta.SubGraphMetadataT()
    subgraph.inputTensorMetadata = [image]
    subgraph.outputTensorMetadata = [meta.TensorMetadataT() for _ in model.subgraphs[0].outputs]
    root = meta.ModelMetadataT()
    root.name, root.subgraphMetadata, root.minParserVersion = "faces", [subgraph], "1.0.0"
    builder = flatbuffers.Builder(0)
    builder.Finish(root.Pack(builder), b"M001")
    data = schema.BufferT()
    data.data = list(builder.Output())
    model.buffers.append(data)
    entry = schema.MetadataT()
    entry.name, entry.buffer = "TFLITE_METADATA", len(model.buffers) - 1
    model.metadata = [*(model.metadata or []), entry]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def detect():
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    case = json.loads((folder / "case.json").read_text())
    model = with_normalization(folder / case["model"])
    options = vision.FaceDetectorOptions(
        base_options=BaseOptions(model_asset_buffer=model), min_detection_confidence=0.5
    )
    result = []
    with vision.FaceDetector.create_from_options(options) as detector:
        for picture in case["pictures"]:
            pixels = np.fromfile(folder / picture["file"], "uint8")
            pixels = pixels.reshape(picture["height"], picture["width"], 3)
            found = detector.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=pixels))
            result.append(
                [
                    {
                        "score": float(face.categories[0].score),
                        "box": [
                            face.bounding_box.origin_x,
                            face.bounding_box.origin_y,
                            face.bounding_box.width,
                            face.bounding_box.height,
                        ],
                    }
                    for face in found.detections
                ]
            )
    (folder / "result.json").write_text(json.dumps(result))


{"photos": photos, "detect": detect}[sys.argv[1]]()
