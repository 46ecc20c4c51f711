"""The figures of a sweep: spread over seeds, paired differences, power, shares of the variance."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter

from helpers.core.old_results import where
from helpers.findings import seed_study
from helpers.findings.effects import TITLES
from helpers.findings.seed_sentences import CLAIMED, needed
from helpers.findings.seeds import FRAMEWORKS, accuracies
from helpers.findings.sentences import seed_difference
from helpers.findings.time_sentences import listed
from helpers.report import seed_tables
from helpers.report.figures import legend_below, panels, show
from helpers.report.model_figures import COLOURS, LINE_STYLES, MARKERS, percentages

WIDTH = 0.3  # over which the dots of a framework are spread
BESIDE = 0.12  # how far pairs and their mean are from the middle of a line


def distribution(study: dict) -> None:
    """Show the test accuracy of every run of the arms, one panel an arm, with mean and interval.

    `study` holds the tables of `seed_study.tables`, alone or in results.json; so do those below.
    """
    runs = seed_study.runs_of_arms(study["sweep_runs"])
    arms = seed_study.settings(runs)
    figure, columns = panels(len(arms), 3, 3.6)
    for (axis,), arm in zip(columns, arms, strict=True):
        rows = where(study["sweep_spread"], **arm)
        for place, row in enumerate(rows):
            name = row["framework"]
            own = [run["test_accuracy"] for run in where(runs, **arm, framework=name)]
            places = place + np.linspace(-WIDTH, WIDTH, len(own)) * (len(own) > 1)
            axis.plot(places, own, MARKERS[name], color=COLOURS[name], markersize=4, alpha=0.7)
            low, high = row["mean_ci95"] or 2 * [row["mean"]]
            axis.vlines(place, low, high, color="#000000", linewidth=3)
            axis.hlines(row["mean"], place - WIDTH, place + WIDTH, color="#000000", linewidth=1)
        axis.set_xticks(range(len(rows)), [FRAMEWORKS[row["framework"]] for row in rows])
        axis.set_xlim(-0.6, len(rows) - 0.4)
        axis.set_title(f"{arm['architecture']}, {arm['recipe']} recipe", fontsize="small")
        percentages(axis)
    for (axis,) in columns[::3]:
        axis.set_ylabel("test accuracy")
    first = where(study["sweep_spread"], **arms[0])
    deviations = [
        f"{100 * row['sd']:.2f} points in {FRAMEWORKS[row['framework']]}"
        for row in first
        if row["sd"] is not None
    ]
    varies = "is not told by one run"
    if deviations:
        varies = f"varies by a standard deviation of {listed(deviations)}"
    show(
        figure,
        finding=f"From seed to seed the test accuracy of the {arms[0]['architecture']} by the "
        f"{arms[0]['recipe']} recipe {varies}",
        chart="Dot plots of test accuracy, one panel a network and recipe, one column a framework, "
        "one dot a seed, the mean as a line and its interval as a bar",
        caption="A dot is a training from another seed, the bar the 95 % interval of their mean.",
        numbers=seed_tables.spread(study),
    )


def differences(study: dict) -> None:
    """Show the paired differences of each arm with mean and interval; nothing without pairs."""
    rows = study["sweep_pairs"]
    if not rows:
        return
    runs = seed_study.runs_of_arms(study["sweep_runs"])
    figure, axis = plt.subplots(figsize=(7.2, 1.4 + 0.6 * len(rows)))
    for place, row in enumerate(rows):
        kind = row["architecture"], row["recipe"]
        first, second = (accuracies(runs, name, *kind) for name in FRAMEWORKS)
        own = [100 * (second[seed] - first[seed]) for seed in first if seed in second]
        axis.plot(own, len(own) * [place - BESIDE], "o", color="#777777", markersize=4, alpha=0.7)
        axis.plot(100 * row["difference"], place + BESIDE, "D", color="#000000")
        if row["difference_ci95"]:
            ends = (100 * end for end in row["difference_ci95"])
            axis.hlines(place + BESIDE, *ends, color="#000000", linewidth=3)
    axis.axvline(0, color="#555555", linewidth=1)
    axis.axvline(100 * CLAIMED, color="#D55E00", linestyle="--", linewidth=1)
    axis.set_yticks(range(len(rows)), [f"{r['architecture']}, {r['recipe']}" for r in rows])
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.set_xlabel("PyTorch less TensorFlow, points of test accuracy")
    show(
        figure,
        finding=seed_difference(runs, rows[0]["architecture"], rows[0]["recipe"]),
        chart="Dot plot of paired differences in points of test accuracy, one line a network and "
        "recipe, one dot a seed, the mean as a diamond and its interval as a bar",
        caption="Right of zero PyTorch is more accurate; the dashed line is the difference that "
        "the report of 2025 shows.",
        numbers=seed_tables.pairs(study),
    )


def power(study: dict) -> None:
    """Show over the number of seeds how often a study finds a difference; nothing without pairs."""
    rows = study["sweep_power"]
    if not rows:
        return
    arms = seed_study.settings(rows)
    most = max(row["seeds"] for row in rows)
    pairs = np.unique(np.geomspace(3, max(2 * most, 10), 60).round().astype(int))
    colours = ("#0072B2", "#E69F00", "#CC79A7")
    figure, axis = plt.subplots()
    for arm, style in zip(arms, itertools.cycle(LINE_STYLES), strict=False):
        for row, colour in zip(where(rows, **arm), colours, strict=True):
            found = [seed_study.power(row["told_apart"], row["sd"], number) for number in pairs]
            label = f"{100 * row['told_apart']:.2g} points, {arm['architecture']}, {arm['recipe']}"
            axis.plot(pairs, found, color=colour, linestyle=style, label=label)
    axis.axhline(seed_study.POWER, color="#555555", linewidth=1)
    axis.set(xlabel="paired seeds (log)", ylabel="share of studies that find it", xscale="log")
    axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.xaxis.set_major_formatter("{x:g}")
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.yaxis.set_major_formatter("{x:.0%}")
    legend_below(figure, axis, columns=max(len(arms), 1))
    show(
        figure,
        finding=f"With the {arms[0]['architecture']} by the {arms[0]['recipe']} recipe it takes "
        f"{needed(where(rows, **arms[0]))}",
        chart="Line chart of the share of studies that find a difference over the number of paired "
        "seeds on a log axis, one colour a difference, one style a network and recipe",
        caption=f"Where a line crosses the grey one, {seed_study.POWER:.0%} of the studies find "
        f"the difference by a paired t test at the {seed_study.SIGNIFICANCE:.0%} level.",
        numbers=seed_tables.power(study),
    )


def effects(study: dict) -> None:
    """Show the shares of the variance, those that are no chance in colour; nothing without."""
    rows = study["sweep_effects"]
    if not rows:
        return
    figure, axis = plt.subplots(figsize=(7.2, 1.2 + 0.35 * len(rows)))
    names = [TITLES[row["factor"]] for row in rows]
    shown = [row["p"] is not None and row["p"] < seed_study.SIGNIFICANCE for row in rows]
    colours = ["#0072B2" if own else "#999999" for own in shown]
    axis.barh(names, [row["share"] for row in rows], color=colours)
    axis.invert_yaxis()
    axis.grid(axis="y", visible=False)
    axis.xaxis.set_major_formatter("{x:.0%}")
    axis.set_xlabel("share of the variance of the test accuracy")
    largest = max(rows, key=lambda row: row["share"])
    show(
        figure,
        finding=f"The largest share of the variance of the test accuracy, {largest['share']:.0%}, "
        f"goes to the {TITLES[largest['factor']]}",
        chart="Bar chart of shares of the variance of the test accuracy, one bar a factor and one "
        "each for combinations and seed",
        caption="Blue is a factor with an effect by an F test at the "
        f"{seed_study.SIGNIFICANCE:.0%} level; the shares hold for the values that were tried.",
        numbers=seed_tables.effects(study),
    )
