"""The figures of what the networks get wrong: confusions, images, calibration, robustness."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import error_tables
from helpers.figures import show
from helpers.model_plots import COLOURS
from helpers.model_sentences import TITLES

MOST_IMAGES = 24
DARK = 0.6  # shade of a cell on which black is hard to read


def confusion(counts: dict[str, np.ndarray]) -> None:
    """Show a confusion matrix for each model, the errors alone coloured."""
    figure, axes = plt.subplots(1, len(counts), figsize=(7.2, 4.3), squeeze=False)
    worst = {}
    for axis, (name, matrix) in zip(axes[0], counts.items(), strict=True):
        errors = matrix * (1 - np.eye(len(matrix), dtype=int))
        shades = np.sqrt(errors / max(errors.max(), 1))
        axis.imshow(shades, cmap="Oranges", vmin=0, vmax=1)
        for label, answer in np.argwhere(matrix):
            look = {"fontsize": "xx-small" if matrix[label, answer] > 99 else "x-small"}
            look["color"] = "white" if shades[label, answer] > DARK else "black"
            axis.text(answer, label, matrix[label, answer], ha="center", va="center", **look)
        axis.set(xticks=range(10), yticks=range(10), xlabel="answer", ylabel="label")
        axis.set_title(name, fontsize="small")
        axis.grid(False)
        worst[name] = np.unravel_index(errors.argmax(), errors.shape)
    parts = [
        f"{name} takes {label} for {answer} most often ({counts[name][label, answer]} times)"
        for name, (label, answer) in worst.items()
    ]
    show(
        figure,
        finding="; ".join(parts),
        chart="Confusion matrices of labels (rows) against answers (columns), one a model, the "
        "errors alone coloured",
        caption="A number says how many images of the row's label were given the column's answer.",
        data=error_tables.confusion_table(counts),
    )


def digits(images: np.ndarray, rows: list[dict]) -> None:
    """Show test images that all models get wrong, with label and answers; label errors are red."""
    shown = rows[:MOST_IMAGES]
    columns = 8
    lines = max(1, -(-len(shown) // columns))
    figure, axes = plt.subplots(lines, columns, figsize=(7.2, 1.25 * lines + 0.5), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, row in zip(axes.flat, shown, strict=False):
        axis.imshow(images[row["image"]], cmap="gray_r")
        given = "".join(map(str, sorted(set(row["answers"].values()))))
        colour = "#D00000" if row["label_error"] else "#555555"
        axis.set_title(f"{row['label']} read as {given}", fontsize="x-small", color=colour)
    known = sum(bool(row["label_error"]) for row in rows)
    finding = f"{len(rows)} test images are wrong for every model"
    if any(row["label_error"] is not None for row in rows):
        finding += f", {known} of them known label errors (red)"
    show(
        figure,
        finding=finding,
        chart=f"Grid of {len(shown)} images of digits, each under its label and the answers",
        caption="Over each image stand its label and what the models read instead.",
        data=error_tables.common_errors_table(shown),
    )


def reliability(calibrations: dict[str, dict]) -> None:
    """Show how often each model was right over how sure it was."""
    figure, axis = plt.subplots()
    axis.plot([0, 1], [0, 1], color="#999999", linewidth=1)
    for (name, found), style in zip(calibrations.items(), "osDv", strict=False):
        bins = pd.DataFrame(found["bins"])
        label = f"{name}: error {found['error']:.2%}"
        axis.plot(bins["confidence"], bins["accuracy"], f"{style}-", label=label)
    axis.set(xlabel="mean confidence of the bin", ylabel="share of right answers")
    figure.legend(loc="outside right center", frameon=False, fontsize="small")
    errors = {name: found["error"] for name, found in calibrations.items()}
    least = min(errors, key=errors.get)
    show(
        figure,
        finding=f"{least} knows best how sure to be: its calibration error is {errors[least]:.2%}",
        chart="Reliability diagram of the share of right answers over the mean confidence, one "
        "line a model, the diagonal for perfect calibration",
        caption="Below the diagonal a model is surer than it is right, above it less sure.",
        data=error_tables.calibration_table(calibrations),
    )


def robustness(rows: pd.DataFrame, units: dict[str, str]) -> None:
    """Show each file's accuracy under each perturbation, one panel a perturbation."""
    plain = rows[rows["perturbation"] == "none"]
    kinds = [kind for kind in rows["perturbation"].unique() if kind != "none"]
    figure, axes = plt.subplots(1, len(kinds), figsize=(7.2, 4.4), sharey=True, squeeze=False)
    for axis, kind in zip(axes[0], kinds, strict=True):
        own = pd.concat([plain, rows[rows["perturbation"] == kind]])
        for name, each in own.groupby("model", sort=False):
            colour = COLOURS["pytorch" if "pytorch" in name else "tensorflow"]
            style = "-" if name.startswith("mlp") else "--"
            axis.plot(each["amount"], each["accuracy"], style, color=colour, alpha=0.6)
        axis.set(xlabel=f"{kind} ({units[kind]})")
        axis.yaxis.set_major_formatter("{x:.0%}")
    axes[0][0].set_ylabel("accuracy")
    lines = [plt.Line2D([], [], color=COLOURS[name], label=title) for name, title in TITLES.items()]
    lines += [
        plt.Line2D([], [], color="#555555", linestyle=style, label=name)
        for name, style in (("mlp", "-"), ("cnn", "--"))
    ]
    figure.legend(handles=lines, loc="outside lower center", ncols=4, frameon=False)
    low = rows.loc[rows["accuracy"].idxmin()]
    finding = (
        f"{low['perturbation'].capitalize()} of {low['amount']:g} {units[low['perturbation']]} "
        f"costs most: {low['model']} falls to {low['accuracy']:.0%}"
    )
    show(
        figure,
        finding=finding,
        chart="Line charts of accuracy over noise, rotation and shift, one line a file, solid for "
        "the mlp and dashed for the cnn",
        caption="The lines of one network's files lie close together where the format does not "
        "matter.",
        data=error_tables.robustness_table(rows),
    )
