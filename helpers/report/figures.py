"""The figures of the report: each a function of results.json, its finding computed and over it.

A runtime has one colour and one marker throughout. What was not measured is not drawn.
"""

import io
import itertools
import re
import textwrap
from collections.abc import Sequence
from html import escape
from urllib.parse import quote

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import HTML, display
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from helpers.benchmark.statistics import fair_ratio, timer_ratio
from helpers.benchmark.timers_2025 import FAIR, FORWARD
from helpers.core import results
from helpers.report import values
from helpers.report.claims import ACCURACY_2025, FACTOR_2025, SECONDS_2025

# As wide as still leaves a letter legible where a phone shows the figure at two thirds of its size.
WIDTH = 5.0
TITLE_WIDTH = 57  # characters of a title in a figure of WIDTH
GREY = "#767676"
# Two times on a log axis that are within this factor have no room for both numbers over them.
NEAR = 4
SPREAD = "95 % intervals (of fewer than six rounds their range)"

# Who stands in 2025's table.
NAMES = {**values.FRAMEWORKS, "onnxruntime": values.runtime("onnxruntime")}
# Colours of Okabe and Ito's, which readers with any colour vision tell apart; markers for print.
# A runtime that a student adds takes the next ones.
LOOKS = (
    *(("#D55E00", "s"), ("#E69F00", "o"), ("#009E73", "^"), ("#0072B2", "D"), ("#CC79A7", "v")),
    *(("#000000", "*"), ("#777777", "X"), ("#56B4E9", "P"), ("#882255", "h"), ("#999933", "p")),
)
OF_MAIN = dict(zip(results.MAIN_FILES, LOOKS, strict=False))
COLOURS = {name: OF_MAIN[runtime][0] for name, runtime in FAIR.items()}
MARKERS = {name: OF_MAIN[runtime][1] for name, runtime in FAIR.items()}

plt.style.use("default")  # not what a matplotlibrc of the user's says
plt.rc("figure.constrained_layout", use=True)
plt.rc("axes", grid=True)
plt.rc("axes.spines", top=False, right=False)
plt.rc("grid", alpha=0.3)
plt.rc("legend", frameon=False)
plt.rc("svg", hashsalt="lab03")  # the same figure gives the same bytes


def show(figure: Figure, *, finding: str, chart: str, caption: str) -> None:
    """Display a figure under its finding, its caption below it; close it.

    `finding` is what the figure shows, `chart` its type and axes, both without a full stop and
    together the alternative text; `caption` is one plain sentence.
    """
    title = textwrap.fill(finding, round(TITLE_WIDTH * figure.get_figwidth() / WIDTH))
    figure.suptitle(title, x=0.01, ha="left", fontsize=10.5, parse_math=False)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    alt, address = escape(f"{chart}. {finding}."), _address(buffer.getvalue())
    caption = f"<figcaption>{escape(caption)}</figcaption>"
    display(HTML(f'<figure><img alt="{alt}" src="{address}">{caption}</figure>'))


def _address(svg: str) -> str:
    """Return matplotlib's SVG as a short `data:` address."""
    svg = re.sub(r"(?<![\d.])([1-9]\d*\.\d\d)\d+", r"\1", svg)
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg).replace('"', "'")
    return "data:image/svg+xml," + quote(" ".join(svg.split()), safe=" !$'()*+,-./:;=?@[]_~")


def _listed(texts: Sequence[str]) -> str:
    """Return texts as a list in a sentence, such as "a, b and c"."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def _meaning(found: dict) -> str:
    """Return the end of a caption where the numbers of the classes are not their names."""
    classes = found["run"]["dataset"]["classes"]
    named = [f"{number} is {name}" for number, name in enumerate(classes) if name != str(number)]
    return f"; {', '.join(named)}" if named else ""


def three_clocks(found: dict) -> None:
    """Show the time for all test images of the three of 2025's table by three clocks, log axis."""
    table = {name: (seconds, [seconds]) for name, seconds in SECONDS_2025.items()}
    timers = {
        row["runtime"]: (row["total_s"], values.spread(row, "total_s"))
        for row in found["timers_2025"]
    }
    fair = {
        name: (row["median_s"], values.spread(row))
        for name, runtime in FAIR.items()
        if (row := results.main_row(found, runtime, "offline"))
    }
    clocks = (  # with marker, its inside, and on which side its time stands
        ("the table of 2025, on its machine", "s", "white", 14, table),
        ("its timers rebuilt, here", "D", "white", -14, timers),
        ("the same array for all, here", "o", None, 14, fair),
    )
    figure, axis = plt.subplots(figsize=(WIDTH, 3.7))
    names = list(reversed(NAMES))
    for label, marker, face, side, times in clocks:
        axis.plot([], [], marker, color=GREY, mfc=face or GREY, label=label)
        for name, (seconds, ends) in times.items():
            place, colour = names.index(name), COLOURS[name]
            axis.plot(ends, [place] * len(ends), color=colour, linewidth=3, alpha=0.5)
            axis.plot(seconds, place, marker, color=colour, mfc=face or colour, ms=8, mew=1.8)
            above = [own[name][0] for own in (table, fair) if name in own]
            first = (seconds, times is table) == min((above[0], True), (above[-1], False))
            look, aside = ("right", -3) if first else ("left", 3)
            if side < 0 or max(above) > NEAR * min(above):
                look, aside = "center", 0
            at = {"xytext": (aside, side), "textcoords": "offset points", "va": "center"}
            axis.annotate(values.time(seconds), (seconds, place), **at, ha=look)
    axis.set_yticks(range(len(names)), [NAMES[name] for name in names])
    axis.set(xscale="log", xlabel="time for all test images (log)", ylim=(-0.6, 2.6))
    axis.xaxis.set_major_formatter(EngFormatter("s"))
    axis.margins(x=0.1)
    figure.legend(loc="outside lower center")
    pair = ("pytorch", "onnxruntime")
    factors = {
        "as long as ONNX Runtime by the table of 2025": FACTOR_2025,
        "by its timers rebuilt": timer_ratio(found, *pair)["ratio"],
        "on the same array": fair_ratio(found, *pair)["ratio"],
    }
    told = [f"{values.ratio(value)} times {how}" for how, value in factors.items() if value]
    show(
        figure,
        finding=f"PyTorch takes {_listed(told)}",
        chart="Dot plot of the time for all test images on a log axis, one row a framework, one "
        "marker a clock",
        caption=f"Further left is faster; the bars behind the markers are {SPREAD}.",
    )


def accuracy(found: dict) -> None:
    """Show every training's test accuracy, and each framework's mean with its 95 % t interval."""
    recipes = list(dict.fromkeys((row["architecture"], row["recipe"]) for row in found["seeds"]))
    images = found["run"]["dataset"]["name"]
    if not recipes:
        print("No training was recorded.")
        return
    figure, axis = plt.subplots(figsize=(WIDTH, min(4.0, 1.7 + 0.6 * len(recipes))))
    for place, (architecture, recipe) in enumerate(reversed(recipes)):
        for framework, high in (("tensorflow", place + 0.2), ("pytorch", place - 0.2)):
            kind = {"framework": framework, "architecture": architecture, "recipe": recipe}
            look = {"color": COLOURS[framework], "marker": MARKERS[framework], "ls": ""}
            seeds = values.accuracies(found, **kind)
            axis.plot(seeds, [high - 0.09] * len(seeds), **look, ms=3.5, alpha=0.45)
            if ends := values.mean_interval(seeds):
                axis.plot(ends, [high + 0.06] * 2, color=COLOURS[framework], lw=2)
            if seeds:
                axis.plot(np.mean(seeds), high + 0.06, **look, ms=6.5)
            if (architecture, recipe, images) == ("mlp", "lab", "mnist"):
                look |= {"marker": "x", "label": f"{values.FRAMEWORKS[framework]} in 2025"}
                axis.plot(ACCURACY_2025[framework], high, **look, ms=7, mew=2)
    axis.set_yticks(range(len(recipes)), [" ".join(kind) for kind in reversed(recipes)])
    axis.set(xlabel="test accuracy", ylim=(-0.5, len(recipes) - 0.5))
    axis.xaxis.set_major_locator(plt.MaxNLocator(6))
    axis.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    axis.margins(x=0.06)
    for name, title in values.FRAMEWORKS.items():
        axis.plot([], [], MARKERS[name], color=COLOURS[name], label=title)
    figure.legend(loc="outside lower center", ncols=2)
    verdicts: dict[str, list[str]] = {}
    for row in found["differences"]:
        verdicts.setdefault(row["verdict"], []).append(f"{row['architecture']} {row['recipe']}")
    told = [f"{verdict} ({', '.join(kinds)})" for verdict, kinds in verdicts.items()]
    show(
        figure,
        finding=f"PyTorch's accuracy beside TensorFlow's: {_listed(told) or 'not measured'}",
        chart="Dot plot of test accuracy, one row an architecture and recipe, small dots for the "
        "seeds of each framework, a large one for their mean",
        caption="A small marker is one training, a large one the mean over the seeds, its line the "
        "95 % interval of the mean.",
    )


def batch_sizes(found: dict) -> None:
    """Show images a second over the batch size, one line a runtime, in the main comparison."""
    threads = max((row["threads"] for row in found["latency"]), default=1)
    rows = [
        {**row, "title": values.runtime(row["runtime"]), "ends": values.spread(row)}
        for row in results.where(found["latency"], threads=threads)
        if row["file"] == results.main_file(found, row["runtime"])
    ]
    if not results.where(rows, scenario="batch_sweep"):
        print("Batch sizes between one image and all were not measured.")
        return
    frame = pd.DataFrame(rows).sort_values("batch_size", kind="stable")
    frame["rate"] = frame["batch_size"] / frame["median_s"]
    looks = dict(zip(results.runtimes(found), itertools.cycle(LOOKS), strict=False))
    figure, axis = plt.subplots(figsize=(WIDTH, 4.0))
    for name, own in frame.groupby("runtime", sort=False):
        (colour, marker), sizes = looks[name], own["batch_size"]
        low, high = sizes / own["ends"].str[1], sizes / own["ends"].str[0]
        look = {"marker": marker, "label": values.runtime(name)}
        axis.plot(sizes, own["rate"], color=colour, **look)
        axis.fill_between(sizes, low, high, color=colour, alpha=0.15, linewidth=0)
    rates = frame.pivot_table(index="title", columns="batch_size", values="rate")
    axis.set(xscale="log", yscale="log", xlabel="images a call (log)")
    axis.set_ylabel("images a second (log)")
    axis.set_xticks(rates.columns, [f"{size:,}" for size in rates.columns])
    axis.minorticks_off()
    figure.legend(loc="outside lower center", ncols=2)
    gains = (rates.max(axis=1) / rates[rates.columns[0]]).dropna()
    ends = dict.fromkeys([gains.idxmax(), gains.idxmin()])
    told = [f"{values.ratio(gains[name])}-fold in {name}" for name in ends]
    show(
        figure,
        finding="With more images a call, images a second rise up to " + _listed(told),
        chart="Line chart of images a second over images a call, both on log axes, one line a "
        f"runtime, shaded {SPREAD}",
        caption="A line rises while its runtime shares the cost of a call among more images, and "
        "is level where the arithmetic takes over.",
    )


# The forward pass and all shorter stages have their own; the stages between take these in turn.
FORWARD_COLOUR, OTHER_COLOUR = "#332288", "#BBBBBB"
STAGE_COLOURS = ("#CC6677", "#DDCC77", "#88CCEE", "#117733", "#AA4499", "#44AA99", "#882255")
# A stage shorter than this share of the longest total is drawn with the others like it.
SMALL_STAGE = 0.02


def timer_stages(found: dict) -> None:
    """Show what each timer of 2025, rebuilt, holds besides the forward pass: one bar a timer."""
    timers = found["timers_2025"]
    if not timers:
        print("The timers of 2025 were not run.")
        return
    stages = pd.DataFrame({NAMES[row["runtime"]]: row["stages"] for row in timers})
    between = stages.drop(index=FORWARD).clip(lower=0)
    small = between.max(axis=1) < SMALL_STAGE * stages.sum().max()
    parts = pd.concat([stages.loc[[FORWARD]], between[~small]])
    parts.loc["all shorter stages"] = between[small].sum()
    turns = itertools.islice(itertools.cycle(STAGE_COLOURS), len(parts) - 2)
    figure, axis = plt.subplots(figsize=(WIDTH, 4.0))
    bars = parts.rename(index=lambda name: textwrap.fill(name, 24)).T[::-1]
    colours = [FORWARD_COLOUR, *turns, OTHER_COLOUR]
    bars.plot.barh(stacked=True, ax=axis, color=colours, legend=False, width=0.6)
    for place, row in enumerate(reversed(timers)):
        axis.annotate(f"  {values.time(row['total_s'])}", (row["total_s"], place), va="center")
    axis.set(xlabel="seconds inside the timer")
    axis.margins(x=0.15)
    figure.legend(loc="outside lower center", ncols=2)
    shares = (100 * stages.loc[FORWARD] / stages.sum()).items()
    show(
        figure,
        finding="The forward pass is "
        + _listed([f"{share:.0f} % of {name}'s" for name, share in shares])
        + " timer of 2025, rebuilt here",
        chart="Stacked bar chart of seconds inside each timer, one bar a timer, split by stage",
        caption="Only the forward pass is inference; a stage called the rest is a difference of "
        "clocks.",
    )


MOST_IMAGES, IMAGES_A_LINE = 24, 6
RED = "#C00000"


def common_errors(found: dict, images: np.ndarray) -> None:
    """Show test images, uint8 [N, 28, 28], that all models get wrong; known label errors framed."""
    rows = found["errors"]["common_errors"]
    if not rows:
        print("No test image is answered wrongly by all models.")
        return
    shown = rows[:MOST_IMAGES]
    lines = -(-len(shown) // IMAGES_A_LINE)
    figure = plt.figure(figsize=(WIDTH, 0.55 + 0.86 * lines))
    for place, row in enumerate(shown, start=1):
        axis = figure.add_subplot(lines, IMAGES_A_LINE, place, xticks=[], yticks=[])
        axis.imshow(images[row["image"]], cmap="gray_r")
        axis.spines[:].set(visible=bool(row["label_error"]), color=RED, linewidth=2)
        answers = ", ".join(map(str, sorted(set(row["predicted"].values()))))
        colour = RED if row["label_error"] else "black"
        axis.set_title(f"{row['label']} → {answers}", fontsize=10, color=colour, pad=3)
    known = [row["label_error"] for row in rows if row["label_error"] is not None]
    finding = f"Test images that all {len(rows[0]['predicted'])} models get wrong: {len(rows)}"
    if known:
        finding += f"; labels known to be wrong (red frame): {sum(known)}"
    show(
        figure,
        finding=finding,
        chart=f"Grid of {len(shown)} test images, over each its label and the models' answers",
        caption="Over each image stand its label and, behind the arrow, the models' answers; at "
        f"most {MOST_IMAGES} are shown{_meaning(found)}.",
    )


def confusion(found: dict) -> None:
    """Show the confusion matrix of PyTorch's main network, its errors coloured."""
    row = results.first(found["errors"]["confusion"], model=results.main_file(found, "pytorch"))
    if not row:
        print("The confusion matrix was not measured.")
        return
    counts = np.array(row["counts"])
    errors = counts * (1 - np.eye(len(counts), dtype=int))
    shades = np.sqrt(errors / max(errors.max(), 1))
    figure, axis = plt.subplots(figsize=(4.2, 3.9))
    axis.grid(False)
    axis.imshow(shades, cmap="Oranges", vmin=0, vmax=1.6)  # no cell too dark for its number
    for label, answer in np.argwhere(counts):
        look = {"fontsize": 7, "color": GREY} if label == answer else {"fontsize": 10}
        axis.text(answer, label, counts[label, answer], ha="center", va="center", **look)
    places = range(len(counts))
    axis.set(xticks=places, yticks=places, xlabel="answer", ylabel="label")
    pairs = [f"{label} read as {answer}" for label, answer in np.argwhere(errors == errors.max())]
    finding = f"PyTorch's {found['models'][0]['architecture']} gets {errors.sum()} of "
    finding += f"{counts.sum():,} test images wrong"
    if errors.max() > 1 and len(pairs) <= 3:
        finding += f", most often {_listed(pairs)} ({errors.max()} times)"
    show(
        figure,
        finding=finding,
        chart="Confusion matrix of labels (rows) against answers (columns), the errors coloured",
        caption="A number says how many images of the row's label were given the column's answer"
        f"{_meaning(found)}.",
    )
