"""Rows of the results contract that a notebook writes, and its tables as CSV."""

from pathlib import Path

import pandas as pd

from helpers import artifacts
from helpers.evaluation import Comparison
from helpers.training import Epoch


def model_row(
    architecture: str,
    framework: str,
    file: Path,
    *,
    parameters: int,
    seed: int,
    train_images: int,
    history: list[Epoch],
    test_accuracy: float,
) -> dict:
    """Return a trained model as a row of `models` in the contract."""
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
