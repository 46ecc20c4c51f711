"""What the networks get wrong: by class, together, apart, how sure, and on disturbed images."""

from pathlib import Path

import numpy as np

from helpers.benchmark import read_back
from helpers.benchmark.read_back import READERS
from helpers.core import artifacts, console
from helpers.models import evaluation
from helpers.models.evaluation import accuracy_ci95

CLASSES = range(10)
BINS = 15
# The test images of MNIST whose label fewer than three of five readers chose (Northcutt et al.
# 2021, arXiv 2103.14749).
LABEL_ERRORS = (
    *(947, 1621, 1901, 2130, 2462, 2597, 2654, 3520),
    *(3558, 5937, 6651, 6783, 8527, 9679, 9729),
)


def confusion(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return how many images of each label (rows) were given each class (columns), [10, 10]."""
    from sklearn.metrics import confusion_matrix

    return confusion_matrix(labels, logits.argmax(axis=1), labels=CLASSES)


def recalls(model: str, logits: np.ndarray, labels: np.ndarray) -> list[dict]:
    """Return {model, label, images, recall, ci95} for each class; the interval is Wilson's."""
    counts, rows = confusion(logits, labels), []
    for label in CLASSES:
        images = int(counts[label].sum())
        recall = float(counts[label, label] / images)
        interval = list(accuracy_ci95(recall, images))
        rows.append(
            {"model": model, "label": label, "images": images, "recall": recall, "ci95": interval}
        )
    return rows


def wrong_for_all(logits: dict[str, np.ndarray], labels: np.ndarray) -> np.ndarray:
    """Return the indices of the test images that every model gets wrong."""
    wrong = [own.argmax(axis=1) != labels for own in logits.values()]
    return np.flatnonzero(np.all(wrong, axis=0))


def common_errors(
    logits: dict[str, np.ndarray], labels: np.ndarray, *, full_test_set: bool
) -> list[dict]:
    """Return {image, label, answers, label_error} of the images that every model gets wrong.

    `label_error` is None where the known label errors do not apply, as in a sample.
    """
    return [
        {
            "image": int(image),
            "label": int(labels[image]),
            "answers": {name: int(own[image].argmax()) for name, own in logits.items()},
            "label_error": bool(image in LABEL_ERRORS) if full_test_set else None,
        }
        for image in wrong_for_all(logits, labels)
    ]


def disagreement(first: np.ndarray, second: np.ndarray, labels: np.ndarray) -> dict[str, int]:
    """Return how many images both models get right, one of them, both wrong alike or otherwise."""
    a, b = first.argmax(axis=1), second.argmax(axis=1)
    return {
        "both right": int(np.sum((a == labels) & (b == labels))),
        "only first right": int(np.sum((a == labels) & (b != labels))),
        "only second right": int(np.sum((a != labels) & (b == labels))),
        "both wrong, alike": int(np.sum((a != labels) & (a == b))),
        "both wrong, otherwise": int(np.sum((a != labels) & (b != labels) & (a != b))),
    }


def calibration(logits: np.ndarray, labels: np.ndarray) -> dict:
    """Return how sure a model was and how often it was right, in BINS bins of equal width.

    {bins: [{confidence, accuracy, images}], error}: the error is the mean distance between the two,
    weighted by the images (expected calibration error, Guo et al. 2017).
    """
    from scipy.special import softmax

    sure = softmax(logits.astype(np.float64), axis=1).max(axis=1)
    right = logits.argmax(axis=1) == labels
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    bins = [
        {
            "confidence": float(sure[place == number].mean()),
            "accuracy": float(right[place == number].mean()),
            "images": int(np.sum(place == number)),
        }
        for number in range(BINS)
        if np.any(place == number)
    ]
    error = sum(b["images"] * abs(b["confidence"] - b["accuracy"]) for b in bins) / len(labels)
    return {"bins": bins, "error": float(error)}


# Standard deviation of the noise in shares of white; degrees; pixels along both axes.
AMOUNTS = {"noise": (0.2, 0.4), "rotation": (15, 30), "shift": (2, 4)}
UNITS = {"none": "", "noise": "of white", "rotation": "°", "shift": "pixels"}


def perturb(images: np.ndarray, kind: str, amount: float, seed: int) -> np.ndarray:
    """Return float32 images [N, 28, 28] in [0, 1], all perturbed by the same amount."""
    from scipy import ndimage

    if kind == "noise":
        noise = np.random.default_rng(seed).standard_normal(images.shape, np.float32)
        return np.clip(images + np.float32(amount) * noise, 0, 1)
    if kind == "rotation":
        turned = ndimage.rotate(images, amount, axes=(2, 1), reshape=False, order=1)
        return np.clip(turned, 0, 1)
    return ndimage.shift(images, (0, amount, amount), order=0)


def measure(
    files: dict[str, str], images: np.ndarray, labels: np.ndarray, *, seed: int, threads: int
) -> list[dict]:
    """Return {model, perturbation, amount, images, accuracy} of every file and perturbation.

    `files` is {model or export id: its file relative to the artifacts folder}; one fresh process a
    runtime answers everything. A file without answers is left out.
    """
    cases = {("none", 0.0): images} | {
        (kind, float(amount)): perturb(images, kind, amount, seed)
        for kind, amounts in AMOUNTS.items()
        for amount in amounts
    }
    rows = []
    for suffix, runtime in READERS.items():
        asked = [
            (name, case, (artifacts.root() / file, given))
            for name, file in files.items()
            if Path(file).suffix == suffix
            for case, given in cases.items()
        ]
        if not asked:
            continue
        found = read_back.ask(runtime, [question for _, _, question in asked], threads=threads)
        rows += [
            {
                "model": name,
                "perturbation": kind,
                "amount": amount,
                "images": len(images),
                "accuracy": evaluation.accuracy(logits, labels),
            }
            for (name, (kind, amount), _), logits in zip(asked, found, strict=True)
            if not isinstance(logits, str)
        ]
        console.show(f"{len(rows)} accuracies", stays=False)
    return rows
