"""The report's tables of what the networks get wrong, as HTML."""

import numpy as np
import pandas as pd

from helpers.report import table


def recalls_table(results: dict) -> str:
    """Return the recall of each class, one row a digit and one column a model, with intervals."""
    rows: dict[int, dict] = {}
    for row in results["recalls"]:
        low, high = row["ci95"]
        words = f"{row['recall']:.1%} ({100 * low:.1f}–{100 * high:.1f})"
        rows.setdefault(row["label"], {"Digit": row["label"], "Images": row["images"]})[
            row["model"]
        ] = words
    return table(list(rows.values()))


def disagreements_table(results: dict) -> str:
    """Return where the two frameworks' models of a network give different answers."""
    return table(
        [
            {
                "Network": row["network"],
                "Both right": row["both right"],
                "Only TensorFlow right": row["only first right"],
                "Only PyTorch right": row["only second right"],
                "Both wrong, alike": row["both wrong, alike"],
                "Both wrong, otherwise": row["both wrong, otherwise"],
                "McNemar p": f"{row['mcnemar_p']:.2g}",
            }
            for row in results["disagreements"]
        ]
    )


def confusion_table(counts: dict[str, np.ndarray]) -> str:
    """Return how many images of each label were given each answer, one block of rows a model."""
    return table(
        [
            {"Model": name, "Label": label} | {f"read as {n}": each for n, each in enumerate(row)}
            for name, matrix in counts.items()
            for label, row in enumerate(matrix)
        ]
    )


def common_errors_table(rows: list[dict]) -> str:
    """Return the test images that every model gets wrong: label, answers, known label error."""
    words = {True: "yes", False: "no", None: "–"}
    return table(
        [
            {
                "Test image": row["image"],
                "Label": row["label"],
                **row["answers"],
                "Known label error": words[row["label_error"]],
            }
            for row in rows
        ]
    )


def calibration_table(calibrations: dict[str, dict]) -> str:
    """Return every bin of every model: images, mean confidence, share of right answers."""
    return table(
        [
            {
                "Model": name,
                "Images": each["images"],
                "Mean confidence": f"{each['confidence']:.1%}",
                "Right": f"{each['accuracy']:.1%}",
            }
            for name, found in calibrations.items()
            for each in found["bins"]
        ]
    )


def robustness_table(rows: pd.DataFrame) -> str:
    """Return the accuracy of every file (rows) under every perturbation (columns)."""
    found: dict[str, dict] = {}
    for row in rows.itertuples():
        case = "clean" if row.perturbation == "none" else f"{row.perturbation} {row.amount:g}"
        found.setdefault(row.model, {"File": row.model})[case] = f"{row.accuracy:.1%}"
    return table(list(found.values()))
