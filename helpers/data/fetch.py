"""The four files of MNIST: where they may stand, what they must be, and how to download them."""

import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

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


def download() -> tuple[str, list[bytes], list[str]]:
    """Fetch MNIST from the first mirror that has it: (origin, contents, faults)."""
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
        contents, wrong = _fetch(mirror, place.rstrip("/"))
        faults += wrong
        if contents:
            return origin, contents, faults
    return "", [], faults


def _fetch(mirror: str, place: str) -> tuple[list[bytes], list[str]]:
    """Download from one mirror and keep in the cache what is verified: (contents, faults).

    torchvision gets a process, to be stopped at any moment, and a temporary folder: it leaves
    broken files behind and would take them for good the next time.
    """
    code = "import sys; from helpers.data import fetch; fetch.run_torchvision(*sys.argv[1:])"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", code, folder, mirror]
        raw = Path(folder, "MNIST", "raw")
        with (
            artifacts.output_to_log("download.log"),
            subprocess.Popen(command, cwd=artifacts.PROJECT) as process,
        ):
            _wait(process, raw)
        contents, faults = verified(raw, place)
    for name, content in zip(FILES, contents, strict=False):
        with artifacts.replacing(CACHE / "MNIST" / "raw" / name) as temporary:
            temporary.write_bytes(content)
    return contents, faults


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
