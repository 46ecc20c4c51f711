"""Hold the project's clock against another one in a process: a bare loop, torch.utils.benchmark."""

import time
from pathlib import Path

import numpy as np

from helpers.benchmark import timing
from helpers.benchmark.runtimes import RUNTIMES

WINDOW_S, ROUNDS = 0.4, 15


def bare_loop(runtime, images, threads):
    """Return the median over passes of seconds a call, with nothing but the call in the loop."""
    singles = [images[i : i + 1] for i in range(1_000)]
    passes, end = [], time.perf_counter() + WINDOW_S
    while time.perf_counter() < end:
        start = time.perf_counter()
        for image in singles:
            runtime(image)
        passes.append((time.perf_counter() - start) / len(singles))
    return float(np.median(passes))


def torch_benchmark(runtime, images, threads):
    from torch.utils import benchmark

    names = {"runtime": runtime, "images": images}
    timer = benchmark.Timer("runtime(images)", globals=names, num_threads=threads)
    return timer.blocked_autorange(min_run_time=WINDOW_S).median


def work(specification):
    """Return the ratios ours / theirs of {other, runtime, model, images}; the sides take turns."""
    threads, images = specification["threads"], np.load(specification["images"])
    runtime = RUNTIMES[specification["runtime"]](threads)
    runtime.load(Path(specification["model"]))
    untimed = runtime(images)
    other = {"a bare loop": bare_loop, "torch.utils.benchmark": torch_benchmark}
    size = 1 if specification["other"] == "a bare loop" else len(images)

    def ours(runtime, images, threads):
        row = timing.time_batch(runtime, images, size, untimed, WINDOW_S)
        return float(np.median(row["block_s"]))

    sides, ratios = (ours, other[specification["other"]]), []
    for number in range(ROUNDS):
        order = (0, 1) if number % 2 else (1, 0)
        seconds = {side: sides[side](runtime, images, threads) for side in order}
        ratios.append(seconds[0] / seconds[1])
    return {"ratios": ratios}
