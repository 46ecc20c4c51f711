"""The networks in PyTorch: definitions, training, evaluation, saving, ONNX export."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from helpers import artifacts
from helpers.training import Epoch, batch_orders, run_epochs


class MLP(nn.Module):
    """Flatten, Linear 128, ReLU, Linear 10: 101,770 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.hidden = nn.Linear(28 * 28, 128)
        self.logits = nn.Linear(128, 10)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the logits [N, 10] of images [N, 1, 28, 28]."""
        return self.logits(torch.relu(self.hidden(self.flatten(image))))


ARCHITECTURES: dict[str, Callable[[], nn.Module]] = {"mlp": MLP}


def use_threads(threads: int) -> None:
    """Give PyTorch `threads` threads for each operation."""
    torch.set_num_threads(threads)


def build(architecture: str, seed: int) -> nn.Module:
    """Return a new network with weights drawn from `seed`: images [N, 1, 28, 28] in, logits out."""
    torch.manual_seed(seed)
    return ARCHITECTURES[architecture]()


def to_nchw(images: np.ndarray) -> torch.Tensor:
    """Return images [N, 28, 28] as a tensor [N, 1, 28, 28] on the same memory."""
    return torch.from_numpy(images).unsqueeze(1)


def train(
    model: nn.Module,
    images: np.ndarray,
    labels: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray],
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
) -> list[Epoch]:
    """Train with Adam on float32 images [N, 28, 28] in [0, 1]; print and return each epoch.

    The images are one tensor in memory: a DataLoader with ToTensor spends most of its time on
    decoding and collating single images.
    """
    optimizer = torch.optim.Adam(model.parameters(), learning_rate, fused=True)

    def step(image: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        loss = nn.functional.cross_entropy(model(image), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    def run_epoch(order: torch.Tensor) -> torch.Tensor:
        model.train()
        total = torch.zeros(())
        for batch in order:
            total += step(all_images.index_select(0, batch), all_labels.index_select(0, batch))
        return total / len(order)

    all_images, all_labels = to_nchw(images), torch.from_numpy(labels)
    return run_epochs(
        lambda order: float(run_epoch(torch.from_numpy(order))),
        lambda images: predict_logits(model, images),
        validation,
        batch_orders(len(images), batch_size, epochs, seed),
    )


def predict_logits(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return the logits [N, 10] of float32 images [N, 28, 28]."""
    model.eval()
    with torch.inference_mode():
        return torch.cat([model(batch) for batch in to_nchw(images).split(1_000)]).numpy()


def save(model: nn.Module, architecture: str, path: Path) -> None:
    """Write the architecture's name and the weights to a checkpoint."""
    with artifacts.replacing(path) as temporary:
        torch.save({"architecture": architecture, "weights": model.state_dict()}, temporary)


def load(path: Path) -> nn.Module:
    """Read a checkpoint that `save` wrote; `weights_only` keeps it from running code."""
    checkpoint = torch.load(path, weights_only=True)
    model = ARCHITECTURES[checkpoint["architecture"]]()
    model.load_state_dict(checkpoint["weights"])
    return model.eval()


def export_onnx(model: nn.Module, path: Path, *, dynamic_batch: bool = True) -> None:
    """Write a float32 ONNX file; one file, `external_data=False`, so that a copy is whole.

    Without `dynamic_batch` the file takes the example's two images a call and nothing else.
    """
    import onnx  # here, so that it is no part of PyTorch's cold start

    model.eval()
    with artifacts.replacing(path) as temporary, artifacts.output_to_log("onnx_export.log"):
        torch.onnx.export(
            model,
            # An example of one image would make the exporter fix the batch at 1.
            (torch.zeros(2, 1, 28, 28),),
            temporary,
            input_names=["image"],
            output_names=["logits"],
            dynamic_shapes=({0: "batch"},) if dynamic_batch else None,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        # The exporter notes on each node where in whose files it comes from.
        exported = onnx.load(temporary)
        for node in exported.graph.node:
            node.ClearField("metadata_props")
        onnx.save(exported, temporary)


def offer(session, images: np.ndarray) -> dict:
    """Give an ONNX Runtime session an array: {shape, accepted, answer}, an error in one line."""
    try:
        logits = session.run(["logits"], {"image": np.ascontiguousarray(images)})[0]
    except Exception as error:  # what the runtime answers is the finding
        return {"shape": str(images.shape), "accepted": False, "answer": _one_line(error)}
    return {"shape": str(images.shape), "accepted": True, "answer": f"logits {logits.shape}"}


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).partition("Please fix")[0].strip()
