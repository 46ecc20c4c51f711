"""Accuracy with its interval, agreement between models, and the gate every export must pass."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

# statsmodels takes a second to import: its two callers do, every measuring process need not.

# How far a float32 export may be from its source.
LEAST_BYTES_PER_WEIGHT = 0.9 * 4
LARGEST_LOGIT_DIFFERENCE = 1e-4
LEAST_RELATIVE_ACCURACY = 0.999
LEAST_TIMES_CHANCE = 2


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


@dataclass(frozen=True)
class Comparison:
    """What an export answers beside its source; None where it gave no usable answer."""

    gate: str  # "passed", or what failed
    test_accuracy: float | None = None
    agreement: float | None = None  # share of images given the same class
    max_abs_logit_difference: float | None = None

    def row(self) -> dict:
        """Return the comparison as fields of an export row."""
        return asdict(self)

    def __str__(self) -> str:
        if self.agreement is None:
            return f"gate: {self.gate}"
        difference = self.max_abs_logit_difference
        far = "not finite" if difference is None else f"{difference:.1e}"
        return (
            f"gate: {self.gate}; the same class for {self.agreement:.2%} of the images, "
            f"largest logit difference {far}"
        )


def agreement(logits: np.ndarray, source_logits: np.ndarray) -> float:
    """Return the share of images that both give the same class."""
    return float((logits.argmax(axis=1) == source_logits.argmax(axis=1)).mean())


def refusal(logits: np.ndarray, source_logits: np.ndarray) -> str:
    """Return why logits cannot be those of the same float32 network, "" when they can."""
    if logits.shape != source_logits.shape:
        return f"logits of shape {logits.shape}, expected {source_logits.shape}"
    if not np.isfinite(logits).all():
        return "logits are not finite"
    same, difference = agreement(logits, source_logits), np.abs(logits - source_logits).max()
    reasons = []
    if difference > LARGEST_LOGIT_DIFFERENCE:
        reasons.append(f"logits differ by up to {difference:.2g}")
    if same < 1:
        reasons.append(f"{same:.2%} of the classes agree")
    return "; ".join(reasons)


def compare_export(
    file: Path, weights: int, logits: np.ndarray, source_logits: np.ndarray, labels: np.ndarray
) -> Comparison:
    """Compare a float32 export's logits with its source's and decide whether it may be used.

    `weights` is the number of the network's weights, `logits` what a fresh process got from `file`.
    """
    found, reasons = file.stat().st_size, []
    if found < LEAST_BYTES_PER_WEIGHT * weights:
        reasons.append(f"{found:,} bytes cannot hold {weights:,} weights")
    reasons += filter(None, [refusal(logits, source_logits)])
    if logits.shape != source_logits.shape:
        return Comparison("; ".join(reasons))
    own, source = accuracy(logits, labels), accuracy(source_logits, labels)
    if own < LEAST_RELATIVE_ACCURACY * source:
        reasons.append(f"accuracy {own:.2%} against {source:.2%}")
    if own < LEAST_TIMES_CHANCE / logits.shape[1]:
        reasons.append(f"accuracy {own:.2%} is hardly better than guessing")
    finite = bool(np.isfinite(logits).all())
    return Comparison(
        "; ".join(reasons) or "passed",
        own,
        agreement(logits, source_logits),
        float(np.abs(logits - source_logits).max()) if finite else None,
    )
