"""The tables and figures of notebook 03, until it draws its own."""

import io
import itertools
import textwrap
from collections.abc import Callable, Sequence
from html import escape
from urllib.parse import quote

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import HTML, display
from matplotlib.figure import Figure

from helpers.benchmark.runtimes import RUNTIMES
from helpers.benchmark.timers_2025 import FORWARD
from helpers.core.old_results import where, with_most_threads
from helpers.core.units import counted, duration, megabytes

FRAMEWORKS = {"tensorflow": "TensorFlow", "pytorch": "PyTorch"}
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


# Of each key its heading, and how its value is shown; those that are text stand to the left.
NUMBERS: dict[str, tuple[str, Callable]] = {
    "test_accuracy": ("Test accuracy", "{:.2%}".format),
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
