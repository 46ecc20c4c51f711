"""One training: what is planned, what came of it, and its rows of results.json."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np

from helpers import data
from helpers.core import artifacts, console
from helpers.core.console import LabError
from helpers.models import metrics
from helpers.training.recipes import Recipe, strong

# A row of the parameter TRAININGS: architecture, recipe, number of seeds, epochs or None for the
# recipe's own.
Training = tuple[str, str, int, int | None]


@dataclass(frozen=True)
class Plan:
    """One training to do."""

    architecture: str
    recipe_name: str  # one of `recipes.NAMES`
    recipe: Recipe
    seed: int
    hidden: int | None = None  # units of the hidden layer, where the architecture takes a number


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
        names = self.framework, self.plan.architecture, self.plan.recipe_name
        return dict(zip(("framework", "architecture", "recipe"), names, strict=True))

    def row(self) -> dict:
        """Return its row of `seeds`."""
        measured = {name: getattr(self, name) for name in ("test_accuracy", "train_seconds")}
        return {**self.kind(), "seed": self.plan.seed, **measured}

    def model_row(self) -> dict:
        """Return its row of `models`, when the model has been saved."""
        size = {"parameters": self.parameters, "epochs": len(self.losses)}
        file = self.file.relative_to(artifacts.root()).as_posix()
        own = {"id": self.id, "file": file, "sha256": artifacts.sha256(self.file)}
        return {**own, **self.row(), **size}

    def history(self) -> list[dict]:
        """Return its rows of `history`, one an epoch."""
        pairs = zip(self.losses, self.validation_accuracies, strict=True)
        return [
            {**self.kind(), "epoch": epoch, "loss": loss, "validation_accuracy": accuracy}
            for epoch, (loss, accuracy) in enumerate(pairs, start=1)
        ]


def plans(
    trainings: Sequence[Training], lab: Recipe, seed: int, hidden: int | None = None
) -> list[Plan]:
    """Return the plans of every training, from as many seeds as it asks for, `seed` the first."""
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
    dataset: data.Dataset,
) -> Run:
    """Let a trained model of `models`, a framework's, answer the test images for its accuracy.

    Raises LabError when a loss is not finite, or the model hardly better than one that guesses.
    """
    recipe, reached = plan.recipe, validation_accuracies[-1]
    least = metrics.LEAST_TIMES_CHANCE / len(metrics.CLASSES)
    if not np.isfinite(losses).all() or reached < least:
        remedy = (
            "change its entry in helpers/training/recipes.py"
            if plan.recipe_name == "strong"
            else f"choose a smaller LEARNING_RATE than {recipe.learning_rate:g}, or other "
            f"values of BATCH_SIZE ({recipe.batch_size}) and EPOCHS ({recipe.epochs})"
        )
        raise LabError(
            f"The training of the {plan.architecture} by the {plan.recipe_name} recipe from seed "
            f"{plan.seed} diverged: the last loss is {losses[-1]:.3g} and {reached:.2%} of the "
            f"validation images are right; {remedy}"
        )
    logits = models.predict_logits(model, data.scale(dataset.test_images))
    file = artifacts.model_file(f"{plan.architecture}-{models.FRAMEWORK}{models.SUFFIX}")
    accuracy = metrics.accuracy(logits, dataset.test_labels)
    count, kept = models.parameters(model), (losses, validation_accuracies, train_seconds)
    return Run(plan, models.FRAMEWORK, model, file, count, *kept, logits, accuracy)


def train(
    framework: ModuleType,
    plan: Plan,
    dataset: data.Dataset,
    train: np.ndarray,
    validation: np.ndarray,
) -> Run:
    """Train a model with `framework`, keras_training or torch_training, and print a line.

    `train` and `validation` are indices of training images. Raises LabError as `done` does, and
    where the framework has no such architecture.
    """
    images, labels, models = dataset.train_images, dataset.train_labels, framework.models
    if plan.architecture not in models.ARCHITECTURES:
        raise LabError(
            f"{plan.architecture} is no architecture of {models.__name__}; allowed are "
            f"{', '.join(models.ARCHITECTURES)}"
        )
    name = f"{plan.architecture}, {plan.recipe_name}, seed {plan.seed}"
    console.show(name, stays=False)
    model = models.build(plan.architecture, plan.seed, plan.hidden)
    held_out = data.scale(images[validation]), labels[validation]
    given = framework.train(model, images[train], labels[train], held_out, plan.recipe, plan.seed)
    run = done(models, plan, model, *given, dataset)
    reached = f"test accuracy {run.test_accuracy:.2%}, {run.train_seconds:.1f} s"
    console.show(f"{name}: {reached}", stays=True)
    return run


def first_of_each(runs: Sequence[Run]) -> list[Run]:
    """Return the first training of each architecture: its model is exported and timed."""
    found: dict[str, Run] = {}
    for run in runs:
        found.setdefault(run.plan.architecture, run)
    return list(found.values())
