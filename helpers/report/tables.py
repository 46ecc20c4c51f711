"""The tables of the report, one function each, as HTML made of rows of results.json."""

import re
import textwrap
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from helpers.benchmark.runtimes import READERS
from helpers.benchmark.statistics import fair_ratio, timer_ratio
from helpers.benchmark.timers_2025 import FAIR, FORWARD
from helpers.core import results
from helpers.report import values
from helpers.report.claims import ACCURACY_2025, FACTOR_2025, SECONDS_2025, THEIRS
from helpers.report.values import FRAMEWORKS, NOT_MEASURED

TEMPLATE = Path(__file__).with_name("template")
VERSIONS = {"tensorflow": "TensorFlow", "torch": "PyTorch", "onnxruntime": "ONNX Runtime"}
FORMATS = {"tflite": "TFLite", "onnx": "ONNX"}
STACKS = {"today": "today's versions", "2025": "the versions of 2025"}
# A message is longer than what one learns from it.
MOST_LETTERS = 72
TWO_LINES = Markup("{}<br><small>{}</small>")


def table(
    caption: str, headings: Iterable[str], rows: Iterable[Sequence], text: Collection[str] = ()
) -> str:
    """Return rows of cells as an HTML table; the first column names the row.

    Cells are escaped unless they are Markup. Columns are numbers, those named in `text` are not.
    """
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATE), autoescape=True)
    template = environment.get_template("table.html.j2")
    return template.render(caption=caption, headings=list(headings), rows=rows, text=text)


def verdict(word: str) -> Markup:
    """Return a verdict as the page shows it."""
    return Markup('<span class="verdict {}">{}</span>').format(word.replace(" ", "-"), word)


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
    in_2025 = {
        FAIR[name]: f"{values.percent(accuracy)}, {SECONDS_2025[name]:g} s"
        for name, accuracy in ACCURACY_2025.items()
    }
    rows = []
    for name in THEIRS:
        accuracy = files[results.main_file(found, name)]["test_accuracy"]
        row = [values.runtime(name), values.with_interval(accuracy, None, values.percent)]
        for scenario in ("offline", "single_stream"):
            row.append(values.timed(found, name, scenario).partition(" (")[0])
        rows.append([*row, in_2025.get(name, "–")])
    trained = "{architecture}, {recipe} recipe".format(**found["models"][0])
    caption = f"Accuracy of the file that was timed ({trained}), time of a call"
    headings = ["", "test accuracy", f"all {values.images(found)} images", "one image"]
    return table(caption, [*headings, "the 2025 report"], rows)


def accuracy(found: dict) -> str:
    """Return the mean accuracy of each framework, architecture and recipe, and the difference."""
    rows = []
    for own in found["differences"]:
        kind = {"architecture": own["architecture"], "recipe": own["recipe"]}
        said = [values.mean_accuracy(found, framework=name, **kind) for name in FRAMEWORKS]
        said.append(values.with_interval(own["difference"], own["ci95"], values.points))
        rows.append([", ".join(kind.values()), *map(value_over_interval, said)])
        rows[-1].append(verdict(own["verdict"]))
    headings = ["architecture, recipe", *FRAMEWORKS.values(), "PyTorch minus TensorFlow, points"]
    last = "verdict on PyTorch"
    caption = "Mean test accuracy over the seeds, 95 % intervals"
    return table(caption, [*headings, last], rows, [last])


def exports(found: dict) -> str:
    """Return every exported file: size, accuracy, what changed, time for all images."""
    threads = max((row["threads"] for row in found["latency"]), default=1)
    names, rows, refused = ["trained in", "format", "precision"], [], ""
    whole = "{:,}".format
    forms = {"bytes": whole, "test_accuracy": values.percent, "changed": whole}
    sources = {row["id"]: row for row in found["models"]}
    for row in sorted(found["exports"], key=lambda row: [*sources].index(row["source"])):
        source = sources[row["source"]]
        case = {"file": row["id"], "runtime": READERS[f".{row['format']}"], "threads": threads}
        timed = results.first(found["latency"], scenario="offline", **case)
        made = [FRAMEWORKS[source["framework"]], FORMATS[row["format"]], row["precision"]]
        cells = [values.with_interval(row[name], None, form) for name, form in forms.items()]
        time = values.time(timed["median_s"]) if timed else "–"
        rows.append([source["architecture"], *made, *cells, time])
        if row["gate"] != "passed":
            refused += f"<p>{escape(row['id'])} was refused: {escape(row['gate'])}</p>"
    caption = "The exported files, how many test images change their class (–: not timed)"
    measured = ["bytes", "test accuracy", "images changed", "time, all images"]
    return table(caption, ["architecture", *names, *measured], rows, names) + refused


def latency(found: dict) -> str:
    """Return every runtime of the main comparison: times, ratios to PyTorch, start-up, size."""
    rows = []
    for name in results.runtimes(found):
        cells = [values.runtime(name)]
        for scenario in ("offline", "single_stream"):
            row, unit = (results.main_row(found, own, scenario) for own in (name, "pytorch"))
            ratio = values.with_interval(row and row["ratio"], None, values.ratio)
            if row and row["verdict"]:
                ratio = TWO_LINES.format(values.beside(row, unit), verdict(row["verdict"]))
            cells += [value_over_interval(values.timed(found, name, scenario)), ratio]
        start = results.first(found["start_up"], runtime=name)
        ready_s = start and start["import_s"] + start["load_s"]
        cells.append(values.with_interval(ready_s, None, values.time))
        cells.append(values.with_interval(start and start["installed_bytes"], None, values.size))
        rows.append(cells)
    timed = ["all images", "all images: ratio", "one image", "one image: ratio"]
    caption = "Every runtime on one network and array; a ratio is to PyTorch's time"
    return table(caption, ["", *timed, "import + load", "installed"], rows)


def factor(found: dict) -> str:
    """Return PyTorch's time over ONNX Runtime's with less and less beside inference in it."""
    pair = ("pytorch", "onnxruntime")
    steps = {
        "2025: its table, on its machine": values.ratio(FACTOR_2025),
        "the usual timers, rebuilt here": values.factor(timer_ratio(found, *pair)),
    }
    slow, fast = (results.first(found["timers_2025"], runtime=name) for name in pair)
    if slow and fast:
        left_s = slow["total_s"]  # the longest stage goes first
        outside = {name: s for name, s in slow["stages"].items() if name != FORWARD}
        for stage in sorted(outside, key=outside.get, reverse=True):
            left_s -= outside[stage]
            steps[f"without {stage}"] = values.ratio(left_s / fast["total_s"])
    fair = values.factor(fair_ratio(found, *pair))
    steps["the same array for both, in one call, warmed up"] = fair
    caption = "How many times PyTorch's time is ONNX Runtime's"
    return table(caption, ["what the clocks held", "factor"], steps.items())


def challenges(found: dict) -> str:
    """Return what each challenge of 2025 did, a column for each set of versions."""
    stacks = [name for name in STACKS if results.where(found["challenges"], stack=name)]
    tried = dict.fromkeys((row["challenge"], row["tried"]) for row in found["challenges"])
    rows = []
    for challenge, what in tried:
        case = {"challenge": challenge, "tried": what}
        did = (results.first(found["challenges"], stack=name, **case) for name in stacks)
        kind = {"onnx_layout": "layout ", "onnx_batch": "batch "}.get(challenge, "")
        name = values.shapes(f"{kind}{what}")
        rows.append([name, *(_outcome(row) if row else NOT_MEASURED for row in did)])
    caption = "Routes to TFLite, then layouts and batches offered to ONNX Runtime"
    headings = [STACKS[name] for name in stacks]
    return table(caption, ["tried", *headings], rows, headings)


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
    headings = ["claim", "section of 2025", "verdict", "evidence"]
    rows = (
        [row["claim"], row["source"], verdict(row["verdict"]), values.shapes(row["evidence"])]
        for row in found["claims"]
    )
    return table("The claims of the 2025 report", headings, rows, headings)


def failures(found: dict) -> str:
    """Return what could not be measured, with the reason; "" when everything was."""
    headings = ["file", "runtime", "reason"]
    rows = [
        [row["file"] or "–", values.runtime(row["runtime"] or "–"), row["reason"]]
        for row in found["failures"]
    ]
    return table("What could not be measured", headings, rows, headings) if rows else ""
