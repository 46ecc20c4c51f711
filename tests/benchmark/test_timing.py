"""The clock: blocks, warm-up, distinct images, and what is kept of timed calls."""

import numpy as np
import pytest

from helpers.benchmark import timing

IMAGES = np.arange(50, dtype=np.float32)


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


def runtime_of(clock, seconds_an_image):
    def runtime(batch):
        clock.sleep(seconds_an_image * len(batch))
        return batch * 2

    return runtime


@pytest.mark.parametrize(
    ("image_s", "size", "calls"), [(1e-5, 1, 100), (1e-5, 8, 13), (1e-4, 50, 1), (0.03, 50, 1)]
)
def test_short_calls_are_timed_in_blocks_of_a_millisecond_and_long_ones_alone(
    clock, image_s, size, calls
):
    row = timing.time_batch(runtime_of(clock, image_s), IMAGES, size, IMAGES * 2, 0.1)
    assert row["calls_per_block"] == calls
    values_s = row["block_s"] + row["call_s"]
    assert [min(values_s), max(values_s)] == pytest.approx([image_s * size] * 2)
    assert len(row["block_s"]) >= timing.LEAST_BLOCKS
    assert len(row["block_s"]) == timing.LEAST_BLOCKS or sum(row["block_s"]) * calls < 0.11
    assert (row["call_s"] is row["block_s"]) == (calls == 1)
    assert row["cpu_per_wall"] == pytest.approx(1)
    assert row["largest_difference"] == 0


def test_every_call_gets_the_next_full_batch():
    batches = timing.Batches(np.arange(5), 2)
    seen = [batch.tolist() for batch in batches.following(5)]
    assert seen == [[0, 1], [2, 3], [0, 1], [2, 3], [0, 1]]


def test_timed_logits_are_compared_with_untimed_ones(clock):
    runtime = runtime_of(clock, 1e-4)
    row = timing.time_batch(runtime, IMAGES, 10, IMAGES * 2 + 0.5, 0.1)
    assert row["largest_difference"] == 0.5


@pytest.mark.parametrize(
    ("values_ms", "asked"),
    [
        ([20] * 9, 4),  # flat from the start
        ([96, 59, 48, 39, 41, 39, 38.8, 40], 3),  # until the time is over
        ([40, 30, 25, 24, 24, 24, 24, 24], 7),
        ([1] * 99, 30),  # for as long as it takes at least
    ],
)
def test_warm_up_goes_on_until_the_values_are_flat(clock, values_ms, asked):
    left = iter(values_ms)

    def call():
        value_s = next(left) / 1_000
        clock.sleep(value_s)
        return value_s

    timing.warm_up(call)
    assert len(values_ms) - len(list(left)) == asked


def test_a_runtime_that_keeps_its_answers_is_faster_with_one_image(clock):
    answers = {}

    def runtime(batch):
        if batch.tobytes() not in answers:
            clock.sleep(1e-3)
            answers.clear()
        clock.sleep(1e-4)
        answers[batch.tobytes()] = batch
        return batch

    assert timing.repeated_per_distinct(runtime, IMAGES, calls=10) < 0.6
    honest = runtime_of(clock, 1e-4)
    assert timing.repeated_per_distinct(honest, IMAGES, calls=10) == pytest.approx(1)
