"""The report's tables of models: seeds, exports, formats, frameworks against runtimes."""

import pandas as pd

from helpers import seeds
from helpers.model_sentences import TITLES
from helpers.report import table
from helpers.results import Missing
from helpers.runtimes import RUNTIMES
from helpers.tuning import CHOSEN
from helpers.units import duration, ratio

SCENARIOS = ("offline", "single_stream")
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
                "Test accuracy": _or_dash(row["test_accuracy"], ".2%"),
                "Lost": _points(_lost(row, sources)),
                "Same class as source": _or_dash(row["agreement"], ".2%"),
                "Largest logit difference": _or_dash(row["max_abs_logit_difference"], ".1e"),
                "McNemar p": _or_dash(row["mcnemar_p"], ".2g"),
                "Gate": row["gate"],
            }
            for row in results["exports"]
            if row["input"] == given
        ]
    )


def recalls_table(results: dict) -> str:
    """Return the recall of each class, one row a digit and one column a model, with intervals."""
    rows: dict[int, dict] = {}
    for row in results["recalls"]:
        low, high = row["ci95"]
        words = f"{row['recall']:.1%} ({100 * low:.1f}–{100 * high:.1f})"
        rows.setdefault(row["label"], {"Digit": row["label"], "Images": row["images"]})[
            row["model"]
        ] = words
    return table(list(rows.values()))


def disagreements_table(results: dict) -> str:
    """Return where the two frameworks' models of a network give different answers."""
    return table(
        [
            {
                "Network": row["network"],
                "Both right": row["both right"],
                "Only TensorFlow right": row["only first right"],
                "Only PyTorch right": row["only second right"],
                "Both wrong, alike": row["both wrong, alike"],
                "Both wrong, otherwise": row["both wrong, otherwise"],
                "McNemar p": f"{row['mcnemar_p']:.2g}",
            }
            for row in results["disagreements"]
        ]
    )


def formats_table(results: dict) -> str:
    """Return what each timed file costs: bytes, accuracy, time in both scenarios, all threads."""
    files = {row["id"]: row for row in [*results["models"], *results["exports"]]}
    found: dict[tuple, dict] = {}
    for row in _most_threads(results):
        if RUNTIMES[row["runtime"]].every_file:
            found.setdefault((row["model"], row["runtime"]), {})[row["scenario"]] = row
    return table(
        [
            {
                "File": model,
                "Runtime": RUNTIMES[runtime].title,
                "Bytes": f"{files[model]['bytes']:,}",
                "Test accuracy": f"{both['offline']['test_accuracy']:.2%}",
                "All test images": duration(both["offline"]["median_s"]),
                "in PyTorch's time": _or_dash(both["offline"].get("ratio"), ".2f"),
                "1 image": duration(both["single_stream"]["median_s"]),
                "in PyTorch's time ": _or_dash(both["single_stream"].get("ratio"), ".2f"),
            }
            for (model, runtime), both in found.items()
            if set(both) >= set(SCENARIOS)
        ]
    )


def cross_table(results: dict) -> str:
    """Return the time of the same network by who trained it (rows) and who runs it (columns)."""
    rows = [row for row in _most_threads(results) if row["precision"] == "float32"]
    lines = []
    for architecture in dict.fromkeys(row["architecture"] for row in rows):
        for scenario in SCENARIOS:
            for framework, title in TITLES.items():
                wanted = (architecture, scenario, framework)
                times = {
                    RUNTIMES[row["runtime"]].title: duration(row["median_s"])
                    for row in rows
                    if (row["architecture"], row["scenario"], row["framework"]) == wanted
                    and RUNTIMES[row["runtime"]].every_file
                }
                head = {"Network": architecture, "Scenario": scenario.replace("_", "-")}
                lines.append({**head, "Weights from": title, **times})
    return table(lines)


def cross_sentence(results: dict) -> str:
    """Return by how much other weights and another runtime change the time of the mlp offline."""
    offline = [
        row
        for row in _most_threads(results)
        if (row["scenario"], row["precision"], row["architecture"]) == ("offline", "float32", "mlp")
        and RUNTIMES[row["runtime"]].every_file
    ]
    by_runtime: dict[str, list[float]] = {}
    for row in offline:
        by_runtime.setdefault(row["runtime"], []).append(row["median_s"])
    pairs = [max(times) / min(times) for times in by_runtime.values() if len(times) > 1]
    if not pairs:
        return "The weights of only one framework were timed."
    medians = [sum(times) / len(times) for times in by_runtime.values()]
    return (
        f"With the mlp offline, other weights change a runtime's time by a factor of at most "
        f"{ratio(max(pairs))}, another runtime by up to {ratio(max(medians) / min(medians))}."
    )


def _most_threads(results: dict) -> list[dict]:
    threads = max((row["threads"] for row in results["latency"]), default=1)
    return [row for row in results["latency"] if row["threads"] == threads]


def _lost(row: dict, sources: dict[str, dict]) -> float | None:
    if row["test_accuracy"] is None:
        return None
    return sources[row["source"]]["test_accuracy"] - row["test_accuracy"]


def _points(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.2f} points"


def _or_dash(value: float | None, form: str) -> str:
    return "–" if value is None else f"{value:{form}}"
