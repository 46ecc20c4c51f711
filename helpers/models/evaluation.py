"""Accuracy with its interval, agreement between models, paired comparisons."""

from collections.abc import Sequence

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
