"""The statistics of times, whatever the times: in any order, in any unit, either way round."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.benchmark import statistics
from helpers.benchmark.statistics import Ratio

TIMES_S = st.floats(1e-7, 1e3)
PROCESSES = st.lists(TIMES_S, min_size=1, max_size=40)
FACTORS = st.sampled_from([2.0**power for power in (-20, -3, 1, 10)])  # exact in floats


def row(rounds_and_times, smallest=None):
    """A latency row from {round: median of its process}."""
    return {
        "process_rounds": list(rounds_and_times),
        "process_medians_s": list(rounds_and_times.values()),
        "median_s": float(np.median(list(rounds_and_times.values()))),
        "smallest_ratio": smallest,
    }


ROUNDS = st.dictionaries(st.integers(1, 30), TIMES_S, min_size=1, max_size=30)


@given(PROCESSES)
def test_an_interval_holds_the_median_and_lies_within_the_range(values):
    found = statistics.interval_of(values)
    assert (found is None) == (len(values) < statistics.LEAST_PROCESSES)
    if found:
        low, high = found
        assert min(values) <= low <= np.median(values) <= high <= max(values)
        assert {low, high} <= set(values)


@given(PROCESSES, FACTORS, st.randoms())
def test_an_interval_knows_neither_order_nor_unit_nor_direction(values, factor, random):
    found = statistics.interval_of(values)
    shuffled = random.sample(values, len(values))
    assert statistics.interval_of(shuffled) == found
    scaled = statistics.interval_of([factor * value for value in values])
    assert scaled == (found and [factor * end for end in found])
    turned = statistics.interval_of([-value for value in values])
    assert turned == (found and [-end for end in reversed(found)])


@given(st.integers(statistics.LEAST_PROCESSES, 300))
def test_an_interval_is_the_narrowest_that_holds_the_median_in_95_of_100_cases(count):
    low, high = statistics.interval_of(list(range(1, count + 1)))
    place = int(low)
    assert high == count + 1 - place  # as many beyond either end

    def share(place):
        """How often so many values or more lie on each side of the median."""
        beyond = sum(math.comb(count, k) for k in range(place))
        return 1 - 2 * beyond / 2**count

    assert share(place) >= 0.95 > share(place + 1)


@given(ROUNDS, ROUNDS, FACTORS)
def test_a_ratio_is_the_inverse_of_the_other_and_has_no_unit(own, others, factor):
    first, second = row(own), row(others)
    found = statistics.compared(first, second)
    assert found.value == first["median_s"] / second["median_s"]
    back = statistics.compared(second, first).inverse()
    assert back.value == pytest.approx(found.value)
    assert (back.ci95 is None, back.range is None) == (found.ci95 is None, found.range is None)
    for ends, others_ends in ((found.ci95, back.ci95), (found.range, back.range)):
        if ends:
            assert others_ends == pytest.approx(ends)
            assert ends[0] <= found.value <= ends[1]
    scaled = [row({n: factor * s for n, s in each.items()}) for each in (own, others)]
    assert statistics.compared(*scaled) == found
    assert found.rounds == len(own.keys() & others.keys())


@given(ROUNDS)
def test_a_runtime_is_tied_with_itself(own):
    found = statistics.compared(row(own), row(own))
    assert (found.value, found.range) == (1, [1, 1])
    assert found.verdict == (statistics.TIED if found.ci95 else statistics.UNTOLD)


@given(
    st.floats(0.01, 100),
    st.floats(1, 3),
    st.floats(1, 3),
    st.booleans(),
    st.none() | st.floats(1, 5),
)
def test_a_verdict_is_the_same_either_way_round(value, below, above, enough, smallest):
    ends = [value / below, value * above]
    found = Ratio(value, ends if enough else None, ends, 10, smallest)
    near = [abs(edge - 1) < 1e-9 for edge in ends]  # rounding decides there
    near += [smallest and abs(max(value, 1 / value) - smallest) < 1e-9]
    if not any(near):
        assert found.inverse().verdict == found.verdict
    if found.verdict == statistics.APART:
        assert ends[0] > 1 or ends[1] < 1
        assert smallest is None or max(value, 1 / value) > smallest
