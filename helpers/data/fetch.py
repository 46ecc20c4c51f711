"""MNIST: what its four parts must be, where they may stand, and how to download them."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np

from helpers.core import artifacts, console, process
from helpers.core.units import counted, megabytes
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
        other, _ = parts.read(home, place.name, _not_that_form)
        if other and not any(map(part_of_mnist, other)):
            train, test = (len(labels) for labels in other[1::2])
            use = f"; to use it, set DATASET={place.typed}{below}" if place.typed else ""
            faults = [
                f"{place.name}{below} is not MNIST but another data set ({train:,} training and "
                f"{counted(test, 'test image')}){use}"
            ]
    return arrays, faults


def _not_that_form(part: Part, array: np.ndarray) -> str:
    return "" if array.ndim == part.dimensions else "has another form"


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
# A mirror is given up after so many seconds without an answer or without so many new bytes, and
# when it sends more than all files need, unpacked beside the packed ones.
TIMEOUT = 5.0
LEAST_BYTES, MOST_BYTES = 50_000, 100_000_000
REASON = "reason.txt"


def run_torchvision(folder: str, mirror: str) -> None:
    """Let torchvision download MNIST from `mirror` and unpack it into `folder`/MNIST/raw.

    What it raises stands in `folder`/REASON then.
    """
    from torchvision import datasets

    class MNIST(datasets.MNIST):
        """Named like its parent, because torchvision names the folder after the class."""

        mirrors = [mirror]

    try:
        MNIST(folder, download=True)
    except Exception as error:
        Path(folder, REASON).write_text(console.reason(error), encoding="utf-8")
        raise


def unfit(mirror: str) -> str:
    """Return why an address cannot be a mirror, without any password in it; "" when it can."""
    shown = re.sub(".*@", "…@", " ".join(mirror.split())).partition("?")[0]
    try:
        parts = urlsplit(mirror)
        fits = parts.scheme in ("http", "https") and parts.hostname and shown == mirror
    except ValueError:
        fits = False
    if fits:
        return ""
    return (
        f"{shown}: allowed is the http or https address of a folder, without a password; for files "
        "on this machine set MNIST_DIR to their folder"
    )


def download() -> tuple[str, list[np.ndarray], list[str]]:
    """Fetch MNIST from the first mirror that has it: (origin, arrays, faults)."""
    own = os.environ.get("MNIST_MIRROR")
    if own and (wrong := unfit(own)):
        return "", [], [f"MNIST_MIRROR {wrong}"]
    mirrors = [f"{own.rstrip('/')}/"] if own else MIRRORS
    replies = {}

    def ask(mirror: str) -> None:
        url = f"{mirror}t10k-labels-idx1-ubyte.gz"
        try:
            # torchvision's own User-Agent: some servers refuse Python's.
            request = Request(url, headers={"User-Agent": "pytorch/vision"})
            with urlopen(request, timeout=TIMEOUT) as reply:
                begin = reply.read(16)
            packed = begin.startswith(idx.GZIP)
            replies[mirror] = "" if packed else f"sends no gzip archive but {begin!r}"
        except Exception as error:  # whatever it is, this mirror is no use
            said = error if isinstance(error, HTTPError) else getattr(error, "reason", error)
            replies[mirror] = " ".join(str(said).split()) or repr(error)

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
        try:
            arrays, wrong = _fetch(mirror, place.rstrip("/"))
        except OSError as error:
            arrays, wrong = [], [f"{place}: cannot be kept ({console.one_line(error)})"]
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
            subprocess.Popen(command, cwd=artifacts.PROJECT) as child,
        ):
            why = _wait(child, raw)
        arrays, faults = verified(Place(place, raw))
        of_files = [fault for fault in faults if fault.startswith(f"{place}/")]
        if not arrays and (why or not of_files):
            told = Path(temporary, REASON)
            said = told.read_text(encoding="utf-8") if told.exists() else ""
            faults = [f"{place}: {why or said or process.ended(child.returncode)}"]
    with contextlib.ExitStack() as all_or_none:
        for part, array in zip(PARTS, arrays, strict=False):
            path = CACHE / "MNIST" / "raw" / part.file
            kept = all_or_none.enter_context(artifacts.replacing(path))
            kept.write_bytes(idx.to_bytes(array))
    return arrays, faults


def _wait(child: subprocess.Popen, folder: Path) -> str:
    """Wait for a process that downloads into `folder`; return why it was ended before, else "".

    torchvision makes the folder when its import is over; before that the clock does not run.
    """
    size, since = None, time.monotonic()
    try:
        while child.poll() is None:
            now = sum(f.stat().st_size for f in folder.iterdir()) if folder.exists() else None
            if (now or 0) > MOST_BYTES:
                return f"sends more than {megabytes(MOST_BYTES)}"
            if size is None or now - size >= LEAST_BYTES:
                size, since = now, time.monotonic()
            elif time.monotonic() - since > TIMEOUT:
                return f"sends less than {LEAST_BYTES // 1_000} kB in {TIMEOUT:g} s"
            time.sleep(0.05)
    finally:
        child.kill()
    return ""
