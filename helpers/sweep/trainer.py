"""A process of one framework that trains one model after another.

The frameworks share no process, and each is imported and each data set loaded once for many
trainings. The process ends when the one that started it does.
"""

import contextlib
import functools
import importlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

import psutil

from helpers import data
from helpers.core import artifacts, console, process, provenance, sweeps
from helpers.core.console import LabError
from helpers.core.process import ProcessFailed
from helpers.sweep import cores
from helpers.training import runs
from helpers.training.recipes import Recipe

MODULES = {
    "tensorflow": "helpers.training.keras_training",
    "pytorch": "helpers.training.torch_training",
}
# Dask has a worker hand memory back in small pieces, which PyTorch's steps take again at once: in
# such a process they take nearly twice as long.
NOT_FOR_TRAINING = "MALLOC_TRIM_THRESHOLD_"
# What an answer holds: what a training gave, why none can be done here, or how the process failed.
DONE, REFUSED, BROKEN = "done", "refused", "broken"


class Trainer:
    """The process as its parent sees it; it trains when `ask` tells it to."""

    def __init__(self, framework: str, threads: int) -> None:
        """Start the process; `threads` limits its native code from the start."""
        self.framework, self.threads = framework, threads
        log = artifacts.root() / "logs" / "sweep.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if k != NOT_FOR_TRAINING}
        with log.open("a", encoding="utf-8") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", __name__, framework, str(threads)],
                env=kept | dict.fromkeys(process.THREAD_VARIABLES, str(threads)),
                cwd=artifacts.PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                start_new_session=True,  # Ctrl-C is for the sweep, which ends it
            )

    def ask(self, task: dict) -> dict:
        """Return what training `task` gave, as `train` does.

        Raises LabError as `train` does, and ProcessFailed when the process failed or died; then it
        is of no more use.
        """
        try:
            print(json.dumps(task), file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        except OSError:
            line = ""
        if not line:
            raise ProcessFailed(f"the training process {process.ended(self.process.wait())}")
        answer = json.loads(line)
        if REFUSED in answer:
            raise LabError(answer[REFUSED])
        if BROKEN in answer:
            self.end()
            raise ProcessFailed(f"the training process failed: {answer[BROKEN]}")
        return answer[DONE]

    def resident_bytes(self) -> int:
        """Return how much memory the process holds; TensorFlow keeps some of each training."""
        return psutil.Process(self.process.pid).memory_info().rss

    def end(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.communicate()


@dataclass(frozen=True)
class _Imported:
    """A framework's training module, and how long its import took in seconds."""

    module: object
    seconds: float


@functools.cache
def _framework(name: str, threads: int) -> _Imported:
    start = time.perf_counter()
    module = importlib.import_module(MODULES[name])
    seconds = time.perf_counter() - start
    return _Imported(module, seconds)


@functools.lru_cache(maxsize=1)  # one sweep has one data set
def _data(dataset: str, sha256: str) -> tuple[data.Dataset, list]:
    loaded = data.load(dataset)
    if loaded.source.sha256 != sha256:
        raise LabError(
            f"DATASET={dataset} has other images on this worker than where the sweep was started; "
            "give every worker the same"
        )
    return loaded, list(data.training_split(loaded))


def train(task: dict) -> dict:
    """Return {load, started, status, reason} and, of one that did not diverge, the columns GIVEN.

    The training is that of the notebooks. `task` holds a row's DECIDING columns and its `dataset`.
    Raises LabError when its images are not to be had here.
    """
    dataset, (indices, validation) = _data(task["dataset"], task["dataset_sha256"])
    imported = _framework(task["framework"], task["threads"])
    recipe = Recipe(task["epochs"], task["batch_size"], task["learning_rate"])
    training = (task["architecture"], task["recipe"], 1, task["epochs"])
    (plan,) = runs.plans([training], recipe, task["seed"])
    found = {"started": provenance.now(), "status": sweeps.FAILED}
    with cores.group(task["threads"]) as load:
        found["load"] = load
        try:
            used = indices[: task["train_images"]]
            run = runs.train(imported.module, plan, dataset, used, validation)
        except LabError as error:
            return {**found, "reason": console.one_line(error)}
    return {
        **found,
        "status": sweeps.FINISHED,
        "reason": "",
        "test_accuracy": run.test_accuracy,
        "validation_accuracy": run.validation_accuracies[-1],
        "loss": run.losses[-1],
        "train_seconds": run.train_seconds,
        "import_seconds": imported.seconds,
    }


def serve(framework: str, threads: int) -> None:
    """Be the process: answer each line of standard input by one of standard output."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print goes to the log
    tasks: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            tasks.put(line)
        os._exit(0)  # the worker is gone, perhaps in the middle of a training

    threading.Thread(target=read, daemon=True).start()
    _framework(framework, threads)
    while True:
        task = json.loads(tasks.get())
        try:
            answer = {DONE: train(task)}
        except LabError as error:
            answer = {REFUSED: console.one_line(error)}
        except Exception as error:  # such as want of memory
            answer = {BROKEN: console.reason(error)}
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
