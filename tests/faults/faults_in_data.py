"""Faults in the images: files that are cut, altered or other ones, and mirrors that misbehave."""

import gzip
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mirror
import numpy as np
import pytest
from faults import Fault, Place

from helpers.data import idx
from helpers.data.parts import PARTS

NOBODY = "http://127.0.0.1:9"  # refuses at once
RAW = Path("project", "data", "MNIST", "raw")


def closed_world(place: Place) -> dict[str, str]:
    """Return the environment of a machine without MNIST and without a network."""
    own = {"MNIST_DIR": "", "MNIST_MIRROR": NOBODY, "KERAS_HOME": str(place.folder)}
    return {**own, "no_proxy": "127.0.0.1"}


def ask(place: Place, **environment: str) -> subprocess.CompletedProcess:
    """Ask for the full MNIST in a copy of the project, whose cache is empty."""
    words = ("--profile", "quick", "DATASET=mnist")
    return place.chain(*words, project=place.copy(), **{**closed_world(place), **environment})


def nothing_kept(place: Place) -> bool:
    """Tell whether there is neither a cache nor a run."""
    files = {path.name for path in place.artifacts.rglob("*") if path.is_file()}
    return not (place.folder / RAW).exists() and files <= {"download.log"}


# --- a data set of one's own: nothing but its headers and labels tells that it is whole


def own_data(place: Place, *, packed: bool = False) -> Path:
    """Write 300 training and 100 test images of noise."""
    folder, random = place.folder / "own", np.random.default_rng(0)
    folder.mkdir()
    for part in PARTS:
        count = 300 if part.half == "training" else 100
        array = np.arange(count, dtype=np.uint8) % 10
        if part.kind == "images":
            array = random.integers(0, 256, (count, 28, 28), np.uint8)
        content = idx.to_bytes(array)
        name = part.file + (".gz" if packed else "")
        (folder / name).write_bytes(gzip.compress(content) if packed else content)
    return folder


def altered(number: int, change, *, packed: bool = False):
    """Return an act: ask for a data set whose file of this number is the result of `change`."""

    def act(place: Place) -> subprocess.CompletedProcess:
        folder = own_data(place, packed=packed)
        file = folder / (PARTS[number].file + (".gz" if packed else ""))
        file.write_bytes(change(file.read_bytes()))
        return place.chain("--profile", "quick", f"DATASET={folder}")

    return act


CUTS = {
    "nothing": lambda content: content[:0],
    "its first byte": lambda content: content[:1],
    "half of it": lambda content: content[: len(content) // 2],
    "all but its last byte": lambda content: content[:-1],
}
CUT_SEEN = {
    False: ("is empty", "is no IDX file: it begins with", "has 39,208 bytes", "has 107 bytes"),
    True: ("is empty", "is no IDX file: it begins with", *(2 * ["is a damaged gzip archive"])),
}
ONE_LABEL_LESS = idx.to_bytes(np.arange(299, dtype=np.uint8) % 10)

OWN = [
    *(
        Fault(
            f"of the {PARTS[number]}{' (.gz)' if packed else ''} {left} is there",
            altered(number, CUTS[left], packed=packed),
            rf"error: DATASET=.*/{PARTS[number].file}[.gz]*: {CUT_SEEN[packed][number]}",
        )
        for packed in (False, True)
        for number, left in enumerate(CUTS)
    ),
    Fault(
        "one training label less than images",
        altered(1, lambda content: ONE_LABEL_LESS),
        r"300 training images, 299 training labels, .*; there must be a label for each image",
    ),
]


# --- MNIST, which is known by its SHA-256


def flipped(number: int, byte: int, *, packed: bool = False):
    """Return an act: flip a bit of one of MNIST's files, the others beside it whole."""

    def act(place: Place) -> subprocess.CompletedProcess:
        if not mirror.REAL:
            pytest.skip("MNIST_DIR is not set: no MNIST files to alter")
        folder = place.folder / "altered"
        folder.mkdir()
        for part in PARTS:
            source = Path(mirror.REAL, f"{part.file}.gz").resolve()
            if part != PARTS[number]:
                (folder / source.name).symlink_to(source)
                continue
            content = bytearray(source.read_bytes())
            content = content if packed else bytearray(gzip.decompress(content))
            content[byte] ^= 1
            (folder / source.name).write_bytes(content)
        return ask(place, MNIST_DIR=str(folder))

    return act


OF_MNIST = [
    Fault(f"one bit of MNIST's {PARTS[n]} is flipped in {where}", act, sees, holds=nothing_kept)
    for n, where, act, sees in (
        (2, "the header", flipped(2, 7), "-images-idx3-ubyte.gz: has 7,840,016 bytes where its"),
        (2, "an image", flipped(2, 4_000_000), "-images-idx3-ubyte.gz: expected SHA-256 6d87418d"),
        (3, "a label", flipped(3, 5_000), "-labels-idx1-ubyte.gz: expected SHA-256 ddeff807"),
        (3, "the archive", flipped(3, 2_000, packed=True), "idx1-ubyte.gz: is a damaged gzip arch"),
    )
]


# --- mirrors


def from_mirror(answer: mirror.Answer):
    """Return an act: ask for MNIST from a mirror with this answer."""

    def act(place: Place) -> subprocess.CompletedProcess:
        with mirror.mirror(answer) as server:
            return ask(place, MNIST_MIRROR=server.url)

    return act


def to_itself(request: mirror.Request) -> None:
    """Redirect to where the request came from."""
    request.send_response(302)
    request.send_header("Location", request.path)
    request.end_headers()


def altered_images(request: mirror.Request) -> None:
    """Send MNIST's training images with another last pixel."""
    content = gzip.decompress(Path(mirror.REAL, request.name).read_bytes())
    request.send(gzip.compress(content[:-1] + b"\x01", compresslevel=1))


def needs_mnist(act):
    """Return the act, skipped where no files of MNIST are there to serve."""

    def skipping(place: Place) -> subprocess.CompletedProcess:
        if not mirror.REAL:
            pytest.skip("MNIST_DIR is not set: no MNIST files to serve")
        return act(place)

    return skipping


def short(request: mirror.Request) -> None:
    """Announce half of what is sent."""
    request.begin(50_000)
    request.wfile.write(b"\x1f\x8b" + bytes(99_998))


def small(request: mirror.Request) -> None:
    """Send the begin of an archive."""
    request.send(b"\x1f\x8b" + bytes(98))


AT_ONCE = [
    Fault(f"a mirror {does}", from_mirror(answer), sees, left="no image", holds=nothing_kept)
    for does, answer, sees in (
        ("answers 404", lambda r: r.send_error(404), "/mnist: HTTP Error 404: Not Found"),
        ("answers 500", lambda r: r.send_error(500), "HTTP Error 500: Internal Server Error"),
        ("redirects to itself", to_itself, "HTTP Error 302: .* would lead to an infinite loop"),
        (
            "sends HTML with status 200",
            lambda request: request.send(b"<html>please log in</html>"),
            r"sends no gzip archive but b'<html>please log'",
        ),
        ("closes without an answer", lambda request: None, "closed connection without response"),
    )
]
LATER = [
    Fault(f"a mirror {does}", act, sees, 2, "a log", nothing_kept, real=True)
    for does, act, sees in (
        ("never answers", from_mirror(mirror.Request.wait), "/mnist: no answer in 5 s"),
        ("answers a byte at a time", from_mirror(mirror.drip), "/mnist: no answer in 5 s"),
        (
            "sends the images a byte at a time",
            from_mirror(mirror.for_images(mirror.drip, small)),
            "/mnist: sends less than 50 kB in 5 s",
        ),
        ("stalls half-way", from_mirror(mirror.stall), "/mnist: sends less than 50 kB in 5 s"),
        (
            "closes half-way",
            from_mirror(mirror.half),
            "/mnist/train-images-idx3-ubyte.gz: is a damaged gzip archive",
        ),
        (
            "announces less than it sends",
            from_mirror(short),
            "/mnist/train-images-idx3-ubyte.gz: is a damaged gzip archive",
        ),
        (
            "sends without end",
            from_mirror(mirror.for_images(mirror.flood, small)),
            "/mnist: sends more than 100 MB",
        ),
        (
            "has no training images",
            from_mirror(mirror.for_images(lambda request: request.send_error(404), small)),
            "/mnist: RuntimeError: Error downloading train-images-.* HTTP Error 404: Not Found",
        ),
        (
            "sends other images",
            needs_mnist(from_mirror(mirror.for_images(altered_images))),
            r"ubyte.gz: expected SHA-256 741c9888.* \(60,000 images of 28 x 28\)",
        ),
    )
]
ALLOWED = "allowed is the http or https address of a folder, without a password; for files on this"


def with_secret(place: Place) -> subprocess.CompletedProcess:
    """Ask a mirror for whose name and password there is no use."""
    done = ask(place, MNIST_MIRROR="https://user:secret@127.0.0.1:9/mnist?key=secret")
    assert "secret" not in done.stdout + done.stderr
    return done


ADDRESSES = [
    *(
        Fault(
            f"MNIST_MIRROR={address}",
            lambda place, address=address: ask(place, MNIST_MIRROR=address),
            rf"MNIST_MIRROR {address}: {ALLOWED}".replace("\\", "\\\\"),
            holds=nothing_kept,
        )
        for address in ("file:///srv/mnist", "ftp://127.0.0.1/mnist", "/srv/mnist", "C:\\mnist")
    ),
    Fault(
        "MNIST_MIRROR=https://user:secret@host/mnist?key=secret",
        with_secret,
        rf"MNIST_MIRROR …@127.0.0.1:9/mnist: {ALLOWED}",
        holds=nothing_kept,
    ),
]


# --- two at once


def two_first_runs(place: Place) -> subprocess.CompletedProcess:
    """Let two processes download into the same empty cache; return how the first ended."""
    project = place.copy()
    code = "from helpers.data import mnist; print(mnist.locate('mnist'))"

    def locate(number: int) -> subprocess.CompletedProcess:
        own = {"MNIST_MIRROR": server.url, "LAB_ARTIFACTS": str(place.folder / str(number))}
        return place.python(code, project=project, **{**closed_world(place), **own})

    with mirror.mirror() as server, ThreadPoolExecutor(2) as both:
        first, second = both.map(locate, range(2))
    assert second.returncode == 0, second.stderr
    return first


def whole_cache(place: Place) -> bool:
    """Tell whether the cache holds MNIST's four files and no other."""
    return sorted(file.name for file in (place.folder / RAW).iterdir()) == sorted(
        part.file for part in PARTS
    )


FAULTS = [
    *OWN,
    *OF_MNIST,
    *AT_ONCE,
    *LATER,
    *ADDRESSES,
    Fault(
        "two first runs at once",
        needs_mnist(two_first_runs),
        r"full MNIST: 60,000 training, 10,000 test, from download from 127.0.0.1",
        code=0,
        left="the four files",
        holds=whole_cache,
        real=True,
    ),
]
