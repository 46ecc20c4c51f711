"""The 2025 report's timers and the fair one, side by side, with the stages inside each.

The 2025 timers are kept as they were, faults and all: `evaluate` for TensorFlow, a DataLoader with
ToTensor for PyTorch, one bare `session.run` on a finished array for ONNX Runtime. The fair timer is
the same for all: one array in memory in, logits in memory out. One framework a process.
"""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from helpers.benchmark.runtimes import RUNTIMES, Runtime
from helpers.core import artifacts, console, process
from helpers.core.results import main_architecture, where
from helpers.core.units import counted
from helpers.data.mnist import scale

MODULE = "helpers.benchmark.timers_2025"
FORWARD = "forward pass"
# The runtime that does in the fair measurement what the name did in 2025.
FAIR = {"tensorflow": "tf-function", "pytorch": "pytorch", "onnxruntime": "onnxruntime"}
# Fair calls are short: this many for each 2025 run.
FAIR_CALLS = 10


class Stages(dict):
    """Seconds by stage, in the order in which the stages first came."""

    @contextlib.contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Add the time of the block to `stage`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self[stage] = self.get(stage, 0.0) + time.perf_counter() - start

    def wrap(self, stage: str, function: Callable) -> Callable:
        """Return `function` with the time of its calls added to `stage`."""

        def timed(*arguments: object) -> object:
            with self.time(stage):
                return function(*arguments)

        return timed


def _total(stages: Stages, begin: float) -> dict:
    """Return {total_s, stages}: the outer clock beside the inner ones."""
    return {"total_s": time.perf_counter() - begin, "stages": dict(stages)}


def tensorflow_2025(runtime: Runtime, images: np.ndarray, labels: np.ndarray) -> dict:
    """Time a first `model.evaluate`, as the report did; tracing the graph is part of it.

    The forward pass is timed afterwards over the same batches of 32. What Keras' compiled step
    takes beyond it is data, loss and metrics; what `evaluate` takes beyond its steps, its loop.
    """
    keras, tf, model = runtime.models.keras, runtime.models.tf, runtime.model
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(loss=loss, metrics=["accuracy"])
    inputs = scale(images)
    steps: list[float] = []
    make = model.make_test_function

    def make_timed() -> Callable:
        make(force=True)
        step = model.test_function

        def timed(iterator: object) -> object:
            start = time.perf_counter()
            logs = step(iterator)
            steps.append(time.perf_counter() - start)
            return logs

        model.test_function = timed
        return timed

    model.make_test_function = make_timed
    begin = time.perf_counter()
    model.evaluate(inputs, labels, verbose=0)
    total_s = time.perf_counter() - begin
    model.make_test_function = make
    tracing_s = steps[0] - float(np.median(steps))
    forward = tf.function(model, input_signature=runtime.models.SIGNATURE)
    batches = [tf.constant(inputs[i : i + 32]) for i in range(0, len(inputs), 32)]
    forward(batches[0])
    start = time.perf_counter()
    for batch in batches:
        forward(batch)
    forward_s = time.perf_counter() - start
    stages = {
        "tracing the graph": tracing_s,
        "evaluate's loop": total_s - sum(steps),
        "data, loss and metrics": sum(steps) - tracing_s - forward_s,
        FORWARD: forward_s,
    }
    return {"total_s": total_s, "stages": stages}


def pytorch_2025(runtime: Runtime, images: np.ndarray, labels: np.ndarray) -> dict:
    """Time a loop over a DataLoader that decodes and converts every image (batch size 64)."""
    from PIL import Image
    from torchvision.transforms import ToTensor

    torch, stages = runtime.models.torch, Stages()
    decode = stages.wrap("data loading", Image.fromarray)
    to_tensor = stages.wrap("ToTensor", ToTensor())
    collate = stages.wrap("collating batches", torch.utils.data.default_collate)

    class Digits(torch.utils.data.Dataset):
        """What torchvision's MNIST gives: a PIL image through the transform, and its label."""

        def __len__(self) -> int:
            return len(images)

        def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
            return to_tensor(decode(images[index])), int(labels[index])

    correct = 0
    begin = time.perf_counter()
    loader = iter(torch.utils.data.DataLoader(Digits(), batch_size=64, collate_fn=collate))
    with torch.no_grad():
        while True:
            inside = sum(stages.values())
            start = time.perf_counter()
            batch = next(loader, None)
            waited = time.perf_counter() - start
            # What the loader took beyond the three stages inside it.
            loop_s = waited - (sum(stages.values()) - inside)
            stages["DataLoader's loop"] = stages.get("DataLoader's loop", 0.0) + loop_s
            if batch is None:
                return _total(stages, begin)
            with stages.time(FORWARD):
                logits = runtime.model(batch[0])
            with stages.time("argmax and counting"):
                correct += int((logits.argmax(dim=1) == batch[1]).sum())


def onnxruntime_2025(runtime: Runtime, images: np.ndarray, labels: np.ndarray) -> dict:
    """Time one first `session.run`; scaling and layout are done before the clock starts."""
    inputs, stages = scale(images)[:, np.newaxis], Stages()
    begin = time.perf_counter()
    with stages.time(FORWARD):
        runtime.session.run(["logits"], {"image": inputs})
    return _total(stages, begin)


TIMERS_2025 = {
    "tensorflow": tensorflow_2025,
    "pytorch": pytorch_2025,
    "onnxruntime": onnxruntime_2025,
}


# The parts of each runtime's `__call__`: copy in, forward pass, copy out.
FAIR_PARTS = {
    "tensorflow": lambda runtime: (runtime.to_tensor, runtime.function, lambda out: out.numpy()),
    "pytorch": lambda runtime: (runtime.models.to_nchw, runtime.model, lambda out: out.numpy()),
    "onnxruntime": lambda runtime: (
        lambda images: images[:, np.newaxis],
        lambda image: runtime.session.run(["logits"], {"image": image})[0],
        lambda out: out,
    ),
}


def fair(name: str, runtime: Runtime, images: np.ndarray) -> dict:
    """Time one pass from an array in memory to logits in memory, with the copies apart."""
    copy_in, forward, copy_out = FAIR_PARTS[name](runtime)
    stages = Stages()
    begin = time.perf_counter()
    with getattr(runtime, "inference_mode", contextlib.nullcontext)():
        with stages.time("copy in"):
            tensor = copy_in(images)
        with stages.time(FORWARD):
            logits = forward(tensor)
        with stages.time("copy out"):
            copy_out(logits)
    return _total(stages, begin)


def median_run(runs: list[dict]) -> dict:
    """Return the timed call of median total."""
    return sorted(runs, key=lambda run: run["total_s"])[len(runs) // 2]


def work(specification: dict) -> dict:
    """Use both timers `repeats` times in turns; return the call of median total of each.

    Keys: name, model (a path), threads, images and labels (.npy paths), repeats. Returns
    {report_2025, fair, spent_s}; spent_s is from the import of the runtime to the last call.
    """
    images, labels = np.load(specification["images"]), np.load(specification["labels"])
    name, begin = specification["name"], time.perf_counter()
    runtime = RUNTIMES[FAIR[name]](specification["threads"])
    inputs = scale(images)
    old: list[dict] = []
    new: list[dict] = []
    for _ in range(specification["repeats"]):
        runtime.load(Path(specification["model"]))
        old.append(TIMERS_2025[name](runtime, images, labels))
        fair(name, runtime, inputs)  # the 2025 timers take the first call, the fair one does not
        new += [fair(name, runtime, inputs) for _ in range(FAIR_CALLS)]
    return {
        "report_2025": median_run(old),
        "fair": median_run(new),
        "spent_s": time.perf_counter() - begin,
    }


def files_of(models: list[dict], exports: list[dict]) -> dict[str, str]:
    """Return the model file that each timer gets, the main network's: {name of TIMERS_2025: file}.

    ONNX Runtime's is PyTorch's float32 export; without one that passed its gate it has none.
    """
    own = {row["framework"]: row for row in where(models, architecture=main_architecture(models))}
    found = {name: row["file"] for name, row in own.items()}
    kind = {"format": "onnx", "precision": "float32", "input": "scaled", "gate": "passed"}
    for row in where(exports, source=own["pytorch"]["id"], **kind):
        found["onnxruntime"] = row["file"]
    return found


def run(
    files: dict[str, str], images: np.ndarray, labels: np.ndarray, *, threads: int, repeats: int
) -> tuple[list[dict], list[dict]]:
    """Run both protocols, one fresh process a framework; return the rows and what failed.

    `files` maps a name of TIMERS_2025 to its model file; images are uint8 [N, 28, 28].
    """
    rows, failed = [], []
    with tempfile.TemporaryDirectory() as folder:
        paths = {"images": f"{folder}/images.npy", "labels": f"{folder}/labels.npy"}
        np.save(paths["images"], images)
        np.save(paths["labels"], labels)
        for name, file in files.items():
            console.show(f"the two timers of {name}", stays=False)
            given = {"name": name, "model": str(artifacts.root() / file), "repeats": repeats}
            try:
                record = process.run(MODULE, {**given, **paths}, threads=threads)
            except process.ProcessFailed as error:
                failed.append(
                    {
                        "model": None,
                        "runtime": name,
                        "threads": None,
                        "what": "failed",
                        "reason": str(error),
                        "attempts": 1,
                        "processes_measured": 0,
                    }
                )
                continue
            spent_s = record.pop("spent_s")
            rows += [
                {
                    "runtime": name,
                    "protocol": protocol,
                    **timed,
                    "spent_s": spent_s / 2,
                    "processes": 1,
                    "process_totals_s": [timed["total_s"]],
                    "ci95_s": None,
                    "range_s": [timed["total_s"]] * 2,
                }
                for protocol, timed in record.items()
            ]
    console.show(counted(len(rows), "timer"), stays=True)
    return rows, failed


if __name__ == "__main__":
    process.serve(work)
