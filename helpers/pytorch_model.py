"""The networks in PyTorch: definitions, training, evaluation, saving."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from helpers import artifacts, weights
from helpers.errors import LabError
from helpers.machine import ANOTHER_DEVICE
from helpers.recipes import EPSILON, Recipe
from helpers.training import Epoch, run_epochs


class MLP(nn.Module):
    """Flatten, Linear 128, ReLU, Linear 10: 101,770 parameters."""

    flattened = (1, 28, 28)  # what enters the first linear layer: channels, height, width

    def __init__(self) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.hidden = nn.Linear(28 * 28, 128)
        self.logits = nn.Linear(128, 10)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the logits [N, 10] of images [N, 1, 28, 28]."""
        return self.logits(torch.relu(self.hidden(self.flatten(image))))


class CNN(nn.Module):
    """Two convolutions with pooling, Linear 256, Linear 10: 215,194 parameters."""

    flattened = (32, 5, 5)

    def __init__(self) -> None:
        super().__init__()
        self.convolution_1 = nn.Conv2d(1, 24, 5)
        self.convolution_2 = nn.Conv2d(24, 32, 3)
        self.pool = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.hidden = nn.Linear(32 * 5 * 5, 256)
        self.logits = nn.Linear(256, 10)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the logits [N, 10] of images [N, 1, 28, 28]."""
        image = self.pool(torch.relu(self.convolution_1(image)))
        image = self.pool(torch.relu(self.convolution_2(image)))
        return self.logits(torch.relu(self.hidden(self.flatten(image))))


ARCHITECTURES: dict[str, Callable[[], nn.Module]] = {"mlp": MLP, "cnn": CNN}


def use_threads(threads: int) -> None:
    """Give PyTorch `threads` threads for each operation."""
    torch.set_num_threads(threads)


def use_device(device: str) -> None:
    """Build and train on `device`, "cpu" or "gpu". Raises LabError when PyTorch has no GPU."""
    if device == "gpu":
        if not torch.cuda.is_available():
            raise LabError(f"DEVICE=gpu: PyTorch finds only the cpu here; {ANOTHER_DEVICE}")
        torch.set_default_device("cuda")


def build(architecture: str, seed: int) -> nn.Module:
    """Return a new network with weights drawn from `seed`: images [N, 1, 28, 28] in, logits out."""
    model = ARCHITECTURES[architecture]()
    set_weights(model, weights.draw(weights.shapes(get_weights(model)), seed))
    return model


def get_weights(model: nn.Module) -> weights.Weights:
    """Return the weights by layer, in the layout of helpers.weights."""
    found = {}
    for name, layer in _layers(model).items():
        kernel = layer.weight.detach().cpu().numpy()
        if kernel.ndim == 4:
            kernel = kernel.transpose(2, 3, 1, 0)
        elif name == "hidden":  # its inputs stand channel by channel here, pixel by pixel there
            split = kernel.T.reshape(*model.flattened, -1)
            kernel = split.transpose(1, 2, 0, 3).reshape(kernel.T.shape)
        else:
            kernel = kernel.T
        found[f"{name}/kernel"] = kernel.copy()
        found[f"{name}/bias"] = layer.bias.detach().cpu().numpy().copy()
    return found


@torch.no_grad()
def set_weights(model: nn.Module, given: weights.Weights) -> None:
    """Give the network these weights. Raises LabError when they are another architecture's."""
    weights.check(given, weights.shapes(get_weights(model)))
    channels, height, width = model.flattened
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


def _layers(model: nn.Module) -> dict[str, nn.Module]:
    return {name: layer for name, layer in model.named_children() if hasattr(layer, "weight")}


def to_nchw(images: np.ndarray) -> torch.Tensor:
    """Return images [N, 28, 28] as a tensor [N, 1, 28, 28] on the same memory."""
    return torch.from_numpy(images).unsqueeze(1)


def train(
    model: nn.Module,
    images: np.ndarray,
    labels: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray],
    recipe: Recipe,
    seed: int,
    after_epoch: Callable[[Epoch], None] = print,
) -> list[Epoch]:
    """Train with Adam on uint8 images [N, 28, 28] and return the epochs.

    The images are one tensor in memory: a DataLoader with ToTensor spends most of its time on
    decoding and collating single images. `validation` is (images in [0, 1], labels);
    `after_epoch` gets each epoch when it is over.
    """
    optimizer = torch.optim.AdamW(
        model.parameters(),
        recipe.learning_rate,
        recipe.betas,
        EPSILON,
        recipe.weight_decay,
        fused=True,
    )
    (group,) = optimizer.param_groups
    device = group["params"][0].device

    def step(pixels: torch.Tensor, label: torch.Tensor, rate: float) -> torch.Tensor:
        group["lr"] = rate
        loss = nn.functional.cross_entropy(model(pixels.float() / 255), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    def run_epoch(images: np.ndarray, order: np.ndarray, rates: np.ndarray) -> float:
        model.train()
        pixels, total = to_nchw(images).to(device), torch.zeros((), device=device)
        for batch, rate in zip(torch.from_numpy(order).to(device), rates.tolist(), strict=True):
            total += step(pixels.index_select(0, batch), all_labels.index_select(0, batch), rate)
        return float(total / len(order))

    all_labels = torch.from_numpy(labels).to(device)
    return run_epochs(
        run_epoch,
        lambda images: predict_logits(model, images),
        images,
        validation,
        recipe,
        seed,
        after_epoch,
    )


def predict_logits(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return the logits [N, 10] of float32 images [N, 28, 28]."""
    model.eval()
    with torch.inference_mode():
        device = next(model.parameters()).device
        batches = to_nchw(images).split(1_000)
        return torch.cat([model(batch.to(device)).cpu() for batch in batches]).numpy()


def save(model: nn.Module, path: Path) -> None:
    """Write the architecture's name and the weights to a checkpoint."""
    architecture = next(name for name, made in ARCHITECTURES.items() if type(model) is made)
    with artifacts.replacing(path) as temporary:
        torch.save({"architecture": architecture, "weights": model.state_dict()}, temporary)


def load(path: Path) -> nn.Module:
    """Read a checkpoint that `save` wrote; `weights_only` keeps it from running code."""
    checkpoint = torch.load(path, "cpu", weights_only=True)
    model = ARCHITECTURES[checkpoint["architecture"]]()
    model.load_state_dict(checkpoint["weights"])
    return model.eval()
