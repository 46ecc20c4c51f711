"""What the runs from several seeds say: the spread of each framework, and their paired difference.

A pair is one seed: both frameworks take the same batches and, but for their defaults, start from
the same weights.
"""

import itertools
import statistics
from collections.abc import Sequence

import numpy as np

from helpers.core.old_results import Missing, where

# Fewer seeds tell neither an interval nor a difference.
LEAST_SEEDS = 3
# The frameworks, as a reader calls them.
FRAMEWORKS = {"tensorflow": "TensorFlow", "pytorch": "PyTorch"}


def accuracies(seeds: list[dict], framework: str, architecture: str, recipe: str) -> dict:
    """Return {seed: test accuracy} of the runs of a kind. Raises Missing when there are none."""
    found = where(seeds, framework=framework, architecture=architecture, recipe=recipe)
    if not found:
        raise Missing(f"no {architecture} by the {recipe} recipe in {framework}")
    return {row["seed"]: row["test_accuracy"] for row in found}


def mean_accuracy(seeds: list[dict], *kind: str) -> float:
    """Return the mean test accuracy of the runs of a kind, as `accuracies` chooses them."""
    return statistics.fmean(accuracies(seeds, *kind).values())


def kinds(seeds: list[dict]) -> list[tuple[str, str]]:
    """Return the (architecture, recipe) pairs that were trained, in the order of training."""
    return list(dict.fromkeys((row["architecture"], row["recipe"]) for row in seeds))


def main_kind(seeds: list[dict]) -> tuple[str, str]:
    """Return architecture and recipe of the first training. Raises Missing when there is none."""
    if not seeds:
        raise Missing("no network was trained")
    return seeds[0]["architecture"], seeds[0]["recipe"]


def summary(seeds: list[dict]) -> list[dict]:
    """Return one row a framework and kind: runs, mean accuracy, its interval, the deviation."""
    rows = []
    for (architecture, recipe), framework in itertools.product(kinds(seeds), FRAMEWORKS):
        kind = {"architecture": architecture, "recipe": recipe, "framework": framework}
        own = where(seeds, **kind)
        if own:
            found, seconds = ([r[key] for r in own] for key in ("test_accuracy", "train_seconds"))
            rows.append(
                {
                    **kind,
                    "runs": len(own),
                    "mean": float(np.mean(found)),
                    "mean_ci95": mean_ci95(found),
                    "sd": float(np.std(found, ddof=1)) if len(own) > 1 else None,
                    "train_seconds": float(np.mean(seconds)),
                    "train_seconds_max": max(seconds),
                }
            )
    return rows


def paired_difference(seeds: list[dict], architecture: str, recipe: str) -> dict:
    """Return PyTorch's accuracy less TensorFlow's over the seeds both have.

    {pairs, mean, sd, ci95}: a paired t interval, None from fewer than `LEAST_SEEDS` pairs;
    frameworks are compared over seeds, not over the images of one run (Bouthillier et al. 2021).
    """
    first, second = (accuracies(seeds, name, architecture, recipe) for name in FRAMEWORKS)
    if not first.keys() & second.keys():
        raise Missing(f"no seed of the {architecture} in both frameworks")
    return difference(first, second)


def difference(first: dict, second: dict) -> dict:
    """Return the second accuracies less the first over the keys both have, of which there is one.

    {pairs, mean, sd, ci95}, as in `paired_difference`.
    """
    both = sorted(first.keys() & second.keys())
    differences = np.array([second[key] - first[key] for key in both])
    return {
        "pairs": len(both),
        "mean": float(differences.mean()),
        "sd": float(differences.std(ddof=1)) if len(both) > 1 else None,
        "ci95": mean_ci95(differences),
    }


def mean_ci95(found: Sequence[float]) -> list[float] | None:
    """Return the 95 % interval of the mean over seeds (Student's t), None from too few."""
    return _t_interval(found, 1 / len(found))


def prediction_ci95(found: Sequence[float]) -> list[float] | None:
    """Return where one further run from another seed falls in 95 of 100 cases (Student's t).

    None from too few seeds.
    """
    return _t_interval(found, 1 + 1 / len(found))


def _t_interval(found: Sequence[float], variance: float) -> list[float] | None:
    """Return the t interval around the mean, `variance` in units of that of one run."""
    if len(found) < LEAST_SEEDS:
        return None
    from scipy import stats

    half = stats.t.ppf(0.975, len(found) - 1) * np.std(found, ddof=1) * variance**0.5
    return [float(np.mean(found) - half), float(np.mean(found) + half)]


def share_apart(seeds: list[dict], architecture: str, recipe: str, difference: float) -> float:
    """Return in which share of the pairs of seeds one framework's runs differ by `difference`.

    Of both frameworks' pairs; `difference` is a share of the images, reached or exceeded. Raises
    Missing when there is no pair.
    """
    gaps = [
        abs(first - second)
        for name in FRAMEWORKS
        for first, second in itertools.combinations(
            accuracies(seeds, name, architecture, recipe).values(), 2
        )
    ]
    if not gaps:
        raise Missing("no framework has two seeds")
    # Accuracies are shares of whole images: 0.0025 less a rounding error is 0.0025.
    return sum(gap > difference - 1e-9 for gap in gaps) / len(gaps)


def expected_apart(seeds: list[dict], architecture: str, recipe: str, difference: float) -> float:
    """Return the `share_apart` that normal distributions as wide as the seeds' expect.

    Their variance is the mean of the two frameworks'. Raises Missing from fewer than `LEAST_SEEDS`.
    """
    from scipy import stats

    runs = [list(accuracies(seeds, name, architecture, recipe).values()) for name in FRAMEWORKS]
    if min(map(len, runs)) < LEAST_SEEDS:
        raise Missing(f"fewer than {LEAST_SEEDS} seeds")
    of_a_difference = np.sqrt(2 * np.mean([np.var(own, ddof=1) for own in runs]))
    return float(2 * stats.norm.sf(difference / of_a_difference)) if of_a_difference else 0.0


def recipe_of_defaults(seeds: list[dict], architecture: str, recipe: str) -> str:
    """Return the recipe that leaves each framework its defaults, `recipe` where none ran by it."""
    return "defaults" if where(seeds, architecture=architecture, recipe="defaults") else recipe
