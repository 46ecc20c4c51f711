"""The figures of the networks: curves, seeds, paired trainings, confusions, images, reliability."""

import itertools
import textwrap
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from helpers.core.units import counted
from helpers.findings.robustness import UNITS, disturbance
from helpers.findings.seeds import FRAMEWORKS
from helpers.findings.sentences import seed_difference
from helpers.report import tables
from helpers.report.figures import NAME_WIDTH, drawn, legend_below, panels, show
from helpers.report.tables import table, wide

COLOURS = {"tensorflow": "#E69F00", "pytorch": "#0072B2"}
MARKERS = {"tensorflow": "o", "pytorch": "D"}
LEAST_SPAN = 0.002  # of an axis of accuracies
# Of networks and of models, in turn.
LINE_STYLES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)))
MODEL_MARKERS = "osDv^<>PX*"


def training_curves(rows: list[dict]) -> None:
    """Show loss and validation accuracy over the epochs, one column of panels a kind of training.

    `rows` are those of `history`; of each kind the first seed is drawn.
    """
    seed = min(row["seed"] for row in rows)
    first = [row for row in rows if row["seed"] == seed]
    history = pd.DataFrame(first)
    kinds = list(history.groupby(["architecture", "recipe"], sort=False))
    figure, columns = panels(len(kinds), 3, 4.6, high=2)
    for column, ((architecture, recipe), own) in zip(columns, kinds, strict=True):
        for framework, run in own.groupby("framework", sort=False):
            look = {"marker": MARKERS[framework], "markersize": 3, "label": FRAMEWORKS[framework]}
            for axis, values in zip(column, ("loss", "validation_accuracy"), strict=True):
                axis.plot(run["epoch"], run[values], color=COLOURS[framework], **look)
        column[0].set_title(f"{architecture}, {recipe} recipe", fontsize="small")
        column[0].set_yscale("log")
        column[0].yaxis.set_major_locator(LogLocator(subs=(1, 3)))
        column[0].yaxis.set_major_formatter("{x:g}")
        column[0].yaxis.set_minor_formatter(NullFormatter())
        column[1].set_xlabel("epoch")
        percentages(column[1])
        for axis in column:
            _whole(axis, own["epoch"])
    for column in columns[::3]:
        column[0].set_ylabel("training loss (log)")
        column[1].set_ylabel("validation accuracy")
    legend_below(figure, columns[0][0])
    (architecture, recipe), own = kinds[0]
    last = own.groupby("framework", sort=False)["validation_accuracy"].last()
    ends = " and ".join(f"{value:.2%} in {FRAMEWORKS[name]}" for name, value in last.items())
    show(
        figure,
        finding=f"The {architecture} by the {recipe} recipe ends at {ends} of the validation "
        "images",
        chart="Line charts over the epoch, training loss on a log axis above validation accuracy, "
        "one column a network and recipe, one line a framework",
        caption="As long as the validation accuracy still rises at the right end, more epochs "
        "would help.",
        numbers=wide(
            first,
            "architecture recipe epoch",
            "framework",
            {
                "loss": lambda name: f"Loss, {FRAMEWORKS[name]}",
                "validation_accuracy": lambda name: f"Validation, {FRAMEWORKS[name]}",
            },
        ),
    )


def seeds(rows: list[dict]) -> None:
    """Show the test accuracy of every run, the two frameworks' runs of one seed joined."""
    runs = pd.DataFrame(rows)
    kinds = list(runs.groupby(["architecture", "recipe"], sort=False))
    figure, columns = panels(len(kinds), 3, 3.6)
    for (axis,), ((architecture, recipe), own) in zip(columns, kinds, strict=True):
        pairs = own.pivot(index="seed", columns="framework", values="test_accuracy")
        for name, title in FRAMEWORKS.items():
            axis.plot(pairs.index, pairs[name], MARKERS[name], color=COLOURS[name], label=title)
        axis.vlines(pairs.index, pairs.min(axis=1), pairs.max(axis=1), color="#999999", linewidth=1)
        axis.set(xlabel="seed", title=f"{architecture}, {recipe} recipe")
        axis.title.set_fontsize("small")
        _whole(axis, pairs.index)
        percentages(axis)
    for (axis,) in columns[::3]:
        axis.set_ylabel("test accuracy")
    legend_below(figure, columns[0][0])
    show(
        figure,
        finding=seed_difference(rows, *kinds[0][0]),
        chart="Dot plots of test accuracy over the seed, one panel a network and recipe, the "
        "frameworks' runs of a seed joined by a line",
        caption="Two dots of one seed differ by the framework (by the defaults recipe also by how "
        "it draws weights), dots of different seeds by the seed.",
        numbers=wide(
            rows, "architecture recipe seed", "framework", {"test_accuracy": FRAMEWORKS.get}
        ),
    )


def paired_trainings(rows: list[dict]) -> None:
    """Show both frameworks' loss curves, and how far losses and weights drift apart."""
    frame = pd.DataFrame(rows)
    figure, (left, right) = plt.subplots(1, 2)
    for name, width, style in (("tensorflow", 4, "-"), ("pytorch", 1.5, "--")):
        losses = frame[f"{name}_loss"]
        left.plot(
            frame["epoch"],
            losses,
            style,
            marker=MARKERS[name],
            markersize=width + 1,
            color=COLOURS[name],
            linewidth=width,
            label=FRAMEWORKS[name],
        )
    left.set(xlabel="epoch", ylabel="mean training loss (log)", yscale="log")
    left.legend(frameon=False)
    right.plot(frame["epoch"], frame["loss_difference"], "o-", color="#009E73", label="loss")
    right.plot(frame["epoch"], frame["weight_difference"], "s-", color="#CC79A7", label="weights")
    right.set(xlabel="epoch", ylabel="largest difference (log)", yscale="log")
    right.legend(frameon=False)
    for axis in (left, right):
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
        numbers=table(rows, tables.PAIRED_TRAININGS),
    )


def _whole(axis: Axes, numbers: pd.Series | pd.Index) -> None:
    """Let an axis of seeds or epochs have whole numbers, however few."""
    axis.set_xlim(numbers.min() - 0.5, numbers.max() + 0.5)
    axis.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)


def percentages(axis: Axes) -> None:
    """Let the labels of an axis of accuracies differ in two decimals."""
    low, high = axis.get_ylim()
    axis.set_ylim(min(low, high - LEAST_SPAN), max(high, low + LEAST_SPAN))
    axis.yaxis.set_major_formatter("{x:.2%}")


MOST_IMAGES = 24
DARK = 0.6  # shade of a cell on which black is hard to read


def confusion(counts: dict[str, np.ndarray], classes: Sequence[str]) -> None:
    """Show a confusion matrix for each model, the errors alone coloured."""
    names, meant = drawn(classes)
    turned = 90 if max(map(len, names)) > 2 else 0
    figure, columns = panels(len(counts), 2, 4.3)
    worst = {}
    for (axis,), (name, matrix) in zip(columns, counts.items(), strict=True):
        errors = matrix * (1 - np.eye(len(matrix), dtype=int))
        shades = np.sqrt(errors / max(errors.max(), 1))
        axis.imshow(shades, cmap="Oranges", vmin=0, vmax=1)
        for label, given in np.argwhere(matrix):
            look = {"fontsize": "xx-small" if matrix[label, given] > 99 else "x-small"}
            look["color"] = "white" if shades[label, given] > DARK else "black"
            axis.text(given, label, matrix[label, given], ha="center", va="center", **look)
        axis.set_xticks(range(len(names)), names, rotation=turned, parse_math=False)
        axis.set_yticks(range(len(names)), names, parse_math=False)
        axis.set(xlabel="answer", ylabel="label")
        axis.set_title(name, fontsize="small")
        axis.grid(False)
        worst[name] = np.unravel_index(errors.argmax(), errors.shape)
    parts = [
        f"{name} takes {names[label]} for {names[given]} most often "
        f"({counted(counts[name][label, given], 'time')})"
        for name, (label, given) in worst.items()
    ]
    show(
        figure,
        finding="; ".join(parts),
        chart="Confusion matrices of labels (rows) against answers (columns), one a model, the "
        "errors alone coloured",
        caption="A number says how many images of the row's label were given the column's answer"
        f"{meant}.",
        numbers=tables.confusion(counts, classes),
    )


def common_errors(images: np.ndarray, rows: list[dict], classes: Sequence[str]) -> None:
    """Show test images that all models get wrong, with label and answers; label errors are red."""
    shown, (names, meant) = rows[:MOST_IMAGES], drawn(classes)
    titles = [_title(row, names) for row in shown]
    columns = 8
    lines = max(1, -(-len(shown) // columns))
    height = 0.95 + 0.15 * max((title.count("\n") + 1 for title in titles), default=1)
    size = (7.2, height * lines + 0.5)
    figure, axes = plt.subplots(lines, columns, figsize=size, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, row, title in zip(axes.flat, shown, titles, strict=False):
        axis.imshow(images[row["image"]], cmap="gray_r")
        colour = "#D00000" if row["label_error"] else "#555555"
        axis.set_title(title, fontsize="x-small", color=colour, parse_math=False)
    finding = f"Every model gets {counted(len(rows), 'test image')} wrong"
    if any(row["label_error"] is not None for row in rows):
        known, explained = (sum(bool(r[key]) for r in rows) for key in ("label_error", "explained"))
        finding += (
            f", among them {counted(known, 'known label error')} (red), of which the models read "
            f"{explained} as most readers did"
        )
    show(
        figure,
        finding=finding,
        chart=f"Grid of {counted(len(shown), 'test image')}, each under its label and the answers",
        caption=f"Over each image stand its label and what the models read instead{meant}.",
        numbers=tables.common_errors(shown, classes),
    )


def _title(row: dict, names: list[str]) -> str:
    given = ", ".join(names[number] for number in sorted(set(row["predicted"].values())))
    return textwrap.fill(f"{names[row['label']]} read as {given}", NAME_WIDTH)


def reliability(rows: list[dict]) -> None:
    """Show how often each model was right over how sure it was."""
    figure, axis = plt.subplots()
    axis.plot([0, 1], [0, 1], color="#999999", linewidth=1)
    for row, style in zip(rows, itertools.cycle(MODEL_MARKERS), strict=False):
        bins = pd.DataFrame(row["bins"])
        label = f"{row['model']}: error {row['ece']:.2%}"
        axis.plot(bins["confidence"], bins["accuracy"], f"{style}-", label=label)
    axis.set(xlabel="mean confidence of the bin", ylabel="share of right answers")
    figure.legend(loc="outside right center", frameon=False, fontsize="small")
    by_chance = sum(row["ece"] <= row["calibrated_ece_ci95"][1] for row in rows)
    show(
        figure,
        finding=f"In {by_chance} of {counted(len(rows), 'model')} the calibration error is no "
        "larger than chance makes it for a perfectly calibrated one",
        chart="Reliability diagram of the share of right answers over the mean confidence, one "
        "line a model, the diagonal for perfect reliability",
        caption="Below the diagonal a model is surer than it is right, above it less sure.",
        numbers=tables.reliability(rows),
    )


def robustness(accuracies: list[dict]) -> None:
    """Show each file's accuracy under each perturbation, one panel a perturbation."""
    rows = pd.DataFrame(accuracies)
    plain = rows[rows["perturbation"] == "none"]
    kinds = [kind for kind in rows["perturbation"].unique() if kind != "none"]
    networks = list(dict.fromkeys(name.partition("-")[0] for name in rows["model"]))
    styles = dict(zip(networks, itertools.cycle(LINE_STYLES), strict=False))
    figure, axes = plt.subplots(1, len(kinds), figsize=(7.2, 4.4), sharey=True, squeeze=False)
    for axis, kind in zip(axes[0], kinds, strict=True):
        own = pd.concat([plain, rows[rows["perturbation"] == kind]])
        for name, each in own.groupby("model", sort=False):
            colour = COLOURS["pytorch" if "pytorch" in name else "tensorflow"]
            look = {"color": colour, "linestyle": styles[name.partition("-")[0]], "alpha": 0.6}
            each = each.sort_values("amount")
            axis.plot(each["amount"], each["accuracy"], **look)
            noisy = each[each["range"].notna()]
            axis.vlines(noisy["amount"], noisy["range"].str[0], noisy["range"].str[1], **look)
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
    finding = f"{worst.capitalize()} costs most: {low['model']} falls to {low['accuracy']:.0%}"
    show(
        figure,
        finding=finding,
        chart="Line charts of accuracy over noise, rotation and shift in both directions, one line "
        "a file, in one style a network",
        caption="The lines of one network's files lie close together where the format does not "
        "matter; upright strokes span the draws of the noise.",
        numbers=tables.robustness(accuracies),
    )
