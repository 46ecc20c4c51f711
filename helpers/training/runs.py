"""One training: what is planned, what came of it, and its rows of results.json."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np

from helpers.core import console, files
from helpers.core.console import LabError
from helpers.data import Dataset, scale
from helpers.models import metrics
from helpers.training.recipes import Recipe, strong

# Of ten classes one in ten is guessed.
LEAST_ACCURACY = 0.2


@dataclass(frozen=True)
class Plan:
    """One training to do."""

    architecture: str
    recipe_name: str  # lab or strong
    recipe: Recipe
    seed: int
    hidden: int = 128  # units of the mlp's hidden layer

    @property
    def name(self) -> str:
        """Return what a reader calls it, such as "mlp, lab, seed 1"."""
        return f"{self.architecture}, {self.recipe_name}, seed {self.seed}"


@dataclass(frozen=True, eq=False)
class Run:
    """One training done; `file` is where its model is saved."""

    plan: Plan
    framework: str
    model: object
    file: Path
    parameters: int  # how many weights are trained
    losses: Sequence[float]  # one an epoch
    validation_accuracies: Sequence[float]
    train_seconds: float  # without validation
    logits: np.ndarray  # of the test images
    test_accuracy: float

    @property
    def id(self) -> str:
        """Return the id of its model, such as mlp-pytorch."""
        return self.file.stem

    def kind(self) -> dict:
        """Return what every row about it begins with."""
        own = {"architecture": self.plan.architecture, "recipe": self.plan.recipe_name}
        return {"framework": self.framework, **own}

    def row(self) -> dict:
        """Return its row of `seeds`."""
        own = {"seed": self.plan.seed, "test_accuracy": self.test_accuracy}
        return {**self.kind(), **own, "train_seconds": self.train_seconds}

    def model_row(self) -> dict:
        """Return its row of `models`, when the model has been saved."""
        size = {"parameters": self.parameters, "epochs": len(self.losses)}
        own = {name: files.describe(self.file)[name] for name in ("file", "sha256")}
        return {"id": self.id, **own, **self.row(), **size}

    def history(self) -> list[dict]:
        """Return its rows of `history`, one an epoch."""
        pairs = zip(self.losses, self.validation_accuracies, strict=True)
        return [
            {**self.kind(), "epoch": epoch, "loss": loss, "validation_accuracy": accuracy}
            for epoch, (loss, accuracy) in enumerate(pairs, start=1)
        ]


def plans(trainings: list, lab: Recipe, seed: int, hidden: int = 128) -> list[Plan]:
    """Return the plans of the parameter TRAININGS, of each from several seeds, `seed` the first."""
    found = []
    for architecture, name, seeds, epochs in trainings:
        recipe = lab if name == "lab" else strong(architecture)
        recipe = replace(recipe, epochs=epochs or recipe.epochs)
        found += [Plan(architecture, name, recipe, seed + n, hidden) for n in range(seeds)]
    return found


def done(
    models: ModuleType,
    plan: Plan,
    model: object,
    losses: Sequence[float],
    validation_accuracies: Sequence[float],
    train_seconds: float,
    dataset: Dataset,
) -> Run:
    """Let a trained model of `models`, a framework's, answer the test images for its accuracy.

    Raises LabError when a loss is not finite, or the model hardly better than one that guesses.
    """
    reached = validation_accuracies[-1]
    if not np.isfinite(losses).all() or reached < LEAST_ACCURACY:
        raise LabError(
            f"{plan.name} diverged: the last loss is {losses[-1]:.3g} and {reached:.2%} of the "
            "validation images are right; choose a smaller LEARNING_RATE than "
            f"{plan.recipe.learning_rate:g}, or other values of BATCH_SIZE and EPOCHS"
        )
    logits = models.predict_logits(model, scale(dataset.test_images))
    file = files.model_file(f"{plan.architecture}-{models.FRAMEWORK}{models.SUFFIX}")
    accuracy = metrics.accuracy(logits, dataset.test_labels)
    count, kept = models.parameters(model), (losses, validation_accuracies, train_seconds)
    return Run(plan, models.FRAMEWORK, model, file, count, *kept, logits, accuracy)


def train(
    framework: ModuleType, plan: Plan, dataset: Dataset, train: np.ndarray, validation: np.ndarray
) -> Run:
    """Train a model with `framework`, keras_training or torch_training, and print a line.

    `train` and `validation` are indices of training images. Raises LabError as `done` does, and
    where the framework has no such architecture.
    """
    images, labels, models = dataset.train_images, dataset.train_labels, framework.models
    if plan.architecture not in models.ARCHITECTURES:
        allowed = ", ".join(models.ARCHITECTURES)
        raise LabError(f"{models.__name__} has no {plan.architecture}; allowed are {allowed}")
    console.show(plan.name, stays=False)
    model = models.build(plan.architecture, plan.seed, plan.hidden)
    held_out = scale(images[validation]), labels[validation]
    given = framework.train(model, images[train], labels[train], held_out, plan.recipe, plan.seed)
    run = done(models, plan, model, *given, dataset)
    reached = f"test accuracy {run.test_accuracy:.2%}, {run.train_seconds:.1f} s"
    console.show(f"{plan.name}: {reached}", stays=True)
    return run


def first_of_each(runs: Sequence[Run]) -> list[Run]:
    """Return the first training of each architecture: its model is exported."""
    found: dict[str, Run] = {}
    for run in runs:
        found.setdefault(run.plan.architecture, run)
    return list(found.values())
