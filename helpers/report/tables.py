"""Every table of the report: rows of results.json, and a dictionary of columns that shows them.

Numbers stay numbers until `table` makes text of them; a figure's folded numbers use the same
columns. To add a column, add it to COLUMNS under the key of its values.
"""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape

import numpy as np

from helpers.benchmark.runtimes import RUNTIMES
from helpers.benchmark.statistics import Ratio
from helpers.benchmark.timers_2025 import FAIR, FORWARD
from helpers.core.old_results import Missing, main_rows, timed, where, with_most_threads
from helpers.core.units import counted, duration, megabytes, points, ratio, times, within
from helpers.findings import ratios, report_2025, seeds
from helpers.findings.robustness import disturbance
from helpers.findings.seeds import FRAMEWORKS
from helpers.findings.time_sentences import best_batches, between
from helpers.models.evaluation import accuracy_ci95

# Classes of the page: numbers stand to the right, names are not broken.
NUMBER, NAME = "number", "name"
NOTHING = "–"
SCENARIOS = ("offline", "single_stream")


@dataclass(frozen=True)
class Column:
    """How a table shows the values of a key: under which heading, as which text, aligned how."""

    heading: str
    show: Callable[..., str] = str  # gets the value and those of `also`
    kind: str = ""  # NUMBER, NAME or plain text
    also: tuple[str, ...] = ()
    is_html: bool = False  # what `show` returns

    def cell(self, key: str, row: dict) -> str:
        """Return the text of a row's cell as HTML; a value that is not there is a dash."""
        value = row.get(key)
        if value is None or value != value:  # NaN alone differs from itself
            return NOTHING
        text = self.show(value, *(row[name] for name in self.also))
        return text if self.is_html else escape(text)


def columns(keys: str, **headings: str) -> dict[str, Column]:
    """Return the columns of `keys`, which stand in one text, some under other headings."""
    return {key: headed(key, headings.get(key, COLUMNS[key].heading)) for key in keys.split()}


def headed(key: str, heading: str) -> Column:
    """Return the column of a key under another heading."""
    return replace(COLUMNS[key], heading=heading)


def table(rows: Iterable[dict], shown: str | dict[str, Column]) -> str:
    """Return rows as an HTML table; `shown` are keys as in `columns`, or columns by key.

    Without rows it is a sentence that says so.
    """
    if isinstance(shown, str):
        shown = columns(shown)
    rows = list(rows)
    if not rows:
        return "<p>This table has no rows.</p>"
    classes = {key: f' class="{c.kind}"' if c.kind else "" for key, c in shown.items()}
    head = "".join(f"<th{classes[key]}>{escape(c.heading)}</th>" for key, c in shown.items())
    body = "".join(
        "<tr>"
        + "".join(f"<td{classes[key]}>{c.cell(key, row)}</td>" for key, c in shown.items())
        + "</tr>\n"
        for row in rows
    )
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"


def wide(
    rows: Sequence[dict],
    index: str | dict[str, Column],
    across: str,
    values: dict[str, Callable[[object], str]],
) -> str:
    """Return an HTML table with a column of each of `values` for each value that `across` has.

    Rows that agree in `index` become one. A new column shows its value as COLUMNS does, under what
    the function of `values` makes of its value of `across`.
    """
    shown, found = dict(columns(index) if isinstance(index, str) else index), {}
    keys = list(shown)
    for value, heading in values.items():
        for row in rows:
            line = found.setdefault(tuple(row[k] for k in keys), {k: row[k] for k in keys})
            key = f"{value} {row[across]}"
            shown[key] = Column(heading(row[across]), str, COLUMNS[value].kind, is_html=True)
            line[key] = COLUMNS[value].cell(value, row)
    return table(found.values(), shown)


def _in_baseline_times(
    value: float, ci95: list[float], ends: list[float], smallest: float, medians: list[float]
) -> str:
    if ends == [1, 1]:  # the baseline itself
        return ratio(value)
    found = Ratio(value, ci95, ends, len(medians), smallest)
    digits = within(value, found.ends) if found.ends else ratio(value)
    words = f"{digits} {between(found, '–')}".strip()
    return f"{words}, {found.verdict}" if found.verdict else words


def _spread(ends: list[float], ci95: list[float] | None, medians: list[float]) -> str:
    if len(medians) == 1:
        return "1 process"
    over = "" if ci95 else f" ({counted(len(medians), 'process')})"
    return "–".join(map(duration, ci95 or ends)) + over


def _runtime(name: str) -> str:
    return RUNTIMES[name].title if name in RUNTIMES else report_2025.NAMES.get(name, name)


def _badge(verdict: str) -> str:
    return f'<span class="verdict {verdict.replace(" ", "-")}">{escape(verdict)}</span>'


def _number(heading: str, pattern: str = "{}", scale: float = 1) -> Column:
    return Column(heading, lambda value: pattern.format(scale * value), NUMBER)


def _points(heading: str) -> Column:
    return Column(heading, lambda share: f"{points(100 * share)} points", NUMBER)


def _time(heading: str) -> Column:
    return Column(heading, duration, NUMBER)


def _with_range(seconds: float, ends: list[float]) -> str:
    low, high = map(duration, ends)
    return f"{duration(seconds)} ({low}–{high})" if low != high else duration(seconds)


def _share_with_range(value: float, ends: list[float] | None) -> str:
    return f"{value:.1%}" + (f" ({100 * ends[0]:.1f}–{100 * ends[1]:.1f})" if ends else "")


def _yes(value: bool) -> str:
    return "yes" if value else "no"


# What tells how sure a ratio is.
RATIO = ("ratio_ci95", "ratio_range", "smallest_ratio", "process_medians_s")

COLUMNS = {
    # what is measured
    "architecture": Column("Network"),
    "recipe": Column("Recipe"),
    "framework": Column("Framework", FRAMEWORKS.get),
    "seed": _number("Seed"),
    "epoch": _number("Epoch"),
    "epochs": _number("Epochs"),
    "runtime": Column("Runtime", _runtime),
    "threads": _number("Threads"),
    "scenario": Column("Scenario", lambda name: name.replace("_", "-")),
    "batch_size": _number("Images a call", "{:,}"),
    "processes": _number("Processes"),
    "model": Column("Model", kind=NAME),
    "id": Column("Export", kind=NAME),
    # accuracies
    "test_accuracy": _number("Test accuracy", "{:.2%}"),
    "validation_accuracy": _number("Validation accuracy", "{:.2%}"),
    "accuracy_ci95": Column(
        "95 % interval", lambda ci: f"{100 * ci[0]:.2f}–{100 * ci[1]:.2f}%", NUMBER
    ),
    "loss": _number("Loss", "{:.4f}"),
    "runs": _number("Runs"),
    "mean": _number("Mean test accuracy", "{:.2%}"),
    "mean_ci95": Column(
        "95 % interval of the mean", lambda ci: f"{100 * ci[0]:.2f}–{100 * ci[1]:.2f}%", NUMBER
    ),
    "sd": _number("Standard deviation", "{:.2f} points", 100),
    "train_seconds": _time("Training"),
    "train_seconds_max": _time("longest"),
    "pairs": _number("Pairs"),
    "difference": _points("PyTorch less TensorFlow"),
    "difference_ci95": Column(
        "95 % interval", lambda ci: f"{points(100 * ci[0])} to {points(100 * ci[1])}", NUMBER
    ),
    "tensorflow_loss": _number("Loss, TensorFlow", "{:.5f}"),
    "pytorch_loss": _number("Loss, PyTorch", "{:.5f}"),
    "loss_difference": _number("Difference", "{:.1e}"),
    "weight_difference": _number("Largest difference of a weight", "{:.1e}"),
    # files
    "bytes": _number("Bytes", "{:,}"),
    "of_float32": _number("of float32", "{:.2f}"),
    "lost": _number("Lost, points", "{:z.2f}", 100),
    "agreement": _number("Same class as source", "{:.2%}"),
    "max_abs_logit_difference": _number("Largest logit difference", "{:.1e}"),
    "mcnemar_p": _number("McNemar p", "{:.2g}"),
    "gate": Column("Gate"),
    # times
    "median_s": _time("Median"),
    "range_s": Column(
        "95 % interval, or range", _spread, NUMBER, also=("ci95_s", "process_medians_s")
    ),
    "quiet_processes": Column(
        "Quiet processes", lambda quiet, all: f"{quiet} of {all}", NUMBER, also=("processes",)
    ),
    "smallest_ratio": Column("Smallest finding", times, NUMBER),
    "p90_s": _time("p90"),
    "p99_s": _time("p99"),
    "ratio": Column("times the baseline's", _in_baseline_times, NUMBER, also=RATIO),
    "images_per_s": _number("Images a second", "{:,.0f}"),
    "cpu_per_wall": _number("Cores busy", "{:.2f}"),
    "flags": Column("Flags", lambda flags: ", ".join(flags) or NOTHING),
    "first_answer_s": Column("First answer", _with_range, NUMBER, also=("range_s",)),
    "import_s": _time("of it import"),
    "load_s": _time("load"),
    "first_call_s": _time("first call"),
    "first_answer_rss_bytes": Column("Memory then", megabytes, NUMBER),
    "peak_rss_bytes": Column("after all images, peak", megabytes, NUMBER),
    "install_bytes": Column("Installed size", megabytes, NUMBER),
    "install_without_cuda_bytes": Column("without CUDA", megabytes, NUMBER),
    "total_s": _time("Total"),
    "stages": Column(
        "Stages", lambda stages: "; ".join(f"{name} {duration(s)}" for name, s in stages.items())
    ),
    "attempts": _number("Attempts"),
    "processes_measured": _number("Processes measured"),
    "reason": Column("What happened", lambda reason, what: f"{what}: {reason}", also=("what",)),
    # errors
    "label": Column("Class"),
    "images": _number("Images"),
    "recall": Column(
        "Recall",
        lambda value, ci: f"{value:.1%} ({100 * ci[0]:.1f}–{100 * ci[1]:.1f})",
        NUMBER,
        also=("ci95",),
    ),
    "image": _number("Test image"),
    "label_error": Column("Known label error", _yes),
    "explained": Column("Read as most readers did", _yes),
    "both_right": _number("Both right"),
    "only_tensorflow_right": _number("Only TensorFlow right"),
    "only_pytorch_right": _number("Only PyTorch right"),
    "both_wrong_alike": _number("Both wrong, alike"),
    "both_wrong_otherwise": _number("Both wrong, otherwise"),
    "confidence": _number("Mean confidence", "{:.1%}"),
    "ece": _number("Calibration error (ECE)", "{:.2%}"),
    "ece_ci95": Column("95 % interval", lambda ci: f"{100 * ci[0]:.2f}–{100 * ci[1]:.2f}%", NUMBER),
    "calibrated_ece": _number("By chance alone, mean", "{:.2%}"),
    "calibrated_ece_ci95": Column(
        "95 % of it", lambda ci: f"{100 * ci[0]:.2f}–{100 * ci[1]:.2f}%", NUMBER
    ),
    "accuracy": _number("Right", "{:.1%}"),
    "repeated_accuracy": Column("Right", _share_with_range, NUMBER, also=("range",)),
    # what the 2025 report leaves open
    "open": Column("Not in the report of 2025"),
    "assumed": Column("Assumed here"),
    "why": Column("Why"),
    # challenges and verdicts
    "route": Column("Route"),
    "outcome": Column("Outcome"),
    "export": Column("Export"),
    "shape": Column("Shape offered"),
    "accepted": Column("Accepted", _yes),
    "claim": Column("Claim of 2025"),
    "source": Column("Stands in"),
    "verdict": Column("Verdict", _badge, is_html=True),
    "evidence": Column("Evidence"),
}


def _stacked(first: str, *rest: str) -> str:
    """Return text as HTML with what belongs to it below in small."""
    below = f" <br><small>{escape(', '.join(filter(None, rest)))}</small>" if any(rest) else ""
    return escape(first) + below


def _accuracy_by_recipe(accuracy: float, ci95: list[float], recipe: str | None) -> str:
    between = COLUMNS["accuracy_ci95"].show(ci95)
    return _stacked(COLUMNS["test_accuracy"].show(accuracy), recipe and f"{recipe} recipe", between)


def _quiet_time(median_s: float, quiet: int, processes: int) -> str:
    return _stacked(duration(median_s), f"{quiet} of {processes} quiet")


ACCURACY_BY_RECIPE = Column(
    "Test accuracy", _accuracy_by_recipe, NUMBER, ("accuracy_ci95", "recipe"), is_html=True
)
QUIET_TIME = Column("", _quiet_time, NUMBER, ("quiet_processes", "processes"), is_html=True)
STACKED_RATIO = Column(
    "", lambda *row: _stacked(*_in_baseline_times(*row).split(" ", 1)), NUMBER, RATIO, is_html=True
)
# What the first table says of a runtime in each scenario, and what its columns need.
OVERVIEW = ("median_s", "ratio", *RATIO, "quiet_processes", "processes")
# The columns of tables that a figure and a notebook share.
RUN = "architecture recipe seed epochs train_seconds validation_accuracy test_accuracy"
LATENCY = "runtime threads median_s range_s p90_s p99_s ratio cpu_per_wall quiet_processes flags"
COLD_START = (
    "runtime first_answer_s import_s load_s first_call_s first_answer_rss_bytes peak_rss_bytes "
    "install_bytes install_without_cuda_bytes"
)
PAIRED_TRAININGS = "epoch tensorflow_loss pytorch_loss loss_difference weight_difference"
DISAGREEMENT = (
    "architecture both_right only_tensorflow_right only_pytorch_right both_wrong_alike "
    "both_wrong_otherwise"
)
ROUTES = "route outcome gate"
ASSUMPTIONS = "open assumed why"
OFFERS = "export shape accepted outcome"
CLAIMS = "claim source verdict evidence"


def unit(rows: Iterable[dict]) -> str:
    """Return the heading of the ratios of latency rows; "" when there are none."""
    names = {row["baseline"] for row in rows if row["ratio"] is not None}
    return "".join(f"times {RUNTIMES[name].title}'s" for name in names)


def latency(rows: Sequence[dict], keys: str = LATENCY) -> str:
    """Return latency rows as a table whose ratios, if any, stand under the name of their unit."""
    shown = columns(keys, ratio=unit(rows))
    if not unit(rows):
        shown.pop("ratio")
    return table(rows, shown)


def overview(results: dict) -> str:
    """Return one row a runtime: accuracy of the callable that is timed, both scenarios.

    What belongs to a number stands below it in small: recipe and interval, quiet processes, bounds.
    """
    images, rows = results["run"]["dataset"]["test"], []
    sources = {row["id"]: row["source"] for row in results["exports"]}
    recipes = {row["id"]: row["recipe"] for row in results["models"]}
    in_units = unit(results["latency"])
    for offline in main_rows(results["latency"], "offline"):
        single = timed(results, offline["runtime"], "single_stream")
        both = {"offline": offline, "single": single}
        flags = dict.fromkeys(flag for row in both.values() for flag in row["flags"])
        rows.append(
            {
                "runtime": offline["runtime"],
                "recipe": recipes.get(sources.get(offline["model"], offline["model"])),
                "test_accuracy": offline["test_accuracy"],
                "accuracy_ci95": accuracy_ci95(offline["test_accuracy"], images),
                **{f"{name}_{key}": row[key] for name, row in both.items() for key in OVERVIEW},
                "flags": list(flags),
            }
        )
    rows.sort(key=lambda row: list(RUNTIMES).index(row["runtime"]))
    shown = columns("runtime") | {"test_accuracy": ACCURACY_BY_RECIPE}
    for scenario, heading in (("offline", f"{images:,} images"), ("single", "1 image")):
        for key, title in (("median_s", heading), ("ratio", in_units)):
            own = {"median_s": QUIET_TIME, "ratio": STACKED_RATIO}[key]
            also = tuple(f"{scenario}_{name}" for name in own.also)
            if title:
                shown[f"{scenario}_{key}"] = replace(own, heading=title, also=also)
    return table(rows, shown | columns("flags"))


def noise(rows: list[dict]) -> str:
    """Return what runtimes give beside themselves (A/A): no smaller difference is a finding."""
    keys = "runtime scenario threads ratio smallest_ratio quiet_processes"
    shown = columns(keys, ratio="Measured again / measured")
    return table((row for row in rows if row["scenario"] != "batch_sweep"), shown)


def failures(rows: list[dict]) -> str:
    """Return what could not be measured and why; a sentence when there is nothing."""
    if not rows:
        return "<p>Every process that was planned was measured.</p>"
    return table(rows, "runtime threads reason attempts processes_measured")


def three_clocks(results: dict) -> list[dict]:
    """Return what the 2025 report's table says of each runtime, and what two clocks say here.

    The accuracy here is the mean over the seeds of the lab recipe; ONNX Runtime's is that of
    PyTorch, whose networks it runs. What was not measured here is not there.
    """
    rows = []
    network, recipe = report_2025.ARCHITECTURE_2025, report_2025.RECIPE_2025
    for name, seconds in report_2025.SECONDS_2025.items():
        framework = "pytorch" if name == "onnxruntime" else name
        found = {
            "runtime": name,
            "accuracy_2025": report_2025.ACCURACY_2025[framework],
            "seconds_2025": seconds,
        }
        for timer in where(results["protocols"], protocol="report_2025", runtime=name):
            found |= {key: timer[key] for key in ("total_s", "range_s")}
            found["forward"] = timer["stages"][FORWARD] / timer["total_s"]
        for fair in where(main_rows(results["latency"], "offline"), runtime=FAIR[name]):
            found["median_s"] = fair["median_s"]
        with contextlib.suppress(Missing):
            mean = seeds.mean_accuracy(results["seeds"], framework, network, recipe)
            found["test_accuracy"] = mean
        rows.append(found)
    return rows


def table_2025(results: dict) -> str:
    """Return the 2025 report's table beside the numbers measured here by its own protocol.

    What was not measured here is a dash.
    """
    rows = three_clocks(results)
    recipe = f"{report_2025.ARCHITECTURE_2025} by the {report_2025.RECIPE_2025} recipe"
    return table(
        rows,
        {
            "runtime": Column("", report_2025.NAMES.get),
            "accuracy_2025": headed("test_accuracy", "Accuracy 2025"),
            "test_accuracy": headed("test_accuracy", f"Accuracy here, {recipe}"),
            "seconds_2025": headed("median_s", "Time 2025"),
            "total_s": Column("Reconstructed timer, here", _with_range, NUMBER, also=("range_s",)),
            "forward": _number("of it forward pass", "{:.0%}"),
            "median_s": headed("median_s", "Same array, here"),
        },
    )


def stages(results: dict) -> str:
    """Return what each timer held: its total and how far that spreads, and the stages inside."""
    kinds = {"report_2025": "2025", "fair": "fair"}
    timers = [
        {
            **row,
            "timer": f"{report_2025.NAMES[row['runtime']]}, {kinds[row['protocol']]}",
            "outside": 1 - row["stages"][FORWARD] / row["total_s"],
        }
        for row in report_2025.timers(results)
    ]
    shown = {
        "timer": Column("Timer"),
        **columns("total_s"),
        "range_s": Column("Least and most", lambda ends: "–".join(map(duration, ends)), NUMBER),
        **columns("processes stages"),
        "outside": _number("Not inference", "{:.0%}"),
    }
    return table(timers, shown)


def best_batch(latency: Sequence[dict]) -> str:
    """Return each runtime's best batch size beside all images in one call, one row a network."""
    rows = [
        {
            **best,
            "offline_images_per_s": offline["images_per_s"],
            "gain": best["images_per_s"] / offline["images_per_s"],
        }
        for best, offline in best_batches(latency)
    ]
    shown = columns("architecture runtime batch_size images_per_s", batch_size="Best batch size")
    shown["offline_images_per_s"] = headed("images_per_s", "All in one call")
    return table(rows, shown | {"gain": Column("Gain, times", ratio, NUMBER)})


def factor(results: dict) -> str:
    """Return PyTorch's time over ONNX Runtime's, with less and less beside inference in it."""
    try:
        keys = ("step", "factor", "bounds")
        rows = [dict(zip(keys, step, strict=True)) for step in report_2025.steps(results)]
    except Missing as missing:
        return f"<p>The factor cannot be taken apart: {escape(str(missing))}.</p>"
    shown = {
        "step": Column("In the two timers"),
        "factor": Column(
            "Factor, times",
            lambda value, bounds: ratios.said(value, bounds) if bounds else ratio(value),
            NUMBER,
            also=("bounds",),
        ),
    }
    return table(rows, shown)


def trainings(rows: list[dict]) -> str:
    """Return one row a network, recipe and framework: runs, mean, interval, deviation, time."""
    keys = "architecture recipe framework runs mean mean_ci95 sd train_seconds train_seconds_max"
    return table(seeds.summary(rows), columns(keys, train_seconds="Training, mean"))


def pairs(rows: list[dict]) -> str:
    """Return PyTorch's accuracy less TensorFlow's over paired seeds, one row a kind."""
    shown = []
    for architecture, recipe in seeds.kinds(rows):
        try:
            paired = seeds.paired_difference(rows, architecture, recipe)
        except Missing:
            continue
        kind = {"architecture": architecture, "recipe": recipe}
        mean = {"difference": paired["mean"], "difference_ci95": paired["ci95"]}
        shown.append({**kind, **paired, **mean})
    return table(shown, "architecture recipe pairs difference difference_ci95 sd")


def exports(rows: list[dict], models: list[dict]) -> str:
    """Return one row an export: size, accuracy, agreement with its source, gate.

    `models` are the sources.
    """
    sources, shown = {row["id"]: row for row in models}, []
    for row in rows:
        source, accuracy = sources[row["source"]], row["test_accuracy"]
        of_float32 = row["bytes"] / (4 * source["parameters"])
        lost = None if accuracy is None else source["test_accuracy"] - accuracy
        shown.append({**row, "of_float32": of_float32, "lost": lost})
    keys = "id bytes of_float32 test_accuracy lost agreement max_abs_logit_difference"
    return table(shown, f"{keys} mcnemar_p gate")


def offers(challenges: dict) -> str:
    """Return what ONNX Runtime made of each layout and batch size it was offered."""
    layouts = [{"export": "dynamic", **row} for row in challenges["onnx_layouts"]]
    return table(layouts + challenges["onnx_batches"], OFFERS)


def recalls(rows: list[dict], classes: Sequence[str]) -> str:
    """Return the recall of each class, one row a class and one column a model, with intervals."""
    named = [{**row, "label": classes[row["label"]]} for row in rows]
    return wide(named, "label images", "model", {"recall": str})


def confusion(counts: dict[str, np.ndarray], classes: Sequence[str]) -> str:
    """Return how many images of each label were given each class, one block of rows a model."""
    rows = [
        {"model": name, "label": label, **{str(n): each for n, each in enumerate(row)}}
        for name, matrix in counts.items()
        for label, row in zip(classes, matrix, strict=True)
    ]
    read = {str(n): _number(f"read as {name}") for n, name in enumerate(classes)}
    return table(rows, columns("model label", label="Label") | read)


def common_errors(rows: list[dict], classes: Sequence[str]) -> str:
    """Return the test images that every model gets wrong: label, classes, known label error."""
    models = list(dict.fromkeys(name for row in rows for name in row["predicted"]))
    shown = columns("image label", label="Label") | {name: Column(name) for name in models}
    named = (
        {**row, "label": classes[row["label"]]}
        | {model: classes[given] for model, given in row["predicted"].items()}
        for row in rows
    )
    return table(named, shown | columns("label_error explained"))


def reliability(rows: list[dict]) -> str:
    """Return each model's calibration error beside what chance makes, then every bin."""
    bins = ({"model": row["model"], **each} for row in rows for each in row["bins"])
    errors = table(rows, "model ece ece_ci95 calibrated_ece calibrated_ece_ci95")
    return errors + table(bins, "model images confidence accuracy")


def robustness(rows: list[dict]) -> str:
    """Return the accuracy of every file (rows) under every perturbation (columns).

    Below noise, which is drawn several times, stand its mean, lowest and highest.
    """
    cases = [
        {
            **row,
            "case": disturbance(row["perturbation"], row["amount"]),
            "repeated_accuracy": row["accuracy"],
        }
        for row in rows
    ]
    return wide(cases, columns("model", model="File"), "case", {"repeated_accuracy": str})


def timed_files(results: dict) -> list[dict]:
    """Return each timed file: what it is, its bytes and accuracy, its times and their ratios.

    One row a file and runtime that were timed in both scenarios, with the most threads.
    """
    files = {row["id"]: row for row in [*results["models"], *results["exports"]]}
    found: dict[tuple, dict] = {}
    for row in with_most_threads(results["latency"]):
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
            **{f"{name}_s": both[name]["median_s"] for name in SCENARIOS},
            **{f"{name}_{key}": both[name][key] for name in SCENARIOS for key in ("ratio", *RATIO)},
        }
        for (model, runtime), both in found.items()
        if set(both) >= set(SCENARIOS)
    ]


def formats(results: dict) -> str:
    """Return what each timed file costs: bytes, accuracy, time in both scenarios, all threads."""
    in_units = unit(results["latency"])
    shown = columns("model runtime bytes test_accuracy", model="File")
    for scenario, heading in (("offline", "All test images"), ("single_stream", "1 image")):
        shown[f"{scenario}_s"] = headed("median_s", heading)
        if in_units:
            also = tuple(f"{scenario}_{name}" for name in RATIO)
            shown[f"{scenario}_ratio"] = replace(COLUMNS["ratio"], heading=in_units, also=also)
    return table(timed_files(results), shown)
