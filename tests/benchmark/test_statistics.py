"""Medians, intervals, ratios and verdicts, from records with times that are known."""

import numpy as np
import pytest
from scipy import stats

from helpers.benchmark import statistics


@pytest.mark.parametrize("rounds", [6, 12])
def test_intervals_of_times_and_ratios_cover_the_truth_in_93_of_100_cases(rounds):
    draw, cases = np.random.default_rng(0), 200
    times = ratios = 0
    for _ in range(cases):
        round_s = draw.lognormal(0, 0.1, rounds)  # a slow minute falls on both
        processes_s = [draw.lognormal(0, 0.08, rounds) * round_s for _ in range(2)]
        medians_s = [
            [float(np.median(draw.normal(own_s, 0.02 * own_s, 9))) for own_s in two]
            for two in processes_s
        ]
        low, high = statistics.interval_of(medians_s[0])
        times += low <= 1 <= high
        rows = [[{"round": n, "median_s": s} for n, s in enumerate(own)] for own in medians_s]
        low, high = statistics.ratio_by_rounds(*rows)["ratio_ci95"]
        ratios += low <= 1 <= high
    assert times >= 0.93 * cases
    assert ratios >= 0.93 * cases


@pytest.mark.parametrize("count", [1, 5, 6, 8, 9, 12, 20])
def test_an_interval_is_that_of_order_statistics_and_a_range_below_six(count):
    values = np.random.default_rng(count).lognormal(size=count).tolist()
    found, ordered = statistics.interval_of(values), sorted(values)
    if count < 6:
        assert found is None
        assert statistics.spread_of(values) == [ordered[0], ordered[-1]]
    else:
        left_out = int(stats.binom.ppf(0.025, count, 0.5)) - 1
        assert found == [ordered[left_out], ordered[-1 - left_out]] == statistics.spread_of(values)
        assert found[0] <= np.median(values) <= found[1]
    assert statistics.interval_of([]) is statistics.spread_of([]) is None


@pytest.mark.parametrize(
    ("ratio", "ci95", "noise", "verdict"),
    [
        (0.5, [0.4, 0.6], 1.05, "faster"),
        (2.0, [1.9, 2.1], 1.05, "slower"),
        (1.1, [0.9, 1.3], 1.05, "no clear difference"),
        (1.04, [1.03, 1.05], 1.05, "no clear difference"),  # no more than A/A gives
        (0.5, None, 1.05, "range only"),
    ],
)
def test_a_verdict_needs_an_interval_beside_one_and_outside_the_noise(ratio, ci95, noise, verdict):
    assert statistics.verdict_on_time(ratio, ci95, noise) == verdict


def record(runtime, number, seconds, *, product_s=1e-4, again=False, repeated=1.0, calls=9):
    """What a process gives whose calls with all images take so long, one a thousandth."""
    batches = [
        {"scenario": name, "batch_size": size, "cpu_per_wall": 1.5}
        | {"block_s": [0.9 * own_s, own_s, 1.1 * own_s], "call_s": np.full(calls, own_s).tolist()}
        for name, size, own_s in (("single_stream", 1, seconds / 1e3), ("offline", 10, seconds))
    ]
    start_up = {"import_s": number / 10, "load_s": 0.2, "first_call_s": 0.3, "peak_rss_bytes": 5}
    cell = {"file": f"mlp-{runtime}", "source": "mlp", "architecture": "mlp", "main": True}
    cell |= {"precision": "float32", "runtime": runtime, "threads": 2, "again": again}
    own = {"batches": batches, "start_up": start_up, "repeated": repeated}
    return {**cell, "round": number, "product_s": product_s, **own}


def measured(factors=(1, 1.1, 0.9, 1, 1.05, 0.95), pytorch_s=0.02, numpy_s=0.01, again_s=0.02):
    found = []
    for number, factor in enumerate(factors, start=1):
        found.append(record("pytorch", number, factor * pytorch_s))
        found.append(record("pytorch", number, factor * again_s, again=True))
        found.append(record("numpy", number, factor * numpy_s))
    return found


def row_of(tables, runtime, scenario="offline"):
    rows = tables["latency"]
    return next(r for r in rows if (r["runtime"], r["scenario"]) == (runtime, scenario))


def test_a_time_is_the_median_of_process_medians_and_a_ratio_that_within_rounds():
    tables = statistics.tables(measured())
    numpy, pytorch = (row_of(tables, name) for name in ("numpy", "pytorch"))
    assert [each["round"] for each in numpy["rounds"]] == [1, 2, 3, 4, 5, 6]
    assert numpy["median_s"] == pytest.approx(0.01)
    assert numpy["ci95_s"] == pytest.approx([0.009, 0.011])
    assert numpy["ratio"] == pytest.approx(0.5)
    assert numpy["ratio_ci95"] == pytest.approx([0.5, 0.5])  # slow rounds fall on both
    assert (numpy["verdict"], pytorch["verdict"], pytorch["ratio"]) == ("faster", None, 1)
    assert numpy["cpu_per_wall"] == 1.5
    assert row_of(tables, "numpy", "single_stream")["median_s"] == pytest.approx(1e-5)
    start_up = tables["start_up"]
    assert [row["runtime"] for row in start_up] == ["pytorch", "numpy"]
    assert start_up[0]["import_s"] == pytest.approx(0.35)
    assert start_up[1]["installed_bytes"] > 5e6


def test_what_the_unit_gives_beside_itself_is_the_noise_floor():
    tables = statistics.tables(measured(again_s=0.05))
    (floor,) = [row for row in tables["noise_floor"] if row["scenario"] == "offline"]
    assert (floor["runtime"], floor["ratio"]) == ("pytorch", pytest.approx(2.5))
    assert row_of(tables, "numpy")["verdict"] == "no clear difference"


def test_fewer_than_six_rounds_have_a_ratio_and_no_verdict():
    row = row_of(statistics.tables(measured(factors=(1, 1.2))), "numpy")
    assert (row["ratio"], row["ratio_ci95"]) == (pytest.approx(0.5), None)
    assert (row["ci95_s"], row["verdict"]) == (None, "range only")


def test_of_two_attempts_that_beside_the_quicker_product_counts():
    slow = record("numpy", 1, 0.5, product_s=2e-4)
    tables = statistics.tables([*measured(), slow])
    assert row_of(tables, "numpy")["rounds"][0]["median_s"] == pytest.approx(0.01)
    tables = statistics.tables([*measured(), {**slow, "product_s": 5e-5}])
    assert row_of(tables, "numpy")["rounds"][0]["median_s"] == pytest.approx(0.5)


def test_a_round_that_failed_is_a_gap():
    records = measured()
    records[2] = {k: v for k, v in records[2].items() if k not in ("batches", "repeated")}
    records[2]["failed"] = "no room"
    tables = statistics.tables(records)
    assert [each["round"] for each in row_of(tables, "numpy")["rounds"]] == [2, 3, 4, 5, 6]
    (row,) = tables["failures"]
    assert (row["runtime"], row["what"], row["reason"]) == ("numpy", "failed", "no room")


def test_a_runtime_that_keeps_its_answers_is_refused():
    kept = [
        {**each, "repeated": 0.3} if each["runtime"] == "numpy" else each for each in measured()
    ]
    tables = statistics.tables(kept)
    assert {row["runtime"] for row in tables["latency"]} == {"pytorch"}
    assert (tables["failures"][0]["runtime"], tables["failures"][0]["what"]) == ("numpy", "refused")


@pytest.mark.parametrize(("calls", "p90", "p99"), [(10, 0, 0), (11, 1, 0), (111, 1, 1)])
def test_percentiles_need_calls_enough_over_all_processes(calls, p90, p99):
    records = [record("pytorch", number, 0.02, calls=calls) for number in range(1, 7)]
    row = row_of(statistics.tables(records), "pytorch")
    assert (row["p90_s"] is not None, row["p99_s"] is not None) == (p90, p99)
