"""The figures of the models: seeds, twins, errors, calibration, robustness."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.model_sentences import TITLES, seed_difference
from helpers.plots import set_title, show

COLOURS = {"tensorflow": "#E69F00", "pytorch": "#0072B2"}
MARKERS = {"tensorflow": "o", "pytorch": "D"}
MOST_IMAGES = 24
LEAST_SPAN = 0.002  # of an axis of accuracies


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
        axis.set_xlim(wide.index.min() - 0.5, wide.index.max() + 0.5)
        axis.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        low, high = axis.get_ylim()  # its labels must differ in two decimals
        axis.set_ylim(min(low, high - LEAST_SPAN), max(high, low + LEAST_SPAN))
        axis.yaxis.set_major_formatter("{x:.2%}")
    axes[0][0].set_ylabel("test accuracy")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    finding = seed_difference(rows.to_dict("records"), *kinds[0][0])
    set_title(figure, finding)
    alt = (
        f"Dot plots of test accuracy over the seed, one panel for each network and recipe, the "
        f"frameworks' runs of a seed joined by a line. {finding}."
    )
    show(figure, alt=alt, caption=finding + ".")


def twins(rows: pd.DataFrame) -> None:
    """Show both frameworks' loss curves, and how far losses and weights drift apart."""
    figure, (left, right) = plt.subplots(1, 2)
    for name, width, style in (("tensorflow", 4, "-"), ("pytorch", 1.5, "--")):
        losses = rows[f"{name}_loss"]
        left.plot(
            rows["epoch"], losses, style, color=COLOURS[name], linewidth=width, label=TITLES[name]
        )
    left.set(xlabel="epoch", ylabel="mean training loss (log)", yscale="log")
    left.legend(frameon=False)
    right.plot(rows["epoch"], rows["loss_difference"], "o-", color="#009E73", label="loss")
    right.plot(rows["epoch"], rows["weight_difference"], "s-", color="#CC79A7", label="weights")
    right.set(xlabel="epoch", ylabel="largest difference (log)", yscale="log")
    right.legend(frameon=False)
    for axis in (left, right):
        axis.xaxis.get_major_locator().set_params(integer=True)
    last = rows.iloc[-1]
    finding = (
        f"From the same start the losses differ by {last['loss_difference']:.1e} after "
        f"{len(rows)} epoch(s), the weights by {last['weight_difference']:.1e}"
    )
    set_title(figure, finding)
    alt = (
        "Line charts over the epoch: the loss of both frameworks, which start from the same "
        f"weights and take the same batches, and the largest differences, log axes. {finding}."
    )
    show(figure, alt=alt, caption=finding + ".")


def confusion(counts: dict[str, np.ndarray]) -> None:
    """Show a confusion matrix for each model, the errors alone coloured."""
    figure, axes = plt.subplots(1, len(counts), figsize=(7.2, 3.9), squeeze=False)
    worst = {}
    for axis, (name, matrix) in zip(axes[0], counts.items(), strict=True):
        errors = matrix * (1 - np.eye(len(matrix), dtype=int))
        axis.imshow(np.sqrt(errors), cmap="Oranges")
        for label, answer in np.argwhere(matrix):
            size = "xx-small" if matrix[label, answer] > 99 else "x-small"
            axis.text(answer, label, matrix[label, answer], ha="center", va="center", fontsize=size)
        axis.set(xticks=range(10), yticks=range(10), xlabel="answer", ylabel="label", title=name)
        axis.grid(False)
        worst[name] = np.unravel_index(errors.argmax(), errors.shape)
    parts = [
        f"{name} takes {label} for {answer} most often ({counts[name][label, answer]} times)"
        for name, (label, answer) in worst.items()
    ]
    finding = "; ".join(parts)
    set_title(figure, finding)
    alt = f"Confusion matrices of labels against answers, one a model, errors coloured. {finding}."
    show(figure, alt=alt, caption=finding + ".")


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
    set_title(figure, finding)
    alt = f"Grid of {len(shown)} digit images with their label and the models' answers. {finding}."
    show(figure, alt=alt, caption=finding + ".")


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
    finding = f"{least} knows best how sure to be: its calibration error is {errors[least]:.2%}"
    set_title(figure, finding)
    values = "; ".join(f"{name} {error:.2%}" for name, error in errors.items())
    alt = (
        "Reliability diagram: share of right answers over confidence, one line a model, the "
        f"diagonal for perfect calibration. {finding}. {values}."
    )
    show(figure, alt=alt, caption=finding + ".")


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
    set_title(figure, finding)
    alt = (
        "Line charts of accuracy over noise, rotation and shift, one line a file, solid for the "
        f"mlp and dashed for the cnn. {finding}."
    )
    show(figure, alt=alt, caption=finding + ".")
