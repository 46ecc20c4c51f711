"""What both frameworks' training loops share: the order of the images and the progress line."""

from collections.abc import Iterator
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


def rows(history: list[Epoch]) -> list[dict]:
    """Return the history as one dictionary an epoch, for tables and records."""
    return [asdict(epoch) for epoch in history]
