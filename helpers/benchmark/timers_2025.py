"""What is taken for the 2025 report's timers, with the stages inside each.

The report does not say what its timers held. These are the usual ones, with their faults:
`evaluate` for TensorFlow, a DataLoader with ToTensor for PyTorch, one bare `session.run` on a
finished array for ONNX Runtime. Each is the first thing that a process does.

A stage that no clock stood around is a difference of clocks; its name begins with REST.
"""

import contextlib
import itertools
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from helpers.benchmark.runtimes import RUNTIMES, Runtime
from helpers.benchmark.statistics import LEAST_PROCESSES, interval_of, range_of
from helpers.core import artifacts, console, process
from helpers.core.old_results import main_architecture, where
from helpers.core.units import counted
from helpers.data import scale

MODULE = "helpers.benchmark.timers_2025"
FORWARD = "forward pass"
# The runtime that does in the fair measurement what is taken for the name's of 2025.
FAIR = {"tensorflow": "tf-function", "pytorch": "pytorch", "onnxruntime": "onnxruntime"}
REST = "the rest"


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
    """Return {total_s, stages}: the outer clock, the inner ones, and what none of these held."""
    total_s = time.perf_counter() - begin
    return {"total_s": total_s, "stages": {**stages, REST: total_s - sum(stages.values())}}


def tensorflow_2025(runtime: Runtime, images: np.ndarray, labels: np.ndarray) -> dict:
    """Time a first `model.evaluate`; tracing the graph is part of it.

    Keras' compiled steps have a clock, and the forward pass has one afterwards, over the same
    batches of 32. The other stages are differences: what the first step takes beyond the median
    step, what the steps take beyond the forward pass, what `evaluate` takes beyond its steps.
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
        f"{REST} of the first step (tracing)": tracing_s,
        f"{REST} of evaluate (its loop)": total_s - sum(steps),
        f"{REST} of the steps (data, loss, metrics)": sum(steps) - tracing_s - forward_s,
        FORWARD: forward_s,
    }
    return {"total_s": total_s, "stages": stages}


def pytorch_2025(runtime: Runtime, images: np.ndarray, labels: np.ndarray) -> dict:
    """Time a loop over a DataLoader that decodes and converts every image (batch size 64)."""
    from PIL import Image
    from torchvision.transforms import ToTensor

    torch, stages, loop = runtime.models.torch, Stages(), f"{REST} of the DataLoader (its loop)"
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
            stages[loop] = stages.get(loop, 0.0) + loop_s
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


def middle(runs: list[dict], key: str = "total_s") -> dict:
    """Return the run of median `key`, of an even number the slower one in the middle."""
    return sorted(runs, key=lambda run: run[key])[len(runs) // 2]


def work(specification: dict) -> dict:
    """Use the timer once, as the first thing a process does.

    Keys: name, model (a path), threads, images and labels (.npy paths). Returns {total_s, stages,
    spent_s}, the last from the import of the runtime on.
    """
    images, labels = np.load(specification["images"]), np.load(specification["labels"])
    name, begin = specification["name"], time.perf_counter()
    runtime = RUNTIMES[FAIR[name]](specification["threads"])
    runtime.load(Path(specification["model"]))
    timed = TIMERS_2025[name](runtime, images, labels)
    return {**timed, "spent_s": time.perf_counter() - begin}


def processes_of(processes: int) -> int:
    """Return in how many processes each timer runs, when a cell of the comparison has so many.

    One run says nothing about the next: where more than one is asked for, enough for an interval.
    """
    return max(processes, LEAST_PROCESSES) if processes > 1 else 1


def summarise(runs: list[dict]) -> dict:
    """Return the fields of a row from one run a process: the median run, and how far all spread."""
    totals_s = [run["total_s"] for run in runs]
    median = middle(runs)
    return {
        "total_s": median["total_s"],
        "stages": median["stages"],
        "processes": len(runs),
        "range_s": range_of(totals_s),
        "ci95_s": interval_of(totals_s),
        "process_totals_s": totals_s,
        "spent_s": sum(run["spent_s"] for run in runs),
    }


def files_of(models: list[dict], exports: list[dict]) -> dict[str, str]:
    """Return the model file that each timer gets, the main network's: {name of TIMERS_2025: file}.

    ONNX Runtime's is PyTorch's float32 export; without one that passed its gate it has none.
    """
    own = {row["framework"]: row for row in where(models, architecture=main_architecture(models))}
    found = {name: row["file"] for name, row in own.items()}
    kind = {"format": "onnx", "precision": "float32", "gate": "passed"}
    for row in where(exports, source=own["pytorch"]["id"], **kind):
        found["onnxruntime"] = row["file"]
    return found


def run(
    files: dict[str, str], images: np.ndarray, labels: np.ndarray, *, threads: int, processes: int
) -> tuple[list[dict], list[dict]]:
    """Run the timers in `processes` rounds; return a row a timer, and what failed.

    `files` maps a name of TIMERS_2025 to its model file; images are uint8 [N, 28, 28]. Each round
    has a fresh process of every framework; one that failed is not tried again.
    """
    records: dict[str, list[dict]] = {name: [] for name in files}
    reasons: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = {"images": f"{folder}/images.npy", "labels": f"{folder}/labels.npy"}
        np.save(paths["images"], images)
        np.save(paths["labels"], labels)
        for number, (name, file) in itertools.product(range(1, processes + 1), files.items()):
            if name in reasons:
                continue
            console.show(f"the timer of {name}, {number} of {processes}", stays=False)
            given = {"name": name, "model": str(artifacts.root() / file), **paths}
            try:
                records[name].append(process.run(MODULE, given, threads=threads))
            except process.ProcessFailed as error:
                reasons[name] = str(error)
    rows = [
        {"runtime": name, "protocol": "report_2025", **summarise(own)}
        for name, own in records.items()
        if own
    ]
    console.show(counted(len(rows), "timer"), stays=True)
    nothing = {"model": None, "threads": None, "what": "failed", "attempts": 1}
    failed = [
        {**nothing, "runtime": name, "reason": why, "processes_measured": len(records[name])}
        for name, why in reasons.items()
    ]
    return rows, failed
