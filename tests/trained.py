"""Models trained for one epoch on the sample, by either framework; the rows made of them."""

import importlib

from jsonschema import Draft202012Validator

from helpers import data
from helpers.core import artifacts, results
from helpers.training import runs
from helpers.training.recipes import Recipe

LAB = Recipe(epochs=1, batch_size=32, learning_rate=2e-3)


def train(framework, architecture, dataset, hidden=32):
    """Return the run of an architecture; `framework` is keras or torch."""
    module = importlib.import_module(f"helpers.training.{framework}_training")
    plan = runs.Plan(architecture, "lab", LAB, 1, hidden)
    return runs.train(module, plan, dataset, *data.training_split(dataset))


def check_rows(table, rows):
    """Fail when rows are not what the schema of results.json says of a table."""
    schema = artifacts.read_json(results.SCHEMA)
    Draft202012Validator({**schema["properties"][table], "$defs": schema["$defs"]}).validate(rows)
