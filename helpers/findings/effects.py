"""Which of the things that runs differ by decide their accuracy: an analysis of variance.

The share of a factor is what it adds to what all the others explain of the variance (sums of
squares of type II, Yates 1934; as a share, eta squared). It does not gain by what happens to stand
beside it in a grid with gaps. An F test holds it against the spread between runs that agree in all
factors: the seeds.
"""

import itertools
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

    {factor, levels, share, p, best, worst, gap}: `p` is that of the F test; `gap` is how far the
    mean accuracies of the best and the worst level are apart, the other factors alike. A factor
    that never varies alone has no share of its own and none of these. TOGETHER is what levels
    explain beyond these shares, SEED what differs between runs of one combination. No rows where no
    combination has two runs, or all accuracies are one.
    """
    from scipy.stats import f

    levels = {name: own for name in factors if len(set(own := _levels(runs, name))) > 1}
    accuracy = np.array([row["test_accuracy"] for row in runs])
    combinations = list(zip(*levels.values(), strict=True))
    degrees = len(runs) - len(set(combinations))
    if not levels or not degrees or not np.ptp(accuracy):
        return []
    squares = len(runs) * np.var(accuracy)
    # Of seeds that make no difference at all rounding is left.
    seed = max(_left([combinations], accuracy), np.finfo(float).eps * squares)
    found, nothing = [], dict.fromkeys(("p", "best", "worst", "gap"))
    for name, own in levels.items():
        others = [each for other, each in levels.items() if other != name]
        row = {"factor": name, "levels": len(set(own)), "share": 0.0, **nothing}
        if _rank([own, *others], len(runs)) - _rank(others, len(runs)) == row["levels"] - 1:
            gained = max(_left(others, accuracy) - _left(levels.values(), accuracy), 0.0)
            beside = gained / (row["levels"] - 1) / (seed / degrees)
            row |= {"share": gained / squares, "p": float(f.sf(beside, row["levels"] - 1, degrees))}
            row |= _gap(own, others, accuracy)
        found.append(row)
    found.sort(key=lambda row: -row["share"])
    shares = {SEED: seed / squares}
    shares = {TOGETHER: max(1 - shares[SEED] - sum(row["share"] for row in found), 0.0)} | shares
    rest = [{"factor": name, "levels": None, "share": own} for name, own in shares.items()]
    return found + [row | nothing for row in rest]


def _levels(runs: list[dict], factor: str) -> list[str]:
    """Return the level of each run as text; of many numbers the class that a run falls into."""
    values = [row[factor] for row in runs]
    if isinstance(values[0], str) or len(set(values)) <= MOST_LEVELS:
        return [value if isinstance(value, str) else f"{value:g}" for value in values]
    edges = np.quantile(values, np.linspace(0, 1, CLASSES + 1))
    names = [f"{low:.2g} to {high:.2g}" for low, high in itertools.pairwise(edges)]
    return [names[min(place, CLASSES - 1)] for place in np.searchsorted(edges[1:], values)]


def _design(factors: Collection[Sequence], runs: int) -> np.ndarray:
    """Return a column of ones, and one for each level of each factor but its first."""
    named = [(own, name) for own in factors for name in list(dict.fromkeys(own))[1:]]
    columns = [[level == name for level in own] for own, name in named]
    return np.array([runs * [True], *columns], float).T


def _rank(factors: Collection[Sequence], runs: int) -> int:
    return int(np.linalg.matrix_rank(_design(factors, runs)))


def _left(factors: Collection[Sequence], accuracy: np.ndarray) -> float:
    """Return the sum of squares that the best fit by the factors leaves."""
    design = _design(factors, len(accuracy))
    return float(np.sum((accuracy - design @ np.linalg.lstsq(design, accuracy)[0]) ** 2))


def _gap(own: Sequence[str], others: list[Sequence], accuracy: np.ndarray) -> dict:
    """Return the best and the worst level of a factor, and how far they are apart."""
    found = np.linalg.lstsq(_design([own, *others], len(accuracy)), accuracy)[0]
    names = list(dict.fromkeys(own))
    above_first = dict(zip(names, [0.0, *found[1 : len(names)]], strict=True))
    best, worst = (choose(above_first, key=above_first.get) for choose in (max, min))
    return {"best": best, "worst": worst, "gap": float(above_first[best] - above_first[worst])}
