"""What the networks get wrong: by class, together, apart, and how sure they were."""

import numpy as np

from helpers.models.evaluation import accuracy_ci95, mcnemar_p

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
    """Return {image, label, predicted, label_error} of the images that every model gets wrong.

    `label_error` is None where the known label errors do not apply, as in a sample.
    """
    return [
        {
            "image": int(image),
            "label": int(labels[image]),
            "predicted": {name: int(own[image].argmax()) for name, own in logits.items()},
            "label_error": bool(image in LABEL_ERRORS) if full_test_set else None,
        }
        for image in wrong_for_all(logits, labels)
    ]


def disagreement(
    architecture: str, tensorflow: np.ndarray, pytorch: np.ndarray, labels: np.ndarray
) -> dict:
    """Return how many images both frameworks' networks get right, one of them, or neither.

    Both are logits [N, 10] of the same architecture; `mcnemar_p` tells whether the two err equally
    often.
    """
    a, b = tensorflow.argmax(axis=1), pytorch.argmax(axis=1)
    return {
        "architecture": architecture,
        "both_right": int(np.sum((a == labels) & (b == labels))),
        "only_tensorflow_right": int(np.sum((a == labels) & (b != labels))),
        "only_pytorch_right": int(np.sum((a != labels) & (b == labels))),
        "both_wrong_alike": int(np.sum((a != labels) & (a == b))),
        "both_wrong_otherwise": int(np.sum((a != labels) & (b != labels) & (a != b))),
        "mcnemar_p": mcnemar_p(tensorflow, pytorch, labels),
    }


def reliability(model: str, logits: np.ndarray, labels: np.ndarray) -> dict:
    """Return how sure a model was and how often it was right, in BINS bins of equal width.

    {model, bins: [{confidence, accuracy, images}], ece}: the expected calibration error is the mean
    distance between the two, weighted by the images (Guo et al. 2017).
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
    ece = sum(b["images"] * abs(b["confidence"] - b["accuracy"]) for b in bins) / len(labels)
    return {"model": model, "bins": bins, "ece": float(ece)}
