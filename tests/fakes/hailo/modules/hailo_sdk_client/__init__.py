"""A fake of the compiler's Python module: see ../../README.md. Its emulator answers what the plan says."""

import contextlib
import enum
import tarfile

from hailo_fake_plan import plan, remember

__version__ = plan().get("version", "3.33.0")


class InferenceContext(enum.Enum):
    SDK_NATIVE = "sdk_native"
    SDK_FP_OPTIMIZED = "sdk_fp_optimized"
    SDK_QUANTIZED = "sdk_quantized"


class ClientRunner:
    def __init__(self, hw_arch=None, har=None):
        with tarfile.open(har) as archive:
            self.files = archive.getnames()

    @contextlib.contextmanager
    def infer_context(self, context):
        yield context

    def infer(self, context, images):
        remember(stage="infer", context=context.name, shape=list(images.shape), type=images.dtype)
        return plan()["logits"][context.name]
