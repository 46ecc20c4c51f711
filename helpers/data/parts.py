"""A data set's four parts in a folder or an .npz archive, under the names that people have."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from helpers.core.units import counted
from helpers.data import idx


@dataclass(frozen=True)
class Part:
    """One of the four arrays of a data set."""

    half: str
    kind: str  # "images" or "labels"
    file: str  # the IDX file's name as LeCun gave it
    key: str  # its name in an .npz archive, as Keras gave it

    @property
    def dimensions(self) -> int:
        """Return how many its array has: images are [N, height, width], labels [N]."""
        return 3 if self.kind == "images" else 1

    def __str__(self) -> str:
        return f"{self.half} {self.kind}"


PARTS = (
    Part("training", "images", "train-images-idx3-ubyte", "x_train"),
    Part("training", "labels", "train-labels-idx1-ubyte", "y_train"),
    Part("test", "images", "t10k-images-idx3-ubyte", "x_test"),
    Part("test", "labels", "t10k-labels-idx1-ubyte", "y_test"),
)
KEYS = tuple(part.key for part in PARTS)
# With a dash or a dot before "idx"; plain or gzip is told by the content.
NAME = re.compile(r"(train|t10k|test)-(images|labels)[-.]idx\d[-.]ubyte(\.gz)?", re.IGNORECASE)

# Why an array is not the part it is named for, "" when it is.
Refuse = Callable[[Part, np.ndarray], str]


def homes(path: Path) -> list[Path]:
    """Return where parts lie: `path` itself, else the raw folders below it (torchvision's root)."""
    if path.is_file() or _files(path) or _archives(path):
        return [path]
    below = [path / "raw", *sorted(path.glob("*/raw"))]
    return [raw for raw in below if _files(raw)] or [path]


def below(home: Path, path: Path) -> str:
    """Return what follows the name of `path` in that of one of its homes, such as "/MNIST/raw"."""
    return "" if home == path else f"/{home.relative_to(path).as_posix()}"


def read(home: Path, place: str, refuse: Refuse) -> tuple[list[np.ndarray], list[str]]:
    """Return the arrays in the order of PARTS, none unless all four are there, and the faults.

    Of several files named for a part the first that `refuse` has nothing against is taken. A fault
    is one clause that begins with the file, below `place`.
    """
    try:
        candidates = _candidates(home, place)
    except idx.Unusable as error:
        return [], [str(error)]
    arrays, faults, missing = [], [], []
    for part in PARTS:
        wrong = []
        for shown, load in candidates.get(part, []):
            try:
                array = load()
                reason = refuse(part, array)
            except idx.Unusable as error:
                reason = str(error)
            except OSError as error:
                reason = f"cannot be read ({error.strerror or error})"
            if not reason:
                arrays.append(array)
                break
            wrong.append(f"{shown}: {reason}")
        else:
            if not wrong:
                missing.append(part.file)
        faults += wrong
    if missing:
        where = place if home.exists() else f"{place} (no such folder: {home})"
        faults.append(f"{where}: no {', '.join(missing)} (plain or .gz)")
    return (arrays if len(arrays) == len(PARTS) else []), faults


def describe(array: np.ndarray) -> str:
    """Return what an array is, such as "60,000 images of 28 x 28"."""
    if array.ndim == 1:
        return counted(len(array), "label")
    if array.ndim == 3:
        count, height, width = array.shape
        return f"{counted(count, 'image')} of {height} x {width}"
    return f"an array of shape {array.shape}"


def _files(folder: Path) -> dict[Part, list[Path]]:
    """Return the files in `folder` by the part they are named for.

    A folder of such a name holds the file (as Kaggle's archives unpack).
    """
    found: dict[Part, list[Path]] = {}
    for entry in _entries(folder):
        inside = _entries(entry) if NAME.fullmatch(entry.name) else []
        for file in inside or [entry]:
            match = NAME.fullmatch(file.name)
            if match and file.is_file():
                half, kind = match[1].lower(), match[2].lower()
                name = f"{half.replace('test', 't10k')}-{kind}"
                part = next(part for part in PARTS if part.file.startswith(name))
                found.setdefault(part, []).append(file)
    return found


def _archives(folder: Path) -> list[Path]:
    return [file for file in _entries(folder) if file.suffix.lower() == ".npz" and file.is_file()]


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:  # no folder, or not readable
        return []


def _candidates(home: Path, place: str) -> dict[Part, list[tuple[str, Callable[[], np.ndarray]]]]:
    """Return what may be each part: how a reader is told of it, and what loads it.

    Raises Unusable when all that is there is one wrong archive, or several.
    """
    files = _files(home)
    if files:
        return {
            part: [(f"{place}/{f.relative_to(home).as_posix()}", partial(idx.read, f)) for f in own]
            for part, own in files.items()
        }
    archives = [home] if home.is_file() else _archives(home)
    # Keras keeps other archives beside it.
    archives = [file for file in archives if file.name == "mnist.npz"] or archives
    if not archives:
        return {}
    if len(archives) > 1:
        names = ", ".join(file.name for file in archives)
        raise idx.Unusable(f"{place}: holds several archives ({names}); name one of them")
    (archive,) = archives
    shown = place if archive == home else f"{place}/{archive.name}"
    try:
        idx.check_archive(archive, KEYS)
    except idx.Unusable as error:
        raise idx.Unusable(f"{shown}: {error}") from error
    return {
        part: [(f"{shown}, {part.key}", partial(idx.read_from_archive, archive, part.key))]
        for part in PARTS
    }
