"""Train a PyTorch network on tensors in memory."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from helpers.core import stack
from helpers.models import torch_networks as networks
from helpers.training.loop import Epoch, run_epochs
from helpers.training.recipes import EPSILON, Recipe


def keras_epsilon(step: int, beta_2: float) -> float:
    """Return what PyTorch's epsilon must be at a step, from 1, to do what Keras' does.

    Adam divides by the root of the second moment, corrected for its start at zero, plus epsilon
    (Kingma & Ba 2015). Keras adds epsilon to the root before that correction, PyTorch after it.
    """
    return EPSILON / math.sqrt(1 - beta_2**step)


def train(
    model: nn.Module,
    images: np.ndarray,
    labels: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray],
    recipe: Recipe,
    seed: int,
    after_epoch: Callable[[Epoch], None] = print,
    *,
    defaults: bool = False,
) -> list[Epoch]:
    """Train with Adam on uint8 images [N, 28, 28] and return the epochs.

    The images are one tensor in memory: a DataLoader with ToTensor spends most of its time on
    decoding and collating single images. `validation` is (images in [0, 1], labels);
    `after_epoch` gets each epoch when it is over. With `defaults` epsilon is PyTorch's own, else
    its rule is Keras', as in `keras_epsilon`.
    """
    optimizer = torch.optim.AdamW(
        model.parameters(),
        recipe.learning_rate,
        recipe.betas if defaults else recipe.float32_betas,
        weight_decay=recipe.weight_decay,
        fused=stack.fused_adam(),
    )
    (group,), steps = optimizer.param_groups, itertools.count(1)
    # With the channels last in memory a convolution takes two thirds of the time.
    model.to(memory_format=torch.channels_last)

    def step(pixels: torch.Tensor, label: torch.Tensor, rate: float) -> torch.Tensor:
        group["lr"] = rate
        if not defaults:
            group["eps"] = keras_epsilon(next(steps), group["betas"][1])
        image = (pixels.float() / 255).contiguous(memory_format=torch.channels_last)
        loss = nn.functional.cross_entropy(model(image), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    def run_epoch(images: np.ndarray, order: np.ndarray, rates: np.ndarray) -> float:
        model.train()
        pixels, total = networks.to_nchw(images), torch.zeros(())
        for batch, rate in zip(torch.from_numpy(order), rates.tolist(), strict=True):
            total += step(pixels.index_select(0, batch), all_labels.index_select(0, batch), rate)
        return float(total / len(order))

    all_labels = torch.from_numpy(labels)
    history = run_epochs(
        run_epoch,
        lambda images: networks.predict_logits(model, images),
        images,
        validation,
        recipe,
        seed,
        after_epoch,
    )
    model.to(memory_format=torch.contiguous_format)  # as `load` makes it
    return history
