"""What the runs from several seeds say: the spread of each framework, and their paired difference.

A pair is one seed: both frameworks start from the same weights and take the same batches.
"""

import numpy as np

from helpers.core.results import Missing

# The frameworks, as a reader calls them.
FRAMEWORKS = {"tensorflow": "TensorFlow", "pytorch": "PyTorch"}


def accuracies(seeds: list[dict], framework: str, architecture: str, recipe: str) -> dict:
    """Return {seed: test accuracy} of the runs of a kind. Raises Missing when there are none."""
    wanted = (framework, architecture, recipe)
    found = {
        row["seed"]: row["test_accuracy"]
        for row in seeds
        if (row["framework"], row["architecture"], row["recipe"]) == wanted
    }
    if not found:
        raise Missing(f"no {architecture} by the {recipe} recipe in {framework}")
    return found


def kinds(seeds: list[dict]) -> list[tuple[str, str]]:
    """Return the (architecture, recipe) pairs that were trained, in the order of training."""
    return list(dict.fromkeys((row["architecture"], row["recipe"]) for row in seeds))


def summary(seeds: list[dict]) -> list[dict]:
    """Return one row a framework and kind: runs, mean and standard deviation of the accuracy."""
    rows = []
    for architecture, recipe in kinds(seeds):
        for framework in FRAMEWORKS:
            found = list(accuracies(seeds, framework, architecture, recipe).values())
            own = [
                row["train_seconds"]
                for row in seeds
                if (row["framework"], row["architecture"], row["recipe"])
                == (framework, architecture, recipe)
            ]
            rows.append(
                {
                    "architecture": architecture,
                    "recipe": recipe,
                    "framework": framework,
                    "runs": len(found),
                    "mean": float(np.mean(found)),
                    "sd": float(np.std(found, ddof=1)) if len(found) > 1 else None,
                    "train_seconds": float(np.mean(own)),
                    "train_seconds_max": float(np.max(own)),
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
