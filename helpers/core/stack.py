"""Which set of locked packages this Python has, and what the older one does otherwise.

The branches on a version ask the names of this file. Each goes when its package is no longer
supported before the version that stands beside it.
"""

import functools
import importlib
from types import ModuleType

TODAY, OF_2025 = "today", "2025"
LOCKS = {TODAY: "requirements.txt", OF_2025: "requirements-2025.txt"}
NEWEST_PYTHON = {TODAY: (3, 13), OF_2025: (3, 12)}
# Where the chain writes, below the project: the runs of two stacks stand side by side.
FOLDERS = {TODAY: "artifacts", OF_2025: "artifacts/2025"}


@functools.cache
def before(package: str, version: str) -> bool:
    """Tell whether an older `package` than `version` (major.minor) is installed."""
    import importlib.metadata  # takes longer than some runtimes' first answer

    try:
        found = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    first, second = ([int(part) for part in each.split(".")[:2]] for each in (found, version))
    return first < second


def name() -> str:
    """Return TODAY or OF_2025: TensorFlow decides."""
    return OF_2025 if before("tensorflow", "2.17") else TODAY


def new_onnx_exporter() -> bool:
    """Tell whether `torch.onnx.export` has the exporter that is told `dynamic_shapes`."""
    return not before("torch", "2.6")


def keras_takes_opset() -> bool:
    """Tell whether Keras' `export` to ONNX is told the opset."""
    return not before("keras", "3.12")


def fused_adam() -> bool:
    """Tell whether PyTorch's Adam is one operation on the CPU."""
    return not before("torch", "2.4")


def provider(package: str) -> str:
    """Return what is installed to get a package: in 2025 TFLite's runtime came with TensorFlow."""
    return "tensorflow" if package == "ai-edge-litert" and name() == OF_2025 else package


def litert(module: str) -> ModuleType:
    """Import a module of TFLite's runtime, such as "interpreter"."""
    try:
        return importlib.import_module(f"ai_edge_litert.{module}")
    except ModuleNotFoundError:
        if name() == TODAY:
            raise
        return importlib.import_module(f"tensorflow.lite.python.{module}")
