"""MNIST: what its four parts must be, where they may stand, and how to download them."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np

from helpers.core import artifacts
from helpers.core.units import counted
from helpers.data import idx, parts
from helpers.data.parts import PARTS, Part

# The SHA-256 of each part's pixels or labels: a file may hold them plain, packed or in an archive.
SHA256 = dict(
    zip(
        PARTS,
        (
            "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
            "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
            "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
            "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
        ),
        strict=True,
    )
)

CACHE = artifacts.PROJECT / "data"
CACHE_NAME = "data/MNIST/raw"


@dataclass(frozen=True)
class Place:
    """Where MNIST may stand: what a report calls it, and where it is."""

    name: str
    path: Path
    typed: str = ""  # as what DATASET would take it


def from_project(typed: str) -> Path:
    """Return a path that a user typed; a relative one starts at the project.

    A kernel runs in notebooks/, the pipeline elsewhere.
    """
    try:
        return artifacts.PROJECT / Path(typed).expanduser()
    except RuntimeError:  # "~name" where nobody has this name
        return artifacts.PROJECT / typed


def places() -> list[Place]:
    """Return the places that somebody has filled or named, in the order in which they are tried."""
    found, cache = [], CACHE / "MNIST" / "raw"
    if any(not file.name.startswith(".") for file in cache.glob("*")):
        found.append(Place(CACHE_NAME, cache, CACHE_NAME))
    if chosen := os.environ.get("MNIST_DIR"):
        found.append(Place("MNIST_DIR", from_project(chosen), chosen))
    keras = Path(os.environ.get("KERAS_HOME") or "~/.keras", "datasets", "mnist.npz").as_posix()
    if from_project(keras).is_file():
        found.append(Place("Keras' cache", from_project(keras), keras))
    return found


def part_of_mnist(array: np.ndarray) -> Part | None:
    """Return which part of MNIST an array is, None when it is none."""
    found = idx.sha256(array)
    return next((part for part, digest in SHA256.items() if digest == found), None)


def verified(place: Place) -> tuple[list[np.ndarray], list[str]]:
    """Return MNIST's arrays in the order of PARTS, none unless all are right, and the faults."""
    home = min(parts.homes(place.path), key=lambda home: home.parent.name != "MNIST")
    below = parts.below(home, place.path)
    arrays, faults = parts.read(home, place.name + below, _not_in_mnist)
    if not arrays:
        other, _ = parts.read(home, place.name, lambda part, array: "")
        if other and not any(map(part_of_mnist, other)):
            train, test = (len(labels) for labels in other[1::2])
            use = f"; to use it, set DATASET={place.typed}{below}" if place.typed else ""
            faults = [
                f"{place.name}{below} is not MNIST but another data set ({train:,} training and "
                f"{counted(test, 'test image')}){use}"
            ]
    return arrays, faults


def _not_in_mnist(part: Part, array: np.ndarray) -> str:
    found = idx.sha256(array)
    if found == SHA256[part]:
        return ""
    if held := part_of_mnist(array):
        return f"holds MNIST's {held}; allowed are its {part}"
    kind = part.kind.replace("images", "pixels")
    return f"expected SHA-256 {SHA256[part]} of the {kind}, found {found} ({parts.describe(array)})"


# torchvision's own list: here because importing torchvision takes seconds, and a machine without
# a network should not pay them. A test compares the two.
MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/")
# Seconds without an answer, or without a new byte, after which a mirror is given up.
TIMEOUT = 5.0


def run_torchvision(folder: str, mirror: str) -> None:
    """Let torchvision download MNIST from `mirror` and unpack it into `folder`/MNIST/raw."""
    from torchvision import datasets

    class MNIST(datasets.MNIST):
        """Named like its parent, because torchvision names the folder after the class."""

        mirrors = [mirror]

    MNIST(folder, download=True)


def download() -> tuple[str, list[np.ndarray], list[str]]:
    """Fetch MNIST from the first mirror that has it: (origin, arrays, faults)."""
    own = os.environ.get("MNIST_MIRROR")
    mirrors = [f"{own.rstrip('/')}/"] if own else MIRRORS
    replies = {}

    def ask(mirror: str) -> None:
        url = f"{mirror}t10k-labels-idx1-ubyte.gz"
        try:
            # torchvision's own User-Agent: some servers refuse Python's.
            with urlopen(Request(url, headers={"User-Agent": "pytorch/vision"}), timeout=TIMEOUT):
                replies[mirror] = ""
        except Exception as error:  # whatever it is, this mirror is no use
            replies[mirror] = " ".join(str(getattr(error, "reason", error)).split()) or repr(error)

    # All at once, and in threads because looking up a host's name knows no time limit.
    threads = [threading.Thread(target=ask, args=[mirror], daemon=True) for mirror in mirrors]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + TIMEOUT
    faults = []
    for mirror, thread in zip(mirrors, threads, strict=True):
        place = f"MNIST_MIRROR {own}" if own else mirror
        thread.join(max(0.0, deadline - time.monotonic()))
        if problem := replies.get(mirror, f"no answer in {TIMEOUT:g} s"):
            faults.append(f"{place}: {problem}")
            continue
        origin = f"download from {urlsplit(mirror).hostname}"
        print(f"MNIST: {origin} (11 MB) into {CACHE_NAME}", flush=True)
        arrays, wrong = _fetch(mirror, place.rstrip("/"))
        faults += wrong
        if arrays:
            return origin, arrays, faults
    return "", [], faults


def _fetch(mirror: str, place: str) -> tuple[list[np.ndarray], list[str]]:
    """Download from one mirror and keep in the cache what is verified: (arrays, faults).

    torchvision gets a process, to be stopped at any moment, and a temporary folder: it leaves
    broken files behind and would take them for good the next time.
    """
    code = "import sys; from helpers.data import fetch; fetch.run_torchvision(*sys.argv[1:])"
    with tempfile.TemporaryDirectory() as temporary:
        command = [sys.executable, "-c", code, temporary, mirror]
        raw = Path(temporary, "MNIST", "raw")
        with (
            artifacts.output_to_log("download.log"),
            subprocess.Popen(command, cwd=artifacts.PROJECT) as process,
        ):
            _wait(process, raw)
        arrays, faults = verified(Place(place, raw))
    for part, array in zip(PARTS, arrays, strict=False):
        with artifacts.replacing(CACHE / "MNIST" / "raw" / part.file) as kept:
            kept.write_bytes(idx.to_bytes(array))
    return arrays, faults


def _wait(process: subprocess.Popen, folder: Path) -> None:
    """Wait for `process`, and end it once TIMEOUT seconds bring nothing new into `folder`.

    torchvision makes the folder when its import is over; before that the clock does not run.
    """
    size, since = None, time.monotonic()
    try:
        while process.poll() is None and time.monotonic() - since < TIMEOUT:
            now = sum(f.stat().st_size for f in folder.iterdir()) if folder.exists() else None
            if now is None or now != size:
                size, since = now, time.monotonic()
            time.sleep(0.05)
    finally:
        process.kill()
