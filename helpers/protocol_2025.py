"""The 2025 report's timing, one runtime a process, with the stages inside its timer.

Kept as it was, faults and all: one first call each, `evaluate` for TensorFlow, a DataLoader with
ToTensor for PyTorch, one bare `session.run` on a finished array for ONNX Runtime.
"""

import tempfile
import time
from pathlib import Path

import numpy as np

from helpers import artifacts, isolation
from helpers.data import scale

FORWARD = "forward pass"


def tensorflow(specification: dict, images: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Time `model.evaluate`; what is left beside the same batches' forward pass is overhead."""
    from helpers import tensorflow_model

    tensorflow_model.use_threads(specification["threads"])
    keras, tf = tensorflow_model.keras, tensorflow_model.tf
    model = tensorflow_model.load(Path(specification["model"]))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(loss=loss, metrics=["accuracy"])
    inputs = scale(images)
    start = time.perf_counter()
    model.evaluate(inputs, labels, verbose=0)
    first_s = time.perf_counter() - start
    start = time.perf_counter()
    model.evaluate(inputs, labels, verbose=0)
    again_s = min(time.perf_counter() - start, first_s)
    forward = tf.function(model, input_signature=tensorflow_model.SIGNATURE)
    batches = tf.split(tf.constant(inputs), range_sizes(len(inputs), 32))
    forward(batches[0])
    start = time.perf_counter()
    for batch in batches:
        forward(batch).numpy()
    forward_s = min(time.perf_counter() - start, again_s)
    return {
        "tracing the graph": first_s - again_s,
        "evaluate's loop and metrics": again_s - forward_s,
        FORWARD: forward_s,
    }


def range_sizes(images: int, batch_size: int) -> list[int]:
    """Return the sizes of consecutive batches; the last takes what is left."""
    full, rest = divmod(images, batch_size)
    return [batch_size] * full + [rest] * (rest > 0)


def pytorch(specification: dict, images: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Time a loop over a DataLoader that decodes and converts every image (batch size 64)."""
    import torch
    from PIL import Image
    from torchvision.transforms import ToTensor

    from helpers import pytorch_model

    pytorch_model.use_threads(specification["threads"])
    model = pytorch_model.load(Path(specification["model"]))
    to_tensor = ToTensor()

    class Digits(torch.utils.data.Dataset):
        """What torchvision's MNIST gives: a PIL image through the transform, and its label."""

        def __len__(self) -> int:
            return len(images)

        def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
            return to_tensor(Image.fromarray(images[index])), int(labels[index])

    stages = dict.fromkeys(("DataLoader and ToTensor", FORWARD, "argmax and counting"), 0.0)
    correct = 0
    clock = [time.perf_counter()]
    with torch.no_grad():
        for image, label in torch.utils.data.DataLoader(Digits(), batch_size=64):
            clock.append(time.perf_counter())
            logits = model(image)
            clock.append(time.perf_counter())
            correct += int((logits.argmax(dim=1) == label).sum())
            clock.append(time.perf_counter())
            for stage, seconds in zip(stages, np.diff(clock), strict=True):
                stages[stage] += float(seconds)
            clock = clock[-1:]
    return stages


def onnxruntime(specification: dict, images: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Time one `session.run`; scaling and layout are done before the clock starts."""
    from helpers.runtimes import OnnxRuntime

    runtime = OnnxRuntime(specification["threads"])
    runtime.load(Path(specification["model"]))
    inputs = scale(images)[:, np.newaxis]
    start = time.perf_counter()
    runtime.session.run(["logits"], {"image": inputs})
    return {FORWARD: time.perf_counter() - start}


PROTOCOLS = {"tensorflow": tensorflow, "pytorch": pytorch, "onnxruntime": onnxruntime}


def work(specification: dict) -> dict:
    """Run one protocol `repeats` times and return the run of median total.

    Returns {stages, total_s} of that run and spent_s, the seconds timed in all runs.
    Other keys: runtime, model (a path), threads, images and labels (.npy paths).
    """
    images, labels = np.load(specification["images"]), np.load(specification["labels"])
    protocol = PROTOCOLS[specification["runtime"]]
    runs = [protocol(specification, images, labels) for _ in range(specification["repeats"])]
    runs.sort(key=lambda stages: sum(stages.values()))
    middle = runs[len(runs) // 2]
    spent_s = sum(sum(stages.values()) for stages in runs)
    return {"stages": middle, "total_s": sum(middle.values()), "spent_s": spent_s}


def run(
    files: dict[str, str], images: np.ndarray, labels: np.ndarray, *, threads: int, repeats: int
) -> list[dict]:
    """Run each protocol in a fresh process and return its run of median total.

    `files` maps a name of PROTOCOLS to its model file; images are uint8 [N, 28, 28].
    """
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        paths = {"images": f"{folder}/images.npy", "labels": f"{folder}/labels.npy"}
        np.save(paths["images"], images)
        np.save(paths["labels"], labels)
        for name, file in files.items():
            given = {"runtime": name, "model": str(artifacts.root() / file), "repeats": repeats}
            record = isolation.run("helpers.protocol_2025", {**given, **paths}, threads=threads)
            rows.append({"runtime": name, "protocol": "report_2025", **record})
    return rows


if __name__ == "__main__":
    isolation.answer(work)
