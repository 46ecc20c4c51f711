"""The architectures in PyTorch, and what is done to a model: build, ask, save, load."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from helpers.core import files

FRAMEWORK, SUFFIX = "pytorch", ".pt"


class MLP(nn.Module):
    """An mlp with one hidden layer: images [N, 1, 28, 28] in, logits [N, 10] out."""

    def __init__(self, hidden: int = 128) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(28 * 28, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 10),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        return self.layers(images)


class CNN(nn.Module):
    """A cnn with two convolutions: images [N, 1, 28, 28] in, logits [N, 10] out."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 24, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(24, 32, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(32 * 5 * 5, 256),
            nn.ReLU(),
            nn.Linear(256, 10),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        return self.layers(images)


# What is entered here can be trained and exported by its name; EVERYTHING times all of them.
ARCHITECTURES: dict[str, type[nn.Module]] = {"mlp": MLP, "cnn": CNN}


def build(architecture: str, seed: int, hidden: int = 128) -> nn.Module:
    """Return a new model; the mlp has `hidden` units."""
    torch.manual_seed(seed)
    define = ARCHITECTURES[architecture]
    return define(hidden) if architecture == "mlp" else define()


def to_nchw(images: np.ndarray) -> torch.Tensor:
    """Return images [N, 28, 28] as a tensor [N, 1, 28, 28] on the same memory."""
    return torch.from_numpy(images).unsqueeze(1)


def predict_logits(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return the logits [N, 10] of float32 images [N, 28, 28]."""
    model.eval()
    with torch.inference_mode():
        batches = to_nchw(images).split(1_000)
        return torch.cat([model(batch) for batch in batches]).numpy()


def parameters(model: nn.Module) -> int:
    """Return how many weights are trained."""
    return sum(parameter.numel() for parameter in model.parameters())


def save(model: nn.Module, path: Path, architecture: str, hidden: int = 128) -> None:
    """Write a checkpoint: the `state_dict`, and what `build` was given for the model."""
    built = {"architecture": architecture, "hidden": hidden}
    # An archive is named after its file, and the temporary one after this process.
    with files.replacing(path) as temporary, temporary.open("wb") as file:
        torch.save({**built, "state_dict": model.state_dict()}, file)


def load(path: Path) -> nn.Module:
    """Read a checkpoint that `save` wrote; `weights_only` keeps it from running code."""
    checkpoint = torch.load(path, "cpu", weights_only=True)
    model = build(checkpoint["architecture"], 0, checkpoint["hidden"])
    model.load_state_dict(checkpoint["state_dict"])
    return model.eval()
