"""Accuracy with its interval, agreement between models, paired comparisons."""

import numpy as np

# An accuracy below so many times that of guessing is that of a network which learnt nothing.
LEAST_TIMES_CHANCE = 2

# statsmodels takes a second to import: its two callers do, every measuring process need not.


def accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of images whose largest logit is their label."""
    return float((logits.argmax(axis=1) == labels).mean())


def accuracy_ci95(accuracy: float, images: int) -> tuple[float, float]:
    """Return the 95 % interval of an accuracy measured on `images` images (Wilson 1927)."""
    from statsmodels.stats.proportion import proportion_confint

    return proportion_confint(round(accuracy * images), images, alpha=0.05, method="wilson")


def mcnemar_p(first: np.ndarray, second: np.ndarray, labels: np.ndarray) -> float:
    """Return the p-value that two models' logits err equally often (McNemar's exact test)."""
    from statsmodels.stats.contingency_tables import mcnemar

    right = [logits.argmax(axis=1) == labels for logits in (first, second)]
    table = [[np.sum((right[0] == a) & (right[1] == b)) for b in (1, 0)] for a in (1, 0)]
    return float(mcnemar(table, exact=True).pvalue)


def agreement(logits: np.ndarray, source_logits: np.ndarray) -> float:
    """Return the share of images that both give the same class."""
    return float((logits.argmax(axis=1) == source_logits.argmax(axis=1)).mean())
