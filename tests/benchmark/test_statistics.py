import numpy as np
import pytest

from helpers.benchmark import statistics
from helpers.core import artifacts


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
        "baseline_again": again,
        "round": order if round_ is None else round_,
        "attempt": 1,
        "order": order,
        "others_cores": 0.0,
        "calling_s": [1.0],
        "slowest_s": [1.0],
        "repeat_ratio": 1.0,
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


def test_the_median_is_of_process_medians_and_the_ratio_of_medians(raw):
    rows = rows_of(raw)
    assert rows["pytorch"]["median_s"] == 2.2
    assert rows["litert"]["median_s"] == 1.1
    assert rows["litert"]["ratio"] == pytest.approx(0.5)
    assert rows["litert"]["baseline"] == "pytorch"
    assert rows["pytorch"]["ratio_ci95"] == [1.0, 1.0]
    assert rows["litert"]["processes"] == 3
    assert rows["litert"]["images_per_s"] == pytest.approx(1 / 1.1)
    assert rows["litert"]["test_accuracy"] == 0.97


def test_the_interval_spans_processes_not_only_what_one_saw(raw):
    low, high = rows_of(raw)["pytorch"]["ci95_s"]
    assert (low, high) == (2.0, 6.0)
    inside = np.random.default_rng(0).normal(2.0, 0.01, 400).tolist()
    narrow = np.ptp(statistics.interval(statistics.bootstrap_medians([inside], 0)))
    assert 0 < narrow < 0.01


def test_what_slows_a_whole_round_cancels_in_the_ratio():
    raw = []
    for number, slow in enumerate((1.0, 3.0, 1.5, 9.0), start=1):
        raw.append(process("pytorch", [2.0 * slow] * 9, 2 * number, round_=number))
        raw.append(process("litert", [1.0 * slow] * 9, 2 * number + 1, round_=number))
    row = rows_of(raw)["litert"]
    assert row["ratio_ci95"] == pytest.approx([0.5, 0.5])
    assert row["ci95_s"][1] / row["ci95_s"][0] > 2


def test_the_baseline_beside_itself_is_the_noise_floor(raw):
    raw += [process("pytorch", [2.1] * 40, 6 + n, round_=n, again=True) for n in (1, 2, 3)]
    latency, noise = statistics.summarise(raw)
    assert [row["runtime"] for row in latency] == ["litert", "pytorch"]
    assert [row["runtime"] for row in noise] == ["pytorch"]
    assert noise[0]["ratio"] == pytest.approx(2.1 / 2.2)
    low, high = noise[0]["ratio_ci95"]
    assert low == pytest.approx(2.1 / 6.0)
    assert high == pytest.approx(2.1 / 2.0)


def test_ratios_are_within_threads_and_batch_size(raw):
    raw += [process("litert", [0.5] * 40, 7, round_=1, threads=1)]
    raw[1]["batches"].append(timed([7.0] * 9, "offline", 100))
    rows = {(row["threads"], row["scenario"]): row for row in statistics.summarise(raw)[0]}
    assert rows[1, "single_stream"]["ratio"] is None
    assert rows[2, "offline"]["ratio"] is rows[2, "offline"]["baseline"] is None
    assert rows[2, "offline"]["images_per_s"] == pytest.approx(100 / 7)


def test_the_baseline_is_pytorchs_own_network_of_the_same_architecture(raw):
    carried = {"model": "mlp-tensorflow-pt", "framework": "tensorflow", "main": False}
    raw += [process("pytorch", [5.0] * 40, 7, round_=1, **carried)]
    cnn = {"architecture": "cnn", "main": False}
    raw += [process("pytorch", [10.0] * 40, 8, round_=1, model="cnn-pytorch", **cnn)]
    raw += [process("onnxruntime", [5.0] * 40, 9, round_=1, model="cnn-pytorch-onnx", **cnn)]
    ratios = {row["model"]: row["ratio"] for row in statistics.summarise(raw)[0]}
    assert ratios["mlp-litert"] == pytest.approx(0.5)
    assert ratios["mlp-tensorflow-pt"] == pytest.approx(5.0 / 2.2)
    assert ratios["cnn-pytorch-onnx"] == pytest.approx(0.5)


def test_another_baseline_is_its_float32_file_of_the_same_network(raw):
    onnx = {"model": "mlp-pytorch-onnx-float32"}
    small = {"model": "mlp-pytorch-onnx-dynamic", "precision": "dynamic", "main": False}
    raw += [process("onnxruntime", [1.0] * 40, 7, round_=1, **onnx)]
    raw += [process("onnxruntime", [0.5] * 40, 8, round_=1, **small)]
    rows = {row["model"]: row for row in statistics.summarise(raw, "onnxruntime")[0]}
    assert {row["baseline"] for row in rows.values()} == {"onnxruntime"}
    assert rows["mlp-pytorch"]["ratio"] == pytest.approx(2.2)
    assert rows["mlp-pytorch-onnx-float32"]["ratio_ci95"] == [1.0, 1.0]
    assert rows["mlp-pytorch-onnx-dynamic"]["ratio"] == pytest.approx(0.5)


def test_without_the_baseline_there_is_no_ratio(raw):
    latency, noise = statistics.summarise(raw, "numpy")
    assert {row["ratio"] for row in latency} == {row["baseline"] for row in latency} == {None}
    assert noise == []


def test_percentiles_need_enough_calls(raw):
    row = rows_of(raw)["litert"]
    assert row["p90_s"] == pytest.approx(1.2)  # 120 calls of 64 needed
    assert row["p99_s"] is None  # 662 needed


def test_scattered_times_are_flagged(raw):
    assert rows_of(raw)["litert"]["flags"] == ["iqr > 10 %"]
    assert rows_of([process("pytorch", [1.0, 1.01, 1.02] * 20, 1)])["pytorch"]["flags"] == []


@pytest.mark.parametrize(
    ("more", "flag"),
    [
        ({"others_cores": 0.3}, "disturbed"),
        ({"repeat_ratio": 0.5}, "repeat faster"),
    ],
)
def test_disturbed_and_remembering_rows_are_flagged(more, flag):
    assert rows_of([process("pytorch", [1.0] * 9, 1, **more)])["pytorch"]["flags"] == [flag]


def test_only_the_passes_at_the_machines_usual_pace_count(raw):
    raw[0] |= {"calling_s": [1.0, 1.3], "batches": [timed([2.0] * 40)]}
    for name in ("block_s", "call_s"):
        raw[0]["batches"][0][name].append([9.0] * 40)  # beside a slow fixed product
    rows = rows_of(raw)
    assert rows["pytorch"]["median_s"] == 2.2
    assert rows["pytorch"]["ci95_s"][0] == 2.0
    assert rows["pytorch"]["quiet_processes"] == 3


def test_many_images_need_all_cores_at_the_usual_pace(raw):
    raw[0] |= {"slowest_s": [1.3, 1.0], "calling_s": [1.0, 1.0]}
    raw[0]["batches"] = [
        {**timed([], size, n), "block_s": [[9.0], [1.0]], "call_s": [[9.0], [1.0]]}
        for size, n in (("single_stream", 1), ("offline", 50))
    ]
    one, many = sorted(
        statistics.groups(raw[:1]).values(),
        key=lambda group: group[0]["batch_size"],
    )
    assert one[0]["block_s"] == [9.0, 1.0]
    assert many[0]["block_s"] == [1.0]


def test_a_quiet_pass_without_values_leaves_those_of_the_others(raw):
    raw[0] |= {"calling_s": [1.3, 1.0], "batches": [timed([2.0])]}
    for name in ("block_s", "call_s"):
        raw[0]["batches"][0][name].append([])  # a call in the first pass took the time of both
    (group,) = statistics.groups(raw[:1]).values()
    assert group[0]["block_s"] == [2.0]
    assert not group[0]["quiet"]


def test_processes_without_a_quiet_pass_count_and_more_than_half_of_them_are_flagged(raw):
    raw[4] |= {"calling_s": [1.3]}
    rows = rows_of(raw)
    assert rows["pytorch"]["ci95_s"][1] == 6.0
    assert rows["pytorch"]["quiet_processes"] == 2
    assert "disturbed" not in rows["pytorch"]["flags"]
    raw[2] |= {"calling_s": [1.3]}
    assert "disturbed" in rows_of(raw)["pytorch"]["flags"]
    assert "disturbed" not in rows_of(raw)["litert"]["flags"]


def test_calls_count_every_call_of_a_block(raw):
    raw[1]["batches"][0]["calls_per_block"] = 10
    assert rows_of(raw)["litert"]["calls"] == 40 * (10 + 1 + 1)


def test_order_of_the_records_does_not_matter(raw):
    assert statistics.summarise(raw[::-1]) == statistics.summarise(raw)


def test_a_repeated_process_replaces_the_disturbed_one(raw):
    raw[0] |= {"others_cores": 0.7, "batches": [timed([99.0] * 40)]}
    raw.append(process("pytorch", [2.0] * 40, 7, round_=1, attempt=2))
    assert rows_of(raw)["pytorch"]["median_s"] == 2.2
    assert rows_of(raw)["pytorch"]["flags"] == ["iqr > 10 %"]
    raw[-1] |= {"others_cores": 0.8}  # the second attempt was worse: the first stays
    assert rows_of(raw)["pytorch"]["median_s"] == 6.0
    assert rows_of(raw)["pytorch"]["quiet_processes"] == 2


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


def test_raw_values_read_back_as_they_were(raw, tmp_path):
    artifacts.write_raw(raw, tmp_path / "raw.jsonl.gz")
    assert artifacts.read_raw(tmp_path / "raw.jsonl.gz") == raw


def test_a_row_tells_how_far_timed_logits_were_from_the_untimed(raw):
    raw[3]["batches"][0]["largest_difference"] = 0.3
    assert rows_of(raw)["litert"]["timed_logit_difference"] == 0.3
    assert rows_of(raw)["pytorch"]["timed_logit_difference"] == 0
