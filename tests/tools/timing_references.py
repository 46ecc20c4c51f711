"""Hold the project's clock against others in one process: WHAT RUNTIME MODEL IMAGES THREADS ROUNDS.

WHAT is `loop`, a bare perf_counter loop over single images, or `torch`, torch.utils.benchmark on
all images at once. The two sides take turns; prints the ratios ours / theirs as JSON.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from helpers.benchmark import timing
from helpers.benchmark.runtimes import RUNTIMES

WINDOW_S = 0.4


def ours(runtime, images, batch_size, untimed):
    row = timing.time_batch(runtime, images, batch_size, untimed, WINDOW_S)
    return float(np.median(row["block_s"]))


def bare_loop(runtime, images):
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


def main(what, name, model, images, threads, rounds):
    threads, images = int(threads), np.load(images)
    runtime = RUNTIMES[name](threads)
    runtime.load(Path(model))
    untimed = runtime(images)
    ratios = []
    for number in range(int(rounds)):
        sides = {
            "loop": (lambda: ours(runtime, images, 1, untimed), lambda: bare_loop(runtime, images)),
            "torch": (
                lambda: ours(runtime, images, len(images), untimed),
                lambda: torch_benchmark(runtime, images, threads),
            ),
        }[what]
        order = (0, 1) if number % 2 else (1, 0)
        seconds = dict(sorted((side, sides[side]()) for side in order))
        ratios.append(seconds[0] / seconds[1])
    print(json.dumps(ratios))


if __name__ == "__main__":
    main(*sys.argv[1:])
