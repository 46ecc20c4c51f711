"""What the runs from several seeds say: the spread of each framework, and their paired difference.

A pair is one seed: both frameworks start from the same weights and take the same batches.
"""

import itertools
import statistics
from collections.abc import Sequence

import numpy as np

from helpers.core.results import Missing, where

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
    """Return one row a framework and kind: runs, mean and standard deviation of the accuracy."""
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
                    "sd": float(np.std(found, ddof=1)) if len(own) > 1 else None,
                    "train_seconds": float(np.mean(seconds)),
                    "train_seconds_max": max(seconds),
                }
            )
    return rows


def paired_difference(seeds: list[dict], architecture: str, recipe: str) -> dict:
    """Return PyTorch's accuracy less TensorFlow's over the seeds both have.

    {pairs, mean, sd, ci95}: a paired t interval, None with fewer than two pairs; frameworks are
    compared over seeds, not over the images of one run (Bouthillier et al. 2021).
    """
    first, second = (accuracies(seeds, name, architecture, recipe) for name in FRAMEWORKS)
    both = sorted(first.keys() & second.keys())
    if not both:
        raise Missing(f"no seed of the {architecture} in both frameworks")
    differences = np.array([second[seed] - first[seed] for seed in both])
    row = {"pairs": len(both), "mean": float(differences.mean()), "sd": None, "ci95": None}
    if len(both) > 1:
        from scipy import stats

        error = stats.sem(differences)
        row["sd"] = float(differences.std(ddof=1))
        # Without any spread the interval is the mean itself.
        row["ci95"] = (
            list(stats.t.interval(0.95, len(both) - 1, differences.mean(), error))
            if error
            else [row["mean"]] * 2
        )
    return row


# Fewer seeds tell nothing about how far two runs differ.
LEAST_SEEDS = 3


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

    Of both frameworks' pairs; `difference` is a share of the images, reached or exceeded.
    """
    gaps = [
        abs(first - second)
        for name in FRAMEWORKS
        for first, second in itertools.combinations(
            accuracies(seeds, name, architecture, recipe).values(), 2
        )
    ]
    return sum(gap >= difference for gap in gaps) / len(gaps)


def recipe_of_defaults(seeds: list[dict], architecture: str, recipe: str) -> str:
    """Return the recipe that leaves each framework its defaults, `recipe` where none ran by it."""
    return "defaults" if where(seeds, architecture=architecture, recipe="defaults") else recipe
