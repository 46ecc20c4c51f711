"""Train a grid of settings on Dask: a row each; what has a row is not trained again.

For those who train from many seeds: `python -m helpers.sweep notebooks/parameters/sweep.yaml`, or
`make sweep`. May import every room.
"""

import argparse
import contextlib
import hashlib
import importlib
import itertools
import json
import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import psutil

from helpers import data
from helpers.core import artifacts, console, environment, process, provenance
from helpers.core.console import LabError
from helpers.core.units import counted
from helpers.pipeline.parameters import PARAMETERS, Parameter
from helpers.training import recipes, runs
from helpers.training.recipes import Recipe

MODULE = "helpers.sweep"
NOTEBOOK = artifacts.PARAMETERS.parent / "extra" / "many_seeds.ipynb"
TRAIN = {
    "tensorflow": "helpers.training.keras_training",
    "pytorch": "helpers.training.torch_training",
}
FINISHED, FAILED = "finished", "failed"
# What a training gives; missing where it failed.
GIVEN = ("test_accuracy", "validation_accuracy", "loss", "train_seconds")
# What a file holds, and what one of its grids may hold: a value, or a list of them.
FILE = ("dataset", "train_images", "threads", "grids")
GRID = {
    "framework": Parameter(f"one of {', '.join(TRAIN)}", lambda value: value in TRAIN),
    "architecture": Parameter("the name of one", lambda value: isinstance(value, str)),
    "recipe": Parameter(f"one of {', '.join(recipes.NAMES)}", recipes.NAMES.__contains__),
    "epochs": PARAMETERS["EPOCHS"],
    "batch_size": PARAMETERS["BATCH_SIZE"],
    "learning_rate": PARAMETERS["LEARNING_RATE"],
}
SEEDS = Parameter(
    "a whole number from 1 to 100,000", lambda value: type(value) is int and 0 < value <= 100_000
)
# What the strong recipe brings along.
OWN = ("batch_size", "learning_rate")
# Workers with other versions of these may give other weights.
PACKAGES = ("tensorflow", "keras", "torch", "numpy", "scipy")
# One process trains so many, one after the other: a framework takes seconds to import.
AT_ONCE = 4
ANSWER_S, LIMIT_S = 10, 24 * 3600


def tasks_of(path: Path) -> list[dict]:
    """Return the trainings that a sweep's file asks for, each once.

    A training is what decides its row, and the `dataset` to load. Raises LabError in one line for
    what is not allowed.
    """
    content = {"dataset": "auto", "train_images": None, "threads": 1}
    content |= artifacts.read_yaml(path, FILE)
    for name in ("dataset", "train_images", "threads"):
        _check(path.name, name, content[name], PARAMETERS[name.upper()])
    grids = content["grids"] if isinstance(content.get("grids"), list) else []
    if not grids:
        raise LabError(f"{path.name} asks for no training; write grids: and below it a list")
    dataset = data.load(content["dataset"])
    images = len(data.training_split(dataset)[0])
    common = {
        "dataset": content["dataset"],
        "dataset_sha256": dataset.source.sha256,
        "train_images": min(content["train_images"] or images, images),
        "threads": content["threads"] or provenance.cores(),
    }
    found = {}
    for number, grid in enumerate(grids, start=1):
        for row in _rows(f"{path.name}, grid {number}", grid):
            Recipe(row["epochs"], row["batch_size"], 0).steps(common["train_images"])
            task = row | common
            found[key_of(task)] = task
    return list(found.values())


def _rows(where: str, grid: object) -> Iterator[dict]:
    """Yield every combination of a grid's values with every seed."""
    if not isinstance(grid, dict):
        raise LabError(f"{where} is {grid!r}; write lines of {', '.join(GRID)}, seeds")
    for name in grid:
        if name not in (*GRID, "seeds"):
            raise LabError(f"{where}: {console.unknown(str(name), 'field', (*GRID, 'seeds'))}")
    strong = "strong" in _listed(grid.get("recipe"))
    if strong and (_listed(grid["recipe"]) != ["strong"] or any(name in grid for name in OWN)):
        raise LabError(
            f"{where}: the strong recipe has its own {' and '.join(OWN)}; give it a grid of its "
            "own without them"
        )
    optional = ("epochs", *OWN) if strong else ()
    for name, parameter in (*GRID.items(), ("seeds", SEEDS)):
        if name not in grid and name not in optional:
            raise LabError(f"{where} has no {name}; allowed is {parameter.allowed}")
        values = [grid.get(name)] if name == "seeds" else _listed(grid.get(name))
        if name in grid and not values:
            raise LabError(f"{where}: {name} is empty, so there is nothing to train")
        for value in values:
            _check(where, name, value, parameter)
    named = {name: _listed(grid[name]) for name in GRID if name in grid}
    seeds = range(1, grid["seeds"] + 1)
    for *values, seed in itertools.product(*named.values(), seeds):
        row = dict(zip(named, values, strict=True)) | {"seed": seed}
        if strong:
            recipe = recipes.strong(row["architecture"])
            row = {name: getattr(recipe, name) for name in ("epochs", *OWN)} | row
        yield row


def _listed(value: object) -> list:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _check(where: str, name: str, value: object, parameter: Parameter) -> None:
    if not parameter.accepts(value):
        raise LabError(f"{where}: {name} is {value!r}; allowed is {parameter.allowed}")


def key_of(task: dict) -> str:
    """Return 16 hexadecimal digits that stand for what decides a training's result."""
    deciding = {name: value for name, value in task.items() if name != "dataset"}
    deciding["learning_rate"] = float(deciding["learning_rate"])
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:16]


def folder() -> Path:
    """Return where the rows stand, a Parquet file each."""
    return artifacts.root() / "sweep"


def rows() -> pd.DataFrame:
    """Return all rows there are. Raises LabError for a file that is none, and leaves it."""
    found = []
    for path in sorted(folder().glob("[!.]*.parquet")):
        try:
            row = pd.read_parquet(path)
            found.append(row[row["key"] == path.stem])
        except Exception as error:  # whatever pyarrow says of the file
            raise LabError(
                f"{path} is no row of a sweep: {console.one_line(error)}; move it away"
            ) from error
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def write(row: dict) -> None:
    """Write a row under its key; one that finished takes the place of one that failed."""
    file = folder() / f"{row['key']}.parquet"
    if (
        row["status"] == FAILED
        and file.exists()
        and FINISHED in set(pd.read_parquet(file)["status"])
    ):
        return  # another sweep was luckier
    with artifacts.replacing(file) as temporary:
        pd.DataFrame([row]).astype(dict.fromkeys(GIVEN, float)).to_parquet(temporary)


def work(specification: dict) -> dict:
    """Be a process: train tasks of one framework one after the other, return {"rows": …}."""
    threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()
    tasks = specification["tasks"]
    dataset = data.load(tasks[0]["dataset"])
    if dataset.source.sha256 != tasks[0]["dataset_sha256"]:
        raise LabError(f"dataset {tasks[0]['dataset']} has other images here; give all the same")
    module = importlib.import_module(TRAIN[tasks[0]["framework"]])
    indices, validation = data.training_split(dataset)
    found = []
    for task in tasks:
        recipe = Recipe(task["epochs"], task["batch_size"], task["learning_rate"])
        training = (task["architecture"], task["recipe"], 1, task["epochs"])
        (plan,) = runs.plans([training], recipe, task["seed"])
        try:
            run = runs.train(module, plan, dataset, indices[: task["train_images"]], validation)
        except LabError as error:  # it diverged
            found.append(row_of(task, FAILED, str(error)))
            continue
        given = {"test_accuracy": run.test_accuracy, "train_seconds": run.train_seconds}
        given |= {"validation_accuracy": run.validation_accuracies[-1], "loss": run.losses[-1]}
        found.append(row_of(task, FINISHED) | given)
    return {"rows": found}


def _end_with(parent: int) -> None:
    """End this process when the worker that started it is gone, as after Ctrl-C."""
    while psutil.pid_exists(parent):
        time.sleep(1)
    os._exit(1)


def row_of(task: dict, status: str, reason: str = "") -> dict:
    """Return the row of a training, with the reason where it failed; what it gave is missing."""
    given = dict.fromkeys(GIVEN)
    own = {"key": key_of(task), **task, "status": status, "reason": reason, **given}
    return {**own, "commit": provenance.git_commit() or ""}


def train(tasks: list[dict]) -> list[dict]:
    """Be a worker: let a process of its own train tasks of one framework; return their rows.

    A process has one framework, as both together crash. Where it dies each task gets its own.
    """
    os.environ.pop("MALLOC_TRIM_THRESHOLD_", None)  # Dask sets it; PyTorch takes twice as long
    try:
        given = {"threads": tasks[0]["threads"], "timeout_s": LIMIT_S}
        return process.run(MODULE, {"tasks": tasks}, **given)["rows"]
    except process.ProcessFailed as error:
        if len(tasks) == 1:
            return [row_of(tasks[0], FAILED, str(error))]
        return [row for task in tasks for row in train([task])]


@contextlib.contextmanager
def connected(scheduler: str | None, threads: int) -> Iterator[object]:
    """Yield a client of the cluster at `scheduler`, or without it of one on this machine.

    That one has a worker for each `threads` cores. Raises LabError in one line when there is none,
    and when a worker has other packages.
    """
    from distributed import Client, LocalCluster

    for name in ("distributed", "distributed.client"):  # a sentence tells what they would
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as stack:
        # Workers inherit it: Ctrl-C is for the sweep alone, which ends them in good order.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            if not scheduler:
                workers = max(1, provenance.cores() // threads)
                with warnings.catch_warnings():  # the dashboard takes another port if need be
                    warnings.simplefilter("ignore")
                    cluster = LocalCluster(
                        n_workers=workers,
                        threads_per_worker=1,
                        host="127.0.0.1",
                        memory_limit=0,  # the trainings are processes of their own
                        silence_logs=logging.CRITICAL,
                    )
                scheduler = stack.enter_context(cluster).scheduler_address
            client = Client(scheduler, timeout=ANSWER_S, set_as_default=False)
            stack.enter_context(client)
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # what differs is no more than a warning
                client.get_versions(check=True, packages=list(PACKAGES))
        except Exception as error:  # of Dask, of the network, of the user's settings of Dask
            where = f"the cluster at {scheduler}" if scheduler else "a cluster on this machine"
            raise LabError(f"{where} cannot be used: {console.one_line(error)}") from error
        finally:
            signal.signal(signal.SIGINT, before)
        yield client


def train_all(client: object, tasks: list[dict]) -> Iterator[dict]:
    """Yield a row for each task as it is done; Dask begins those of a worker that dies again."""
    from distributed import CancelledError, KilledWorker, as_completed

    size = max(1, min(AT_ONCE, len(tasks) // (2 * max(1, len(client.nthreads())))))
    futures = {}
    for name in TRAIN:
        own = [task for task in tasks if task["framework"] == name]
        for some in (own[start : start + size] for start in range(0, len(own), size)):
            futures[client.submit(train, some, pure=False)] = some
    for future in as_completed(futures, loop=client.loop):
        try:
            yield from future.result()
        except KilledWorker as error:
            died = f"{error.allowed_failures + 1} workers died with it"
            yield from (row_of(task, FAILED, died) for task in futures[future])
        except CancelledError as error:
            raise LabError(
                "the scheduler is gone; what is done is kept, and the same command goes on"
            ) from error


def run(path: Path, scheduler: str | None) -> int:
    """Train what has no finished row yet, make the page, and return the exit code.

    It is 1 when trainings failed.
    """
    tasks, known = tasks_of(path), rows()
    finished = set() if known.empty else set(known[known["status"] == FINISHED]["key"])
    missing = [task for task in tasks if key_of(task) not in finished]
    done, wrong = len(tasks) - len(missing), 0
    print(f"{counted(len(tasks), 'training')}, {done:,} of them done before")
    if missing:
        with connected(scheduler, missing[0]["threads"]) as client:
            print(f"dashboard: {client.dashboard_link}", flush=True)
            for row in train_all(client, missing):
                write(row)
                done += 1
                wrong += row["status"] == FAILED
                print(f"{done:,}/{len(tasks):,} {told(row)}", flush=True)
    print(f"{len(tasks) - wrong:,} finished, {wrong:,} failed; their rows are in {folder()}")
    print(f"page: {many_seeds()}")
    return 1 if wrong else 0


def told(row: dict) -> str:
    """Return what a row is of and what became of it."""
    what = f"{row['architecture']}, {row['recipe']}, seed {row['seed']}, {row['framework']}"
    if row["status"] == FAILED:
        return f"{what}: failed: {row['reason']}"
    return f"{what}: {row['test_accuracy']:.2%} in {row['train_seconds']:.1f} s"


def many_seeds() -> Path:
    """Run the notebook on the rows, and return the page made of it."""
    import papermill

    from helpers.pipeline import kernel
    from helpers.report import page

    made = folder() / NOTEBOOK.name
    with kernel.own_folders(), artifacts.output_to_log("sweep.log"):
        papermill.execute_notebook(
            NOTEBOOK,
            made,
            cwd=NOTEBOOK.parent,
            progress_bar=False,
            kernel_name="python3",
            language="python",
            kernel_manager_class=kernel.OwnKernel,
        )
    page.build(made, [], made.with_suffix(".html"), head="", banners=[])
    return made.with_suffix(".html")


def main(words: list[str]) -> int:
    """Do what the command line asks and return the exit code."""
    parser = argparse.ArgumentParser(prog=f"python -m {MODULE}", description=__doc__)
    parser.add_argument("file", type=Path, help="such as notebooks/parameters/sweep.yaml")
    parser.add_argument("--scheduler", help="the address of a Dask cluster: tcp://host:8786")
    asked = parser.parse_args(words)
    return console.exit_code(lambda: run(asked.file, asked.scheduler))


if __name__ == "__main__":
    environment.restart_in_utf8()
    # Not of the module __main__, whose functions a worker does not find.
    sys.exit(importlib.import_module(MODULE).main(sys.argv[1:]))
