"""What many runs of a sweep say of seeds: their spread, paired differences, how many it takes.

A setting is a network with all that decides its training but framework and seed. The arm of a
network and recipe is the setting with the most pairs: the one to compare the frameworks by. What
the settings differ by is in `effects`.
"""

import bisect
import json

import numpy as np

from helpers.core import sweeps
from helpers.core.old_results import Missing, where
from helpers.findings import effects
from helpers.findings.seeds import FRAMEWORKS, LEAST_SEEDS, mean_ci95, paired_difference
from helpers.training import recipes

SETTING = (
    *("architecture", "recipe", "epochs", "batch_size", "learning_rate"),
    *("train_images", "threads"),
)
RUN = (
    *("key", *SETTING, "framework", "seed", "status", "reason", "attempts"),
    *("test_accuracy", "validation_accuracy"),
)
# What the runs were made with; those that agree in it are counted together.
MADE = ("cpu", "cores", "os", "python", "packages", "git_commit")
# Differences of accuracies, as shares, and how often a study is to find one that is there.
TOLD_APART = (0.0025, 0.001, 0.0005)
POWER, SIGNIFICANCE = 0.8, 0.05


def rows(dataset_sha256: str) -> list[dict]:
    """Return the rows of the sweep that trained on these images; none while none has finished.

    They are in the order of settings, frameworks and seeds. Raises LabError for a row that cannot
    be read.
    """
    found = where(sweeps.read(), dataset_sha256=dataset_sha256)
    if not where(found, status=sweeps.FINISHED):
        return []
    return sorted(found, key=_place)


def _place(row: dict) -> tuple:
    names = recipes.NAMES.index(row["recipe"]), list(FRAMEWORKS).index(row["framework"])
    numbers = (row[key] for key in SETTING[2:])
    return row["architecture"], names[0], *numbers, names[1], row["seed"]


def read(dataset_sha256: str) -> list[dict]:
    """Return `rows`. Raises Missing, with how to make a sweep, when there is none."""
    found = rows(dataset_sha256)
    if not found:
        raise Missing(
            f"no sweep of these images is in {sweeps.folder().name}/ of the artifacts: "
            "`make sweep` trains one, then run this notebook again"
        )
    return found


def tables(rows: list[dict]) -> dict[str, list[dict]]:
    """Return the tables of results.json that follow from the `rows` of a sweep."""
    runs = where(rows, status=sweeps.FINISHED)
    compared = pairs(runs)
    return {
        "sweep_runs": [{key: row[key] for key in RUN} for row in rows],
        "sweep_made": made(runs),
        "sweep_spread": spread(runs),
        "sweep_pairs": compared,
        "sweep_power": [row for arm in compared for row in power_rows(arm)],
        "sweep_effects": effects.effects(runs, ("framework", *SETTING)),
    }


def made(runs: list[dict]) -> list[dict]:
    """Return on what and with what runs were made, one row a kind: {runs, first, last, …}.

    `first` and `last` are the starts of its first and its last run, in UTC.
    """
    kinds: dict[tuple, list[str]] = {}
    for row in runs:
        kinds.setdefault(tuple(row[key] for key in MADE), []).append(row["started"])
    found = [
        {**dict(zip(MADE, kind, strict=True)), "runs": len(started)}
        | {"first": min(started), "last": max(started)}
        for kind, started in kinds.items()
    ]
    return [row | {"packages": json.loads(row["packages"])} for row in found]


def settings(runs: list[dict]) -> list[dict]:
    """Return the settings of runs, each once, in their order."""
    found = dict.fromkeys(tuple(row[key] for key in SETTING) for row in runs)
    return [dict(zip(SETTING, values, strict=True)) for values in found]


def spread(runs: list[dict]) -> list[dict]:
    """Return one row a setting and framework: runs, mean, deviation, their intervals, range."""
    kinds = [
        {**setting, "framework": framework}
        for setting in settings(runs)
        for framework in FRAMEWORKS
    ]
    found = []
    for kind in kinds:
        own = [row["test_accuracy"] for row in where(runs, **kind)]
        if own:
            deviation = float(np.std(own, ddof=1)) if len(own) > 1 else None
            found.append(
                {
                    **kind,
                    "runs": len(own),
                    "mean": float(np.mean(own)),
                    "mean_ci95": mean_ci95(own),
                    "sd": deviation,
                    "accuracy_range": [min(own), max(own)],
                }
            )
    return found


def arms(runs: list[dict]) -> list[dict]:
    """Return of each network and recipe the setting with the most pairs, the first of equal ones.

    Of equal numbers of pairs those of runs decide.
    """
    most: dict[tuple, tuple[tuple[int, int], dict]] = {}
    for setting in settings(runs):
        own = where(runs, **setting)
        seeds = [{row["seed"] for row in where(own, framework=name)} for name in FRAMEWORKS]
        count = len(set.intersection(*seeds)), len(own)
        kind = setting["architecture"], setting["recipe"]
        if kind not in most or count > most[kind][0]:
            most[kind] = count, setting
    return [setting for _, setting in most.values()]


def runs_of_arms(runs: list[dict]) -> list[dict]:
    """Return the finished runs of the arms."""
    finished = where(runs, status=sweeps.FINISHED)
    return [row for arm in arms(finished) for row in where(finished, **arm)]


def pairs(runs: list[dict]) -> list[dict]:
    """Return one row an arm: PyTorch's accuracy less TensorFlow's over the seeds both have.

    An arm without a pair has none. `sd` is that of the differences; its interval comes from the
    chi-squared distribution. Neither is there from too few pairs.
    """
    found = []
    for arm in arms(runs):
        try:
            own = paired_difference(where(runs, **arm), arm["architecture"], arm["recipe"])
        except Missing:
            continue
        difference = {"difference": own["mean"], "difference_ci95": own["ci95"]}
        deviation = {"sd": own["sd"], "sd_ci95": _sd_ci95(own["sd"], own["pairs"])}
        found.append({**arm, "pairs": own["pairs"], **difference, **deviation})
    return found


def _sd_ci95(sd: float | None, pairs: int) -> list[float] | None:
    """Return the 95 % interval of a deviation from so many normal values, None from too few."""
    if sd is None or pairs < LEAST_SEEDS:
        return None
    from scipy import stats

    least, most = stats.chi2.ppf([0.025, 0.975], pairs - 1)
    return [float(sd * ((pairs - 1) / edge) ** 0.5) for edge in (most, least)]


def power(difference: float, sd: float, pairs: int) -> float:
    """Return how often a paired t test over so many seeds finds a true `difference` (two-sided)."""
    from statsmodels.stats.power import TTestPower

    found = TTestPower().power(difference / sd, pairs, SIGNIFICANCE)
    return float(np.nan_to_num(found, nan=1.0))  # SciPy's answer where it is as good as certain


def pairs_needed(difference: float, sd: float) -> int:
    """Return from how many paired seeds on the `power` is at least POWER."""
    enough = LEAST_SEEDS
    while power(difference, sd, enough) < POWER:
        enough *= 2
    return bisect.bisect_left(
        range(enough), POWER, lo=LEAST_SEEDS, key=lambda pairs: power(difference, sd, pairs)
    )


def power_rows(arm: dict) -> list[dict]:
    """Return for each difference of TOLD_APART how many paired seeds tell it apart.

    `arm` is a row of `pairs`. `seeds_range` holds what the ends of the deviation's interval need,
    `power` is that of the pairs which are there. No rows where the differences tell no deviation.
    """
    if not arm["sd_ci95"] or not arm["sd"]:
        return []
    return [
        {
            **{key: arm[key] for key in (*SETTING, "pairs", "sd")},
            "told_apart": difference,
            "seeds": pairs_needed(difference, arm["sd"]),
            "seeds_range": [pairs_needed(difference, end) for end in arm["sd_ci95"]],
            "power": power(difference, arm["sd"], arm["pairs"]),
        }
        for difference in TOLD_APART
    ]
