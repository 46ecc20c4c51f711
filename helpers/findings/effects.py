"""Which of the things that runs differ by decide their accuracy: an analysis of variance.

The share of a factor is what it adds to what all the others explain of the variance (sums of
squares of type II, Yates 1934; as a share, eta squared). It does not gain by what happens to stand
beside it in a grid with gaps. An F test holds it against the spread between runs that agree in all
factors: the seeds.
"""

import itertools
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

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
    accuracy = [row["test_accuracy"] for row in runs]
    combinations = [" ".join(own) for own in zip(*levels.values(), strict=True)]
    degrees = len(runs) - len(set(combinations))
    if not levels or not degrees or not np.ptp(accuracy):
        return []
    fitted = _fitted(levels, accuracy)
    squares = fitted.centered_tss
    # Of seeds that make no difference at all rounding is left.
    seed = max(_fitted({"run": combinations}, accuracy).ssr, np.finfo(float).eps * squares)
    found, nothing = [], dict.fromkeys(("p", "best", "worst", "gap"))
    for name, own in levels.items():
        others = _fitted({key: each for key, each in levels.items() if key != name}, accuracy)
        row = {"factor": name, "levels": len(set(own)), "share": 0.0, **nothing}
        free = row["levels"] - 1
        if fitted.df_model - others.df_model == free:
            gained = max(others.ssr - fitted.ssr, 0.0)
            p = f.sf(gained / free / (seed / degrees), free, degrees)
            row |= {"share": gained / squares, "p": float(p), **_gap(own, fitted.params, name)}
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


def _fitted(levels: dict[str, Sequence], accuracy: Sequence) -> Any:
    """Return the fit of accuracies by factors, as `statsmodels` makes it."""
    import pandas
    from statsmodels.formula.api import ols

    terms = " + ".join(f"C({name})" for name in levels) or "1"
    with warnings.catch_warnings():  # of factors that vary only together `effects` takes care
        warnings.simplefilter("ignore")
        return ols(f"accuracy ~ {terms}", pandas.DataFrame({**levels, "accuracy": accuracy})).fit()


def _gap(own: Sequence[str], parameters: Mapping[str, float], factor: str) -> dict:
    """Return the best and the worst level of a factor, and how far they are apart."""
    # The first level is what the others are above.
    above = {level: parameters.get(f"C({factor})[T.{level}]", 0.0) for level in sorted(set(own))}
    best, worst = (choose(above, key=above.get) for choose in (max, min))
    return {"best": best, "worst": worst, "gap": float(above[best] - above[worst])}
