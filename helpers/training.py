"""What both frameworks' training shares: the order of the images and the loop over epochs."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np

from helpers.errors import LabError


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
        raise LabError(f"BATCH_SIZE={batch_size}: allowed is 1 to {images}, the training images")
    generator = np.random.default_rng(seed)
    steps = images // batch_size
    for _ in range(epochs):
        yield generator.permutation(images)[: steps * batch_size].reshape(steps, batch_size)


def run_epochs(
    run_epoch: Callable[[np.ndarray], float],
    predict_logits: Callable[[np.ndarray], np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    orders: Iterator[np.ndarray],
) -> list[Epoch]:
    """Call `run_epoch` with each order, which returns the mean loss; print and return the epochs.

    `validation` is (images, labels); answering them is outside an epoch's seconds.
    """
    images, labels = validation
    history = []
    for number, order in enumerate(orders, start=1):
        start = time.perf_counter()
        loss = run_epoch(order)
        seconds = time.perf_counter() - start
        correct = predict_logits(images).argmax(axis=1) == labels
        history.append(Epoch(number, loss, float(correct.mean()), seconds))
        print(history[-1], flush=True)
    return history


def rows(history: list[Epoch]) -> list[dict]:
    """Return the history as one dictionary an epoch, for tables and records."""
    return [asdict(epoch) for epoch in history]
