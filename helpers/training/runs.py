"""The trainings of a notebook: which networks by which recipe from which seeds, and the best."""

import math
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np

from helpers.core import console
from helpers.core.console import LabError
from helpers.data import mnist
from helpers.models import metrics, weights
from helpers.models.architectures import CLASSES
from helpers.training import loop
from helpers.training.loop import Epoch
from helpers.training.recipes import DEFAULTS, Recipe, strong

# A row of the parameter TRAININGS: network, recipe, number of seeds, epochs or None for the
# recipe's own.
Training = tuple[str, str, int, int | None]


@dataclass(frozen=True)
class Plan:
    """One training to do."""

    architecture: str
    recipe_name: str  # one of `recipes.NAMES`
    recipe: Recipe
    seed: int

    @property
    def defaults(self) -> bool:
        """Return whether initial weights and epsilon are the framework's own."""
        return self.recipe_name == DEFAULTS


@dataclass(frozen=True, eq=False)
class Run:
    """One training done: the network, its epochs, its logits for the test images."""

    framework: str
    plan: Plan
    model: object
    history: list[Epoch]
    logits: np.ndarray
    test_accuracy: float
    trajectory: list[weights.Weights]  # after each epoch; empty without `detail`

    @property
    def id(self) -> str:
        """Return the id of its network in the results contract."""
        return f"{self.plan.architecture}-{self.framework}"

    @property
    def validation_accuracy(self) -> float:
        """Return the accuracy on the validation images after the last epoch."""
        return self.history[-1].validation_accuracy

    def kind(self) -> dict:
        """Return what every row about it begins with."""
        return {
            "framework": self.framework,
            "architecture": self.plan.architecture,
            "recipe": self.plan.recipe_name,
            "seed": self.plan.seed,
        }

    def epochs(self) -> list[dict]:
        """Return one row an epoch, for `history` of the results."""
        return [self.kind() | epoch for epoch in loop.rows(self.history)]

    def row(self) -> dict:
        """Return what `seeds` and `models` of the results contract share."""
        return {
            **self.kind(),
            "epochs": len(self.history),
            "train_seconds": sum(epoch.seconds for epoch in self.history),
            "validation_accuracy": self.validation_accuracy,
            "test_accuracy": self.test_accuracy,
        }


def plans(trainings: list[Training], lab: Recipe, seed: int) -> list[Plan]:
    """Return the plans of every training, from as many seeds as it asks for, `seed` the first."""
    found = []
    for architecture, name, seeds, epochs in trainings:
        recipe = lab if name in ("lab", DEFAULTS) else strong(architecture)
        recipe = replace(recipe, epochs=epochs or recipe.epochs)
        found += [Plan(architecture, name, recipe, seed + number) for number in range(seeds)]
    return found


def run(
    framework: ModuleType,
    plan: Plan,
    dataset: mnist.Dataset,
    train: np.ndarray,
    validation: np.ndarray,
    *,
    detail: bool = False,
) -> Run:
    """Train a network with `framework`, keras_training or torch_training.

    `train` and `validation` are indices of training images. The trained network answers the test
    images once, for its accuracy. With `detail` the line of every epoch stays and its weights are
    kept, else the line of the last epoch stays. Raises LabError when the training diverged.
    """
    images, labels = dataset.train_images, dataset.train_labels
    networks = framework.networks
    model = networks.build(plan.architecture, plan.seed, defaults=plan.defaults)
    trajectory = []

    def after_epoch(epoch: Epoch) -> None:
        refuse_diverged(plan, epoch)
        if detail:
            trajectory.append(networks.get_weights(model))
        name = f"{plan.architecture}, {plan.recipe_name}, seed {plan.seed}"
        stays = detail or epoch.epoch == plan.recipe.epochs
        console.show(f"{name:<22}{epoch}", stays=stays)

    history = framework.train(
        model,
        images[train],
        labels[train],
        (mnist.scale(images[validation]), labels[validation]),
        plan.recipe,
        plan.seed,
        after_epoch,
        defaults=plan.defaults,
    )
    logits = networks.predict_logits(model, mnist.scale(dataset.test_images))
    accuracy = metrics.accuracy(logits, dataset.test_labels)
    return Run(networks.FRAMEWORK, plan, model, history, logits, accuracy, trajectory)


def refuse_diverged(plan: Plan, epoch: Epoch) -> None:
    """Raise LabError when a loss is not finite, or the last epoch's network hardly beats guessing.

    The line names what to change: a parameter for the lab recipe, else its file.
    """
    recipe, wrong = plan.recipe, ""
    if not math.isfinite(epoch.loss):
        wrong = f"diverged: after epoch {epoch.epoch} its loss is {epoch.loss}"
    elif (
        epoch.epoch == recipe.epochs
        and epoch.validation_accuracy < metrics.LEAST_TIMES_CHANCE / CLASSES
    ):
        # A network that still learns is better than one that gives every class the same.
        verb = "diverged" if epoch.loss > 0.98 * math.log(CLASSES) else "learnt too little"
        wrong = (
            f"{verb}: after epoch {epoch.epoch} its loss is {epoch.loss:.3g} and "
            f"{epoch.validation_accuracy:.2%} of the validation images are right, hardly more than "
            "by guessing"
        )
    if wrong:
        if plan.recipe_name == "strong":
            remedy = "change its entry in helpers/training/recipes.py"
        else:
            remedy = (
                f"choose a smaller LEARNING_RATE than {recipe.learning_rate:g}, or other values of "
                f"BATCH_SIZE ({recipe.batch_size}) and EPOCHS ({recipe.epochs})"
            )
        raise LabError(
            f"The training of the {plan.architecture} by the {plan.recipe_name} recipe from seed "
            f"{plan.seed} {wrong}; {remedy}"
        )


def best(runs: list[Run]) -> list[Run]:
    """Return the run of each architecture with the highest validation accuracy.

    One by the frameworks' defaults counts only where no other recipe trained the network.
    """
    found: dict[str, Run] = {}
    for each in runs:
        kept = found.get(each.id)
        if kept is None or _rank(each) > _rank(kept):
            found[each.id] = each
    return list(found.values())


def _rank(run: Run) -> tuple[bool, float]:
    return not run.plan.defaults, run.validation_accuracy
