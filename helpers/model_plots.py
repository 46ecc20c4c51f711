"""The figures of the trained networks: curves, seeds, twins."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from helpers import model_tables
from helpers.figures import show
from helpers.model_sentences import TITLES, seed_difference

COLOURS = {"tensorflow": "#E69F00", "pytorch": "#0072B2"}
MARKERS = {"tensorflow": "o", "pytorch": "D"}
LEAST_SPAN = 0.002  # of an axis of accuracies


def training_curves(history: pd.DataFrame) -> None:
    """Show loss and validation accuracy over the epochs, one column of panels a kind of training.

    `history` holds {framework, architecture, recipe, seed, epoch, loss, validation_accuracy}; of
    each kind the first seed is drawn.
    """
    history = history[history["seed"] == history["seed"].min()]
    kinds = list(history.groupby(["architecture", "recipe"], sort=False))
    figure, axes = plt.subplots(2, len(kinds), figsize=(7.2, 4.6), squeeze=False)
    for column, ((architecture, recipe), own) in zip(axes.T, kinds, strict=True):
        for framework, run in own.groupby("framework", sort=False):
            look = {"marker": MARKERS[framework], "markersize": 3, "label": TITLES[framework]}
            for axis, values in zip(column, ("loss", "validation_accuracy"), strict=True):
                axis.plot(run["epoch"], run[values], color=COLOURS[framework], **look)
        column[0].set_title(f"{architecture}, {recipe} recipe", fontsize="small")
        column[0].set_yscale("log")
        column[0].yaxis.set_major_locator(LogLocator(subs=(1, 3)))
        column[0].yaxis.set_major_formatter("{x:g}")
        column[0].yaxis.set_minor_formatter(NullFormatter())
        column[1].set_xlabel("epoch")
        _percentages(column[1])
        for axis in column:
            _whole(axis, own["epoch"])
    axes[0][0].set_ylabel("training loss (log)")
    axes[1][0].set_ylabel("validation accuracy")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    (architecture, recipe), own = kinds[0]
    last = own.groupby("framework", sort=False)["validation_accuracy"].last()
    ends = " and ".join(f"{value:.2%} in {TITLES[name]}" for name, value in last.items())
    show(
        figure,
        finding=f"The {architecture} by the {recipe} recipe ends at {ends} of the validation "
        "images",
        chart="Line charts over the epoch, training loss on a log axis above validation accuracy, "
        "one column a network and recipe, one line a framework",
        caption="As long as the validation accuracy still rises at the right end, more epochs "
        "would help.",
        data=model_tables.history_table(history),
    )


def seeds(rows: pd.DataFrame) -> None:
    """Show the test accuracy of every run, the two frameworks' runs of one seed joined."""
    kinds = list(rows.groupby(["architecture", "recipe"], sort=False))
    figure, axes = plt.subplots(1, len(kinds), squeeze=False)
    for axis, ((architecture, recipe), own) in zip(axes[0], kinds, strict=True):
        wide = own.pivot(index="seed", columns="framework", values="test_accuracy")
        for name, title in TITLES.items():
            axis.plot(wide.index, wide[name], MARKERS[name], color=COLOURS[name], label=title)
        axis.vlines(wide.index, wide.min(axis=1), wide.max(axis=1), color="#999999", linewidth=1)
        axis.set(xlabel="seed", title=f"{architecture}, {recipe} recipe")
        axis.title.set_fontsize("small")
        _whole(axis, wide.index)
        _percentages(axis)
    axes[0][0].set_ylabel("test accuracy")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    show(
        figure,
        finding=seed_difference(rows.to_dict("records"), *kinds[0][0]),
        chart="Dot plots of test accuracy over the seed, one panel a network and recipe, the "
        "frameworks' runs of a seed joined by a line",
        caption="Two dots of one seed differ by the framework and by rounding, dots of different "
        "seeds by the seed.",
        data=model_tables.runs_table(rows),
    )


def twins(rows: pd.DataFrame) -> None:
    """Show both frameworks' loss curves, and how far losses and weights drift apart."""
    figure, (left, right) = plt.subplots(1, 2)
    for name, width, style in (("tensorflow", 4, "-"), ("pytorch", 1.5, "--")):
        losses = rows[f"{name}_loss"]
        left.plot(
            rows["epoch"],
            losses,
            style,
            marker=MARKERS[name],
            markersize=width + 1,
            color=COLOURS[name],
            linewidth=width,
            label=TITLES[name],
        )
    left.set(xlabel="epoch", ylabel="mean training loss (log)", yscale="log")
    left.legend(frameon=False)
    right.plot(rows["epoch"], rows["loss_difference"], "o-", color="#009E73", label="loss")
    right.plot(rows["epoch"], rows["weight_difference"], "s-", color="#CC79A7", label="weights")
    right.set(xlabel="epoch", ylabel="largest difference (log)", yscale="log")
    right.legend(frameon=False)
    for axis in (left, right):
        _whole(axis, rows["epoch"])
    last = rows.iloc[-1]
    show(
        figure,
        finding=f"From the same start the losses differ by {last['loss_difference']:.1e} after "
        f"{len(rows)} epoch(s), the weights by {last['weight_difference']:.1e}",
        chart="Line charts over the epoch, on the left the loss of both frameworks on a log axis, "
        "on the right the largest differences of losses and of weights on a log axis",
        caption="Both frameworks start from the same weights and take the same batches, so what "
        "separates them is rounding.",
        data=model_tables.twins_table(rows),
    )


def _whole(axis: Axes, numbers: pd.Series | pd.Index) -> None:
    """Let an axis of seeds or epochs have whole numbers, however few."""
    axis.set_xlim(numbers.min() - 0.5, numbers.max() + 0.5)
    axis.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)


def _percentages(axis: Axes) -> None:
    """Let the labels of an axis of accuracies differ in two decimals."""
    low, high = axis.get_ylim()
    axis.set_ylim(min(low, high - LEAST_SPAN), max(high, low + LEAST_SPAN))
    axis.yaxis.set_major_formatter("{x:.2%}")
