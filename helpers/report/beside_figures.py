"""The figure of two runs side by side: how their times compare."""

import matplotlib.pyplot as plt
from matplotlib.ticker import LogLocator, NullFormatter

from helpers.core.old_results import where
from helpers.findings import beside
from helpers.findings.beside_sentences import other, timed, trained
from helpers.findings.time_sentences import PLACES
from helpers.report import beside_tables
from helpers.report.figures import show

TICKS = (1, 1.2, 1.5, 2, 3, 5, 7)  # in a decade
# What is not told apart is grey.
COLOUR, GREY = "#0072B2", "#777777"


def times(found: dict) -> None:
    """Show the other run's times in units of this run's, with bounds; nothing without any."""
    rows = [(f"{trained(row)}, an epoch", row) for row in found["beside_training"]]
    for scenario in PLACES:
        name = scenario.replace("_", "-")
        own = where(found["beside_latency"], scenario=scenario)
        rows += [(f"{timed(row)}, {name}", row) for row in own]
    if not rows:
        return
    figure, axis = plt.subplots(figsize=(7.2, 1.2 + 0.26 * len(rows)))
    for place, (_, row) in enumerate(rows):
        ratio = beside.ratio(row)
        colour = COLOUR if beside.told_apart(row) else GREY
        axis.plot(ratio.value, place, "D", color=colour, markersize=4)
        axis.hlines(place, *ratio.ends, color=colour, linewidth=2)
    axis.axvline(1, color="#555555", linewidth=1)
    axis.set_yticks(range(len(rows)), [name for name, _ in rows], fontsize="small")
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.set_xscale("log")
    axis.xaxis.set_major_locator(LogLocator(subs=TICKS))
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.xaxis.set_major_formatter("{x:g}")
    axis.set_xlabel(f"time with {other(found)} over the time in this run (log)")
    apart = sum(beside.told_apart(row) for _, row in rows)
    show(
        figure,
        finding=f"{apart} of {len(rows)} times of the two runs are told apart",
        chart="Dot plot of ratios of times on a log axis, one line a training or a runtime in a "
        "scenario, the ratio as a diamond and its bounds as a bar",
        caption="Right of the line this run is faster; grey is what is not told apart. A bar is "
        "made of the 95 % intervals of both times, or of the ranges of values too few for these.",
        numbers=beside_tables.training(found) + beside_tables.latency(found),
    )
