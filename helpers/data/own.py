"""A data set of one's own in a folder or an archive: its arrays and names, or why it is none."""

import os
from pathlib import Path

import numpy as np

from helpers.core.console import LabError
from helpers.core.units import counted
from helpers.data import fetch, parts
from helpers.data.parts import PARTS, Part

SIDE, CLASSES = 28, 10
DIGITS = tuple(map(str, range(CLASSES)))
# A twelfth is kept for validation, and a batch of the strong recipes takes 256 of the rest.
LEAST_TRAINING = 280


def find(typed: str, *, reserved: tuple[str, ...]) -> tuple[str, tuple[str, ...], list[np.ndarray]]:
    """Return (name, class names, arrays in the order of PARTS) of what a path leads to.

    Of the names in `reserved` "mnist" is that of the full MNIST, and no data set has another.
    Raises LabError for what is no data set of ten classes of 28 x 28 grey images.
    """
    path = fetch.from_project(typed)
    homes = parts.homes(path)
    home, place = homes[0], f"DATASET={typed}{parts.below(homes[0], path)}"
    if len(homes) > 1:
        found = ", ".join(typed + parts.below(each, path) for each in homes)
        raise LabError(f"DATASET={typed} holds {len(homes)} data sets; name one: {found}")
    arrays, faults = parts.read(home, place, _refuse)
    if arrays:
        faults = [f"{place}: {unfit}"] if (unfit := _unfit(arrays)) else []
    if faults:
        raise LabError(
            f"{'; '.join(faults)}. A data set is training and test images of {SIDE} x {SIDE} grey "
            f"pixels and their labels 0 to {CLASSES - 1}, as four IDX files named like MNIST's or "
            f"as an .npz archive of {', '.join(parts.KEYS)}"
        )
    other = [str(part) for part, a in zip(PARTS, arrays, strict=True) if not fetch.part_of_mnist(a)]
    if 0 < len(other) < len(PARTS):
        print(f"{place}: another data set than MNIST by its {' and '.join(other)} alone")
    classes = _class_names(home, path, place)
    return _name(home, reserved) if other else "mnist", classes, arrays


def _name(home: Path, reserved: tuple[str, ...]) -> str:
    """Return what a data set is called: the archive or the folder that holds its files."""
    home = Path(os.path.abspath(home))  # noqa: PTH100 - a link's name is the one that was chosen
    name = home.stem if home.is_file() else (home.parent if home.name == "raw" else home).name
    return f"{name} (not MNIST)" if name.lower() in reserved else name


def _refuse(part: Part, array: np.ndarray) -> str:
    """Return why an array cannot be a part of such a data set, "" when it can."""
    held = fetch.part_of_mnist(array)
    if held and held != part:
        return f"holds MNIST's {held}, not {part}"
    if array.ndim != part.dimensions:
        return f"holds {parts.describe(array)}, not {part.kind}"
    if part.kind == "images" and array.shape[1:] != (SIDE, SIDE):
        return f"holds {parts.describe(array)}; allowed are {SIDE} x {SIDE}"
    if part.kind == "labels" and len(array) and array.max() >= CLASSES:
        return f"holds labels up to {array.max()}; allowed are 0 to {CLASSES - 1}"
    return ""


def _unfit(arrays: list[np.ndarray]) -> str:
    """Return why four arrays are no data set together, "" when they are."""
    counts = [len(array) for array in arrays]
    train, train_labels, test, test_labels = counts
    found = ", ".join(_count(n, part) for n, part in zip(counts, PARTS, strict=True))
    if (train, test) != (train_labels, test_labels):
        exchanged = (train, test) == (test_labels, train_labels)
        return found + (
            ": the files of training and test are exchanged"
            if exchanged
            else "; there must be a label for each image"
        )
    if train < LEAST_TRAINING:
        return f"{found}; there must be at least {LEAST_TRAINING} training images"
    for part, least in ((1, 2), (3, 1)):
        images = np.bincount(arrays[part], minlength=CLASSES)
        if images.min() < least:
            return (
                f"{_count(images.min(), PARTS[part])} of class {images.argmin()}; there must be at "
                f"least {least} of each class from 0 to {CLASSES - 1}"
            )
    return ""


def _count(number: int, part: Part) -> str:
    return counted(number, str(part).removesuffix("s"))


def _class_names(home: Path, path: Path, place: str) -> tuple[str, ...]:
    """Return the lines of classes.txt in `path`, or where the parts lie in it; else the digits.

    Raises LabError unless it has a name of its own for each class.
    """
    folders = [each if each.is_dir() else each.parent for each in (path, home)]
    if home.name == "raw":
        folders.append(home.parent)
    file = next((f / "classes.txt" for f in folders if (f / "classes.txt").is_file()), None)
    if file is None:
        return DIGITS
    try:
        lines = file.read_text(encoding="utf-8-sig").strip().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LabError(
            f"{place}: classes.txt cannot be read ({error}); save it as UTF-8 text"
        ) from error
    names = tuple(line.strip() for line in lines)
    if len(names) != CLASSES:
        raise LabError(
            f"{place}: classes.txt has {counted(len(names), 'line')}; allowed are {CLASSES}, a "
            f"name for each of the classes 0 to {CLASSES - 1}"
        )
    for name in names:
        if not name or "," in name or names.count(name) > 1:
            raise LabError(
                f"{place}: classes.txt has the name {name!r}; each class needs a name of its own, "
                "without a comma, because model files list the names with commas"
            )
    return names
