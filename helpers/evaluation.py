"""Accuracy with its interval, agreement between models, and the gate every export must pass."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

# How far a float32 export may be from its source.
LEAST_BYTES_PER_WEIGHT = 0.9 * 4
LARGEST_LOGIT_DIFFERENCE = 1e-4
LEAST_RELATIVE_ACCURACY = 0.999


def accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of images whose largest logit is their label."""
    return float((logits.argmax(axis=1) == labels).mean())


def accuracy_ci95(accuracy: float, images: int) -> tuple[float, float]:
    """Return the 95 % interval of an accuracy measured on `images` images (Wilson 1927)."""
    return proportion_confint(round(accuracy * images), images, alpha=0.05, method="wilson")


def mcnemar_p(first: np.ndarray, second: np.ndarray, labels: np.ndarray) -> float:
    """Return the p-value that two models' logits err equally often (McNemar's exact test)."""
    right = [logits.argmax(axis=1) == labels for logits in (first, second)]
    table = [[np.sum((right[0] == a) & (right[1] == b)) for b in (1, 0)] for a in (1, 0)]
    return float(mcnemar(table, exact=True).pvalue)


@dataclass(frozen=True)
class Comparison:
    """What an export answers beside its source."""

    test_accuracy: float
    agreement: float  # share of images given the same class
    max_abs_logit_difference: float | None  # None when a logit is not finite
    gate: str  # "passed", or what failed

    def row(self) -> dict:
        """Return the comparison as fields of an export row."""
        return asdict(self)


def compare_export(
    file: Path, weights: int, logits: np.ndarray, source_logits: np.ndarray, labels: np.ndarray
) -> Comparison:
    """Compare a float32 export's logits with its source's and decide whether it may be used.

    `weights` is the number of the network's weights, `logits` what a fresh process got from `file`.
    """
    found = file.stat().st_size
    finite = bool(np.isfinite(logits).all())
    difference = float(np.abs(logits - source_logits).max()) if finite else float("inf")
    own, source = accuracy(logits, labels), accuracy(source_logits, labels)
    agreement = float((logits.argmax(axis=1) == source_logits.argmax(axis=1)).mean())
    checks = {
        f"{found:,} bytes cannot hold {weights:,} weights": found
        >= LEAST_BYTES_PER_WEIGHT * weights,
        "logits are not finite": finite,
        f"logits differ by up to {difference:.2g}": difference <= LARGEST_LOGIT_DIFFERENCE
        or not finite,
        f"{agreement:.2%} of the classes agree": agreement == 1,
        f"accuracy {own:.2%} against {source:.2%}": own >= LEAST_RELATIVE_ACCURACY * source,
    }
    failed = [reason for reason, holds in checks.items() if not holds]
    return Comparison(own, agreement, difference if finite else None, "; ".join(failed) or "passed")
