"""The tables of a sweep: spread over the seeds, pairs, power, what the accuracy depends on."""

from helpers.core.old_results import where
from helpers.core.sweeps import FAILED
from helpers.findings.seed_study import SETTING
from helpers.report.tables import Column, columns, headed, table

# What of a setting is shown only where it varies.
SELDOM = ("train_images", "threads")


def _columns(rows: list[dict], before: str, after: str) -> dict[str, Column]:
    """Return the columns of a setting, between others."""
    varies = [key for key in SELDOM if len({row[key] for row in rows}) > 1]
    own = [key for key in SETTING if key not in SELDOM or key in varies]
    return columns(f"{before} {' '.join(own)} {after}", batch_size="Images a batch")


def failures(study: dict) -> str:
    """Return which runs failed and why; a sentence when none did."""
    rows = where(study["sweep_runs"], status=FAILED)
    if not rows:
        return "<p>Every run of the sweep finished.</p>"
    shown = _columns(rows, "framework", "seed attempts")
    return table(rows, shown | {"reason": Column("What happened")})


def spread(study: dict) -> str:
    """Return mean and spread of the test accuracy, one row a setting and framework."""
    rows = study["sweep_spread"]
    return table(rows, _columns(rows, "", "framework runs mean mean_ci95 sd accuracy_range"))


def pairs(study: dict) -> str:
    """Return the paired difference of the frameworks, one row a network and recipe."""
    rows = study["sweep_pairs"]
    return table(rows, _columns(rows, "", "pairs difference difference_ci95 sd sd_ci95"))


def power(study: dict) -> str:
    """Return how many paired seeds tell differences apart, one row an arm and difference."""
    return table(study["sweep_power"], "architecture recipe told_apart seeds pairs power")


def effects(study: dict) -> str:
    """Return the shares of the variance, the largest first, and what the factors leave."""
    keys = "factor levels share p best worst"
    return table(study["sweep_effects"], columns(keys) | {"gap": headed("gap", "Apart")})
