"""The tables and figures of notebooks 01 to 04, until these notebooks draw their own."""

import io
import itertools
import math
import textwrap
from collections.abc import Callable, Sequence
from html import escape
from urllib.parse import quote

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import HTML, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.benchmark.robustness import UNITS, disturbance
from helpers.benchmark.runtimes import RUNTIMES
from helpers.benchmark.timers_2025 import FORWARD
from helpers.core.old_results import where, with_most_threads
from helpers.core.units import counted, duration, megabytes
from helpers.models import metrics

FRAMEWORKS = {"tensorflow": "TensorFlow", "pytorch": "PyTorch"}
COLOURS = {"tensorflow": "#E69F00", "pytorch": "#0072B2"}
MARKERS = {"tensorflow": "o", "pytorch": "D"}
LINE_STYLES = ("-", "--", ":", "-.")
NOTHING = "Nothing was measured."

plt.style.use("default")  # not what a matplotlibrc of the user's says
plt.rcParams.update(
    {
        "figure.figsize": (7.2, 3.6),
        "figure.constrained_layout.use": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.3,
        "svg.hashsalt": "lab03",  # the same figure gives the same bytes
    }
)


def _bounds(ends: Sequence[float] | None, form: Callable[[float], str]) -> str:
    return f" ({form(ends[0])} to {form(ends[1])})" if ends else ""


def _ratio(value: float) -> str:
    return f"{value:.3g}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


# Of each key its heading, and how its value is shown; those that are text stand to the left.
NUMBERS: dict[str, tuple[str, Callable]] = {
    "seed": ("Seed", str),
    "epochs": ("Epochs", str),
    "train_seconds": ("Training", duration),
    "validation_accuracy": ("Validation accuracy", "{:.2%}".format),
    "test_accuracy": ("Test accuracy", "{:.2%}".format),
    "bytes": ("Bytes", "{:,}".format),
    "agreement": ("Same class as source", "{:.2%}".format),
    "max_abs_logit_difference": ("Largest logit difference", "{:.1e}".format),
    "threads": ("Threads", str),
    "median_s": ("Median", duration),
    "ratio": ("Ratio", _ratio),
    "first_answer_s": ("First answer", duration),
    "import_s": ("of it import", duration),
    "load_s": ("load", duration),
    "first_call_s": ("first call", duration),
    "first_answer_rss_bytes": ("Memory then", megabytes),
    "peak_rss_bytes": ("after all images", megabytes),
    "install_bytes": ("Installed size", megabytes),
    "install_without_cuda_bytes": ("without CUDA", megabytes),
}
TEXTS: dict[str, tuple[str, Callable]] = {
    "architecture": ("Architecture", str),
    "recipe": ("Recipe", str),
    "id": ("Export", str),
    "gate": ("Gate", str),
    "route": ("Route", str),
    "outcome": ("Outcome", str),
    "export": ("Exported with a batch that is", str),
    "shape": ("Shape offered", str),
    "accepted": ("Accepted", _yes),
    "runtime": ("Runtime", lambda name: RUNTIMES[name].title),
    "scenario": ("Scenario", lambda name: name.replace("_", "-")),
}
# What belongs behind a value: its interval, or the range of processes too few for one.
BEHIND = {"median_s": ("ci95_s", "range_s"), "ratio": ("ratio_ci95",)}


def table(rows: Sequence[dict], keys: str) -> HTML:
    """Return rows as a table with a column for each of the keys, which stand in one text."""
    kinds = {key: "" if key in TEXTS else ' class="number"' for key in keys.split()}
    shown = {key: (TEXTS | NUMBERS)[key] for key in kinds}
    head = "".join(
        f'<th scope="col"{kinds[key]}>{escape(heading)}</th>' for key, (heading, _) in shown.items()
    )
    body = "".join(
        "<tr>" + "".join(f"<td{kinds[key]}>{_cell(row, key)}</td>" for key in shown) + "</tr>"
        for row in rows
    )
    return HTML(
        f'<div class="table"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(row: dict, key: str) -> str:
    form = (TEXTS | NUMBERS)[key][1]
    if row[key] is None:
        return "–"
    ends = [row[name] for name in BEHIND.get(key, ()) if row.get(name)]
    ends = [each for each in ends if each[0] < each[1]]
    return escape(form(row[key]) + _bounds(ends[0] if ends else None, form))


def show(figure: Figure, *, finding: str, chart: str, caption: str) -> None:
    """Display a figure under its finding, with its caption below, and close it.

    `finding` is what the figure shows, `chart` its type and axes, both without a full stop and
    together the alternative text; `caption` is one sentence.
    """
    title = textwrap.fill(finding, 98)
    figure.suptitle(title, x=0.01, ha="left", fontsize="medium", parse_math=False)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    svg = " ".join(buffer.getvalue().split()).replace('"', "'")
    address = "data:image/svg+xml," + quote(svg, safe=" !$'()*+,-./:;=?@[]_~")
    alt = escape(f"{chart}. {finding}.")
    caption = f"<figcaption>{escape(caption)}</figcaption>"
    display(HTML(f'<figure><img alt="{alt}" src="{address}">{caption}</figure>'))


def _panels(count: int, most: int, height: float, high: int = 1) -> tuple[Figure, list[list[Axes]]]:
    """Return a figure and its panels: `count` columns of `high` panels, at most `most` in a line.

    `height` is that of a line in inches.
    """
    lines, across = math.ceil(count / most), min(count, most)
    size = (7.2, height * lines)
    figure, axes = plt.subplots(lines * high, across, figsize=size, squeeze=False)
    columns = [
        axes[line * high : (line + 1) * high, place]
        for line in range(lines)
        for place in range(across)
    ]
    for axis in itertools.chain(*columns[count:]):
        axis.set_visible(False)
    return figure, columns[:count]


def _legend_below(figure: Figure, axis: Axes) -> None:
    handles, labels = axis.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)


def _whole(axis: Axes, numbers: pd.Series) -> None:
    """Let an axis of seeds or epochs have whole numbers, however few."""
    axis.set_xlim(numbers.min() - 0.5, numbers.max() + 0.5)
    axis.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)


def training_curves(history: list[dict]) -> None:
    """Show loss and validation accuracy over the epochs, of each kind of training the first seed.

    `history` are rows {framework, architecture, recipe, seed, epoch, loss, validation_accuracy}.
    """
    rows = pd.DataFrame(history)
    rows = rows[rows["seed"] == rows["seed"].min()]
    kinds = list(rows.groupby(["architecture", "recipe"], sort=False))
    figure, columns = _panels(len(kinds), 3, 4.6, high=2)
    ends = []
    for column, ((architecture, recipe), own) in zip(columns, kinds, strict=True):
        framework = own["framework"].iloc[0]
        look = {"color": COLOURS[framework], "marker": MARKERS[framework], "markersize": 3}
        for axis, values in zip(column, ("loss", "validation_accuracy"), strict=True):
            axis.plot(own["epoch"], own[values], **look)
            _whole(axis, own["epoch"])
        column[0].set(title=f"{architecture}, {recipe} recipe", yscale="log")
        column[0].title.set_fontsize("small")
        column[1].set_xlabel("epoch")
        column[1].yaxis.set_major_formatter("{x:.2%}")
        last = own["validation_accuracy"].iloc[-1]
        ends.append(f"{architecture} by the {recipe} recipe {last:.2%}")
    for column in columns[::3]:
        column[0].set_ylabel("training loss (log)")
        column[1].set_ylabel("validation accuracy")
    show(
        figure,
        finding=f"Validation accuracy after the last epoch: {', '.join(ends)}",
        chart="Line charts over the epoch, training loss on a log axis above validation accuracy, "
        "one column an architecture and recipe",
        caption="As long as the validation accuracy still rises at the right end, more epochs "
        "would help.",
    )


def differences(rows: list[dict]) -> list[str]:
    """Return in words PyTorch's mean accuracy less TensorFlow's, a line a kind of training."""
    said = []
    for (architecture, recipe), own in pd.DataFrame(rows).groupby(
        ["architecture", "recipe"], sort=False
    ):
        both = [own[own["framework"] == name]["test_accuracy"] for name in FRAMEWORKS]
        if not min(map(len, both)):
            continue
        difference, ci95 = metrics.difference_of_means(*both)
        between = _bounds(ci95, lambda share: f"{100 * share:+.2f}")
        said.append(
            f"{architecture} by the {recipe} recipe: PyTorch less TensorFlow "
            f"{100 * difference:+.2f} points{between}, {counted(len(both[1]), 'seed')}"
        )
    return said


def seeds(rows: list[dict]) -> None:
    """Show the test accuracy of every run, the two frameworks' runs of one seed joined."""
    runs = pd.DataFrame(rows)
    kinds = list(runs.groupby(["architecture", "recipe"], sort=False))
    figure, columns = _panels(len(kinds), 3, 3.6)
    for (axis,), ((architecture, recipe), own) in zip(columns, kinds, strict=True):
        for name, each in own.groupby("framework", sort=False):
            look = {"color": COLOURS[name], "label": FRAMEWORKS[name]}
            axis.plot(each["seed"], each["test_accuracy"], MARKERS[name], **look)
        ends = own.groupby("seed")["test_accuracy"].agg(["min", "max"])
        axis.vlines(ends.index, ends["min"], ends["max"], color="#999999", linewidth=1)
        axis.set(xlabel="seed", title=f"{architecture}, {recipe} recipe")
        axis.title.set_fontsize("small")
        _whole(axis, own["seed"])
        axis.yaxis.set_major_formatter("{x:.2%}")
    for (axis,) in columns[::3]:
        axis.set_ylabel("test accuracy")
    _legend_below(figure, columns[0][0])
    show(
        figure,
        finding=(differences(rows) or ["The accuracy of every training"])[0],
        chart="Dot plots of test accuracy over the seed, one panel an architecture and recipe, the "
        "frameworks' runs of a seed joined by a line",
        caption="Two dots of one seed differ by the framework (by the defaults recipe also by how "
        "it draws weights), dots of different seeds by the seed.",
    )


def paired_trainings(rows: list[dict]) -> None:
    """Show both frameworks' loss curves, and how far losses and weights drift apart."""
    frame = pd.DataFrame(rows)
    figure, (left, right) = plt.subplots(1, 2)
    for name, width, style in (("tensorflow", 4, "-"), ("pytorch", 1.5, "--")):
        look = {"color": COLOURS[name], "linewidth": width, "label": FRAMEWORKS[name]}
        left.plot(frame["epoch"], frame[f"{name}_loss"], style, marker=MARKERS[name], **look)
    left.set(xlabel="epoch", ylabel="mean training loss (log)", yscale="log")
    right.plot(frame["epoch"], frame["loss_difference"], "o-", color="#009E73", label="loss")
    right.plot(frame["epoch"], frame["weight_difference"], "s-", color="#CC79A7", label="weights")
    right.set(xlabel="epoch", ylabel="largest difference (log)", yscale="log")
    for axis in (left, right):
        axis.legend(frameon=False)
        _whole(axis, frame["epoch"])
    last = rows[-1]
    show(
        figure,
        finding=f"From the same start the losses differ by {last['loss_difference']:.1e} after "
        f"{counted(len(rows), 'epoch')}, the weights by {last['weight_difference']:.1e}",
        chart="Line charts over the epoch, on the left the loss of both frameworks on a log axis, "
        "on the right the largest differences of losses and of weights on a log axis",
        caption="Both frameworks start from the same weights, take the same batches and compute "
        "the same rule, so the differences begin at the size of rounding.",
    )


def confusion(counts: dict[str, np.ndarray], classes: Sequence[str]) -> None:
    """Show a confusion matrix for each model, the errors alone coloured."""
    turned = 90 if max(map(len, classes)) > 2 else 0
    figure, columns = _panels(len(counts), 2, 4.3)
    parts = []
    for (axis,), (name, matrix) in zip(columns, counts.items(), strict=True):
        errors = matrix * (1 - np.eye(len(matrix), dtype=int))
        shades = np.sqrt(errors / max(errors.max(), 1))
        axis.imshow(shades, cmap="Oranges", vmin=0, vmax=1)
        for label, given in np.argwhere(matrix):
            look = {"fontsize": "xx-small" if matrix[label, given] > 99 else "x-small"}
            look["color"] = "white" if shades[label, given] > 0.6 else "black"
            axis.text(given, label, matrix[label, given], ha="center", va="center", **look)
        axis.set_xticks(range(len(classes)), classes, rotation=turned, parse_math=False)
        axis.set_yticks(range(len(classes)), classes, parse_math=False)
        axis.set(xlabel="answer", ylabel="label")
        axis.set_title(name, fontsize="small")
        axis.grid(False)
        label, given = np.unravel_index(errors.argmax(), errors.shape)
        parts.append(
            f"{name} takes {classes[label]} for {classes[given]} most often "
            f"({counted(matrix[label, given], 'time')})"
        )
    show(
        figure,
        finding="; ".join(parts),
        chart="Confusion matrices of labels (rows) against answers (columns), one a model, the "
        "errors alone coloured",
        caption="A number says how many images of the row's label were given the column's answer.",
    )


def common_errors(images: np.ndarray, rows: list[dict], classes: Sequence[str]) -> None:
    """Show test images that all models get wrong, with label and answers; label errors are red."""
    shown, across = rows[:24], 8
    lines = max(1, math.ceil(len(shown) / across))
    figure, axes = plt.subplots(lines, across, figsize=(7.2, 1.4 * lines + 0.5), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, row in zip(axes.flat, shown, strict=False):
        axis.imshow(images[row["image"]], cmap="gray_r")
        given = ", ".join(classes[number] for number in sorted(set(row["predicted"].values())))
        title = textwrap.fill(f"{classes[row['label']]} read as {given}", 16)
        colour = "#D00000" if row["label_error"] else "#555555"
        axis.set_title(title, fontsize="x-small", color=colour, parse_math=False)
    finding = f"All models share {counted(len(rows), 'wrong test image')}"
    known = sum(bool(row["label_error"]) for row in rows)
    if any(row["label_error"] is not None for row in rows):
        finding += f", among them {counted(known, 'known label error')} (red)"
    show(
        figure,
        finding=finding,
        chart=f"Grid of {counted(len(shown), 'test image')}, each under its label and the answers",
        caption="Over each image stand its label and what the models read instead.",
    )


def robustness(accuracies: list[dict]) -> None:
    """Show each file's accuracy under each perturbation, one panel a perturbation."""
    rows = pd.DataFrame(accuracies)
    plain = rows[rows["perturbation"] == "none"]
    kinds = [kind for kind in rows["perturbation"].unique() if kind != "none"]
    names = list(dict.fromkeys(name.partition("-")[0] for name in rows["model"]))
    styles = dict(zip(names, itertools.cycle(LINE_STYLES), strict=False))
    figure, axes = plt.subplots(1, len(kinds), figsize=(7.2, 4.4), sharey=True, squeeze=False)
    for axis, kind in zip(axes[0], kinds, strict=True):
        own = pd.concat([plain, rows[rows["perturbation"] == kind]])
        for name, each in own.groupby("model", sort=False):
            colour = COLOURS["pytorch" if "pytorch" in name else "tensorflow"]
            look = {"color": colour, "linestyle": styles[name.partition("-")[0]], "alpha": 0.6}
            each = each.sort_values("amount")
            axis.plot(each["amount"], each["accuracy"], **look)
        axis.set(xlabel=f"{kind} ({UNITS[kind]})")
        axis.yaxis.set_major_formatter("{x:.0%}")
    axes[0][0].set_ylabel("accuracy")
    lines = [
        plt.Line2D([], [], color=COLOURS[name], label=title) for name, title in FRAMEWORKS.items()
    ]
    lines += [
        plt.Line2D([], [], color="#555555", linestyle=style, label=name)
        for name, style in styles.items()
    ]
    figure.legend(handles=lines, loc="outside lower center", ncols=5, frameon=False)
    low = rows.loc[rows["accuracy"].idxmin()]
    worst = disturbance(low["perturbation"], low["amount"])
    show(
        figure,
        finding=f"The lowest accuracy: {low['accuracy']:.0%}, {low['model']} under {worst}",
        chart="Line charts of accuracy over noise, rotation and shift in both directions, one line "
        "a file, in one style an architecture",
        caption="The lines of one model's files lie close together where the format does not "
        "matter.",
    )


def latency(rows: list[dict], scenario: str) -> None:
    """Show each runtime's median time a call with its interval or range, fastest on top, log axis.

    The filled marker stands for all threads, the hollow one for one thread.
    """
    main = pd.DataFrame([row for row in rows if row["main"] and row["scenario"] == scenario])
    if main.empty:
        print(NOTHING)
        return
    most = main["threads"].max()
    # A runtime that failed with all threads stands where its time with one puts it.
    fullest = main.loc[main.groupby("runtime")["threads"].idxmax()]
    fullest = fullest.sort_values("median_s", ascending=False)
    places = {runtime: place for place, runtime in enumerate(fullest["runtime"])}
    figure, axis = plt.subplots(figsize=(7.2, 1.6 + 0.33 * len(places)))
    for row in main.itertuples():
        colour, alone = RUNTIMES[row.runtime].colour, row.threads < most
        place = places[row.runtime] - 0.3 * alone
        low, high = row.ci95_s or row.range_s
        axis.plot([low, high], [place, place], color=colour, linewidth=1 if alone else 2)
        look = {"color": colour, "mfc": "white" if alone else colour}
        marker = RUNTIMES[row.runtime].marker
        axis.plot(row.median_s, place, marker, markersize=5 if alone else 8, **look)
        if not alone:
            text = f"  {duration(row.median_s)}"
            axis.annotate(text, (high, place), va="center", fontsize="small")
    axis.set_yticks(list(places.values()), [RUNTIMES[name].title for name in places])
    note = f"filled {most} threads, hollow one" if most > 1 else "one thread"
    axis.set(xscale="log", xlabel=f"seconds a call (log); {note}")
    axis.margins(x=0.2)
    axis.set_ylim(-0.6, len(places) - 0.6)
    best = fullest.iloc[-1]
    show(
        figure,
        finding=f"With {counted(best.batch_size, 'image')} a call {RUNTIMES[best.runtime].title} "
        f"has the least median, {duration(best.median_s)}",
        chart=f"Dot plot of seconds a call on a log axis, one row a runtime, {note}",
        caption="A dot is the median time of a call, its line the interval, or the range of few "
        "processes; less is faster.",
    )


def batch_sweep(rows: list[dict]) -> None:
    """Show images a second over the batch size, one figure a network, one line a runtime."""
    rows = where(with_most_threads(rows), precision="float32")
    if not rows:
        print(NOTHING)
        return
    swept = pd.DataFrame([r for r in rows if r["framework"] == RUNTIMES[r["runtime"]].framework])
    for architecture, own in swept.groupby("architecture", sort=False):
        figure, axis = plt.subplots(figsize=(7.2, 4.2))
        for runtime, each in own.groupby("runtime", sort=False):
            look = {"marker": RUNTIMES[runtime].marker, "color": RUNTIMES[runtime].colour}
            each = each.sort_values("batch_size")
            label = RUNTIMES[runtime].title
            axis.plot(each["batch_size"], each["images_per_s"], label=label, **look)
        axis.set(xlabel="images a call (log)", ylabel="images a second (log)")
        axis.set(xscale="log", yscale="log")
        sizes = sorted(own["batch_size"].unique())
        axis.set_xticks(sizes, [f"{size:,}" for size in sizes], minor=False)
        axis.minorticks_off()
        figure.legend(loc="outside right center", fontsize="small", frameon=False)
        best = own.loc[own["images_per_s"].idxmax()]
        show(
            figure,
            finding=f"With the {architecture} the most images a second are "
            f"{best['images_per_s']:,.0f}, by {RUNTIMES[best['runtime']].title} with "
            f"{counted(best['batch_size'], 'image')} a call",
            chart="Line chart of images a second over images a call, both on log axes, one line a "
            "runtime",
            caption="A line rises while its runtime shares the cost of a call among more images, "
            "and is level where the arithmetic takes over.",
        )


# The forward pass and all shorter stages have their own; the stages between take these in turn.
FORWARD_COLOUR, OTHER_COLOUR = "#0072B2", "#999999"
STAGE_COLOURS = ("#D55E00", "#E69F00", "#CC79A7", "#009E73", "#56B4E9", "#882255", "#332288")
# A stage shorter than this share of the longest total is drawn with the others like it.
SMALL_STAGE, OTHER = 0.02, "all shorter stages"


def stages(timers: list[dict]) -> None:
    """Show what each timer of 2025 held, stage by stage."""
    if not timers:
        print(NOTHING)
        return
    longest_s = max(row["total_s"] for row in timers)
    parts = []
    for row in timers:
        part = dict.fromkeys((FORWARD, *row["stages"], OTHER), 0.0)
        for stage, seconds in row["stages"].items():
            small = stage != FORWARD and seconds < SMALL_STAGE * longest_s
            part[OTHER if small else stage] += max(seconds, 0)
        parts.append({name: seconds for name, seconds in part.items() if seconds})
    between = sorted({stage for part in parts for stage in part} - {FORWARD, OTHER})
    colours = dict(zip(between, itertools.cycle(STAGE_COLOURS), strict=False))
    colours |= {FORWARD: FORWARD_COLOUR, OTHER: OTHER_COLOUR}
    titles = [{**FRAMEWORKS, "onnxruntime": "ONNX Runtime"}[row["runtime"]] for row in timers]
    figure = _stacked_bars(parts, titles, colours, "seconds inside the timer")
    shares = [
        f"{title} {row['stages'][FORWARD] / row['total_s']:.0%}"
        for title, row in zip(titles, timers, strict=True)
    ]
    show(
        figure,
        finding=f"The forward pass in each timer: {', '.join(shares)}",
        chart="Stacked bar chart of seconds inside each timer, one bar a timer, split by stage",
        caption="Only the forward pass is inference; a stage called the rest is a difference of "
        "clocks.",
    )


def cold_start(rows: list[dict]) -> None:
    """Show what a program waits for until its first logits, one bar a runtime."""
    if not rows:
        print(NOTHING)
        return
    steps = {"import_s": "import", "load_s": "load", "first_call_s": "first call"}
    rows = sorted(rows, key=lambda row: row["first_answer_s"], reverse=True)
    parts = [
        {"start of Python and NumPy": row["first_answer_s"] - sum(row[step] for step in steps)}
        | {name: row[step] for step, name in steps.items()}
        for row in rows
    ]
    titles = [RUNTIMES[row["runtime"]].title for row in rows]
    colours = dict(zip(parts[0], STAGE_COLOURS, strict=False))
    figure = _stacked_bars(parts, titles, colours, "seconds from the start to the first answer")
    least, most = (duration(row["first_answer_s"]) for row in (rows[-1], rows[0]))
    show(
        figure,
        finding=f"The medians until the first answer go from {least} ({titles[-1]}) to {most} "
        f"({titles[0]})",
        chart="Stacked bar chart of seconds from the start of a process to its first answer, split "
        "into the start of Python, import, load and first call, one bar a runtime",
        caption="A bar is what a program waits for once, with the framework's files in memory; the "
        "start of Python and NumPy is what the other parts leave of it.",
    )


def _stacked_bars(
    parts: list[dict[str, float]], titles: list[str], colours: dict[str, str], xlabel: str
) -> Figure:
    """Draw one bar a title, bottom up: its named parts in order, their sum at the end."""
    figure, axis = plt.subplots(figsize=(7.2, 1.8 + 0.33 * len(parts)))
    labelled: set[str] = set()
    for place, part in enumerate(parts):
        left = 0.0
        for name, seconds in part.items():
            label = None if name in labelled else name
            labelled.add(name)
            axis.barh(place, seconds, left=left, color=colours[name], label=label)
            left += seconds
        axis.annotate(f"  {duration(left)}", (left, place), va="center", fontsize="small")
    axis.set_yticks(range(len(parts)), titles)
    axis.set(xlabel=xlabel)
    axis.margins(x=0.15)
    figure.legend(loc="outside lower center", ncols=2, fontsize="small", frameon=False)
    return figure
