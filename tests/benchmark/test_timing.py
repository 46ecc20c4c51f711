import os
import time

import numpy as np
import pytest

from helpers.benchmark import noise, timing
from helpers.benchmark.noise import Cores, fixed_product_s

IMAGES = np.arange(50, dtype=np.float32)
BATCHES = [
    {"scenario": "single_stream", "batch_size": 1, "window_s": 0.05},
    {"scenario": "batch_sweep", "batch_size": 8, "window_s": 0.02},
    {"scenario": "offline", "batch_size": 50, "window_s": 0.05},
]


def work(batch):
    """Stand for a network: some 10 µs, and logits that tell the images apart."""
    np.sort(np.arange(1_000, 0, -1) % 7)
    return batch * 2


class Clock:
    """A clock that goes on only by what is said to take time."""

    def __init__(self):
        self.now_s = 0.0

    def sleep(self, seconds):
        self.now_s += seconds

    def perf_counter(self):
        return self.now_s

    process_time = perf_counter

    def perf_counter_ns(self):
        return round(self.now_s * 1e9)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timing, "time", clock)
    return clock


def test_a_block_gives_seconds_a_call(clock):
    batches = timing.Batches(IMAGES, 1)
    values = timing.time_calls(lambda b: clock.sleep(0.002), batches, calls=5, seconds=0.05)
    assert values == pytest.approx([0.002] * 5)


def test_every_call_gets_the_next_full_batch():
    batches = timing.Batches(np.arange(5), 2)
    seen = [batch.tolist() for batch in batches.following(5)]
    assert seen == [[0, 1], [2, 3], [0, 1], [2, 3], [0, 1]]


def test_timed_logits_are_compared_with_untimed_ones():
    batches = timing.Batches(IMAGES, 10)
    timing.time_calls(work, batches, calls=3, seconds=60, most=2)
    assert [start for start, _ in batches.kept] == [20, 0]
    assert batches.largest_difference(IMAGES * 2) == 0
    assert batches.largest_difference(IMAGES * 2 + 0.5) == 0.5


def test_all_batch_sizes_are_timed_in_passes(clock):
    sizes = []

    def runtime(batch):
        if not sizes or sizes[-1] != len(batch):
            sizes.append(len(batch))
        clock.sleep(1e-5 * len(batch))
        return batch * 2

    times = timing.time_all(runtime, IMAGES, IMAGES * 2, BATCHES, 0.05, Cores(2), seed=1)
    rows = times["batches"]
    assert [row["scenario"] for row in rows] == ["single_stream", "batch_sweep", "offline"]
    assert [row["calls_per_block"] for row in rows] == [100, 13, 2]
    for row in rows:
        assert len(row["block_s"]) == len(row["call_s"]) == len(times["slowest_s"]) == timing.PASSES
        blocks, calls = sum(row["block_s"], []), sum(row["call_s"], [])
        call_s = 1e-5 * row["batch_size"]
        assert [min(blocks + calls), max(blocks + calls)] == pytest.approx([call_s, call_s])
        # Half of the window each, and in every pass up to a block and a call more.
        half_s = row["window_s"] / 2
        block_s = call_s * row["calls_per_block"]
        assert half_s - 1e-9 <= sum(blocks) * row["calls_per_block"] < half_s + 4 * block_s
        most_s = timing.SINGLE_CALLS_MOST * call_s
        assert min(half_s, most_s) - 1e-9 <= sum(calls) < half_s + 4 * call_s
        assert row["largest_difference"] == 0
        assert row["cpu_per_wall"] == pytest.approx(1)
    assert sizes[:3] == [1, 8, 50]  # warm-up
    assert len(sizes) >= 3 + 2 * timing.PASSES  # and back again in every pass


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        ([1, 1, 1, 1, 1], 4),
        ([96, 59, 48, 39, 41, 38.5, 38.4, 39], 7),
        ([5, 4, 3, 2, 1, 1, 1, 1, 1], 8),
    ],
)
def test_warm_up_goes_on_until_the_values_are_flat(values, asked):
    left = iter(values)
    timing.warm_up(lambda: next(left))
    assert len(values) - len(list(left)) == asked


def test_a_call_longer_than_the_window_is_timed_once(clock):
    def runtime(batch):
        clock.sleep(0.03)
        return batch * 2

    batch = {"scenario": "offline", "batch_size": 50, "window_s": 0.025}
    timer = timing.Timer(runtime, IMAGES, batch, warm_up_s=0)
    for _ in range(timing.PASSES):
        timer.go_on(timing.PASSES)
    passes = timer.row(IMAGES * 2)["block_s"]
    assert passes == [[pytest.approx(0.03)], [], [], []]
    assert timer.row(IMAGES * 2)["call_s"] == passes


def test_ones_own_work_is_not_that_of_others():
    beside_rest = noise.OthersCpu()
    time.sleep(0.5)
    rest = beside_rest.cores()
    beside_work = noise.OthersCpu()
    end = time.perf_counter() + 0.5
    while time.perf_counter() < end:
        work(IMAGES)
    assert beside_work.cores() - rest < 0.7  # what others do is in both


def affinity():
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else {None}


def test_the_pace_is_taken_on_every_core():
    assert 1e-6 < fixed_product_s() < 0.1
    before = affinity()
    cores = Cores(2)
    paces_s = cores.paces_s()
    assert set(paces_s) == before
    assert all(1e-6 < pace_s < 0.1 for pace_s in paces_s.values())
    if before != {None}:
        os.sched_setaffinity(0, before)


@pytest.fixture(autouse=True)
def free_again():
    before = affinity()
    yield
    if before != {None}:
        os.sched_setaffinity(0, before)
