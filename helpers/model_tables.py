"""The report's tables of the trained networks and their exports, as HTML."""

import pandas as pd

from helpers import seeds
from helpers.core.results import Missing
from helpers.core.units import duration
from helpers.model_sentences import TITLES
from helpers.report import or_dash, table
from helpers.training.tuning import CHOSEN

# What a row of `tuning` holds beside its recipe; there are no rows where nothing was tried.
TUNING_COLUMNS = ["architecture", "variant", "seed", "validation_accuracy"]


def seeds_table(results: dict) -> str:
    """Return one row a network, recipe and framework: runs, mean, standard deviation, time."""
    return table(
        [
            {
                "Network": row["architecture"],
                "Recipe": row["recipe"],
                "Framework": TITLES[row["framework"]],
                "Runs": row["runs"],
                "Mean test accuracy": f"{row['mean']:.2%}",
                "Standard deviation": _points(row["sd"]),
                "Training, mean": duration(row["train_seconds"]),
                "longest": duration(row["train_seconds_max"]),
            }
            for row in seeds.summary(results["seeds"])
        ]
    )


def history_table(history: pd.DataFrame) -> str:
    """Return loss and validation accuracy of every epoch, two columns a framework."""
    kinds = ["architecture", "recipe", "epoch"]
    return table(
        [
            {"Network": architecture, "Recipe": recipe, "Epoch": epoch}
            | {f"Loss, {TITLES[row.framework]}": f"{row.loss:.4f}" for row in own.itertuples()}
            | {
                f"Validation, {TITLES[row.framework]}": f"{row.validation_accuracy:.2%}"
                for row in own.itertuples()
            }
            for (architecture, recipe, epoch), own in history.groupby(kinds, sort=False)
        ]
    )


def runs_table(seeds: pd.DataFrame) -> str:
    """Return the test accuracy of every run, one row a seed and one column a framework."""
    return table(
        [
            {
                "Network": architecture,
                "Recipe": recipe,
                "Seed": seed,
                **{TITLES[row.framework]: f"{row.test_accuracy:.2%}" for row in own.itertuples()},
            }
            for (architecture, recipe, seed), own in seeds.groupby(
                ["architecture", "recipe", "seed"], sort=False
            )
        ]
    )


def twins_table(twins: pd.DataFrame) -> str:
    """Return both losses of each epoch and the largest differences of losses and weights."""
    return table(
        [
            {
                "Epoch": row.epoch,
                **{f"Loss, {TITLES[n]}": f"{getattr(row, f'{n}_loss'):.5f}" for n in TITLES},
                "Difference": f"{row.loss_difference:.1e}",
                "Largest difference of a weight": f"{row.weight_difference:.1e}",
            }
            for row in twins.itertuples()
        ]
    )


def pairs_table(results: dict) -> str:
    """Return PyTorch's accuracy less TensorFlow's over paired seeds, one row a kind."""
    rows = []
    for architecture, recipe in seeds.kinds(results["seeds"]):
        try:
            paired = seeds.paired_difference(results["seeds"], architecture, recipe)
        except Missing:
            continue
        interval = paired["ci95"]
        rows.append(
            {
                "Network": architecture,
                "Recipe": recipe,
                "Pairs": paired["pairs"],
                "PyTorch less TensorFlow": f"{100 * paired['mean']:+.2f} points",
                "95 % interval": f"{100 * interval[0]:+.2f} to {100 * interval[1]:+.2f}"
                if interval
                else "–",
                "Standard deviation": _points(paired["sd"]),
            }
        )
    return table(rows)


def tuning_table(results: dict) -> str:
    """Return what each try for the strong recipes gave on the validation images."""
    trials, rows = pd.DataFrame(results["tuning"], columns=TUNING_COLUMNS), []
    for architecture, own in trials.groupby("architecture", sort=False):
        means = own.groupby("variant", sort=False)["validation_accuracy"].mean()
        rows += [
            {
                "Network": architecture,
                "Change": variant,
                "Runs": int((own["variant"] == variant).sum()),
                "Mean validation accuracy": f"{mean:.2%}",
                "Gained": "–"
                if variant == CHOSEN
                else f"{100 * (mean - means[CHOSEN]):+.2f} points",
            }
            for variant, mean in means.items()
        ]
    return table(rows) if rows else ""


def exports_table(results: dict, given: str) -> str:
    """Return one row an export that takes `given` images ("scaled" or "pixels").

    Size, accuracy, agreement with its source, gate.
    """
    sources = {row["id"]: row for row in results["models"]}
    return table(
        [
            {
                "Export": row["id"],
                "Bytes": f"{row['bytes']:,}",
                "of float32": f"{row['bytes'] / (4 * sources[row['source']]['parameters']):.2f}",
                "Test accuracy": or_dash(row["test_accuracy"], "{:.2%}".format),
                "Lost, points": _lost(row, sources),
                "Same class as source": or_dash(row["agreement"], "{:.2%}".format),
                "Largest logit difference": or_dash(
                    row["max_abs_logit_difference"], "{:.1e}".format
                ),
                "McNemar p": or_dash(row["mcnemar_p"], "{:.2g}".format),
                "Gate": row["gate"],
            }
            for row in results["exports"]
            if row["input"] == given
        ]
    )


def _lost(row: dict, sources: dict[str, dict]) -> str:
    if row["test_accuracy"] is None:
        return "–"
    return f"{100 * (sources[row['source']]['test_accuracy'] - row['test_accuracy']):.2f}"


def _points(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.2f} points"
