"""Rows of the results contract that a notebook writes, and its tables as CSV."""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import artifacts
from helpers.evaluation import Comparison
from helpers.training import Epoch


def write_logits(notebook: str, model: str, logits: np.ndarray) -> dict:
    """Keep a model's logits for the test images, which its exports must equal."""
    path = artifacts.folder(notebook) / f"{model}-logits.npy"
    with artifacts.replacing(path) as temporary:
        np.save(temporary, logits)
    return artifacts.describe(path)


def model_row(
    architecture: str,
    framework: str,
    file: Path,
    *,
    logits: dict,
    parameters: int,
    seed: int,
    train_images: int,
    history: list[Epoch],
    test_accuracy: float,
) -> dict:
    """Return a trained model as a row of `models` in the contract.

    `logits` is what `write_logits` returned.
    """
    return {
        "id": f"{architecture}-{framework}",
        "architecture": architecture,
        "framework": framework,
        "parameters": parameters,
        "recipe": "lab",
        "seed": seed,
        "train_images": train_images,
        "epochs": len(history),
        "train_seconds": sum(epoch.seconds for epoch in history),
        "test_accuracy": test_accuracy,
        **artifacts.describe(file),
        "logits": logits,
    }


def seed_row(model: dict) -> dict:
    """Return a row of `models` as a row of `seeds`."""
    fields = (
        *("framework", "architecture", "recipe", "seed"),
        *("test_accuracy", "train_seconds"),
    )
    return {field: model[field] for field in fields}


def export_row(model: dict, file: Path, precision: str, comparison: Comparison) -> dict:
    """Return an export of `model` as a row of `exports` in the contract."""
    form = file.suffix[1:]
    return {
        "id": f"{model['id']}-{form}-{precision}",
        "source": model["id"],
        "format": form,
        "precision": precision,
        **artifacts.describe(file),
        **comparison.row(),
    }


def write_table(notebook: str, name: str, rows: list[dict]) -> pd.DataFrame:
    """Write rows as a CSV file into the notebook's folder and return them as a table."""
    table = pd.DataFrame(rows)
    artifacts.write_text(artifacts.folder(notebook) / f"{name}.csv", table.to_csv(index=False))
    return table


def write_raw(records: list[dict], path: Path) -> None:
    """Keep every timed value, one JSON line a process."""
    with artifacts.replacing(path) as temporary, gzip.open(temporary, "wt") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)


def read_raw(path: Path) -> list[dict]:
    """Read what `write_raw` wrote."""
    with gzip.open(path, "rt") as file:
        return [json.loads(line) for line in file]
