"""The four files of MNIST: where they may stand, and whether they are what they should be."""

import hashlib
import os
import zlib
from pathlib import Path

from helpers.core import artifacts

# The four IDX files: the SHA-256 and the bytes of each, unpacked.
FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
SIZES = (47_040_016, 60_008, 7_840_016, 10_008)

CACHE = artifacts.PROJECT / "data"
CACHE_NAME = "data/MNIST/raw"


def folders() -> list[tuple[str, Path]]:
    """Return (name, path) of the folders that somebody has filled or named."""
    folders = []
    cache = CACHE / "MNIST" / "raw"
    if any(cache.glob("*-ubyte*")):
        folders.append((CACHE_NAME, cache))
    if chosen := os.environ.get("MNIST_DIR"):
        # Relative to the project: a kernel runs in notebooks/, the pipeline elsewhere.
        folders.append(("MNIST_DIR", artifacts.PROJECT / Path(chosen).expanduser()))
    return folders


def verified(folder: Path, place: str) -> tuple[list[bytes], list[str]]:
    """Return the contents in the order of FILES, none unless all are right, and the faults."""
    contents, faults, missing = [], [], []
    for (name, expected), size in zip(FILES.items(), SIZES, strict=True):
        damaged = []
        for file in (folder / name, folder / f"{name}.gz"):
            try:
                content = unpacked(file)
            except OSError:  # not there or not readable
                continue
            found = sha256(content)
            if found == expected:
                contents.append(content)
                break
            damaged.append(
                f"{place}/{file.name}: expected SHA-256 {expected} ({size} bytes unpacked), "
                f"found {found} ({len(content)} bytes)"
            )
        else:
            if not damaged:
                missing.append(name)
        faults += damaged
    if missing:
        where = place if folder.is_dir() else f"{place} (no such folder: {folder})"
        faults.append(f"{where}: no readable {', '.join(missing)} (plain or .gz)")
    return (contents if len(contents) == len(FILES) else []), faults


def sha256(content: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def unpacked(file: Path) -> bytes:
    """Return what can be unpacked of `file`; its SHA-256 tells whether that is all of it."""
    content = file.read_bytes()
    if file.suffix != ".gz":
        return content
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(content)
    except zlib.error:  # not gzip, or damaged inside
        return content
