"""The gate every export must pass before it is used or timed: nothing was lost on the way."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.models.metrics import accuracy


@dataclass(frozen=True)
class Bounds:
    """How far an export of a precision may be from its source."""

    bytes_per_weight: float  # at least
    logit_difference: float  # at most, in units of the source's largest logit
    agreement: float  # at least this share of the images in the same class
    relative_accuracy: float  # at least, in units of the source's


# What is measured of an export, beside its gate.
MEASURED = ("test_accuracy", "changed", "max_abs_logit_difference")
# The lab recipe's largest logits are a little smaller. A float32 may be 14 roundings of it away.
USUAL_LOGIT = 60.0
BOUNDS = {
    "float32": Bounds(0.9 * 4, 1e-4 / USUAL_LOGIT, 1, 0.999),
    "float16": Bounds(0.9 * 2, 0.01, 0.999, 0.999),
    "dynamic": Bounds(0.9, 0.15, 0.98, 0.99),
    "int8": Bounds(0.9, 0.15, 0.98, 0.99),
}


def allowed_difference(precision: str, source_logits: np.ndarray) -> float:
    """Return how far logits may be from their source's, in proportion to its largest.

    Rounding grows with what is summed, so for float32 too; but sums may cancel, so logits smaller
    than `USUAL_LOGIT` may be as far as that one.
    """
    largest = float(np.abs(source_logits).max())
    if precision == "float32":
        largest = max(largest, USUAL_LOGIT)
    return BOUNDS[precision].logit_difference * largest


def refusal(logits: np.ndarray, source_logits: np.ndarray, precision: str) -> str:
    """Return why logits cannot be those of the same network in a precision, "" when they can."""
    if logits.shape != source_logits.shape:
        return f"logits of shape {logits.shape}, expected {source_logits.shape}"
    if not np.isfinite(logits).all():
        return "logits are not finite"
    reasons = []
    difference = np.abs(logits - source_logits).max()
    allowed = allowed_difference(precision, source_logits)
    if difference > allowed:
        reasons.append(f"logits differ by up to {difference:.2g}")
    clear = slice(None)
    if precision == "float32":  # rounding may turn a tie of the source's two largest logits
        second, first = np.sort(source_logits, axis=1)[:, -2:].T
        clear = first - second > 2 * allowed
    same = accuracy(logits[clear], source_logits[clear].argmax(axis=1))
    if same < BOUNDS[precision].agreement:
        reasons.append(f"{same:.2%} of the classes agree")
    return "; ".join(reasons)


def compare(
    file: Path,
    precision: str,
    weights: int,
    logits: np.ndarray | str,
    source_logits: np.ndarray,
    labels: np.ndarray,
) -> dict:
    """Compare an export's logits with its source's and decide whether it may be used.

    `weights` is the number of the network's weights; `logits` is what a fresh process got from
    `file`, or why it got none. Returns the fields of a row of `exports` about it: gate is "passed"
    or what failed; what cannot be told is None.
    """
    found, bounds, row = file.stat().st_size, BOUNDS[precision], dict.fromkeys(MEASURED)
    reasons = []
    if found < bounds.bytes_per_weight * weights:
        reasons.append(f"{found:,} bytes cannot hold {weights:,} weights")
    reasons.append(logits if isinstance(logits, str) else refusal(logits, source_logits, precision))
    if not isinstance(logits, str) and logits.shape == source_logits.shape:
        own, source = accuracy(logits, labels), accuracy(source_logits, labels)
        if own < bounds.relative_accuracy * source:
            reasons.append(f"accuracy {own:.2%} against {source:.2%}")
        row["test_accuracy"] = own
        row["changed"] = int((logits.argmax(axis=1) != source_logits.argmax(axis=1)).sum())
        if np.isfinite(logits).all():
            row["max_abs_logit_difference"] = float(np.abs(logits - source_logits).max())
    return row | {"gate": "; ".join(filter(None, reasons)) or "passed"}
