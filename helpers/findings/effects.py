"""Which of the things that runs differ by decide their accuracy: shares of its variance.

The share of a factor is what it adds to the explained variance, as the mean over all orders in
which the factors can be taken (Lindeman, Merenda, Gold 1980; Grömping 2007). The shares, what only
combinations explain and what is left to the seed add up to the whole, in grids with gaps too.
"""

import itertools
import math
from collections.abc import Collection, Sequence

import numpy as np

# Of a number that has more values, as in a random search, four classes with as many runs each.
MOST_LEVELS = 8
CLASSES = 4
TOGETHER, SEED = "combinations", "seed"
# The factors as a reader calls them.
TITLES = {
    "framework": "framework",
    "architecture": "network",
    "recipe": "recipe",
    "epochs": "number of epochs",
    "batch_size": "batch size",
    "learning_rate": "learning rate",
    "train_images": "number of training images",
    "threads": "number of threads",
    TOGETHER: "combinations of these",
    SEED: "seed",
}


def effects(runs: list[dict], factors: Sequence[str]) -> list[dict]:
    """Return one row for each of `factors` that varies, the largest share first, then the rest.

    {factor, levels, share, by_chance, best, worst, gap}: `by_chance` is the share that a factor
    without effect stays below in 95 of 100 cases; `gap` is how far the mean accuracies of the best
    and the worst level are apart, the other factors alike. TOGETHER is what combinations of levels
    explain beyond that, SEED what differs between runs of one combination. No rows where no
    combination has two runs, or all accuracies are one. A factor that never varies alone has a
    share, but no levels that could be compared.
    """
    levels = {name: own for name in factors if len(set(own := _levels(runs, name))) > 1}
    accuracy = np.array([row["test_accuracy"] for row in runs])
    combinations = list(zip(*levels.values(), strict=True))
    if not levels or len(set(combinations)) == len(runs) or not np.ptp(accuracy):
        return []
    of = {
        some: _explained([levels[name] for name in some], accuracy)
        for count in range(len(levels) + 1)
        for some in itertools.combinations(levels, count)
    }
    found = [
        {
            "factor": name,
            "levels": len(set(own)),
            "share": max(_share(name, of), 0.0),  # no rounding error below nothing
            "by_chance": _by_chance(len(set(own)), len(runs)),
            **_gap(name, levels, accuracy),
        }
        for name, own in levels.items()
    ]
    found.sort(key=lambda row: -row["share"])
    alone, all_of_it = of[tuple(levels)], _explained([combinations], accuracy)
    rest = {TOGETHER: all_of_it - alone, SEED: 1 - all_of_it}
    nothing = dict.fromkeys(("levels", "by_chance", "best", "worst", "gap"))
    return found + [
        {"factor": name, "share": max(share, 0.0), **nothing} for name, share in rest.items()
    ]


def _levels(runs: list[dict], factor: str) -> list[str]:
    """Return the level of each run as text; of many numbers the class that a run falls into."""
    values = [row[factor] for row in runs]
    if isinstance(values[0], str) or len(set(values)) <= MOST_LEVELS:
        return [value if isinstance(value, str) else f"{value:g}" for value in values]
    edges = np.quantile(values, np.linspace(0, 1, CLASSES + 1))
    names = [f"{low:.2g} to {high:.2g}" for low, high in itertools.pairwise(edges)]
    return [names[min(place, CLASSES - 1)] for place in np.searchsorted(edges[1:], values)]


def _design(factors: Collection[Sequence]) -> np.ndarray:
    """Return a column for each level of each factor but its first: 1 in the runs that have it."""
    named = [(own, name) for own in factors for name in list(dict.fromkeys(own))[1:]]
    return np.array([[level == name for level in own] for own, name in named], float).T


def _fit(factors: Collection[Sequence], accuracy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least-squares coefficients of the levels, and what they leave of the accuracy."""
    design = np.column_stack([np.ones(len(accuracy)), _design(factors)])
    found = np.linalg.lstsq(design, accuracy)[0]
    return found[1:], accuracy - design @ found


def _explained(factors: Collection[Sequence], accuracy: np.ndarray) -> float:
    """Return the share of the variance that factors explain (R squared)."""
    if not factors:
        return 0.0
    _, left = _fit(factors, accuracy)
    return float(1 - np.var(left) / np.var(accuracy))


def _share(name: str, of: dict[tuple, float]) -> float:
    """Return the mean gain of a factor over all orders; `of` is the explained share of each set."""
    names = max(of, key=len)
    orders = math.factorial(len(names))
    gained = 0.0
    for before in of:
        if name not in before:
            after = tuple(each for each in names if each in (*before, name))
            ways = math.factorial(len(before)) * math.factorial(len(names) - len(before) - 1)
            gained += ways / orders * (of[after] - of[before])
    return gained


def _by_chance(levels: int, runs: int) -> float:
    """Return the 95 % quantile of the share of a factor that explains nothing (a beta law)."""
    from scipy import stats

    return float(stats.beta.ppf(0.95, (levels - 1) / 2, (runs - levels) / 2))


def _gap(name: str, levels: dict[str, list[str]], accuracy: np.ndarray) -> dict:
    """Return the best and the worst level of a factor, and how far they are apart."""
    others = [own for other, own in levels.items() if other != name]
    names = list(dict.fromkeys(levels[name]))
    rank, without = (np.linalg.matrix_rank(_design(each)) for each in (levels.values(), others))
    if rank - without < len(names) - 1:
        return dict.fromkeys(("best", "worst", "gap"))
    found, _ = _fit([levels[name], *others], accuracy)
    above_first = dict(zip(names, [0.0, *found[: len(names) - 1]], strict=True))
    best, worst = (choose(above_first, key=above_first.get) for choose in (max, min))
    return {"best": best, "worst": worst, "gap": float(above_first[best] - above_first[worst])}
