"""Fetch MNIST with torchvision from the first mirror that has it, in bounded time."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from helpers import mnist_files
from helpers.core import artifacts
from helpers.mnist_files import CACHE_NAME

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
    answers = {}

    def ask(mirror: str) -> None:
        url = f"{mirror}t10k-labels-idx1-ubyte.gz"
        try:
            # torchvision's own User-Agent: some servers refuse Python's.
            with urlopen(Request(url, headers={"User-Agent": "pytorch/vision"}), timeout=TIMEOUT):
                answers[mirror] = ""
        except Exception as error:  # whatever it is, this mirror is no use
            answers[mirror] = " ".join(str(getattr(error, "reason", error)).split()) or repr(error)

    # All at once, and in threads because looking up a host's name knows no time limit.
    threads = [threading.Thread(target=ask, args=[mirror], daemon=True) for mirror in mirrors]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + TIMEOUT
    faults = []
    for mirror, thread in zip(mirrors, threads, strict=True):
        place = f"MNIST_MIRROR {own}" if own else mirror
        thread.join(max(0.0, deadline - time.monotonic()))
        if problem := answers.get(mirror, f"no answer in {TIMEOUT:g} s"):
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
    code = "import sys; from helpers import download; download.run_torchvision(*sys.argv[1:])"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", code, folder, mirror]
        raw = Path(folder, "MNIST", "raw")
        with (
            artifacts.output_to_log("download.log"),
            subprocess.Popen(command, cwd=artifacts.PROJECT) as process,
        ):
            _wait(process, raw)
        contents, faults = mnist_files.verified(raw, place)
    for name, content in zip(mnist_files.FILES, contents, strict=False):
        with artifacts.replacing(mnist_files.CACHE / "MNIST" / "raw" / name) as temporary:
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
