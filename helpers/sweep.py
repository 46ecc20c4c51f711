"""Train a grid of settings on Dask: a row each; what has a row is not trained again.

`make sweep` calls it; elsewhere `python -m helpers.sweep notebooks/parameters/sweep.yaml`.
"""

import argparse
import functools
import hashlib
import importlib
import itertools
import json
import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dask
import pandas as pd
from distributed import Client, Nanny, as_completed
from jsonschema.exceptions import best_match

from helpers import data, parameters
from helpers.core import console, files, machine, process
from helpers.core.console import LabError
from helpers.training import recipes, runs
from helpers.training.recipes import Recipe

NOTEBOOK = files.NOTEBOOKS / "extra" / "many_seeds.ipynb"
FINISHED, FAILED = "finished", "failed"
# What a training gives; missing where it failed.
GIVEN = ("test_accuracy", "validation_accuracy", "loss", "train_seconds")
NUMBERS = ("epochs", "batch_size", "learning_rate")  # of a recipe
SETTINGS = ("framework", "architecture", "recipe", *NUMBERS)


def tasks_of(path: Path) -> list[dict]:
    """Return the trainings that a sweep's file asks for, each once.

    One is what decides its row, and the `dataset` to load. Raises LabError for what is not allowed.
    """
    schema = files.read_yaml(files.PARAMETERS / "sweep.schema.yaml")
    content = {"dataset": "auto"} | files.read_yaml(path)
    if error := best_match(parameters.Validator(schema).iter_errors(content)):
        place = list(error.absolute_path)  # such as grids, 1, batch_size, 0
        where = [f"grid {place[1] + 1}", *place[2:3]] if place[1:] else place
        raise LabError(": ".join((path.name, *where, error.message)))
    sha256 = data.load(content["dataset"]).source.sha256
    images = {"dataset": content["dataset"], "dataset_sha256": sha256}
    tasks = [row | images for grid in content["grids"] for row in _rows(grid)]
    return list({key_of(task): task for task in tasks}.values())


def _rows(grid: dict) -> Iterator[dict]:
    """Yield every combination of a grid's values with every seed."""
    named = {name: grid[name] for name in SETTINGS if name in grid}
    for *values, seed in itertools.product(*named.values(), range(1, grid["seeds"] + 1)):
        row = dict(zip(named, values, strict=True)) | {"seed": seed}
        if row["recipe"] == "strong":
            recipe = recipes.strong(row["architecture"])
            row = {name: getattr(recipe, name) for name in NUMBERS} | row
        yield row


def key_of(task: dict) -> str:
    """Return 16 hexadecimal digits that stand for what decides a training's result."""
    deciding = {name: value for name, value in task.items() if name != "dataset"}
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:16]


def folder() -> Path:
    """Return where the rows stand, a Parquet file each; the page about them stands above it."""
    return files.root() / "sweep" / "rows"


def rows() -> pd.DataFrame:
    """Return all rows there are. Raises LabError for a file that is none, and leaves it."""
    if not list(folder().glob("*.parquet")):
        return pd.DataFrame(columns=["key", "status"])
    try:
        return pd.read_parquet(folder())
    except (OSError, ValueError) as error:  # pyarrow names the file
        raise LabError(f"{console.one_line(error)}; move that file away") from error


def write(row: dict) -> None:
    """Write a row under its key; what the same training gave before is replaced."""
    with files.replacing(folder() / f"{row['key']}.parquet") as temporary:
        pd.DataFrame([row]).astype(dict.fromkeys(GIVEN, float)).to_parquet(temporary)


def row_of(task: dict, status: str, reason: str = "") -> dict:
    """Return the row of a training, with the reason where it failed; what it gave is missing."""
    own = {"key": key_of(task), **task, "status": status, "reason": reason}
    return {**own, **dict.fromkeys(GIVEN), "commit": machine.git_commit() or ""}


def train(task: dict) -> dict:
    """Be a worker: return the row of a task, which is trained on one thread."""
    os.environ.update(dict.fromkeys(process.THREAD_VARIABLES, "1"))
    try:
        with files.output_to_log("sweep.log"):
            dataset = _load(task["dataset"])
            if dataset.source.sha256 != task["dataset_sha256"]:
                raise LabError(f"dataset {task['dataset']} has other images here; give the same")
            numbers = {name: task[name] for name in NUMBERS}
            strong = recipes.strong(task["architecture"])
            recipe = replace(strong, **numbers) if task["recipe"] == "strong" else Recipe(**numbers)
            plan = runs.Plan(task["architecture"], task["recipe"], recipe, task["seed"])
            name = {"tensorflow": "keras", "pytorch": "torch"}[task["framework"]]
            framework = importlib.import_module(f"helpers.training.{name}_training")
            run = runs.train(framework, plan, dataset, *data.training_split(dataset))
            last = run.validation_accuracies[-1], run.losses[-1]
            given = zip(GIVEN, (run.test_accuracy, *last, run.train_seconds), strict=True)
            return row_of(task, FINISHED) | dict(given)
    except Exception as error:  # it diverged, or its images are not here
        return row_of(task, FAILED, console.reason(error))


_load = functools.cache(data.load)


def _no_trimming(dask_worker: Nanny) -> None:
    """Keep out what Dask sets for each worker: PyTorch takes twice as long with it."""
    for environment in (os.environ, dask_worker.env, dask_worker.pre_spawn_env):
        environment.pop("MALLOC_TRIM_THRESHOLD_", None)


def connected(scheduler: str | None) -> Client:
    """Return a client of the cluster at `scheduler`, or without it of one on this machine's cores.

    Raises LabError in one line when there is none, and when a worker has other packages.
    """
    # A cluster gives a worker up that is away then, as one is that begins anew once more.
    dask.config.set({"distributed.deploy.lost-worker-timeout": "1 week"})
    # Workers inherit it: Ctrl-C is for the sweep alone, which ends them in good order.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the dashboard takes another port if need be
            own = {"n_workers": machine.cores(), "threads_per_worker": 1, "memory_limit": 0}
            own = {"address": scheduler} if scheduler else own | {"silence_logs": logging.CRITICAL}
            client = Client(set_as_default=False, **own)
            warnings.simplefilter("error")  # with other versions weights may be others
            client.get_versions(check=True, packages=["tensorflow", "keras", "torch", "scipy"])
            return client
    except Exception as error:  # of Dask, of the network, of the user's settings of Dask
        where = f"the cluster at {scheduler}" if scheduler else "a cluster on this machine"
        raise LabError(f"{where} cannot be used: {console.one_line(error)}") from error
    finally:
        signal.signal(signal.SIGINT, before)


def train_all(client: Client, tasks: list[dict]) -> Iterator[dict]:
    """Yield a row for each task as it is done; Dask begins those of a worker that dies again."""
    client.run(_no_trimming, nanny=True)
    for framework in sorted({task["framework"] for task in tasks}):
        client.restart()  # a process with both frameworks in it crashes
        own = [task for task in tasks if task["framework"] == framework]
        futures = {client.submit(train, task, pure=False): task for task in own}
        for future in as_completed(futures, loop=client.loop):
            if future.cancelled():
                raise LabError("the scheduler is gone; the same command goes on with what is left")
            died = future.exception()
            yield row_of(futures[future], FAILED, str(died)) if died else future.result()


def run(path: Path, scheduler: str | None) -> int:
    """Train what has no finished row yet, make the page, and return 1 when trainings failed."""
    logging.disable()  # a sentence tells what Dask would
    tasks, known = tasks_of(path), rows()
    finished = set(known["key"][known["status"] == FINISHED])
    missing = [task for task in tasks if key_of(task) not in finished]
    done, wrong = len(tasks) - len(missing), 0
    print(f"{len(tasks):,} trainings, {done:,} of them done before")
    if missing:
        with connected(scheduler) as client:
            print(f"dashboard: {client.dashboard_link}", flush=True)
            for row in train_all(client, missing):
                write(row)
                done += 1
                wrong += row["status"] == FAILED
                what = ", ".join(f"{row[name]}" for name in (*SETTINGS, "seed"))
                became = row["reason"] or f"{row['test_accuracy']:.2%}"
                print(f"{done:,}/{len(tasks):,} {what}: {row['status']}, {became}", flush=True)
    with files.replacing(folder().with_suffix(".parquet")) as temporary:
        rows().to_parquet(temporary)  # all of them, to hand on
    print(
        f"{len(tasks) - wrong:,} finished, {wrong:,} failed; their rows are in {folder()}.parquet"
    )
    if wrong < len(tasks):
        from helpers.report import page  # workers do without

        made = folder().with_name(NOTEBOOK.name)
        with files.output_to_log("sweep.log"):
            process.run_notebook(NOTEBOOK, made, progress_bar=False)
        page.build(made, [], made.with_suffix(".html"), head="", banners=[])
        print(f"page: {made.with_suffix('.html')}")
    return 1 if wrong else 0


def main() -> int:
    """Do what the command line asks and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m helpers.sweep", description=__doc__)
    parser.add_argument("file", type=Path, help="such as notebooks/parameters/sweep.yaml")
    parser.add_argument("--scheduler", help="the address of a Dask cluster: tcp://host:8786")
    asked = parser.parse_args()
    return console.exit_code(lambda: run(asked.file, asked.scheduler))


if __name__ == "__main__":
    # Not of the module __main__, whose functions a worker does not find.
    sys.exit(importlib.import_module("helpers.sweep").main())
