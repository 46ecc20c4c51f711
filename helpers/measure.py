"""What happens inside one measuring process: load a runtime, answer, and time its calls.

Started by `helpers.benchmark` through `helpers.isolation`, one runtime a process.
"""

import itertools
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from helpers import isolation, machine
from helpers.runtimes import RUNTIMES, Runtime

# The clock costs some 50 ns: calls of microseconds are timed in blocks of at least this long.
BLOCK_S = 1e-3
MINIMUM_SAMPLES = 10
# Single calls, timed one by one for the percentiles, take this share of the window.
SINGLE_CALL_SHARE, SINGLE_CALLS_MOST = 0.25, 5_000


def time_calls(
    call: Callable[[], object],
    *,
    calls: int,
    seconds: float,
    least: int = MINIMUM_SAMPLES,
    most: int | None = None,
) -> list[float]:
    """Return seconds a call, one value for each block of `calls` calls.

    Goes on until `seconds` have passed and `least` values are there, or until `most` are.
    """
    samples: list[float] = []
    begin = time.perf_counter_ns()
    while len(samples) != most:
        start = time.perf_counter_ns()
        for _ in range(calls):
            call()
        end = time.perf_counter_ns()
        samples.append((end - start) / calls / 1e9)
        if end - begin >= seconds * 1e9 and len(samples) >= least:
            break
    return samples


def time_scenario(runtime: Runtime, images: np.ndarray, batch_size: int, timing: dict) -> dict:
    """Time `runtime` on batches of `images`: warm-up, blocks, then single calls.

    `timing` holds warm_up_s and window_s. Every call gets the next batch, so no answer can be
    kept from the call before. Returns the raw seconds a call and what was spent on them.
    """
    batches = [
        images[i : i + batch_size]
        for i in range(0, min(len(images), 1_000 * batch_size), batch_size)
        if i + batch_size <= len(images)
    ]
    following = itertools.cycle(batches).__next__

    def call() -> None:
        runtime(following())

    start = time.perf_counter()
    warm = time_calls(call, calls=1, seconds=timing["warm_up_s"], least=1)
    calls = math.ceil(BLOCK_S / min(warm))
    wall, cpu = time.perf_counter(), time.process_time()
    singles_s = timing["window_s"] * SINGLE_CALL_SHARE if calls > 1 else 0.0
    block_s = time_calls(call, calls=calls, seconds=timing["window_s"] - singles_s)
    call_s = block_s
    if calls > 1:
        call_s = time_calls(call, calls=1, seconds=singles_s, most=SINGLE_CALLS_MOST)
    end = time.perf_counter()
    return {
        "batch_size": batch_size,
        "calls_per_block": calls,
        "block_s": block_s,
        "call_s": call_s,
        "cpu_per_wall": (time.process_time() - cpu) / (end - wall),
        "spent_s": end - start,
    }


def work(specification: dict) -> dict:
    """Load the runtime of `specification`, write its logits, time the scenarios it names.

    Keys: runtime, model (a path), threads, images (a .npy path), logits (the .npy path to write),
    scenarios {name: batch size}, warm_up_s, window_s.
    """
    images = np.load(specification["images"])
    clock = [time.perf_counter()]
    runtime = RUNTIMES[specification["runtime"]](specification["threads"])
    clock.append(time.perf_counter())
    runtime.load(Path(specification["model"]))
    clock.append(time.perf_counter())
    runtime(images[:1])
    clock.append(time.perf_counter())
    import_s, load_s, first_call_s = np.diff(clock)
    # The callable that is timed below is the one that answers here.
    np.save(specification["logits"], runtime(images))
    return {
        "import_s": import_s,
        "load_s": load_s,
        "first_call_s": first_call_s,
        "scenarios": {
            name: time_scenario(runtime, images, batch_size, specification)
            for name, batch_size in specification["scenarios"].items()
        },
        "peak_rss_bytes": machine.peak_rss_bytes(),
    }


if __name__ == "__main__":
    isolation.answer(work)
