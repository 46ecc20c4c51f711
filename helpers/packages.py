"""The installed packages: their versions and their size on disk."""

import functools
import importlib.metadata
import re

from packaging.requirements import Requirement

PACKAGES = (
    *("tensorflow", "keras", "torch", "torchvision", "onnx", "onnxruntime", "onnxscript"),
    *("ai-edge-litert", "numpy", "papermill", "nbconvert"),
)


def versions() -> dict[str, str]:
    """Return the installed version of each package that can change a result."""
    return {name: importlib.metadata.version(name) for name in PACKAGES}


@functools.cache
def _size_bytes(package: str) -> int:
    # The sizes as the package records them: Python's own .pyc files are not counted.
    return sum(file.size or 0 for file in importlib.metadata.files(package) or [])


def install_bytes(package: str) -> int:
    """Return the size on disk of `package` and everything it requires, in bytes."""
    wanted, seen = [package], set()
    while wanted:
        name = re.sub(r"[-_.]+", "-", wanted.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        for line in importlib.metadata.requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                wanted.append(requirement.name)
    return sum(map(_size_bytes, seen))
