"""What is taken for the 2025 report's timers, with the stages inside each.

The report does not say what its timers held. These are the usual ones, with their faults:
`evaluate` for TensorFlow, a DataLoader with ToTensor for PyTorch, one bare `session.run` on a
finished array for ONNX Runtime. Each is the first thing that a process does.

A stage that no clock stood around is a difference of clocks; its name begins with REST.
"""

import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from helpers.benchmark.plan import LIMIT_S
from helpers.benchmark.runtimes import RUNTIMES, Runtime
from helpers.benchmark.statistics import interval_of
from helpers.core import console, files, process
from helpers.core.results import main_file, where
from helpers.data import scale

FORWARD = "forward pass"
# The runtime that does in the fair measurement what is taken for the name's of 2025.
FAIR = {"tensorflow": "tf-function", "pytorch": "pytorch", "onnxruntime": "onnxruntime"}
REST = "the rest"


def clock(stages: dict[str, float], stage: str, function: Callable) -> Callable:
    """Return `function` with the seconds of its calls added to a stage."""

    def timed(*arguments: object) -> object:
        start = time.perf_counter()
        given = function(*arguments)
        stages[stage] = stages.get(stage, 0.0) + time.perf_counter() - start
        return given

    return timed


def time_evaluate(runtime: Runtime, images: np.ndarray, labels: np.ndarray) -> dict:
    """Time a first `model.evaluate`; tracing the graph is part of it.

    A callback has a clock around each step, and the forward pass has one afterwards, over the same
    batches of 32. The other stages are differences: what the first step takes beyond the median
    step, what the steps take beyond the forward pass, what `evaluate` takes beyond its steps.
    """
    keras, tf, model = runtime.models.keras, runtime.models.tf, runtime.model
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(loss=loss, metrics=["accuracy"])
    inputs = scale(images)
    starts: list[float] = []
    steps: list[float] = []

    class Clock(keras.callbacks.Callback):
        def on_test_batch_begin(self, batch: int, logs: object = None) -> None:
            starts.append(time.perf_counter())

        def on_test_batch_end(self, batch: int, logs: object = None) -> None:
            steps.append(time.perf_counter() - starts[-1])

    begin = time.perf_counter()
    model.evaluate(inputs, labels, verbose=0, callbacks=[Clock()])
    total_s = time.perf_counter() - begin
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


def time_loop(runtime: Runtime, images: np.ndarray, labels: np.ndarray) -> dict:
    """Time a loop over a DataLoader that decodes and converts every image (batch size 64)."""
    from PIL import Image
    from torchvision.transforms import ToTensor

    torch, stages = runtime.models.torch, {}
    decode = clock(stages, "data loading", Image.fromarray)
    to_tensor = clock(stages, "ToTensor", ToTensor())
    collate = clock(stages, "collating batches", torch.utils.data.default_collate)
    forward = clock(stages, FORWARD, runtime.model)
    count = clock(stages, "argmax and counting", lambda y, t: int((y.argmax(dim=1) == t).sum()))

    class Digits(torch.utils.data.Dataset):
        """What torchvision's MNIST gives: a PIL image through the transform, and its label."""

        def __len__(self) -> int:
            return len(images)

        def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
            return to_tensor(decode(images[index])), int(labels[index])

    correct = 0
    begin = time.perf_counter()
    loader = torch.utils.data.DataLoader(Digits(), batch_size=64, collate_fn=collate)
    with torch.no_grad():
        for inputs, targets in loader:
            correct += count(forward(inputs), targets)
    total_s = time.perf_counter() - begin
    stages[f"{REST} of the DataLoader (its loop)"] = total_s - sum(stages.values())
    return {"total_s": total_s, "stages": stages}


def time_session(runtime: Runtime, images: np.ndarray, labels: np.ndarray) -> dict:
    """Time one first `session.run`; scaling and layout are done before the clock starts."""
    inputs = scale(images)[:, np.newaxis]
    begin = time.perf_counter()
    runtime.session.run(["logits"], {"image": inputs})
    total_s = time.perf_counter() - begin
    return {"total_s": total_s, "stages": {FORWARD: total_s}}


def work(specification: dict) -> dict:
    """Use the timer once, as the first thing a process does; return {total_s, stages}.

    Keys: name, model (a path), threads, images and labels (.npy paths).
    """
    images, labels = np.load(specification["images"]), np.load(specification["labels"])
    name = specification["name"]
    runtime = RUNTIMES[FAIR[name]](specification["threads"])
    runtime.load(Path(specification["model"]))
    timers = {"tensorflow": time_evaluate, "pytorch": time_loop, "onnxruntime": time_session}
    return timers[name](runtime, images, labels)


def run(
    models: list[dict],
    exports: list[dict],
    images: np.ndarray,
    labels: np.ndarray,
    *,
    threads: int,
    rounds: int,
) -> tuple[list[dict], list[dict]]:
    """Run the timers in rounds; return the rows of `timers_2025` and those of `failures`.

    Images are uint8 [N, 28, 28]. Each round has a fresh process of every timer, with the main
    network as its framework trained it; a timer that failed is not tried again. ONNX Runtime's file
    is PyTorch's float32 export, and without one that passed its gate it has no timer.
    """
    usable = {row["id"]: row["file"] for row in [*models, *where(exports, gate="passed")]}
    wanted = {name: main_file({"models": models}, runtime) for name, runtime in FAIR.items()}
    timed = {name: usable[file] for name, file in wanted.items() if file in usable}
    # Nothing here times an import, and without these TensorFlow's takes three fifths of its time.
    how = {"threads": threads, "timeout_s": LIMIT_S, "without": process.NOT_NEEDED}
    records: dict[str, list[dict]] = {}
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        paths = {"images": f"{folder}/images.npy", "labels": f"{folder}/labels.npy"}
        np.save(paths["images"], images)
        np.save(paths["labels"], labels)
        for number, name in itertools.product(range(1, rounds + 1), wanted):
            if name not in timed:
                continue
            console.show(f"the timer of {name}, {number} of {rounds}", stays=False)
            given = {"name": name, "model": str(files.root() / timed[name]), **paths}
            try:
                record = process.run(__name__, given, **how)
                records.setdefault(name, []).append({"round": number, **record})
            except process.ProcessFailed as error:
                del timed[name]
                reason = {"what": "failed", "reason": f"its timer: {error}"}
                failures.append({"file": None, "runtime": FAIR[name], **reason})
    rows = []
    for name, own in records.items():
        # Time and stages are those of the round in the middle, the slower of two.
        middle = sorted(own, key=lambda record: record["total_s"])[len(own) // 2]
        rounds = [{key: record[key] for key in ("round", "total_s")} for record in own]
        row = {"runtime": name, "rounds": rounds, "total_s": middle["total_s"]}
        ci95_s = interval_of([each["total_s"] for each in rounds])
        rows.append({**row, "ci95_s": ci95_s, "stages": middle["stages"]})
    return rows, failures
