"""The figures of the report: each a function of results.json, its finding computed and over it.

A runtime has one colour and one marker throughout. What was not measured is not drawn.
"""

import io
import itertools
import re
import textwrap
from collections.abc import Sequence
from html import escape
from pathlib import Path
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
SPREAD = "95 % intervals (of fewer than six rounds their range)"

# Colours of Okabe and Ito's, which readers with any colour vision tell apart; markers for print.
# A runtime that a student adds takes the next ones.
LOOKS = (
    *(("#D55E00", "s"), ("#E69F00", "o"), ("#009E73", "^"), ("#0072B2", "D"), ("#CC79A7", "v")),
    *(("#000000", "*"), ("#777777", "X"), ("#56B4E9", "P"), ("#882255", "h"), ("#999933", "p")),
)
OF_MAIN = dict(zip(results.MAIN_FILES, LOOKS, strict=False))
OF_2025 = {name: OF_MAIN[runtime] for name, runtime in FAIR.items()}

# Not what a matplotlibrc of the user's says.
plt.style.use(["default", Path(__file__).with_name("template") / "figures.mplstyle"])


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
    # The page has it as an address, which is shorter with two decimals and without these names.
    svg = re.sub(r"(?<![\d.])([1-9]\d*\.\d\d)\d+", r"\1", buffer.getvalue())
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg).replace('"', "'")
    address = "data:image/svg+xml," + quote(" ".join(svg.split()), safe=" !$'()*+,-./:;=?@[]_~")
    alt = escape(f"{chart}. {finding}.")
    caption = f"<figcaption>{escape(caption)}</figcaption>"
    display(HTML(f'<figure><img alt="{alt}" src="{address}">{caption}</figure>'))


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
    clocks = (  # with marker, its inside, and how high it stands in its row
        ("the table of 2025, on its machine", "s", "white", 0.27, table),
        ("its timers rebuilt, here", "D", "white", 0, timers),
        ("the same array for all, here", "o", None, -0.27, fair),
    )
    figure, axis = plt.subplots(figsize=(WIDTH, 3.7))
    names = list(reversed(FAIR))
    for label, marker, face, high, times in clocks:
        axis.plot([], [], marker, color=GREY, mfc=face or GREY, label=label)
        for name, (seconds, ends) in times.items():
            place, colour = names.index(name) + high, OF_2025[name][0]
            axis.plot(ends, [place] * len(ends), color=colour, linewidth=3, alpha=0.5)
            axis.plot(seconds, place, marker, color=colour, mfc=face or colour, ms=7, mew=1.8)
            axis.annotate(f"   {values.time(seconds)}", (max(ends), place), va="center")
    axis.set_yticks(range(len(names)), list(map(values.runtime, names)))
    axis.set(xscale="log", xlabel="time for all test images (log)", ylim=(-0.5, 2.5))
    axis.xaxis.set_major_formatter(EngFormatter("s"))
    axis.margins(x=0.2)
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
    full = found["run"]["dataset"]["name"] == "mnist"
    figure, axis = plt.subplots(figsize=(WIDTH, min(4.0, 1.7 + 0.6 * len(recipes))))
    for place, (architecture, recipe) in enumerate(reversed(recipes)):
        for framework, high in (("tensorflow", place + 0.2), ("pytorch", place - 0.2)):
            kind = {"framework": framework, "architecture": architecture, "recipe": recipe}
            colour, marker = OF_2025[framework]
            look = {"color": colour, "marker": marker, "ls": ""}
            seeds = values.accuracies(found, **kind)
            axis.plot(seeds, [high - 0.09] * len(seeds), **look, ms=3.5, alpha=0.45)
            if ends := values.mean_interval(seeds):
                axis.plot(ends, [high + 0.06] * 2, color=colour, lw=2)
            axis.plot(np.mean(seeds), high + 0.06, **look, ms=6.5)
            if full and (architecture, recipe) == ("mlp", "lab"):
                look |= {"marker": "x", "label": f"{values.FRAMEWORKS[framework]} in 2025"}
                axis.plot(ACCURACY_2025[framework], high, **look, ms=7, mew=2)
    axis.set_yticks(range(len(recipes)), [" ".join(kind) for kind in reversed(recipes)])
    axis.set(xlabel="test accuracy", ylim=(-0.5, len(recipes) - 0.5))
    axis.xaxis.set_major_locator(plt.MaxNLocator(6))
    axis.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    axis.margins(x=0.06)
    for name, title in values.FRAMEWORKS.items():
        axis.plot([], [], OF_2025[name][1], color=OF_2025[name][0], label=title)
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
    if not found["latency"]:
        print("No runtime was measured.")
        return
    threads = max(row["threads"] for row in found["latency"])
    figure, axis = plt.subplots(figsize=(WIDTH, 4.0))
    gains = {}
    for name, (colour, marker) in zip(results.runtimes(found), itertools.cycle(LOOKS)):
        case = {"runtime": name, "file": results.main_file(found, name), "threads": threads}
        if own := results.where(found["latency"], **case):
            own.sort(key=lambda row: row["batch_size"])
            title, sizes = values.runtime(name), np.array([row["batch_size"] for row in own])
            rates = sizes / [row["median_s"] for row in own]
            least_s, most_s = np.transpose([values.spread(row) for row in own])
            axis.plot(sizes, rates, color=colour, marker=marker, label=title)
            ends = sizes / most_s, sizes / least_s
            axis.fill_between(sizes, *ends, color=colour, alpha=0.15, lw=0)
            gains[title] = max(rates) / rates[0]
    axis.set(xscale="log", yscale="log", xlabel="images a call (log)")
    axis.set_ylabel("images a second (log)")
    ticks = sorted({row["batch_size"] for row in found["latency"]})
    axis.set_xticks(ticks, [f"{size:,}" for size in ticks])
    axis.minorticks_off()
    figure.legend(loc="outside lower center", ncols=2)
    ends = dict.fromkeys([max(gains, key=gains.get), min(gains, key=gains.get)])
    told = [f"{values.ratio(gains[title])}-fold in {title}" for title in ends]
    show(
        figure,
        finding="With more images a call, images a second rise up to " + _listed(told),
        chart="Line chart of images a second over images a call, both on log axes, one line a "
        f"runtime, shaded {SPREAD}",
        caption="A line rises while its runtime shares the cost of a call among more images, and "
        "is level where the arithmetic takes over.",
    )


# Of the stages between the forward pass and all shorter ones.
STAGE_COLOURS = ("#CC6677", "#DDCC77", "#88CCEE", "#117733", "#AA4499", "#44AA99", "#882255")


def timer_stages(found: dict) -> None:
    """Show what each timer of 2025, rebuilt, holds besides the forward pass: one bar a timer."""
    timers = found["timers_2025"]
    if not timers:
        print("No timer of 2025 was measured.")
        return
    stages = pd.DataFrame({values.runtime(row["runtime"]): row["stages"] for row in timers})
    between = stages.drop(index=FORWARD).clip(lower=0)
    # What is shorter than this share of the longest total is drawn with the others like it.
    small = between.max(axis=1) < 0.02 * stages.sum().max()
    parts = pd.concat([stages.loc[[FORWARD]], between[~small]])
    parts.loc["all shorter stages"] = between[small].sum()
    figure, axis = plt.subplots(figsize=(WIDTH, 4.0))
    bars = parts.rename(index=lambda name: textwrap.fill(name, 24)).T[::-1]
    colours = ["#332288", *STAGE_COLOURS[: len(parts) - 2], "#BBBBBB"]
    bars.plot.barh(stacked=True, ax=axis, color=colours, legend=False, width=0.6)
    for place, row in enumerate(reversed(timers)):
        axis.annotate(f"  {values.time(row['total_s'])}", (row["total_s"], place), va="center")
    axis.set(xlabel="seconds inside the timer")
    axis.margins(x=0.15)
    figure.legend(loc="outside lower center", ncols=2)
    shares = (100 * stages.loc[FORWARD] / stages.sum()).items()
    told = _listed([f"{share:.0f} % of {name}'s" for name, share in shares])
    show(
        figure,
        finding=f"The forward pass is {told} timer of 2025, rebuilt here",
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
    finding = f"Test images that all {len(rows[0]['predicted'])} models get wrong: {len(rows)}"
    if rows[0]["label_error"] is not None:
        known = sum(row["label_error"] for row in rows)
        finding += f"; labels known to be wrong (red frame): {known}"
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
