"""The tables of the report, one function each, as HTML made of rows of results.json."""

import re
import textwrap
from collections.abc import Iterable

from markupsafe import Markup, escape

from helpers.benchmark.runtimes import READERS
from helpers.benchmark.statistics import fair_ratio, timer_ratio
from helpers.benchmark.timers_2025 import FORWARD
from helpers.core import results
from helpers.report import values
from helpers.report.claims import ACCURACY_2025, FACTOR_2025, SECONDS_2025
from helpers.report.values import FORMATS, FRAMEWORKS, NOT_MEASURED

# The runtimes of the first table, with what 2025's table calls them.
FIRST = {
    "tf-function": "tensorflow",
    "pytorch": "pytorch",
    "litert": None,
    "onnxruntime": "onnxruntime",
}
VERSIONS = {"tensorflow": "TensorFlow", "torch": "PyTorch", "onnxruntime": "ONNX Runtime"}
# A message is longer than what one learns from it.
MOST_LETTERS = 72


def table(rows: Iterable[dict[str, object]], caption: str, text: Iterable[str] = ()) -> str:
    """Return rows of {heading: cell} as an HTML table; the first column names the row.

    Cells are escaped unless they are Markup. Columns are numbers, those named in `text` are not.
    """
    rows = list(rows)
    headings = list(rows[0]) if rows else []
    look = ["" if name in {*headings[:1], *text} else ' class="number"' for name in headings]
    head = "".join(
        f'<th scope="col"{own}>{escape(name)}</th>'
        for name, own in zip(headings, look, strict=True)
    )
    lines = []
    for row in rows:
        first, *cells = (escape(cell) for cell in row.values())
        own = zip(cells, look[1:], strict=True)
        line = "".join(f"<td{style}>{cell}</td>" for cell, style in own)
        lines.append(f'<tr><th scope="row">{first}</th>{line}</tr>')
    return (
        f'<div class="table"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def verdict(word: str) -> Markup:
    """Return a verdict as the page shows it."""
    return Markup('<span class="verdict {}">{}</span>').format(word.replace(" ", "-"), word)


TWO_LINES = Markup("{}<br><small>{}</small>")


def value_over_interval(text: str) -> Markup | str:
    """Return "value (interval)" as a cell of two lines, the second one small."""
    value, bracket, interval = text.partition(" (")
    return TWO_LINES.format(value, interval.removesuffix(")")) if bracket else value


def head(found: dict) -> str:
    """Return on what and with what the run was made, in one line; the packages are folded."""
    run, machine = found["run"], found["run"]["machine"]
    titles = {"mnist": "full MNIST", "sample": "a sample of MNIST"}
    commits = (commit or "none" for commit in run["git_commits"].values())
    commits = dict.fromkeys(re.sub(r"([0-9a-f]{7})[0-9a-f]{33}", r"\1", each) for each in commits)
    said = [
        f"{titles.get(run['dataset']['name'], run['dataset']['name'])}, {run['profile']} profile",
        f"{machine['cpu']}, {machine['threads']} threads, {machine['os']}",
        f"commit {', '.join(commits)}",
        ", ".join(f"{title} {run['packages'].get(name)}" for name, title in VERSIONS.items()),
    ]
    if len(run["seconds"]) == 4:  # the chain ran them all
        said.append(f"{sum(run['seconds'].values()):.0f} s")
    packages = ", ".join(f"{name} {version}" for name, version in run["packages"].items())
    return (
        f'<p class="head">{escape(" · ".join(said))}</p><details class="made"><summary>Packages'
        f"</summary><p>Python {escape(machine['python'])}, {escape(packages)}</p></details>"
    )


def summary(found: dict) -> str:
    """Return the first table: accuracy and times of the four, and what 2025 said."""
    files = {row["id"]: row for row in [*found["models"], *found["exports"]]}
    rows = []
    for name, of_2025 in FIRST.items():
        file = files.get(results.main_file(found, name))
        accuracy = file and file["test_accuracy"]
        said = "–"
        if of_2025:
            seconds = SECONDS_2025[of_2025]
            said = f"{values.percent(ACCURACY_2025[of_2025])}, {seconds:g} s"
        rows.append(
            {
                "": values.runtime(name),
                "test accuracy": NOT_MEASURED if accuracy is None else values.percent(accuracy),
                f"all {values.images(found)} images": values.timed(found, name, "offline").split(
                    " ("
                )[0],
                "one image": values.timed(found, name, "single_stream").split(" (")[0],
                "the 2025 report": said,
            }
        )
    caption = (
        "Accuracy of the file that was timed ({architecture}, {recipe} recipe), time of a call"
    )
    return table(rows, caption.format(**found["models"][0]))


def accuracy(found: dict) -> str:
    """Return the mean accuracy of each framework, architecture and recipe, and the difference."""
    rows = []
    for own in found["differences"]:
        kind = {"architecture": own["architecture"], "recipe": own["recipe"]}
        means = {
            title: value_over_interval(values.mean_accuracy(found, framework=name, **kind))
            for name, title in FRAMEWORKS.items()
        }
        difference = values.with_interval(own["difference"], own["ci95"], values.points)
        rows.append(
            {
                "architecture, recipe": f"{kind['architecture']}, {kind['recipe']}",
                **means,
                "PyTorch minus TensorFlow, points": value_over_interval(difference),
                "verdict on PyTorch": verdict(own["verdict"]),
            }
        )
    return table(rows, "Mean test accuracy over the seeds, 95 % intervals", ["verdict on PyTorch"])


def exports(found: dict) -> str:
    """Return every exported file: size, accuracy, what changed, time for all images."""
    models = {row["id"]: row for row in found["models"]}
    threads = max((row["threads"] for row in found["latency"]), default=1)
    rows = []
    for row in found["exports"]:
        source = models[row["source"]]
        case = {"file": row["id"], "runtime": READERS[f".{row['format']}"], "threads": threads}
        timed = results.first(found["latency"], scenario="offline", **case)
        accuracy, changed = row["test_accuracy"], row["changed"]
        rows.append(
            {
                "architecture": source["architecture"],
                "trained in": FRAMEWORKS[source["framework"]],
                "format": FORMATS[row["format"]],
                "precision": row["precision"],
                "bytes": NOT_MEASURED if row["bytes"] is None else f"{row['bytes']:,}",
                "test accuracy": NOT_MEASURED if accuracy is None else values.percent(accuracy),
                "images changed": NOT_MEASURED if changed is None else f"{changed:,}",
                "time, all images": values.time(timed["median_s"]) if timed else "–",
            }
        )
    text = ["trained in", "format", "precision"]
    refused = (row for row in found["exports"] if row["gate"] != "passed")
    return table(
        rows, "The exported files, how many test images change their class (–: not timed)", text
    ) + "".join(f"<p>{escape(row['id'])} was refused: {escape(row['gate'])}</p>" for row in refused)


def latency(found: dict) -> str:
    """Return every runtime of the main comparison: times, ratios to PyTorch, start-up, size."""
    rows = []
    for name in results.runtimes(found):
        start = results.first(found["start_up"], runtime=name)
        cells = {"": values.runtime(name)}
        for scenario, title in (("offline", "all images"), ("single_stream", "one image")):
            row = results.main_row(found, name, scenario)
            unit = results.main_row(found, "pytorch", scenario)
            cells[title] = value_over_interval(values.timed(found, name, scenario))
            cells[f"{title}: ratio"] = _beside_pytorch(row, unit)
        cells["import + load"] = (
            values.time(start["import_s"] + start["load_s"]) if start else NOT_MEASURED
        )
        cells["installed"] = values.size(start["installed_bytes"]) if start else NOT_MEASURED
        rows.append(cells)
    return table(rows, "Every runtime on one network and array; a ratio is to PyTorch's time")


def _beside_pytorch(row: dict | None, unit: dict | None) -> Markup | str:
    if row is None or row["ratio"] is None:
        return NOT_MEASURED
    if row["verdict"] is None:
        return values.ratio(row["ratio"])
    return TWO_LINES.format(values.beside(row, unit), verdict(row["verdict"]))


def factor(found: dict) -> str:
    """Return PyTorch's time over ONNX Runtime's with less and less beside inference in the timer.

    PyTorch's stages are taken out of its timer, the longest first.
    """
    timer, fair = (
        values.factor(of(found, "pytorch", "onnxruntime")) for of in (timer_ratio, fair_ratio)
    )
    steps = {
        "2025: its table, on its machine": values.ratio(FACTOR_2025),
        "the usual timers, rebuilt here": timer,
    }
    slow, fast = (
        results.first(found["timers_2025"], runtime=name) for name in ("pytorch", "onnxruntime")
    )
    if slow and fast:
        left_s = slow["total_s"]
        outside = {name: s for name, s in slow["stages"].items() if name != FORWARD}
        for stage in sorted(outside, key=outside.get, reverse=True):
            left_s -= outside[stage]
            steps[f"without {stage}"] = values.ratio(left_s / fast["total_s"])
    steps["the same array for both, in one call, warmed up"] = fair
    rows = ({"what the clocks held": words, "factor": factor} for words, factor in steps.items())
    return table(rows, "How many times PyTorch's time is ONNX Runtime's")


CHALLENGES = {"tflite_route": "", "onnx_layout": "layout ", "onnx_batch": "batch "}
STACKS = {"today": "today's versions", "2025": "the versions of 2025"}


def challenges(found: dict) -> str:
    """Return what each challenge of 2025 did, a column for each set of versions."""
    stacks = [name for name in STACKS if results.where(found["challenges"], stack=name)]
    tried = dict.fromkeys((row["challenge"], row["tried"]) for row in found["challenges"])
    rows = []
    for challenge, what in tried:
        cells = {"tried": f"{CHALLENGES[challenge]}{what}"}
        for name in stacks:
            case = {"stack": name, "challenge": challenge, "tried": what}
            row = results.first(found["challenges"], **case)
            cells[STACKS[name]] = _outcome(row) if row else NOT_MEASURED
        rows.append(cells)
    caption = "Routes to TFLite, then layouts and batches offered to ONNX Runtime"
    return table(rows, caption, STACKS.values())


def _outcome(row: dict) -> str:
    """Return what a challenge did; of ONNX Runtime's messages what it refused."""
    said = row["outcome"]
    if said.startswith("[ONNXRuntimeError]"):
        said = said.rpartition(" : ")[2].partition(" for input")[0].removeprefix("Got ")
        return f"refused: {said.lower()}"
    if row["challenge"] != "tflite_route" and row["worked"]:
        return "accepted"
    said = textwrap.shorten(said, MOST_LETTERS, placeholder=" …")
    return said if row["worked"] else f"failed: {said}"


def claims(found: dict) -> str:
    """Return the claims of 2025 with section, verdict and evidence."""
    rows = [
        {
            "claim": row["claim"],
            "section of 2025": row["source"],
            "verdict": verdict(row["verdict"]),
            "evidence": row["evidence"],
        }
        for row in found["claims"]
    ]
    return table(rows, "The claims of the 2025 report", ["section of 2025", "verdict", "evidence"])


def failures(found: dict) -> str:
    """Return what could not be measured, with the reason; "" when everything was."""
    rows = [
        {
            "file": row["file"] or "–",
            "runtime": values.runtime(row["runtime"]) if row["runtime"] else "–",
            "reason": row["reason"],
        }
        for row in found["failures"]
    ]
    return table(rows, "What could not be measured", ["runtime", "reason"]) if rows else ""
