"""The networks in PyTorch: definitions, weights, logits, saving."""

import pickle
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from helpers.core import artifacts
from helpers.core.console import LabError

FRAMEWORK, SUFFIX = "pytorch", ".pt"
ARCHITECTURES: dict[str, Callable[[], nn.Module]] = {}


def architecture(define: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
    """Enter a network into ARCHITECTURES under its name as Keras' function has it.

    MLP becomes mlp and TwoLayers two_layers.
    """
    ARCHITECTURES[re.sub(r"(?<=[a-z\d])(?=[A-Z])", "_", define.__name__).lower()] = define
    return define


@architecture
class MLP(nn.Module):
    """Flatten, Linear 128, ReLU, Linear 10."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(28 * 28, 128)
        self.logits = nn.Linear(128, 10)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the logits [N, 10] of images [N, 1, 28, 28]."""
        hidden = functional.relu(self.hidden(image.flatten(1)))
        return self.logits(hidden)


@architecture
class CNN(nn.Module):
    """Two convolutions with pooling, Linear 256, Linear 10."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution_1 = nn.Conv2d(1, 24, 5)
        self.convolution_2 = nn.Conv2d(24, 32, 3)
        self.hidden = nn.Linear(32 * 5 * 5, 256)
        self.logits = nn.Linear(256, 10)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the logits [N, 10] of images [N, 1, 28, 28]."""
        image = functional.max_pool2d(functional.relu(self.convolution_1(image)), 2)
        image = functional.max_pool2d(functional.relu(self.convolution_2(image)), 2)
        hidden = functional.relu(self.hidden(image.flatten(1)))
        return self.logits(hidden)


def use_threads(threads: int) -> None:
    """Give PyTorch `threads` threads for each operation."""
    torch.set_num_threads(threads)


def build(architecture: str, seed: int, *, defaults: bool = False) -> nn.Module:
    """Return a new network with weights drawn from `seed`: images [N, 1, 28, 28] in, logits out.

    With `defaults` PyTorch's own initialisation draws them, else `helpers.models.weights`.
    """
    from helpers.models import weights  # a measuring process needs none of it

    if defaults:
        torch.manual_seed(seed)
    model = ARCHITECTURES[architecture]()
    if defaults:
        return model
    set_weights(model, weights.draw(weights.shapes(get_weights(model)), seed))
    return model


def get_weights(model: nn.Module) -> dict[str, np.ndarray]:
    """Return the weights by layer, in the layout of helpers.models.weights."""
    found = {}
    for number, (layer, channels) in enumerate(_layers(model).items(), start=1):
        kernel = layer.weight.detach().numpy()
        if kernel.ndim == 4:
            kernel = kernel.transpose(2, 3, 1, 0)
        else:  # the inputs stand channel by channel here, pixel by pixel there
            kernel = kernel.reshape(len(kernel), channels, -1).transpose(2, 1, 0)
            kernel = kernel.reshape(layer.in_features, -1)
        found[f"{number}/kernel"] = kernel.copy()
        if layer.bias is not None:
            found[f"{number}/bias"] = layer.bias.detach().numpy().copy()
    return found


@torch.no_grad()
def set_weights(model: nn.Module, given: dict[str, np.ndarray]) -> None:
    """Give the network these weights. Raises LabError when they are another architecture's."""
    from helpers.models import weights

    weights.check(given, weights.shapes(get_weights(model)))
    for number, (layer, channels) in enumerate(_layers(model).items(), start=1):
        kernel = given[f"{number}/kernel"]
        if kernel.ndim == 4:
            kernel = kernel.transpose(3, 2, 0, 1)
        else:
            kernel = kernel.reshape(-1, channels, layer.out_features).transpose(2, 1, 0)
            kernel = kernel.reshape(layer.out_features, -1)
        layer.weight.copy_(torch.from_numpy(kernel.copy()))
        if layer.bias is not None:
            layer.bias.copy_(torch.from_numpy(given[f"{number}/bias"]))


@torch.no_grad()
def _layers(model: nn.Module) -> dict[nn.Module, int]:
    """Return the layers with weights in the order in which an image passes them.

    Each comes with the channels of the image that was flattened for it, 1 where none was: a module
    only says in `forward` which layer follows which. Raises LabError when there are weights that
    Keras' layers do not have.
    """
    found: dict[nn.Module, int] = {}
    channels = [1]

    def note(layer: nn.Module, _: tuple, made: torch.Tensor) -> None:
        if isinstance(layer, nn.Linear):
            found.setdefault(layer, channels.pop() if channels else 1)
        elif isinstance(layer, nn.Conv2d) and layer.groups == 1:
            found.setdefault(layer, 1)
        if getattr(made, "ndim", 0) == 4:
            channels[:] = [made.shape[1]]

    leaves = [(name, layer) for name, layer in model.named_modules() if not [*layer.children()]]
    hooks = [layer.register_forward_hook(note) for _, layer in leaves]
    training = model.training
    model.eval()(torch.zeros(1, 1, 28, 28))
    model.train(training)
    for hook in hooks:
        hook.remove()
    known = {id(tensor) for layer in found for tensor in layer.parameters()}
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if id(tensor) not in known:
            raise LabError(
                f"{type(model).__name__}: the weights {name} cannot be given to Keras; allowed are "
                "those of Linear and Conv2d layers that an image passes"
            )
    return found


def to_nchw(images: np.ndarray) -> torch.Tensor:
    """Return images [N, 28, 28] as a tensor [N, 1, 28, 28] on the same memory."""
    return torch.from_numpy(images).unsqueeze(1)


def predict_logits(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return the logits [N, 10] of float32 images [N, 28, 28]."""
    model.eval()
    with torch.inference_mode():
        batches = to_nchw(images).split(1_000)
        return torch.cat([model(batch) for batch in batches]).numpy()


def save(model: nn.Module, path: Path) -> None:
    """Write a checkpoint: the network's `state_dict`."""
    # An archive is named after its file, and the temporary one after this process.
    with artifacts.replacing(path) as temporary, temporary.open("wb") as file:
        torch.save(model.state_dict(), file)


def load(path: Path) -> nn.Module:
    """Read a checkpoint that `save` wrote; `weights_only` keeps it from running code.

    Which network its weights belong to is what its name begins with. Raises LabError when that is
    none, and when the file holds more than weights.
    """
    architecture = path.name.partition("-")[0]
    if architecture not in ARCHITECTURES:
        raise LabError(
            f"{path.name}: its name begins with none of the networks {', '.join(ARCHITECTURES)}"
        )
    model = ARCHITECTURES[architecture]()
    try:
        model.load_state_dict(torch.load(path, "cpu", weights_only=True))
    except pickle.UnpicklingError:  # PyTorch's own words tell how to run such a file
        raise LabError(
            f"{path.name} is not read: it is no checkpoint of weights alone; others may run code"
        ) from None
    return model.eval()
