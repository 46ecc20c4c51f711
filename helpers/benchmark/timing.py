"""How calls are timed: blocks, single calls, passes over the batch sizes, and a check."""

import itertools
import math
import random
import time
from collections.abc import Callable

import numpy as np

from helpers.benchmark import noise
from helpers.benchmark.noise import Cores
from helpers.benchmark.runtimes import Runtime

# The clock costs some 50 ns: calls of microseconds are timed in blocks of at least this long,
# and longer where a window would hold more blocks than a median needs.
BLOCK_S, BLOCKS = 1e-3, 200
# Single calls, timed one by one for the percentiles, take this share of the window.
SINGLE_CALL_SHARE, SINGLE_CALLS_MOST = 0.5, 2_000
# A window is spent in as many passes over all batch sizes: what slows the machine for a second
# then falls on all of them and seldom on half of one's values.
PASSES = 4
# Before the machine's pace is taken, threads that spin while they wait get this long to stop.
REST_S = 0.03
# The first batch size warms the process up; a further one has less left to do.
WARM_UP_AGAIN_S = 0.05
# After another batch size the first calls take longer, up to three times as long. The values are
# flat when this many in a row are no faster, by this share, than the fastest before them. Waiting
# for it takes no longer than this, and no longer than the process is warmed up.
FLAT_VALUES, FLAT = 3, 0.02
FLAT_WITHIN_S = 0.25
# Logits of timed calls are kept and compared with the untimed ones (MLPerf's TEST01): those of
# this many blocks, and of more until they are those of so many images.
KEPT_LOGITS, KEPT_IMAGES = 8, 1_000


class Batches:
    """Batches of `images` in turn, and the logits that the runtime gave for some of them."""

    def __init__(self, images: np.ndarray, batch_size: int) -> None:
        last = min(len(images) - batch_size, 999 * batch_size)
        self.starts = range(0, last + 1, batch_size)
        self.batches = [images[start : start + batch_size] for start in self.starts]
        self.turn = itertools.cycle(range(len(self.batches)))
        self.kept: list[tuple[int, np.ndarray]] = []
        self.most_kept = max(KEPT_LOGITS, KEPT_IMAGES // batch_size)

    def following(self, calls: int) -> list[np.ndarray]:
        """Return the batches of the next `calls` calls."""
        self.places = list(itertools.islice(self.turn, calls))
        return [self.batches[place] for place in self.places]

    def keep(self, logits: np.ndarray) -> None:
        """Remember the last logits of the first blocks."""
        if len(self.kept) < self.most_kept:
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
    most: int | None = None,
) -> list[float]:
    """Return seconds a call, one value for each block of `calls` calls.

    Goes on until `seconds` have passed, or until there are `most` values. Every call gets the
    next batch, so that nothing can be kept from the call before.
    """
    samples: list[float] = []
    begin = time.perf_counter_ns()
    while len(samples) != most:
        given = batches.following(calls)
        start = time.perf_counter_ns()
        for batch in given:
            logits = runtime(batch)
        end = time.perf_counter_ns()
        samples.append((end - start) / calls / 1e9)
        batches.keep(logits)
        if end - begin >= seconds * 1e9:
            break
    return samples


def warm_up(seconds_a_call: Callable[[], float], within_s: float = FLAT_WITHIN_S) -> None:
    """Ask for values until they are flat: for one at least, and for `within_s` at most."""
    fastest_s, level, begin = math.inf, 0, time.perf_counter()
    while level < FLAT_VALUES:
        value_s = seconds_a_call()
        level = level + 1 if value_s > (1 - FLAT) * fastest_s else 0
        fastest_s = min(fastest_s, value_s)
        if time.perf_counter() - begin > within_s:
            break


class Timer:
    """The times of one runtime at one batch size, collected over several passes."""

    def __init__(
        self,
        runtime: Runtime,
        images: np.ndarray,
        batch: dict,
        warm_up_s: float,
        flat_within_s: float = FLAT_WITHIN_S,
    ) -> None:
        self.runtime, self.batch, self.flat_within_s = runtime, batch, flat_within_s
        self.batches = Batches(images, batch["batch_size"])
        warm_s = min(time_calls(runtime, self.batches, calls=1, seconds=warm_up_s))
        block_s = max(BLOCK_S, batch["window_s"] / BLOCKS)
        self.calls = 1 if warm_s >= BLOCK_S else math.ceil(block_s / warm_s)
        self.block_s: list[list[float]] = []  # one list a pass
        self.call_s: list[list[float]] = []
        self.cpu_s = self.wall_s = self.due_s = 0.0

    def go_on(self, passes: int) -> None:
        """Spend one of `passes` parts of the window, once warm: blocks, then single calls.

        A call that takes longer than its part of the window spends that of the next passes too.
        """
        self.due_s += self.batch["window_s"] / passes
        if self.wall_s >= self.due_s:
            self.block_s.append([])
            if self.calls > 1:
                self.call_s.append([])
            return
        seconds = self.batch["window_s"] / passes
        warm_up(lambda: self._time(self.calls, 0)[0], self.flat_within_s)
        if not self.block_s:
            self.batches.kept.clear()  # of calls that were not timed
        wall, cpu = time.perf_counter(), time.process_time()
        singles_s = seconds * SINGLE_CALL_SHARE if self.calls > 1 else 0.0
        self.block_s.append(self._time(self.calls, seconds - singles_s))
        if self.calls > 1:
            self.call_s.append(self._time(1, singles_s, SINGLE_CALLS_MOST // passes))
        self.cpu_s += time.process_time() - cpu
        self.wall_s += time.perf_counter() - wall

    def _time(self, calls: int, seconds: float, most: int | None = None) -> list[float]:
        return time_calls(self.runtime, self.batches, calls=calls, seconds=seconds, most=most)

    def row(self, untimed: np.ndarray) -> dict:
        """Return the raw times by pass; `untimed` are the logits that the timed ones must equal."""
        return {
            **self.batch,
            "calls_per_block": self.calls,
            "block_s": self.block_s,
            "call_s": self.call_s or self.block_s,
            "cpu_per_wall": self.cpu_s / self.wall_s,
            "largest_difference": self.batches.largest_difference(untimed),
        }


def time_all(
    runtime: Runtime,
    images: np.ndarray,
    untimed: np.ndarray,
    batches: list[dict],
    warm_up_s: float,
    cores: Cores,
    seed: int,
) -> dict:
    """Time every batch size of `batches` in passes of shuffled order.

    A batch is {scenario, batch_size, window_s}; the process is warmed up for `warm_up_s` first.
    Returns {batches: raw times, slowest_s: the fixed product beside each pass on the slowest core
    that the process may use, others_cores}.
    """
    shuffle = random.Random(seed).shuffle
    others = noise.OthersCpu()
    timers: list[Timer] = []
    flat_within_s = min(FLAT_WITHIN_S, warm_up_s)
    for batch in batches:
        first_s = WARM_UP_AGAIN_S if timers else warm_up_s
        timers.append(Timer(runtime, images, batch, first_s, flat_within_s))
    slowest_s: list[float] = []
    before = _paces_s(cores)
    for _ in range(PASSES):
        own = cores.settle(before)
        order = list(timers)
        shuffle(order)
        for timer in order:
            timer.go_on(PASSES)
        after = _paces_s(cores)
        slowest_s.append(max(side[core] for side in (before, after) for core in own))
        before = after
    return {
        "batches": [timer.row(untimed) for timer in timers],
        "slowest_s": slowest_s,
        "others_cores": others.cores(),
    }


def _paces_s(cores: Cores) -> dict[int | None, float]:
    time.sleep(REST_S)
    return cores.paces_s()
