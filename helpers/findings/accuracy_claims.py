"""How claims about accuracies are decided: over seeds, by margins that stand here beforehand."""

from collections.abc import Callable

from helpers.core.old_results import where
from helpers.core.units import counted, points
from helpers.findings import seeds
from helpers.findings.report_2025 import ACCURACY_2025, ARCHITECTURE_2025, RECIPE_2025
from helpers.findings.verdicts import (
    CONFIRMED,
    EXPLAINED,
    NOT_REPRODUCED,
    REFUTED,
    UNDECIDED,
    Verdict,
    side,
)

# What the 2025 report takes for a difference between frameworks: a smaller one is none.
ACCURACY_MARGIN = 0.0025
# A seed alone "gives" a difference when at least this share of the pairs of seeds has it.
SEEDS_SHARE = 0.05


def reached(framework: str) -> Callable[[dict], Verdict]:
    """Return the rule that compares 2025's one run with the runs here.

    Both count the same test images, so they differ by the training alone: the accuracy of 2025 is
    held against the interval in which one further run from another seed falls (by Student's t).
    """

    def decide(results: dict) -> Verdict:
        kind = (framework, ARCHITECTURE_2025, RECIPE_2025)
        runs = seeds.accuracies(results["seeds"], *kind)
        mean, claimed = seeds.mean_accuracy(results["seeds"], *kind), ACCURACY_2025[framework]
        found = f"{mean:.2%} here, the mean of {counted(len(runs), 'seed')}."
        interval = seeds.prediction_ci95(list(runs.values()))
        if not interval:
            return UNDECIDED, f"{found} So few seeds do not tell how far two runs differ."
        low, high = interval
        found += f" In 95 of 100 cases one more run would reach {low:.2%} to {high:.2%}."
        place = side(interval, claimed - ACCURACY_MARGIN, claimed + ACCURACY_MARGIN)
        if place == "inside":
            return CONFIRMED, found
        if place is None:
            return UNDECIDED, (
                f"{found} That reaches into the margin of {100 * ACCURACY_MARGIN:.2f} points "
                f"around {claimed:.2%}, and beyond it."
            )
        epoch = _epoch_past(results, claimed, *kind)
        if place == "above" and epoch > 1:
            return EXPLAINED, (
                f"{found} The 2025 report does not say how long it trained. On the validation "
                f"images the training here passes {claimed:.2%} in epoch {epoch}, so a shorter one "
                "gives the accuracy of 2025."
            )
        return NOT_REPRODUCED, found

    return decide


def _epoch_past(
    results: dict, accuracy: float, framework: str, architecture: str, recipe: str
) -> int:
    """Return the first epoch whose validation accuracy is above `accuracy`, 0 without one."""
    kind = {"framework": framework, "architecture": architecture, "recipe": recipe}
    rows = where(results["history"], **kind)
    above = [row["epoch"] for row in rows if row["validation_accuracy"] > accuracy]
    return min(above, default=0)


def more_accurate(results: dict) -> Verdict:
    """Decide by paired seeds, with each framework's own defaults where they were trained so."""
    claimed = ACCURACY_2025["pytorch"] - ACCURACY_2025["tensorflow"]
    recipe = seeds.recipe_of_defaults(results["seeds"], ARCHITECTURE_2025, RECIPE_2025)
    paired = seeds.paired_difference(results["seeds"], ARCHITECTURE_2025, recipe)
    found = f"{points(100 * paired['mean'])} points here over {counted(paired['pairs'], 'pair')}"
    if paired["pairs"] < seeds.LEAST_SEEDS:
        return UNDECIDED, f"{found} of seeds. So few pairs say nothing about the frameworks."
    low, high = paired["ci95"]
    found += f" of seeds, 95 % interval {points(100 * low)} to {points(100 * high)}."
    if low <= 0 and high >= claimed:
        return UNDECIDED, found
    if high >= claimed >= low:
        return CONFIRMED, found
    share = seeds.share_apart(results["seeds"], ARCHITECTURE_2025, recipe, claimed)
    found += (
        f" Two seeds of one framework differ by {100 * claimed:.2f} points or more in {share:.0%} "
        "of the pairs."
    )
    return (EXPLAINED if high < claimed and share >= SEEDS_SHARE else REFUTED), found


def viable(results: dict) -> Verdict:
    """Decide by the lower accuracy of 2025, which both have to reach, and by the exports' gate."""
    least = min(ACCURACY_2025.values())
    kinds = [(name, ARCHITECTURE_2025, RECIPE_2025) for name in seeds.FRAMEWORKS]
    means = [seeds.mean_accuracy(results["seeds"], *kind) for kind in kinds]
    intervals = [
        seeds.mean_ci95(list(seeds.accuracies(results["seeds"], *kind).values())) for kind in kinds
    ]
    exports = where(results["exports"], precision="float32")
    refused = [row["id"] for row in exports if row["gate"] != "passed"]
    evidence = (
        f"Lowest mean accuracy {min(means):.2%}, where {least:.2%} is asked for, the lower one of "
        f"2025. {len(exports) - len(refused)} of {counted(len(exports), 'float32 export')} "
        f"{'passes' if len(exports) == 1 else 'pass'} the gate."
    )
    if refused or any(interval and interval[1] < least for interval in intervals):
        return REFUTED, evidence
    if any(not interval or interval[0] < least for interval in intervals):
        return UNDECIDED, evidence
    return CONFIRMED, evidence
