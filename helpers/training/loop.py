"""What both frameworks' training shares: the order of the images and the loop over epochs."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np

from helpers.core.console import LabError
from helpers.training.augmentation import augment
from helpers.training.recipes import Recipe


@dataclass(frozen=True)
class Epoch:
    """One epoch: mean training loss, accuracy on the validation images, training time only."""

    epoch: int
    loss: float
    validation_accuracy: float
    seconds: float

    def __str__(self) -> str:
        return (
            f"epoch {self.epoch:>2}  loss {self.loss:.4f}  "
            f"validation accuracy {self.validation_accuracy:.2%}  {self.seconds:.2f} s"
        )


def batch_orders(images: int, batch_size: int, epochs: int, seed: int) -> Iterator[np.ndarray]:
    """Yield one shuffled order an epoch, int64 [steps, batch_size], the same for both frameworks.

    The images that do not fill a batch are left out of that epoch; every epoch leaves out others.
    Raises LabError when there is not one full batch.
    """
    if batch_size > images:
        raise LabError(f"batch size {batch_size}: allowed is 1 to {images}, the training images")
    generator = np.random.default_rng(seed)
    steps = images // batch_size
    for _ in range(epochs):
        yield generator.permutation(images)[: steps * batch_size].reshape(steps, batch_size)


def epochs(
    images: np.ndarray, recipe: Recipe, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield what each epoch of `recipe` takes, the same for both frameworks.

    That is the training images, uint8 [N, 28, 28] and changed anew by the recipe's augmentation,
    their order [steps, batch_size] as in `batch_orders`, and the learning rate of each step.
    """
    rates = recipe.learning_rates(recipe.epochs * (len(images) // recipe.batch_size))
    generator = np.random.default_rng([seed, 1])
    for order in batch_orders(len(images), recipe.batch_size, recipe.epochs, seed):
        changed = augment(images, recipe.augmentation, generator) if recipe.augmentation else images
        yield changed, order, rates[: len(order)]
        rates = rates[len(order) :]


def run_epochs(
    run_epoch: Callable[[np.ndarray, np.ndarray, np.ndarray], float],
    predict_logits: Callable[[np.ndarray], np.ndarray],
    images: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray],
    recipe: Recipe,
    seed: int,
    after_epoch: Callable[[Epoch], None],
) -> list[Epoch]:
    """Train for the epochs of `recipe` and return them.

    `run_epoch` gets what `epochs` yields and returns the mean loss. `validation` is (images,
    labels); their logits, and `after_epoch`, are outside an epoch's seconds.
    """
    held_out, labels = validation
    history, given = [], epochs(images, recipe, seed)
    for number in range(1, recipe.epochs + 1):
        start = time.perf_counter()
        loss = run_epoch(*next(given))
        seconds = time.perf_counter() - start
        correct = predict_logits(held_out).argmax(axis=1) == labels
        history.append(Epoch(number, loss, float(correct.mean()), seconds))
        after_epoch(history[-1])
    return history


def rows(history: list[Epoch]) -> list[dict]:
    """Return the history as one dictionary an epoch, for tables and records."""
    return [asdict(epoch) for epoch in history]
