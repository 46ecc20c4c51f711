"""Measure the goals of a sweep on this machine: python tests/tools/sweep_bench.py [EPOCHS].

Trains the mlp 32 times in each framework, in one plain loop and as a sweep on a local cluster, each
with one thread; then runs tasks that do nothing and tasks that sleep. Prints a line a goal.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import yaml
from distributed import Client, LocalCluster
from distributed.protocol import dumps

from helpers.core import sweeps
from helpers.core.process import THREAD_VARIABLES
from helpers.sweep import drive, grid, work

PLAIN_LOOP = Path(__file__).with_name("plain_loop.py")
GRID = {
    "framework": ["tensorflow", "pytorch"],
    "architecture": "mlp",
    "recipe": ["lab", "defaults"],
    "seeds": 16,
    "batch_size": 512,
    "learning_rate": 0.004,
}
SLEEP_S, SLEEPERS = 5.0, 64


def plain_loop_s(tasks):
    """Seconds of one process a framework, one after the other, as the notebooks do it."""
    start = time.perf_counter()
    for framework in ("tensorflow", "pytorch"):
        own = [task for task in tasks if task["framework"] == framework]
        subprocess.run(
            [sys.executable, PLAIN_LOOP],
            env={**os.environ, **dict.fromkeys(THREAD_VARIABLES, "1")},
            input=json.dumps(own),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            check=True,
        )
    return time.perf_counter() - start


def sweep_s(file):
    """Seconds of the command, from its start to its end, and the largest memory of a worker."""
    start, most = time.perf_counter(), 0
    sweep = subprocess.Popen([sys.executable, "-m", "helpers.sweep", str(file)])
    while sweep.poll() is None:
        time.sleep(0.2)
        most = max([most, *workers_bytes(sweep.pid)])
    assert sweep.returncode == 0
    return time.perf_counter() - start, most


def workers_bytes(pid):
    """Resident memory of each worker of a command, its training process included, in bytes."""
    found = []
    try:
        for worker in psutil.Process(pid).children():
            own = [worker, *worker.children(recursive=True)]
            found.append(sum(process.memory_info().rss for process in own))
    except psutil.NoSuchProcess:  # it has ended meanwhile
        pass
    return found


def nothing(task, attempts, made_with):
    return {}


def sleep(task, attempts, made_with):
    time.sleep(SLEEP_S)
    return {}


def drive_s(tasks, function, **cluster):
    """Seconds for tasks on a local cluster that is there already."""
    address = {"dashboard_address": "127.0.0.1:0"}
    with LocalCluster(**cluster, **address) as workers, Client(workers) as client:
        list(drive.rows(client, tasks[:2], nothing))
        start = time.perf_counter()
        assert len(list(drive.rows(client, tasks, function))) == len(tasks)
        return time.perf_counter() - start


def show(what, goal, value, met):
    print(f"{what:<68} {goal:>12}  {value:>10}  {'met' if met else 'missed'}", flush=True)


def main(epochs):
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LAB_ARTIFACTS"] = folder
        file = Path(folder, "sweep.yaml")
        file.write_text(yaml.safe_dump({"dataset": "mnist", "grids": [{**GRID, "epochs": epochs}]}))
        tasks = list(grid.read(file, yes=False).tasks.values())
        together_s, most = sweep_s(file)
        rows = sweeps.read()
        assert len(rows) == len(tasks) == 64
        alone_s = plain_loop_s(tasks)
    ratio = alone_s / together_s
    name = f"64 trainings: one loop {alone_s:.0f} s / the sweep {together_s:.0f} s"
    show(name, ">= 1.7", f"{ratio:.2f}", ratio >= 1.7)
    show("memory of a worker, GB", "<= 1.5", f"{most / 1e9:.2f}", most <= 1.5e9)

    many = tasks * 8
    overhead_s = drive_s(many, nothing, n_workers=2, threads_per_worker=1) / len(many)
    show("overhead of a run, ms", "<= 30", f"{overhead_s * 1e3:.1f}", overhead_s <= 0.03)
    sent = sum(map(len, dumps({"args": (tasks[0], 1, work.made_with())})))
    show("sent for a run, bytes (MNIST has 54,950,000)", "no images", f"{sent:,}", sent < 10_000)
    few = tasks * 4
    took_s = drive_s(few, sleep, n_workers=1, threads_per_worker=SLEEPERS, processes=False)
    share = SLEEP_S * len(few) / SLEEPERS / took_s
    name = f"{len(few)} tasks of {SLEEP_S:.0f} s on {SLEEPERS} threads: ideal time / time"
    show(name, ">= 0.9", f"{share:.3f}", share >= 0.9)


if __name__ == "__main__":
    main(int((sys.argv[1:] or [22])[0]))
