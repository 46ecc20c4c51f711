"""What the networks get wrong: by class, together, apart, and how sure they were."""

import numpy as np

from helpers.models.evaluation import accuracy_ci95

CLASSES = range(10)
BINS = 15
# The test images of MNIST whose label fewer than three of five readers chose (Northcutt et al.
# 2021, arXiv 2103.14749), each with the digit that three or more chose, None where they chose no
# one digit; from mturk/mnist_mturk.json of github.com/cleanlab/label-errors.
LABEL_ERRORS = dict.fromkeys((2130, 2654, 3520, 8527, 9679)) | (
    {947: 9, 1621: 6, 1901: 4, 2462: 0, 2597: 3, 3558: 0, 5937: 3, 6651: 6, 6783: 6, 9729: 6}
)
# How often images or labels are drawn anew for the intervals of a calibration error.
DRAWS, DRAWS_SEED = 1_000, 1


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
    """Return {image, label, predicted, label_error, explained} of the images wrong for every model.

    `label_error` tells whether the label is known to be wrong, `explained` whether every model
    gives the class that the readers chose instead; both are None where the known label errors do
    not apply, as in a sample.
    """
    rows = []
    for image in map(int, wrong_for_all(logits, labels)):
        predicted = {name: int(own[image].argmax()) for name, own in logits.items()}
        known, read = image in LABEL_ERRORS, LABEL_ERRORS.get(image)
        rows.append(
            {
                "image": image,
                "label": int(labels[image]),
                "predicted": predicted,
                "label_error": known if full_test_set else None,
                "explained": {read} == set(predicted.values()) if full_test_set else None,
            }
        )
    return rows


def disagreement(
    architecture: str, tensorflow: np.ndarray, pytorch: np.ndarray, labels: np.ndarray
) -> dict:
    """Return how many images both frameworks' networks get right, one of them, or neither.

    Both are logits [N, 10] of the same architecture. No test is made of the two: they are one
    training each, and frameworks are compared over seeds.
    """
    a, b = tensorflow.argmax(axis=1), pytorch.argmax(axis=1)
    return {
        "architecture": architecture,
        "both_right": int(np.sum((a == labels) & (b == labels))),
        "only_tensorflow_right": int(np.sum((a == labels) & (b != labels))),
        "only_pytorch_right": int(np.sum((a != labels) & (b == labels))),
        "both_wrong_alike": int(np.sum((a != labels) & (a == b))),
        "both_wrong_otherwise": int(np.sum((a != labels) & (b != labels) & (a != b))),
    }


def reliability(model: str, logits: np.ndarray, labels: np.ndarray) -> dict:
    """Return how sure a model was and how often it was right, in BINS bins of equal width.

    {model, bins: [{confidence, accuracy, images}], ece, ece_ci95, calibrated_ece,
    calibrated_ece_ci95}: the expected calibration error is the mean distance between the two,
    weighted by the images (Guo et al. 2017). Chance alone makes it larger than zero: the last two
    are its mean and where 95 % of it lie for a model that is as sure and right exactly as often as
    it is sure. `ece_ci95` is a bootstrap interval over the images, shifted by the bootstrap's bias.
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

    def error(place: np.ndarray, excess: np.ndarray) -> float:
        return np.abs(np.bincount(place, excess)).sum() / len(labels)

    generator, ece = np.random.default_rng(DRAWS_SEED), error(place, sure - right)
    drawn = (generator.integers(len(labels), size=len(labels)) for _ in range(DRAWS))
    again = np.array([error(place[some], (sure - right)[some]) for some in drawn])
    perfect = np.array(
        [error(place, sure - (generator.random(len(labels)) < sure)) for _ in range(DRAWS)]
    )
    # Drawing images anew adds chance to chance: only the spread around its mean is used.
    low, high = ece + np.quantile(again, (0.025, 0.975)) - again.mean()
    return {
        "model": model,
        "bins": bins,
        "ece": float(ece),
        "ece_ci95": [max(0.0, float(low)), float(high)],
        "calibrated_ece": float(perfect.mean()),
        "calibrated_ece_ci95": np.quantile(perfect, (0.025, 0.975)).tolist(),
    }
