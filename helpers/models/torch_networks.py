"""The networks in PyTorch: definitions, weights, logits, saving."""

import math
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from helpers.core import artifacts
from helpers.core.console import LabError
from helpers.core.provenance import ANOTHER_DEVICE

FRAMEWORK, SUFFIX = "pytorch", ".pt"


def mlp() -> nn.Sequential:
    """Return Flatten, Linear 128, ReLU, Linear 10: 101,770 parameters."""
    return nn.Sequential(
        OrderedDict(
            flatten=nn.Flatten(),
            hidden=nn.Linear(28 * 28, 128),
            relu=nn.ReLU(),
            logits=nn.Linear(128, 10),
        )
    )


def cnn() -> nn.Sequential:
    """Return two convolutions with pooling, Linear 256, Linear 10: 215,194 parameters."""
    return nn.Sequential(
        OrderedDict(
            convolution_1=nn.Conv2d(1, 24, 5),
            relu_1=nn.ReLU(),
            pool_1=nn.MaxPool2d(2),
            convolution_2=nn.Conv2d(24, 32, 3),
            relu_2=nn.ReLU(),
            pool_2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            hidden=nn.Linear(32 * 5 * 5, 256),
            relu=nn.ReLU(),
            logits=nn.Linear(256, 10),
        )
    )


ARCHITECTURES: dict[str, Callable[[], nn.Sequential]] = {"mlp": mlp, "cnn": cnn}
# What a layer is made with, by the names that its constructor and its attributes share.
ARGUMENTS = ("in_features", "out_features", "in_channels", "out_channels", "kernel_size")


def use_threads(threads: int) -> None:
    """Give PyTorch `threads` threads for each operation."""
    torch.set_num_threads(threads)


def use_device(device: str) -> None:
    """Build and train on `device`, "cpu" or "gpu". Raises LabError when PyTorch has no GPU."""
    if device == "gpu":
        if not torch.cuda.is_available():
            raise LabError(f"DEVICE=gpu: PyTorch finds only the cpu here; {ANOTHER_DEVICE}")
        torch.set_default_device("cuda")


def build(architecture: str, seed: int) -> nn.Sequential:
    """Return a new network with weights drawn from `seed`: images [N, 1, 28, 28] in, logits out."""
    from helpers.models import weights  # a measuring process needs none of it

    model = ARCHITECTURES[architecture]()
    set_weights(model, weights.draw(weights.shapes(get_weights(model)), seed))
    return model


def get_weights(model: nn.Sequential) -> dict[str, np.ndarray]:
    """Return the weights by layer, in the layout of helpers.models.weights."""
    found = {}
    for name, layer in _layers(model).items():
        kernel = layer.weight.detach().cpu().numpy()
        if kernel.ndim == 4:
            kernel = kernel.transpose(2, 3, 1, 0)
        elif name == "hidden":  # its inputs stand channel by channel here, pixel by pixel there
            split = kernel.T.reshape(*_flattened(model), -1)
            kernel = split.transpose(1, 2, 0, 3).reshape(kernel.T.shape)
        else:
            kernel = kernel.T
        found[f"{name}/kernel"] = kernel.copy()
        found[f"{name}/bias"] = layer.bias.detach().cpu().numpy().copy()
    return found


@torch.no_grad()
def set_weights(model: nn.Sequential, given: dict[str, np.ndarray]) -> None:
    """Give the network these weights. Raises LabError when they are another architecture's."""
    from helpers.models import weights

    weights.check(given, weights.shapes(get_weights(model)))
    channels, height, width = _flattened(model)
    for name, layer in _layers(model).items():
        kernel = given[f"{name}/kernel"]
        if kernel.ndim == 4:
            kernel = kernel.transpose(3, 2, 0, 1)
        elif name == "hidden":
            split = kernel.reshape(height, width, channels, -1)
            kernel = split.transpose(2, 0, 1, 3).reshape(kernel.shape).T
        else:
            kernel = kernel.T
        layer.weight.copy_(torch.from_numpy(kernel.copy()))
        layer.bias.copy_(torch.from_numpy(given[f"{name}/bias"]))


def _layers(model: nn.Sequential) -> dict[str, nn.Sequential]:
    return {name: layer for name, layer in model.named_children() if hasattr(layer, "weight")}


def _flattened(model: nn.Sequential) -> tuple[int, int, int]:
    """Return what enters the flattening layer: channels, height, width."""
    convolutions = [layer for layer in model if isinstance(layer, nn.Conv2d)]
    channels = convolutions[-1].out_channels if convolutions else 1
    side = math.isqrt(model.hidden.in_features // channels)
    return channels, side, side


def to_nchw(images: np.ndarray) -> torch.Tensor:
    """Return images [N, 28, 28] as a tensor [N, 1, 28, 28] on the same memory."""
    return torch.from_numpy(images).unsqueeze(1)


def predict_logits(model: nn.Sequential, images: np.ndarray) -> np.ndarray:
    """Return the logits [N, 10] of float32 images [N, 28, 28]."""
    model.eval()
    with torch.inference_mode():
        device = next(model.parameters()).device
        batches = to_nchw(images).split(1_000)
        return torch.cat([model(batch.to(device)).cpu() for batch in batches]).numpy()


def save(model: nn.Sequential, path: Path) -> None:
    """Write a checkpoint of layers and weights; to read it takes PyTorch and nothing of this."""
    layers = [
        (name, type(layer).__name__, {a: getattr(layer, a) for a in ARGUMENTS if hasattr(layer, a)})
        for name, layer in model.named_children()
    ]
    with artifacts.replacing(path) as temporary:
        torch.save({"layers": layers, "weights": model.state_dict()}, temporary)


def load(path: Path) -> nn.Sequential:
    """Read a checkpoint that `save` wrote; `weights_only` keeps it from running code."""
    checkpoint = torch.load(path, "cpu", weights_only=True)
    layers = [(name, getattr(nn, kind)(**made)) for name, kind, made in checkpoint["layers"]]
    model = nn.Sequential(OrderedDict(layers))
    model.load_state_dict(checkpoint["weights"])
    return model.eval()
