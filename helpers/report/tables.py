"""The tables of the report, as HTML."""

from collections.abc import Callable
from html import escape

import numpy as np
import pandas as pd

from helpers.benchmark.runtimes import RUNTIMES
from helpers.benchmark.timers_2025 import FAIR, FORWARD
from helpers.core.results import Missing, main_rows, one, timed
from helpers.core.units import duration, megabytes, ratio, times
from helpers.findings import report_2025, seeds, sentences
from helpers.findings.report_2025 import ACCURACY_2025
from helpers.findings.sentences import TITLES, interval
from helpers.training.tuning import CHOSEN


def table(rows: list[dict] | pd.DataFrame) -> str:
    """Return rows as an HTML table without an index; what a row lacks is a dash."""
    return pd.DataFrame(rows).to_html(index=False, border=0, escape=True, na_rep="–")


def or_dash(value: float | None, show: Callable[[float], str]) -> str:
    """Return what `show` makes of a number, or a dash when there is none."""
    return "–" if pd.isna(value) else show(value)


def in_baseline_times(row: dict) -> str:
    """Return a row's ratio to the baseline with its interval, and whether the two are tied."""
    if pd.isna(row.get("ratio")):
        return "–"
    low, high = row["ratio_ci95"]
    if low == high:  # the baseline itself
        return ratio(row["ratio"])
    tied = ", tied" if low <= 1 <= high else ""
    return f"{ratio(row['ratio'])} ({ratio(low)}–{ratio(high)}){tied}"


def results_table(results: dict) -> str:
    """Return one row a runtime: accuracy from the calls that were timed, and both scenarios."""
    images = results["run"]["dataset"]["test"]
    rows = []
    for offline in main_rows(results["latency"], "offline"):
        single = timed(results, offline["runtime"], "single_stream")
        accuracy = offline["test_accuracy"]
        rows.append(
            {
                "Runtime": RUNTIMES[offline["runtime"]].title,
                "Test accuracy": f"{accuracy:.2%}",
                "95 % interval": interval(accuracy, images),
                f"{images:,} images": duration(offline["median_s"]),
                "in PyTorch's time": in_baseline_times(offline),
                "1 image": duration(single["median_s"]),
                "in PyTorch's time ": in_baseline_times(single),
            }
        )
    names = list(RUNTIMES)
    titles = [RUNTIMES[name].title for name in names]
    return table(sorted(rows, key=lambda row: titles.index(row["Runtime"])))


def latency_table(rows: list[dict]) -> str:
    """Return rows of `latency`, fastest first: interval, percentiles, ratio, flags."""
    return table(
        [
            {
                "Runtime": RUNTIMES[row["runtime"]].title,
                "Threads": row["threads"],
                "Median": duration(row["median_s"]),
                "95 % interval": "–".join(map(duration, row["ci95_s"])),
                "p90": or_dash(row["p90_s"], duration),
                "p99": or_dash(row["p99_s"], duration),
                "in PyTorch's time": in_baseline_times(row),
                "Cores busy": f"{row['cpu_per_wall']:.2f}",
                "Flags": ", ".join(row["flags"]) or "–",
            }
            for row in sorted(rows, key=lambda row: (-row["threads"], row["median_s"]))
        ]
    )


def sweep_table(images_per_s: pd.DataFrame) -> str:
    """Return images a second, one row a runtime (the index) and one column a batch size."""
    return table(
        [
            {
                "Runtime": RUNTIMES[name].title,
                **{f"{n:,} a call": f"{v:,.0f}" for n, v in own.items()},
            }
            for name, own in images_per_s.iterrows()
        ]
    )


def noise_table(results: dict) -> str:
    """Return what the baseline gives beside itself (A/A): no smaller difference means anything."""
    return table(
        [
            {
                "Scenario": row["scenario"].replace("_", "-"),
                "Threads": row["threads"],
                "Measured again / measured": in_baseline_times(row),
                "Processes": row["processes"],
            }
            for row in results["noise_floor"]
            if row["scenario"] != "sweep"
        ]
    )


def failures_table(results: dict) -> str:
    """Return what could not be measured and why; a sentence when there is nothing."""
    if not results["failures"]:
        return "<p>Every process that was planned was measured.</p>"
    return table(
        [
            {
                "Runtime": row["runtime"],
                "Threads": row.get("threads", "–"),
                "What happened": f"{row['what']}: {row['reason']}",
                "Attempts": row.get("attempts", 1),
                "Processes measured": row.get("processes_measured", 0),
            }
            for row in results["failures"]
        ]
    )


def table_2025(results: dict) -> str:
    """Return the 2025 report's table with this run's numbers beside it, by its own protocol."""
    rows = []
    for name, seconds in report_2025.SECONDS_2025.items():
        framework = "pytorch" if name == "onnxruntime" else name
        try:
            row = one(results["protocols"], protocol="report_2025", runtime=name)
            fair = timed(results, FAIR[name], "offline")
        except Missing:
            continue
        rows.append(
            {
                "": report_2025.NAMES[name],
                "Accuracy 2025": f"{ACCURACY_2025[framework]:.2%}",
                "Accuracy here": f"{fair['test_accuracy']:.2%}",
                "Time 2025": duration(seconds),
                "2025 protocol here": duration(row["total_s"]),
                "of it forward pass": f"{row['stages'][FORWARD] / row['total_s']:.0%}",
                "Fair protocol here": duration(fair["median_s"]),
            }
        )
    return table(rows)


def stages_table(rows: list[dict]) -> str:
    """Return the stages inside each timer, and how much of the total they add up to."""
    return table(
        [
            {
                "Timer": f"{report_2025.NAMES[row['runtime']]}, "
                + ("2025" if row["protocol"] == "report_2025" else "fair"),
                "Total": duration(row["total_s"]),
                "Stages": "; ".join(
                    f"{stage} {duration(seconds)}" for stage, seconds in row["stages"].items()
                ),
                "Sum of the stages": f"{sum(row['stages'].values()) / row['total_s']:.1%}",
                "Not inference": f"{1 - row['stages'][FORWARD] / row['total_s']:.0%}",
            }
            for row in rows
        ]
    )


def factor_table(results: dict) -> str:
    """Return PyTorch's time over ONNX Runtime's, with less and less beside inference in it."""
    steps = report_2025.steps(results)
    return table([{"In the two timers": step, "Factor": times(value)} for step, value in steps])


def cold_start_table(rows: list[dict]) -> str:
    """Return one row a runtime: everything before the first answer, memory, size on disk."""
    return table(
        [
            {
                "Runtime": RUNTIMES[row["runtime"]].title,
                "Import": duration(row["import_s"]),
                "Load": duration(row["load_s"]),
                "First call": duration(row["first_call_s"]),
                "Longest first call": duration(row["first_call_max_s"]),
                "Peak memory": megabytes(row["peak_rss_bytes"]),
                "Installed size": megabytes(row["install_bytes"]),
            }
            for row in sorted(rows, key=lambda row: row["import_s"])
        ]
    )


def offers_table(results: dict) -> str:
    """Return what ONNX Runtime answered to each layout and batch size it was offered."""
    challenges = results["challenges"]
    rows = [{"export": "dynamic", **row} for row in challenges["onnx_layouts"]]
    return table(
        [
            {
                "Export": row["export"],
                "Shape offered": row["shape"],
                "Accepted": "yes" if row["accepted"] else "no",
                "Answer": row["answer"],
            }
            for row in rows + challenges["onnx_batches"]
        ]
    )


def claims_table(results: dict) -> str:
    """Return every claim of the 2025 report with its verdict and evidence."""
    rows = [
        f'<tr><td>{escape(row["claim"])}</td><td><span class="verdict '
        f'{row["verdict"].replace(" ", "-")}">{row["verdict"]}</span></td>'
        f"<td>{escape(row['evidence'])}</td></tr>"
        for row in results["claims"]
    ]
    head = "<tr><th>Claim of 2025</th><th>Verdict</th><th>Evidence</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


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


def confusion_table(counts: dict[str, np.ndarray]) -> str:
    """Return how many images of each label were given each answer, one block of rows a model."""
    return table(
        [
            {"Model": name, "Label": label} | {f"read as {n}": each for n, each in enumerate(row)}
            for name, matrix in counts.items()
            for label, row in enumerate(matrix)
        ]
    )


def common_errors_table(rows: list[dict]) -> str:
    """Return the test images that every model gets wrong: label, answers, known label error."""
    words = {True: "yes", False: "no", None: "–"}
    return table(
        [
            {
                "Test image": row["image"],
                "Label": row["label"],
                **row["answers"],
                "Known label error": words[row["label_error"]],
            }
            for row in rows
        ]
    )


def calibration_table(calibrations: dict[str, dict]) -> str:
    """Return every bin of every model: images, mean confidence, share of right answers."""
    return table(
        [
            {
                "Model": name,
                "Images": each["images"],
                "Mean confidence": f"{each['confidence']:.1%}",
                "Right": f"{each['accuracy']:.1%}",
            }
            for name, found in calibrations.items()
            for each in found["bins"]
        ]
    )


def robustness_table(rows: pd.DataFrame) -> str:
    """Return the accuracy of every file (rows) under every perturbation (columns)."""
    found: dict[str, dict] = {}
    for row in rows.itertuples():
        case = "clean" if row.perturbation == "none" else f"{row.perturbation} {row.amount:g}"
        found.setdefault(row.model, {"File": row.model})[case] = f"{row.accuracy:.1%}"
    return table(list(found.values()))


def timed_files(results: dict) -> list[dict]:
    """Return each timed file: what it is, its bytes and accuracy, its times and their ratios.

    One row a file and runtime that were timed in both scenarios, with the most threads.
    """
    files = {row["id"]: row for row in [*results["models"], *results["exports"]]}
    found: dict[tuple, dict] = {}
    for row in sentences._most_threads(results):
        if RUNTIMES[row["runtime"]].every_file:
            found.setdefault((row["model"], row["runtime"]), {})[row["scenario"]] = row
    return [
        {
            "model": model,
            "runtime": runtime,
            "architecture": both["offline"]["architecture"],
            "precision": both["offline"]["precision"],
            "bytes": files[model]["bytes"],
            "test_accuracy": both["offline"]["test_accuracy"],
            **{f"{scenario}_s": both[scenario]["median_s"] for scenario in sentences.SCENARIOS},
            **{
                f"{scenario}_ratio": both[scenario].get("ratio") for scenario in sentences.SCENARIOS
            },
        }
        for (model, runtime), both in found.items()
        if set(both) >= set(sentences.SCENARIOS)
    ]


def formats_table(results: dict) -> str:
    """Return what each timed file costs: bytes, accuracy, time in both scenarios, all threads."""
    return table(
        [
            {
                "File": row["model"],
                "Runtime": RUNTIMES[row["runtime"]].title,
                "Bytes": f"{row['bytes']:,}",
                "Test accuracy": f"{row['test_accuracy']:.2%}",
                "All test images": duration(row["offline_s"]),
                "in PyTorch's time": or_dash(row["offline_ratio"], "{:.2f}".format),
                "1 image": duration(row["single_stream_s"]),
                "in PyTorch's time ": or_dash(row["single_stream_ratio"], "{:.2f}".format),
            }
            for row in timed_files(results)
        ]
    )


def cross_table(results: dict) -> str:
    """Return the time of the same network by who trained it (rows) and who runs it (columns)."""
    rows = [row for row in sentences._most_threads(results) if row["precision"] == "float32"]
    lines = []
    for architecture in dict.fromkeys(row["architecture"] for row in rows):
        for scenario in sentences.SCENARIOS:
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


def goals_table(rows: list[dict]) -> str:
    """Return the goals as HTML."""
    words = {True: "reached", False: "missed", None: "–"}
    return table(
        [
            {
                "Goal": row["goal"],
                "Target": row["target"],
                "Found": row["found"] or "not measured in this run",
                "Verdict": words[row["reached"]],
            }
            for row in rows
        ]
    )


def tasks_table(rows: list[dict]) -> str:
    """Return the tasks as HTML, each with links to where it is met."""
    lines = []
    for row in rows:
        links = ", ".join(
            f'<a href="{escape(place)}">{escape(words)}</a>'
            for words, place in row["places"].items()
        )
        met = "met" if row["met"] else "not met"
        lines.append(
            f'<tr><td>{escape(row["task"])}</td><td><span class="verdict '
            f'{"confirmed" if row["met"] else "refuted"}">{met}</span></td>'
            f"<td>{escape(row['evidence'])}</td><td>{links}</td></tr>"
        )
    heads = ("Task of the lab", "Met", "In this run", "Where")
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
