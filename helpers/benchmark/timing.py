"""How the calls of a runtime are timed: warmed up, in blocks, each call with the next images."""

import itertools
import math
import time
import timeit
from collections.abc import Callable

import numpy as np

from helpers.benchmark.runtimes import Runtime

# The clock costs some 50 ns: calls of microseconds are timed in blocks of at least this long.
BLOCK_S = 1e-3
# Blocks are timed until so many seconds have passed and there are so many of them.
WINDOW_S, LEAST_BLOCKS = 0.1, 5
# A size between one image and all of them gets this share of the window.
SWEEP_SHARE = 0.4
# Single calls, timed one by one for the percentiles, take half of the window or are so many.
SINGLE_CALLS_MOST = 2_000
# The first calls take longer, up to three times as long. The values are flat when this many in a
# row are no faster, by this share, than the fastest before them; that is waited for between so many
# seconds.
FLAT_VALUES, FLAT = 3, 0.02
FLAT_AFTER_S, FLAT_WITHIN_S = 0.03, 0.2
# A runtime that takes less than this of the time when the image is always the same keeps answers.
LEAST_REPEATED, REPEATED_TRIES = 0.9, 3


class Batches:
    """Batches of `images` in turn, and logits of timed calls to be compared (MLPerf's TEST01)."""

    def __init__(self, images: np.ndarray, batch_size: int) -> None:
        last = min(len(images) - batch_size, 999 * batch_size)
        self.starts = range(0, last + 1, batch_size)
        self.batches = [images[start : start + batch_size] for start in self.starts]
        self.turn = itertools.cycle(range(len(self.batches)))
        self.kept: list[tuple[int, np.ndarray]] = []

    def following(self, calls: int) -> list[np.ndarray]:
        """Return the batches of the next `calls` calls."""
        self.places = list(itertools.islice(self.turn, calls))
        return [self.batches[place] for place in self.places]

    def keep(self, logits: np.ndarray) -> None:
        """Remember the logits of the last batch."""
        self.kept.append((self.starts[self.places[-1]], logits))

    def largest_difference(self, untimed: np.ndarray) -> float:
        """Return how far the kept logits are from the untimed logits of the same images."""
        return max(float(np.abs(a - untimed[i : i + len(a)]).max()) for i, a in self.kept)


def time_calls(
    runtime: Runtime,
    batches: Batches,
    *,
    calls: int,
    seconds: float,
    least: int = 1,
    most: int | None = None,
) -> list[float]:
    """Return seconds a call, one value for each block of `calls` calls.

    Goes on until `seconds` have passed and there are `least` values, or until there are `most`.
    Every call gets the next batch, so that nothing can be kept from the call before.
    """
    values_s: list[float] = []
    begin = time.perf_counter_ns()
    while len(values_s) != most:
        given = batches.following(calls)
        start = time.perf_counter_ns()
        for batch in given:
            logits = runtime(batch)
        end = time.perf_counter_ns()
        values_s.append((end - start) / calls / 1e9)
        batches.keep(logits)
        if end - begin >= seconds * 1e9 and len(values_s) >= least:
            break
    return values_s


def warm_up(seconds_a_call: Callable[[], float]) -> None:
    """Ask for values until they are flat, for FLAT_AFTER_S at least and FLAT_WITHIN_S at most."""
    fastest_s, level, passed_s, begin = math.inf, 0, 0.0, time.perf_counter()
    while passed_s < FLAT_AFTER_S or (level < FLAT_VALUES and passed_s < FLAT_WITHIN_S):
        value_s = seconds_a_call()
        level = level + 1 if value_s > (1 - FLAT) * fastest_s else 0
        fastest_s = min(fastest_s, value_s)
        passed_s = time.perf_counter() - begin


def time_batch(
    runtime: Runtime, images: np.ndarray, batch_size: int, untimed: np.ndarray, window_s: float
) -> dict:
    """Time calls of `batch_size` images; `untimed` are the logits that they must give.

    Returns the raw seconds a call, of blocks and of single calls, how many cores were busy, and how
    far the timed logits are from the untimed ones.
    """
    batches = Batches(images, batch_size)
    once_s = min(time_calls(runtime, batches, calls=1, seconds=FLAT_AFTER_S))
    calls = max(1, math.ceil(BLOCK_S / once_s))
    warm_up(lambda: time_calls(runtime, batches, calls=calls, seconds=0)[0])
    batches.kept.clear()  # of calls that were not timed
    wall, cpu = time.perf_counter(), time.process_time()
    block_s = time_calls(runtime, batches, calls=calls, seconds=window_s, least=LEAST_BLOCKS)
    cpu_per_wall = (time.process_time() - cpu) / (time.perf_counter() - wall)
    call_s = block_s
    if calls > 1:
        call_s = time_calls(runtime, batches, calls=1, seconds=window_s / 2, most=SINGLE_CALLS_MOST)
    return {
        "batch_size": batch_size,
        "calls_per_block": calls,
        "block_s": block_s,
        "call_s": call_s,
        "cpu_per_wall": cpu_per_wall,
        "largest_difference": batches.largest_difference(untimed),
    }


def repeated_per_distinct(runtime: Runtime, images: np.ndarray, calls: int) -> float:
    """Return the time of a call with one image again and again, in units of one with distinct ones.

    A runtime that keeps its answers is below LEAST_REPEATED (MLPerf's TEST04). Blocks of both take
    turns, and the quickest of each count: other work on the machine only ever slows a block. It may
    slow one kind alone, so what is below is asked again, and the largest ratio is returned.
    """
    ratios: list[float] = []
    while len(ratios) < REPEATED_TRIES and max(ratios, default=0) < LEAST_REPEATED:
        both, fastest_s = (Batches(images, 1), Batches(images[:1], 1)), [math.inf, math.inf]
        begin, turns = time.perf_counter(), 0
        while turns < LEAST_BLOCKS or time.perf_counter() - begin < WINDOW_S / 2:
            for place, batches in enumerate(both):
                taken_s = time_calls(runtime, batches, calls=calls, seconds=0)
                fastest_s[place] = min(fastest_s[place], *taken_s)
            turns += 1
        ratios.append(fastest_s[1] / fastest_s[0])
    return max(ratios)


MATRIX = np.arange(64 * 64).reshape(64, 64)


def fixed_product_s() -> float:
    """Return the median time of a NumPy product that is always the same: the machine's pace.

    On a shared host a neighbour slows a core by up to half, for seconds, without any trace in the
    operating system. Of integers, which no BLAS takes: a neighbour slows such code by a third and a
    BLAS product by a twentieth.
    """
    return float(np.median(timeit.repeat(lambda: MATRIX @ MATRIX, number=1, repeat=21)))
