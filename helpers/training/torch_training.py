"""Train a PyTorch model by a loop over tensors in memory."""

import time

import numpy as np
import torch
from torch import nn

from helpers.core import machine
from helpers.data import scale
from helpers.models import torch_models as models
from helpers.training.recipes import Recipe


def train(
    model: nn.Module,
    images: np.ndarray,
    labels: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray],
    recipe: Recipe,
    seed: int,
) -> tuple[list[float], list[float], float]:
    """Train on uint8 images [N, 28, 28]; return losses, validation accuracies, and the seconds.

    They are those of the epochs, and of training alone; `validation` is (images in [0, 1], labels).
    """
    fused = not machine.before("torch", "2.4")  # then Adam is one operation on the CPU
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=recipe.weight_decay, fused=fused)
    rates = iter(recipe.learning_rates(len(images)).tolist())
    held_out, expected = validation
    targets = torch.from_numpy(labels)
    # With the channels last in memory a convolution takes two thirds of the time.
    model.to(memory_format=torch.channels_last)
    losses, accuracies, seconds = [], [], 0.0
    begin = time.perf_counter()
    for changed in recipe.epochs_of(images, seed):
        if recipe.augmentation or not losses:  # else they are scaled already
            pixels = models.to_nchw(scale(changed))
        total = torch.zeros(())
        model.train()
        for batch in torch.randperm(len(pixels)).split(recipe.batch_size):
            optimizer.param_groups[0]["lr"] = next(rates)
            loss = nn.functional.cross_entropy(model(pixels[batch]), targets[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(batch)
        losses.append(float(total / len(pixels)))
        seconds += time.perf_counter() - begin
        classes = models.predict_logits(model, held_out).argmax(axis=1)
        accuracies.append(float((classes == expected).mean()))
        begin = time.perf_counter()
    model.to(memory_format=torch.contiguous_format)  # as `load` makes it
    return losses, accuracies, seconds
