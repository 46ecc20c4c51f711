"""A sweep's file: which trainings it asks for, as grids or as random searches."""

import ast
import itertools
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers import data
from helpers.core import artifacts, sweeps
from helpers.core.console import LabError, unknown
from helpers.core.units import counted
from helpers.pipeline.parameters import PARAMETERS, Parameter
from helpers.sweep.trainer import MODULES
from helpers.training import recipes

# A larger sweep needs --yes.
USUAL = 1_000
# What a file holds, and each of its grids.
FILE = ("dataset", "train_images", "threads", "grids")
# Of these a grid may name several values, and trains every combination of them.
SETTINGS = ("architecture", "recipe", "epochs", "batch_size", "learning_rate")
GRID = ("framework", *SETTINGS, "seeds", "first_seed", "draws")
NEEDED = ("framework", "architecture", "recipe", "seeds")
# What the strong recipe has of its own; the others need them.
OWN = ("batch_size", "learning_rate")
LIMITS = {"low", "high"}
# Where a framework's architectures are defined.
DEFINED_IN = {
    "tensorflow": "helpers/models/keras_models.py",
    "pytorch": "helpers/models/torch_models.py",
}

_NAMES = {"framework": tuple(MODULES), "recipe": recipes.NAMES}
_ALLOWED = {
    **{n: Parameter(f"one of {', '.join(all_)}", all_.__contains__) for n, all_ in _NAMES.items()},
    "architecture": Parameter(
        "the name of an architecture", lambda value: isinstance(value, str) and value.isidentifier()
    ),
    "draws": PARAMETERS["EPOCHS"],
    **dict.fromkeys(("seeds", "threads"), PARAMETERS["ROUNDS"]),
    "first_seed": PARAMETERS["SEED"],
}


@dataclass(frozen=True)
class Sweep:
    """The trainings of a file by their keys, each once, and the images that they take.

    A training is a dictionary of what decides a row, and `dataset`.
    """

    source: data.Source
    tasks: dict[str, dict]


def read(path: Path, *, yes: bool) -> Sweep:
    """Read a sweep's file and find its images.

    Raises LabError in one line for what is not allowed, and for more than `USUAL` trainings
    without `yes`.
    """
    content = {"dataset": "auto", "train_images": None, "threads": 1}
    content |= artifacts.read_yaml(path, FILE)
    grids = content.pop("grids", None)
    if not isinstance(grids, list) or not grids:
        raise LabError(f"{path.name} asks for no training; write grids: and below it a list")
    common = {name: _value(path.name, name, value) for name, value in content.items()}
    checked = [_checked(f"{path.name}, grid {n}", grid) for n, grid in enumerate(grids, start=1)]
    size = sum(map(_size, checked))
    if size > USUAL and not yes:
        raise LabError(
            f"{path.name} asks for {counted(size, 'training')}, more than {USUAL:,}; make it "
            "smaller, or add --yes"
        )
    rows = [row for n, grid in enumerate(checked) for row in _rows(grid, n)]
    dataset = data.load(common["dataset"])
    images = len(data.training_split(dataset)[0])
    common["train_images"] = images = min(common["train_images"] or images, images)
    too_large = max(row["batch_size"] for row in rows)
    if too_large > images:
        raise LabError(
            f"{path.name}: batch_size {too_large}; allowed is 1 to {images}, the training images"
        )
    tasks = [row | common | {"dataset_sha256": dataset.source.sha256} for row in rows]
    # A worker's process has one framework at a time; it changes once this way.
    tasks.sort(key=lambda task: list(MODULES).index(task["framework"]))
    return Sweep(dataset.source, {sweeps.key(task): task for task in tasks})


def check_architectures(tasks: dict[str, dict]) -> None:
    """Raise LabError when a framework does not define an architecture that is asked of it.

    The files are read, not imported, which takes seconds.
    """
    asked = dict.fromkeys((task["framework"], task["architecture"]) for task in tasks.values())
    for framework, name in asked:
        file = DEFINED_IN[framework]
        defined = _defined((artifacts.PROJECT / file).read_text(encoding="utf-8"))
        if name not in defined:
            raise LabError(
                f"{name} is no architecture of {file}, which defines {', '.join(defined)}"
            )


def _defined(source: str) -> list[str]:
    """Return the names that statements about ARCHITECTURES hold in a module's source."""
    return [
        node.value
        for statement in ast.parse(source).body
        if ast.unparse(statement).startswith("ARCHITECTURES")
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def _checked(where: str, grid: object) -> dict:
    """Return a grid with a list, or limits, for each of its settings."""
    if not isinstance(grid, dict):
        raise LabError(f"{where} is {grid!r}; write lines of {', '.join(GRID)}")
    for name in grid:
        if name not in GRID:
            raise LabError(f"{where}: {unknown(str(name), 'field', GRID)}")
    strong = "strong" in _list(grid.get("recipe"))
    needed = NEEDED if strong else (*NEEDED, "epochs", *OWN)
    if missing := [name for name in needed if name not in grid]:
        raise LabError(f"{where} has no {missing[0]}; it needs {', '.join(needed)}")
    if strong and (_list(grid["recipe"]) != ["strong"] or grid.keys() & set(OWN)):
        raise LabError(
            f"{where}: the strong recipe has its own {' and '.join(OWN)}; give it a grid of its "
            "own without them"
        )
    checked = {"first_seed": 1} | grid
    for name, value in checked.items():
        if name in ("framework", *SETTINGS):
            checked[name] = _several(where, name, value, random="draws" in grid)
        else:
            checked[name] = _value(where, name, value)
    return checked


def _several(where: str, name: str, value: object, *, random: bool) -> list | dict:
    """Return the values of a setting, or of a random search its limits."""
    if isinstance(value, dict):
        if name not in ("epochs", *OWN) or not random or value.keys() != LIMITS:
            raise LabError(
                f"{where}: {name} is {value!r}; limits, {{low: …, high: …}}, may have epochs, "
                f"{', '.join(OWN)} of a grid with draws"
            )
        limits = {limit: _value(where, name, value[limit]) for limit in ("low", "high")}
        if limits["low"] > limits["high"]:
            raise LabError(f"{where}: {name} has a low above its high; exchange them")
        return limits
    if value == []:
        raise LabError(f"{where}: {name} is empty, so there is nothing to train; name a value")
    return [_value(where, name, each) for each in _list(value)]


def _value(where: str, name: str, value: object) -> object:
    """Return a value; a text is read as on the command line, because to YAML 4e-3 is one."""
    parameter = _ALLOWED.get(name) or PARAMETERS[name.upper()]
    if isinstance(value, str):
        value = parameter.read(value)
    if not parameter.accepts(value):
        raise LabError(f"{where}: {name} is {value!r}; allowed is {parameter.allowed}")
    return value


def _list(value: object) -> list:
    return value if isinstance(value, list) else [value]


def _size(grid: dict) -> int:
    several = math.prod(len(grid[name]) for name in SETTINGS if name in grid)
    combinations = grid.get("draws", several)
    return combinations * grid["seeds"] * len(grid["framework"])


def _rows(grid: dict, number: int) -> list[dict]:
    """Return the trainings of a grid: of each combination both frameworks, seed after seed."""
    names = [name for name in SETTINGS if name in grid]
    if "draws" in grid:
        # From the grid's number, so that a sweep that is started again draws the same.
        generator = np.random.default_rng(number)
        chosen = [
            tuple(_drawn(grid[name], name, generator) for name in names)
            for _ in range(grid["draws"])
        ]
    else:
        chosen = list(itertools.product(*(grid[name] for name in names)))
    seeds = range(grid["first_seed"], grid["first_seed"] + grid["seeds"])
    rows = []
    for seed, values, framework in itertools.product(seeds, chosen, grid["framework"]):
        row = {"framework": framework, "seed": seed, **dict(zip(names, values, strict=True))}
        if row["recipe"] == "strong":
            own = recipes.strong(row["architecture"])
            row = {"epochs": own.epochs} | row | {name: getattr(own, name) for name in OWN}
        rows.append(row)
    return rows


def _drawn(values: list | dict, name: str, generator: np.random.Generator) -> object:
    """Return one value of a list, or one between limits, uniform on a logarithmic scale."""
    if isinstance(values, list):
        return values[generator.integers(len(values))]
    found = math.exp(generator.uniform(math.log(values["low"]), math.log(values["high"])))
    return float(f"{found:.3g}") if name == "learning_rate" else round(found)
