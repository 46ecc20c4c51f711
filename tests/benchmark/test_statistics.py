import numpy as np
import pytest
from scipy.stats import quantile_test

from helpers.benchmark import statistics


def timed(block_s, scenario="single_stream", batch_size=1, calls_per_block=1):
    return {
        "scenario": scenario,
        "batch_size": batch_size,
        "window_s": 1.0,
        "calls_per_block": calls_per_block,
        "block_s": [block_s],  # of one pass
        "call_s": [block_s],
        "cpu_per_wall": 1.0,
        "largest_difference": 0.0,
    }


def process(runtime, block_s, order, *, round_=None, threads=2, again=False, **more):
    return {
        "model": f"mlp-{runtime}",
        "architecture": "mlp",
        "framework": "tensorflow" if runtime == "litert" else "pytorch",
        "precision": "float32",
        "main": True,
        "file": "models/x",
        "source": "x.npy",
        "runtime": runtime,
        "threads": threads,
        "again": again,
        "round": order if round_ is None else round_,
        "attempt": 1,
        "order": order,
        "others_cores": 0.0,
        "slowest_s": [1.0],
        "test_accuracy": 0.97,
        "batches": [timed(block_s)],
        **more,
    }


@pytest.fixture
def raw():
    return [
        process("pytorch", [2.0] * 40, 1, round_=1),
        process("litert", [1.0] * 40, 2, round_=1),
        process("pytorch", [2.2] * 40, 3, round_=2),
        process("litert", [1.1] * 40, 4, round_=2),
        process("pytorch", [6.0] * 40, 5, round_=3),
        process("litert", [1.2] * 40, 6, round_=3),
    ]


def rows_of(raw):
    return {row["runtime"]: row for row in statistics.summarise(raw)[0]}


def test_the_median_is_of_process_medians_and_the_ratio_of_the_rounds(raw):
    rows = rows_of(raw)
    assert rows["pytorch"]["median_s"] == 2.2
    assert rows["litert"]["median_s"] == 1.1
    assert rows["litert"]["ratio"] == pytest.approx(0.5)
    assert rows["litert"]["baseline"] == "pytorch"
    assert rows["pytorch"]["ratio"] == 1
    assert rows["litert"]["processes"] == 3
    assert rows["litert"]["images_per_s"] == pytest.approx(1 / 1.1)
    assert rows["litert"]["test_accuracy"] == 0.97


def test_with_few_processes_there_is_a_range_and_no_interval(raw):
    row = rows_of(raw)["pytorch"]
    assert row["ci95_s"] is row["ratio_ci95"] is None
    assert row["range_s"] == [2.0, 6.0]


@pytest.mark.parametrize("count", (2, 5, 6, 12, 25, 40))
def test_the_interval_is_that_of_the_sign_test(count):
    values = np.random.default_rng(count).lognormal(0, 0.1, count)
    found = statistics.interval_of(list(values))
    low, high = quantile_test(values).confidence_interval(0.95)
    if count < statistics.LEAST_PROCESSES:
        assert found is None
        assert np.isnan(low)
    else:
        assert found == [low, high]
        assert low <= np.median(values) <= high


def rounds(slow, spread, seed):
    """Records of two runtimes, one twice as fast; each round is slowed, and each process varies."""
    random, raw = np.random.default_rng(seed), []
    for number, factor in enumerate(slow, start=1):
        for place, (runtime, seconds) in enumerate((("pytorch", 2.0), ("litert", 1.0))):
            median_s = seconds * factor * np.exp(random.normal(0, spread))
            raw.append(process(runtime, [median_s] * 3, 2 * number + place, round_=number))
    return raw


def test_what_slows_a_whole_round_cancels_in_the_ratio():
    row = rows_of(rounds((1.0, 3.0, 1.5, 9.0, 2.0, 1.2, 1.1), 0.0, 1))["litert"]
    assert row["ratio_ci95"] == pytest.approx([0.5, 0.5])
    assert row["ci95_s"][1] / row["ci95_s"][0] > 2


def test_the_baseline_beside_itself_is_the_noise_floor(raw):
    raw += [process("pytorch", [2.1] * 40, 6 + n, round_=n, again=True) for n in (1, 2, 3)]
    latency, noise = statistics.summarise(raw)
    assert [row["runtime"] for row in latency] == ["litert", "pytorch"]
    assert [row["runtime"] for row in noise] == ["pytorch"]
    assert noise[0]["ratio"] == pytest.approx(2.1 / 2.2)
    assert noise[0]["baseline"] == "pytorch"


def test_ratios_are_within_threads_and_batch_size(raw):
    raw += [process("litert", [0.5] * 40, 7, round_=1, threads=1)]
    raw[1]["batches"].append(timed([7.0] * 9, "offline", 100))
    rows = {(row["threads"], row["scenario"]): row for row in statistics.summarise(raw)[0]}
    assert rows[1, "single_stream"]["ratio"] is None
    assert rows[2, "offline"]["ratio"] is rows[2, "offline"]["baseline"] is None
    assert rows[2, "offline"]["images_per_s"] == pytest.approx(100 / 7)


def test_the_baseline_is_pytorchs_own_network_of_the_same_architecture(raw):
    cnn = {"architecture": "cnn", "main": False}
    raw += [process("pytorch", [10.0] * 40, 8, round_=1, model="cnn-pytorch", **cnn)]
    raw += [process("onnxruntime", [5.0] * 40, 9, round_=1, model="cnn-pytorch-onnx", **cnn)]
    ratios = {row["model"]: row["ratio"] for row in statistics.summarise(raw)[0]}
    assert ratios["mlp-litert"] == pytest.approx(0.5)
    assert ratios["cnn-pytorch-onnx"] == pytest.approx(0.5)


def test_percentiles_need_enough_calls(raw):
    row = rows_of(raw)["litert"]
    assert row["p90_s"] == pytest.approx(1.2)  # 120 calls of 64 needed
    assert row["p99_s"] is None  # 662 needed
    many = [process("pytorch", list(range(1_001)), 1)]
    assert (rows_of(many)["pytorch"]["p90_s"], rows_of(many)["pytorch"]["p99_s"]) == (900, 990)


def test_only_the_passes_at_the_machines_usual_pace_count(raw):
    raw[0] |= {"slowest_s": [1.0, 1.3], "batches": [timed([2.0] * 40)]}
    for name in ("block_s", "call_s"):
        raw[0]["batches"][0][name].append([9.0] * 40)  # beside a slow fixed product
    rows = rows_of(raw)
    assert rows["pytorch"]["median_s"] == 2.2
    assert rows["pytorch"]["range_s"][0] == 2.0
    assert rows["pytorch"]["quiet_processes"] == 3


def test_a_process_without_a_quiet_pass_is_dropped(raw):
    raw[4] |= {"slowest_s": [1.3]}
    row = rows_of(raw)["pytorch"]
    assert (row["processes"], row["quiet_processes"]) == (3, 2)
    assert (row["process_rounds"], row["process_medians_s"]) == ([1, 2], [2.0, 2.2])


def test_where_no_process_is_quiet_all_stay(raw):
    for number in (0, 2, 4):
        raw[number] |= {"slowest_s": [1.3]}
    row = rows_of(raw)["pytorch"]
    assert (row["processes"], row["quiet_processes"]) == (3, 0)
    assert row["process_medians_s"] == [2.0, 2.2, 6.0]


def test_a_repeated_process_replaces_the_disturbed_one(raw):
    raw[0] |= {"others_cores": 0.7, "batches": [timed([99.0] * 40)]}
    raw.append(process("pytorch", [2.0] * 40, 7, round_=1, attempt=2))
    assert rows_of(raw)["pytorch"]["median_s"] == 2.2
    raw[-1] |= {"others_cores": 0.8}  # both attempts were disturbed: the round is dropped
    assert rows_of(raw)["pytorch"]["process_rounds"] == [2, 3]


def test_failures_are_counted_with_their_reason(raw):
    for order in (7, 8):
        raw.append({**process("litert", [], order, round_=3), "failed": "was stopped"})
        del raw[-1]["batches"]
    raw.append({**process("numpy", [], 9), "refused": "logits are not finite"})
    del raw[-1]["batches"]
    failed, refused = statistics.failures(raw)
    assert failed == {
        "model": "mlp-litert",
        "runtime": "litert",
        "threads": 2,
        "what": "failed",
        "reason": "was stopped",
        "attempts": 2,
        "processes_measured": 3,
    }
    assert (refused["what"], refused["processes_measured"]) == ("refused", 0)
    assert rows_of(raw)["litert"]["processes"] == 3
    assert "numpy" not in rows_of(raw)
