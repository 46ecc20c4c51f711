"""One figure a function; each runtime keeps one colour and marker throughout."""

import io
import textwrap

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display
from matplotlib.figure import Figure

from helpers.claims import NAMES
from helpers.runtimes import RUNTIMES

# Okabe and Ito's colours, told apart by readers with any colour vision; the markers by print.
STYLES = {
    "keras-predict": ("#D55E00", "s"),
    "tf-function": ("#E69F00", "o"),
    "pytorch": ("#0072B2", "D"),
    "litert": ("#009E73", "^"),
    "onnxruntime": ("#CC79A7", "v"),
}
FORWARD = "forward pass"
STAGE_COLOURS = ("#0072B2", "#D55E00", "#000000", "#E69F00", "#CC79A7", "#999999")

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
    """Show each runtime's median time a call with its interval, fastest on top, log axis."""
    rows = rows[rows["scenario"] == scenario].sort_values("median_s", ascending=False)
    figure, axis = plt.subplots()
    for position, row in enumerate(rows.itertuples()):
        colour, marker = STYLES[row.runtime]
        low, high = row.ci95_s
        axis.plot([low, high], [position, position], color=colour, linewidth=2)
        axis.plot(row.median_s, position, marker=marker, markersize=8, color=colour)
        text = f"  {duration(row.median_s)}"
        axis.annotate(text, (high, position), va="center", fontsize="small")
    axis.set_yticks(range(len(rows)), [RUNTIMES[name].title for name in rows["runtime"]])
    axis.set(xscale="log", xlabel="seconds a call (log), median with 95 % interval")
    axis.margins(x=0.2, y=0.1)
    best, worst = rows.iloc[-1], rows.iloc[0]
    names = {"single_stream": "one image a call", "offline": f"{best.batch_size:,} images a call"}
    finding = (
        f"{RUNTIMES[best.runtime].title} is fastest with {names[scenario]}, "
        f"{times(worst.median_s / best.median_s)} faster than {RUNTIMES[worst.runtime].title}"
    )
    set_title(figure, finding)
    values = "; ".join(
        f"{RUNTIMES[r.runtime].title} {duration(r.median_s)}" for r in rows[::-1].itertuples()
    )
    alt = f"Dot plot of seconds a call on a log axis, one row a runtime. {finding}. {values}."
    show(figure, alt=alt, caption=finding + ".")


def stages(protocols: pd.DataFrame) -> None:
    """Show what the 2025 report's timer held, stage by stage, one bar a runtime."""
    rows = protocols[protocols["protocol"] == "report_2025"].sort_values("total_s")
    figure, axis = plt.subplots(figsize=(7.2, 3.0))
    names = [FORWARD, *dict.fromkeys(s for row in rows["stages"] for s in row if s != FORWARD)]
    colours = dict(zip(names, STAGE_COLOURS, strict=False))
    labelled: set[str] = set()
    for position, row in enumerate(rows.itertuples()):
        left = 0.0
        for stage in filter(row.stages.get, names):
            label = None if stage in labelled else stage
            labelled.add(stage)
            seconds = row.stages[stage]
            axis.barh(position, seconds, left=left, color=colours[stage], label=label)
            left += seconds
        axis.annotate(f"  {duration(left)}", (left, position), va="center", fontsize="small")
    axis.set_yticks(range(len(rows)), [NAMES[name] for name in rows["runtime"]])
    axis.set(xlabel="seconds inside the 2025 timer")
    axis.margins(x=0.15)
    figure.legend(loc="outside lower center", ncols=2, fontsize="small", frameon=False)
    worst = rows.iloc[-1]
    share = 1 - worst.stages[FORWARD] / worst.total_s
    finding = f"{share:.0%} of the longest 2025 time, {NAMES[worst.runtime]}'s, is not inference"
    set_title(figure, finding)
    values = "; ".join(f"{NAMES[row.runtime]} {duration(row.total_s)}" for row in rows.itertuples())
    alt = f"Stacked bar chart of seconds in the 2025 timer, one bar a runtime. {finding}. {values}."
    show(figure, alt=alt, caption=finding + ".")


def set_title(figure: Figure, finding: str) -> None:
    """Set the finding over the whole figure, broken where it is longer than the figure is wide."""
    figure.suptitle(textwrap.fill(finding, 86), x=0.01, ha="left", fontsize="medium")


def times(ratio: float) -> str:
    """Return a ratio with three digits and no exponent, such as "1.22 times"."""
    return f"{ratio:,.0f} times" if ratio >= 100 else f"{ratio:.3g} times"


def duration(seconds: float) -> str:
    """Return a time with the unit that keeps it between 1 and 1,000, three digits."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
