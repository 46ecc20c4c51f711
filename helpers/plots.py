"""One figure a function; each runtime keeps one colour and marker throughout."""

import io
import itertools
import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.figure import Figure

from helpers.factor import NAMES
from helpers.protocols import FORWARD
from helpers.runtimes import RUNTIMES
from helpers.units import duration, times

# Okabe and Ito's colours, told apart by readers with any colour vision; the markers by print.
STYLES = {
    "keras-predict": ("#D55E00", "s"),
    "tf-function": ("#E69F00", "o"),
    "pytorch": ("#0072B2", "D"),
    "torch-compile": ("#56B4E9", "d"),
    "litert": ("#009E73", "^"),
    "onnxruntime": ("#CC79A7", "v"),
    "onnxruntime-no-spin": ("#882255", "<"),
    "numpy": ("#777777", "X"),
}
# The forward pass and all shorter stages have their own; the stages between take these in turn.
FORWARD_COLOUR, OTHER_COLOUR = "#0072B2", "#999999"
STAGE_COLOURS = (
    *("#D55E00", "#E69F00", "#CC79A7", "#009E73", "#56B4E9"),
    *("#882255", "#332288", "#DDCC77", "#117733", "#000000"),
)
# A stage shorter than this share of the longest total is drawn with the others like it.
SMALL_STAGE, OTHER = 0.02, "all shorter stages"

plt.rcParams.update(
    {
        "figure.figsize": (7.2, 3.6),
        "figure.constrained_layout.use": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.3,
        "svg.hashsalt": "lab03",  # the same figure gives the same bytes
        "font.family": "sans-serif",
    }
)


def show(figure: Figure, *, alt: str, caption: str) -> None:
    """Display a figure as SVG with its alternative text and caption, and close it."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    mime = "image/svg+xml"
    display(
        {mime: buffer.getvalue(), "text/plain": alt},
        metadata={mime: {"alt": alt, "caption": caption}},
        raw=True,
    )


def training_curve(history: pd.DataFrame, framework: str) -> None:
    """Show loss and validation accuracy over the epochs."""
    first, last = history.iloc[0], history.iloc[-1]
    figure, axes = plt.subplots(1, 2)
    for axis, column, label in (
        (axes[0], "loss", "mean training loss (log)"),
        (axes[1], "validation_accuracy", "validation accuracy"),
    ):
        axis.plot(history["epoch"], history[column], marker="o", color="#0072B2")
        axis.set(xlabel="epoch", ylabel=label)
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0].set_yscale("log")
    axes[1].yaxis.set_major_formatter("{x:.1%}")
    verb = "fell" if last["loss"] <= first["loss"] else "rose"
    title = f"{framework}: the loss {verb} from {first['loss']:.3f} to {last['loss']:.3f}"
    set_title(figure, title)
    show(
        figure,
        alt=f"Two line charts over {len(history)} epochs: mean training loss on a log axis and "
        f"validation accuracy. {title}; validation accuracy ends at "
        f"{last['validation_accuracy']:.2%}.",
        caption=f"{title}; the last validation accuracy is {last['validation_accuracy']:.2%}.",
    )


def latency(rows: pd.DataFrame, scenario: str) -> None:
    """Show each runtime's median time a call with its interval, fastest on top, log axis.

    The filled marker stands for all threads, the hollow one for one thread.
    """
    rows = rows[rows["scenario"] == scenario]
    most = rows["threads"].max()
    full = rows[rows["threads"] == most].sort_values("median_s", ascending=False)
    places = {runtime: place for place, runtime in enumerate(full["runtime"])}
    figure, axis = plt.subplots(figsize=(7.2, 4.2))
    for row in rows.itertuples():
        colour, marker = STYLES[row.runtime]
        alone = row.threads < most
        place = places[row.runtime] - 0.3 * alone
        low, high = row.ci95_s
        axis.plot([low, high], [place, place], color=colour, linewidth=1 if alone else 2)
        face = "white" if alone else colour
        axis.plot(row.median_s, place, marker, markersize=5 if alone else 8, color=colour, mfc=face)
        if not alone:
            text = f"  {duration(row.median_s)}"
            axis.annotate(text, (high, place), va="center", fontsize="small")
    axis.set_yticks(list(places.values()), [RUNTIMES[name].title for name in places])
    note = f"filled {most} threads, hollow one" if most > 1 else "one thread"
    axis.set(xscale="log", xlabel=f"seconds a call (log), 95 % interval; {note}")
    axis.margins(x=0.2, y=0.1)
    best, worst = full.iloc[-1], full.iloc[0]
    names = {"single_stream": "one image a call", "offline": f"{best.batch_size:,} images a call"}
    finding = (
        f"{RUNTIMES[best.runtime].title} is fastest with {names[scenario]}, "
        f"{times(worst.median_s / best.median_s)} faster than {RUNTIMES[worst.runtime].title}"
    )
    set_title(figure, finding)
    values = "; ".join(
        f"{RUNTIMES[r.runtime].title} {duration(r.median_s)}" for r in full[::-1].itertuples()
    )
    alt = (
        f"Dot plot of seconds a call on a log axis, one row a runtime, {note}. {finding}. {values}."
    )
    show(figure, alt=alt, caption=finding + ".")


def batch_sweep(rows: pd.DataFrame) -> None:
    """Show images a second over the batch size, one line a runtime, both axes log."""
    rows = rows[rows["threads"] == rows["threads"].max()].sort_values("batch_size")
    figure, axis = plt.subplots(figsize=(7.2, 4.2))
    for runtime, own in rows.groupby("runtime", sort=False):
        colour, marker = STYLES[runtime]
        sizes, (low, high) = own["batch_size"], np.transpose(own["ci95_s"].tolist())
        label = RUNTIMES[runtime].title
        axis.plot(sizes, own["images_per_s"], marker=marker, color=colour, label=label)
        axis.fill_between(sizes, sizes / high, sizes / low, color=colour, alpha=0.15, linewidth=0)
    sizes = sorted(rows["batch_size"].unique())
    axis.set(
        xscale="log", yscale="log", xlabel="images a call (log)", ylabel="images a second (log)"
    )
    axis.set_xticks(sizes, [f"{size:,}" for size in sizes], minor=False)
    axis.minorticks_off()
    figure.legend(loc="outside right center", fontsize="small", frameon=False)
    leaders = rows.loc[rows.groupby("batch_size")["median_s"].idxmin()]
    spans: dict[str, list[int]] = {}
    for row in leaders.itertuples():
        spans.setdefault(RUNTIMES[row.runtime].title, []).append(row.batch_size)
    finding = "; ".join(
        f"{name} is fastest at {', '.join(f'{size:,}' for size in own)}"
        for name, own in spans.items()
    )
    finding += " images a call"
    set_title(figure, finding)
    alt = (
        f"Line chart of images a second over images a call, both on log axes, {len(STYLES)} "
        f"runtimes at most, shaded 95 % intervals. {finding}."
    )
    show(figure, alt=alt, caption=finding + ".")


def stages(protocols: pd.DataFrame) -> None:
    """Show what each timer held, stage by stage: the 2025 one above the fair one."""
    rows = protocols.sort_values(["runtime", "protocol"], ascending=[True, True])
    longest_s = rows["total_s"].max()
    parts = [_with_small_stages_joined(row, longest_s) for row in rows["stages"]]
    between = sorted({stage for part in parts for stage in part} - {FORWARD, OTHER})
    names = [FORWARD, *between, OTHER]
    colours = dict(zip(between, itertools.cycle(STAGE_COLOURS), strict=False))
    colours |= {FORWARD: FORWARD_COLOUR, OTHER: OTHER_COLOUR}
    titles = [
        f"{NAMES[row.runtime]}, {'2025' if row.protocol == 'report_2025' else 'fair'}"
        for row in rows.itertuples()
    ]
    ordered = [{name: part[name] for name in names if part.get(name)} for part in parts]
    figure = _stacked_bars(ordered, titles, colours, "seconds inside the timer")
    old = rows[rows["protocol"] == "report_2025"]
    told = old.loc[(1 - old["stages"].str[FORWARD] / old["total_s"]).idxmax()]
    share = 1 - told.stages[FORWARD] / told.total_s
    finding = f"{share:.0%} of {NAMES[told.runtime]}'s time in the timer of 2025 is not inference"
    set_title(figure, finding)
    values = "; ".join(
        f"{title} {duration(row.total_s)}"
        for title, row in zip(titles, rows.itertuples(), strict=True)
    )
    alt = f"Stacked bar chart of seconds inside each timer, one bar a timer. {finding}. {values}."
    show(figure, alt=alt, caption=finding + ".")


def _with_small_stages_joined(stages: dict[str, float], longest_s: float) -> dict[str, float]:
    joined: dict[str, float] = {}
    for stage, seconds in stages.items():
        name = OTHER if stage != FORWARD and seconds < SMALL_STAGE * longest_s else stage
        joined[name] = joined.get(name, 0.0) + max(seconds, 0.0)
    return joined


def cold_start(rows: pd.DataFrame) -> None:
    """Show what passes before the first answer: import, load and first call, one bar a runtime."""
    steps = {"import_s": "import", "load_s": "load", "first_call_s": "first call"}
    rows = rows.assign(total_s=rows[list(steps)].sum(axis=1)).sort_values(
        "total_s", ascending=False
    )
    parts = [dict(zip(steps.values(), row, strict=True)) for row in rows[list(steps)].to_numpy()]
    titles = [RUNTIMES[name].title for name in rows["runtime"]]
    colours = dict(zip(steps.values(), STAGE_COLOURS, strict=False))
    figure = _stacked_bars(parts, titles, colours, "seconds before the first answer")
    slow, fast = rows.iloc[0], rows.iloc[-1]
    finding = (
        f"{RUNTIMES[fast.runtime].title} gives its first answer after {duration(fast.total_s)}, "
        f"{RUNTIMES[slow.runtime].title} after {duration(slow.total_s)}"
    )
    set_title(figure, finding)
    values = "; ".join(
        f"{RUNTIMES[row.runtime].title} {duration(row.total_s)}" for row in rows[::-1].itertuples()
    )
    alt = (
        f"Stacked bar chart of import, load and first call, one bar a runtime. {finding}. {values}."
    )
    show(figure, alt=alt, caption=finding + ".")


def _stacked_bars(
    parts: list[dict[str, float]], titles: list[str], colours: dict[str, str], xlabel: str
) -> Figure:
    """Draw one bar a title, bottom up: its named parts in order, their sum at the end."""
    figure, axis = plt.subplots(figsize=(7.2, 4.2))
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
    figure.legend(loc="outside lower center", ncols=3, fontsize="small", frameon=False)
    return figure


def set_title(figure: Figure, finding: str) -> None:
    """Set the finding over the whole figure, broken where it is longer than the figure is wide."""
    figure.suptitle(textwrap.fill(finding, 86), x=0.01, ha="left", fontsize="medium")
