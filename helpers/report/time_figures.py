"""The figures of the runtimes: one a function, each runtime in one colour and marker throughout."""

import itertools
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from helpers.benchmark.runtimes import RUNTIMES
from helpers.benchmark.statistics import compared
from helpers.benchmark.timers_2025 import FORWARD
from helpers.core.units import counted, duration
from helpers.findings import factor
from helpers.findings.report_2025 import NAMES, timers
from helpers.findings.time_sentences import (
    NONE_MEASURED,
    batch_swept,
    between,
    listed,
    longer,
    not_told_apart,
)
from helpers.report import tables
from helpers.report.figures import legend_below, show
from helpers.report.tables import table, wide

# The forward pass and all shorter stages have their own; the stages between take these in turn.
FORWARD_COLOUR, OTHER_COLOUR = "#0072B2", "#999999"
STAGE_COLOURS = (
    *("#D55E00", "#E69F00", "#CC79A7", "#009E73", "#56B4E9"),
    *("#882255", "#332288", "#DDCC77", "#117733", "#000000"),
)
# A stage shorter than this share of the longest total is drawn with the others like it.
SMALL_STAGE, OTHER = 0.02, "all shorter stages"
# A file counts as accurate as the best one up to this much.
AS_GOOD = 0.001


def latency(latency: list[dict], scenario: str) -> None:
    """Show each runtime's median time a call with its interval or range, fastest on top, log axis.

    The filled marker stands for all threads, the hollow one for one thread.
    """
    main = [row for row in latency if row["main"] and row["scenario"] == scenario]
    if not main:
        print(NONE_MEASURED)
        return
    rows = pd.DataFrame(main)
    most = rows["threads"].max()
    # A runtime that failed with all threads stands where its time with one puts it.
    fullest = rows.loc[rows.groupby("runtime")["threads"].idxmax()]
    fullest = fullest.sort_values("median_s", ascending=False)
    places = {runtime: place for place, runtime in enumerate(fullest["runtime"])}
    figure, axis = plt.subplots(figsize=(7.2, 1.6 + 0.33 * len(places)))
    for row in rows.itertuples():
        colour, marker = RUNTIMES[row.runtime].colour, RUNTIMES[row.runtime].marker
        alone = row.threads < most
        place = places[row.runtime] - 0.3 * alone
        low, high = row.ci95_s or row.range_s
        axis.plot([low, high], [place, place], color=colour, linewidth=1 if alone else 2)
        face = "white" if alone else colour
        axis.plot(row.median_s, place, marker, markersize=5 if alone else 8, color=colour, mfc=face)
        if not alone:
            text = f"  {duration(row.median_s)}"
            axis.annotate(text, (high, place), va="center", fontsize="small")
    axis.set_yticks(list(places.values()), [RUNTIMES[name].title for name in places])
    note = f"filled {most} threads, hollow one" if most > 1 else "one thread"
    axis.set(xscale="log", xlabel=f"seconds a call (log), {spread(main)}; {note}")
    axis.margins(x=0.2)
    axis.set_ylim(-0.6, len(places) - 0.6)
    full = fullest[fullest["threads"] == most]
    best, worst = full.iloc[-1], full.iloc[0]
    call = f"{counted(best.batch_size, 'image')} a call"
    title, all_rows = RUNTIMES[best.runtime].title, full.iloc[::-1].to_dict("records")
    near = [RUNTIMES[row["runtime"]].title for row in not_told_apart(all_rows)]
    finding = f"{title} is fastest with {call}"
    if len(near) == len(all_rows) - 1:
        finding = f"{title} takes {duration(best.median_s)} with {call}"
    elif near:
        finding += f", not told apart from {listed(near)}"
    else:
        most_s = compared(all_rows[-1], all_rows[0])
        slowest = RUNTIMES[worst.runtime].title
        finding += f"; {slowest} takes {longer(most_s)} as long {between(most_s)}"
    processes = {len(row["process_medians_s"]) for row in main}
    fewest, most = f"{min(processes)} to " if len(processes) > 1 else "", max(processes)
    show(
        figure,
        finding=finding,
        chart=f"Dot plot of seconds a call on a log axis, one row a runtime, {note}",
        caption=f"A dot is the median time of a call, its line the {spread(main)} over "
        f"{fewest}{counted(most, 'process')}; less is faster.",
        numbers=tables.latency(sorted(main, key=lambda row: (-row["threads"], row["median_s"]))),
    )


def spread(rows: Sequence[dict]) -> str:
    """Return what the lines around the medians of latency rows are."""
    found = {row["ci95_s"] is not None for row in rows}
    if found == {True}:
        return "95 % interval"
    return "range of the processes" if found == {False} else "95 % interval, or range where few"


def _ends(rows: pd.DataFrame) -> list[list[float]]:
    return [row.ci95_s or row.range_s for row in rows.itertuples()]


def batch_sweep(latency: list[dict]) -> None:
    """Show images a second over the batch size, one figure a network, one line a runtime."""
    networks = batch_swept(latency)
    if not networks:
        print(NONE_MEASURED)
    for network, rows in networks.items():
        _by_batch_size(network, sorted(rows, key=lambda row: row["batch_size"]))


def _by_batch_size(network: str, main: list[dict]) -> None:
    rows = pd.DataFrame(main)
    figure, axis = plt.subplots(figsize=(7.2, 4.2))
    for runtime, own in rows.groupby("runtime", sort=False):
        colour, marker = RUNTIMES[runtime].colour, RUNTIMES[runtime].marker
        sizes, (low, high) = own["batch_size"], np.transpose(_ends(own))
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
    if rows["runtime"].nunique() == 1:
        most = rows.loc[rows["images_per_s"].idxmax()]
        title = RUNTIMES[most["runtime"]].title
        finding = f"{title} computes most images a second at {most['batch_size']:,}"
    show(
        figure,
        finding=f"With the {network} " + finding + " images a call",
        chart="Line chart of images a second over images a call, both on log axes, one line a "
        "runtime, shaded "
        f"{spread(main)}",
        caption="A line rises while its runtime shares the cost of a call among more images, and "
        "is level where the arithmetic takes over.",
        numbers=wide(
            sorted(main, key=lambda row: row["runtime"]),
            "runtime",
            "batch_size",
            {"images_per_s": "{:,} a call".format},
        ),
    )


def trade_off(results: dict) -> None:
    """Show the accuracy of every timed file over its bytes and over its time for one image."""
    rows = pd.DataFrame(tables.timed_files(results))
    if rows.empty:
        print("None of the runtimes that time every file was measured.")
        return
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 4.4), sharey=True)
    for axis, column in zip(axes, ("bytes", "single_stream_s"), strict=True):
        for runtime, own in rows.groupby("runtime", sort=False):
            colour, marker = RUNTIMES[runtime].colour, RUNTIMES[runtime].marker
            for whole, some in own.groupby(own["precision"] == "float32"):
                face, label = (colour, RUNTIMES[runtime].title) if whole else ("white", None)
                look = {"color": colour, "markerfacecolor": face, "label": label, "alpha": 0.8}
                axis.plot(some[column], some["test_accuracy"], marker, **look)
    axes[0].set(xscale="log", xlabel="bytes of the file (log)", ylabel="test accuracy")
    axes[0].xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes[0].xaxis.set_major_formatter("{x:,.0f}")
    axes[0].xaxis.set_minor_formatter(NullFormatter())
    axes[1].set(xscale="log", xlabel="seconds for one image (log)")
    for architecture, own in rows.groupby("architecture"):
        place = own["bytes"].max(), own["test_accuracy"].max()
        axes[0].annotate(architecture, place, xytext=(0, 7), textcoords="offset points")
    axes[0].margins(y=0.15)
    axes[0].yaxis.set_major_formatter("{x:.2%}")
    legend_below(figure, axes[0], columns=4)
    best = rows.loc[rows["test_accuracy"].idxmax()]
    near = rows[rows["test_accuracy"] >= best["test_accuracy"] - AS_GOOD]
    small, fast = near.loc[near["bytes"].idxmin()], near.loc[near["single_stream_s"].idxmin()]
    show(
        figure,
        finding=f"Within {100 * AS_GOOD:g} points of the best accuracy {small['model']} is the "
        f"smallest ({small['bytes']:,} bytes) and {fast['model']} in "
        f"{RUNTIMES[fast['runtime']].title} the fastest",
        chart="Scatter plots of test accuracy, on the left over the bytes of a file, on the right "
        "over the seconds for one image, both on log axes, one marker a runtime, hollow for files "
        "smaller than float32",
        caption="The best files stand at the upper left: accurate, and small or fast.",
        numbers=tables.formats(results),
    )


def stages(results: dict) -> None:
    """Show what each timer held, stage by stage: the 2025 one above the fair one."""
    if not results["protocols"]:
        print("None of the reconstructed timers was run.")
        return
    rows = pd.DataFrame(timers(results)).sort_values(["runtime", "protocol"])
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
    finding = (
        f"{share:.0%} of {NAMES[told.runtime]}'s time in its reconstructed timer is not inference"
    )
    show(
        figure,
        finding=finding,
        chart="Stacked bar chart of seconds inside each timer, one bar a timer, split by stage",
        caption="Only the forward pass is inference; a stage called the rest is a difference of "
        "clocks, and a fair bar is as long as the time of the main comparison.",
        numbers=tables.stages(results),
    )


def _with_small_stages_joined(stages: dict[str, float], longest_s: float) -> dict[str, float]:
    joined: dict[str, float] = {}
    for stage, seconds in stages.items():
        name = OTHER if stage != FORWARD and seconds < SMALL_STAGE * longest_s else stage
        joined[name] = joined.get(name, 0.0) + max(seconds, 0.0)
    return joined


def cold_start(rows: list[dict]) -> None:
    """Show what a program waits for until its first logits, one bar a runtime."""
    if not rows:
        print(NONE_MEASURED)
        return
    steps = {"import_s": "import", "load_s": "load", "first_call_s": "first call"}
    rows = sorted(rows, key=lambda row: row["first_answer_s"], reverse=True)
    parts = [
        {
            "start of Python and NumPy": row["first_answer_s"] - sum(row[step] for step in steps),
            **{name: row[step] for step, name in steps.items()},
        }
        for row in rows
    ]
    titles = [RUNTIMES[row["runtime"]].title for row in rows]
    colours = dict(zip(parts[0], STAGE_COLOURS, strict=False))
    figure = _stacked_bars(parts, titles, colours, "seconds from the start to the first answer")
    slow_s, fast_s = rows[0]["first_answer_s"], rows[-1]["first_answer_s"]
    finding = f"{titles[-1]} gives its first answer after {duration(fast_s)}"
    if len(rows) > 1:
        finding += f", {titles[0]} after {duration(slow_s)}"
    show(
        figure,
        finding=finding,
        chart="Stacked bar chart of seconds from the start of a process to its first answer, split "
        "into the start of Python, import, load and first call, one bar a runtime",
        caption="A bar is what a program waits for once, with the framework's files in memory; the "
        "start of Python and NumPy is what the other parts leave of it.",
        numbers=table(rows[::-1], tables.COLD_START),
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
    figure.legend(loc="outside lower center", ncols=3, fontsize="small", frameon=False)
    return figure


# The three clocks of the result figure, darkest for the fair one.
CLOCKS = {
    "seconds_2025": ("the table of 2025, on its machine", "#BBBBBB", "s"),
    "total_s": ("the timers of 2025 as reconstructed, here", "#E69F00", "D"),
    "median_s": ("the same array for all, here", FORWARD_COLOUR, "o"),
}


def three_clocks(results: dict) -> None:
    """Show the time for all test images of the three of 2025's table, by three clocks, log axis."""
    rows = tables.three_clocks(results)
    figure, axis = plt.subplots(figsize=(7.2, 3.2))
    for place, row in enumerate(reversed(rows)):
        there = [row[key] for key in CLOCKS if row.get(key)]
        axis.plot([min(there), max(there)], [place, place], color="#DDDDDD", zorder=1)
        for key, (label, colour, marker) in CLOCKS.items():
            if row.get(key):
                name = label if row is rows[0] else None
                axis.plot(row[key], place, marker, color=colour, markersize=9, label=name)
                # Two can be close to each other: their times stand above and below in turns.
                below = sorted(there).index(row[key]) == 1
                at = (row[key], place - 0.18 if below else place + 0.16)
                where = {"ha": "center", "va": "top" if below else "bottom"}
                axis.annotate(duration(row[key]), at, fontsize="small", **where)
    axis.set_yticks(range(len(rows)), [NAMES[row["runtime"]] for row in reversed(rows)])
    axis.set(xscale="log", xlabel="seconds for all test images (log)")
    axis.set_ylim(-0.5, len(rows) - 0.3)
    axis.margins(x=0.1)
    figure.legend(loc="outside lower center", ncols=1, fontsize="small", frameon=False)
    show(
        figure,
        finding=factor.three_factors(results) or "The times in the table of 2025",
        chart="Dot plot of seconds for all test images on a log axis, one row a framework, one dot "
        "a clock",
        caption="A dot is the time for all test images by one clock; less is faster.",
        numbers=tables.table_2025(results),
    )
