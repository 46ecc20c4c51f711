"""Accuracy with its interval, differences of means, confusion, the errors that models share."""

from collections.abc import Sequence

import numpy as np

# The test images of MNIST whose label fewer than three of five readers chose (Northcutt et al.
# 2021, arXiv 2103.14749); from mturk/mnist_mturk.json of github.com/cleanlab/label-errors.
LABEL_ERRORS = frozenset(
    (947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729)
)


def accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of images whose largest logit is their label."""
    return float((logits.argmax(axis=1) == labels).mean())


def accuracy_ci95(accuracy: float, images: int) -> tuple[float, float]:
    """Return the 95 % interval of an accuracy measured on `images` images (Wilson 1927)."""
    from statsmodels.stats.proportion import proportion_confint  # here: its import takes a second

    return proportion_confint(round(accuracy * images), images, alpha=0.05, method="wilson")


def difference_of_means(
    first: Sequence[float], second: Sequence[float]
) -> tuple[float, list[float] | None]:
    """Return the mean of `second` less that of `first`, and its 95 % interval (Welch 1947).

    The interval is None with fewer than two values in either.
    """
    difference = float(np.mean(second) - np.mean(first))
    if min(len(first), len(second)) < 2:
        return difference, None
    if np.ptp(first) == np.ptp(second) == 0:  # no spread: Welch's interval divides by it
        return difference, [difference, difference]
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

    both = CompareMeans(DescrStatsW(second), DescrStatsW(first))
    return difference, [float(end) for end in both.tconfint_diff(usevar="unequal")]


def confusion(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return how many images of each label (rows) were given each class (columns), [10, 10]."""
    from sklearn.metrics import confusion_matrix

    return confusion_matrix(labels, logits.argmax(axis=1), labels=range(10))


def common_errors(
    logits: dict[str, np.ndarray], labels: np.ndarray, *, full_test_set: bool
) -> list[dict]:
    """Return {image, label, predicted, label_error} of the images that every model gets wrong.

    `label_error` tells whether the label is known to be wrong; it is None where the known label
    errors do not apply, as in a sample.
    """
    classes = {name: own.argmax(axis=1) for name, own in logits.items()}
    wrong = np.all([own != labels for own in classes.values()], axis=0)
    return [
        {
            "image": image,
            "label": int(labels[image]),
            "predicted": {name: int(own[image]) for name, own in classes.items()},
            "label_error": image in LABEL_ERRORS if full_test_set else None,
        }
        for image in np.flatnonzero(wrong).tolist()
    ]
