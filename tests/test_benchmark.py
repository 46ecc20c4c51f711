import copy

import numpy as np
import pytest

from helpers import benchmark, isolation, measure
from helpers.benchmark import Cell
from helpers.runtimes import RUNTIMES


def process(runtime, block_s, order, calls_per_block=1):
    timed = {
        "batch_size": 1,
        "calls_per_block": calls_per_block,
        "block_s": block_s,
        "call_s": block_s,
        "cpu_per_wall": 1.0,
        "spent_s": 2.0,
    }
    return {
        "model": f"mlp-{runtime}",
        "file": "models/x",
        "runtime": runtime,
        "threads": 2,
        "order": order,
        "import_s": 1.0 + order,
        "load_s": 0.1,
        "first_call_s": 0.01,
        "peak_rss_bytes": 1e8,
        "scenarios": {"single_stream": timed},
    }


@pytest.fixture
def records():
    return [
        process("pytorch", [2.0] * 40, 1),
        process("litert", [1.0] * 40, 2),
        process("pytorch", [2.2] * 40, 3),
        process("litert", [1.1] * 40, 4),
        process("pytorch", [6.0] * 40, 5),
        process("litert", [1.2] * 40, 6),
    ]


def rows_of(records):
    return {row["runtime"]: row for row in benchmark.summarise(records)}


def test_the_median_is_of_process_medians_and_the_ratio_of_medians(records):
    rows = rows_of(records)
    assert rows["pytorch"]["median_s"] == 2.2
    assert rows["litert"]["median_s"] == 1.1
    assert rows["litert"]["ratio"] == pytest.approx(0.5)
    assert rows["litert"]["baseline"] == "pytorch"
    assert rows["pytorch"]["ratio_ci95"] == [1.0, 1.0]
    assert rows["litert"]["processes"] == 3
    assert rows["litert"]["images_per_s"] == pytest.approx(1 / 1.1)


def test_the_interval_spans_processes_not_only_what_one_saw(records):
    low, high = rows_of(records)["pytorch"]["ci95_s"]
    assert (low, high) == (2.0, 6.0)
    inside = np.random.default_rng(0).normal(2.0, 0.01, 400).tolist()
    narrow = np.ptp(np.percentile(benchmark.bootstrap_medians([inside], 0), [2.5, 97.5]))
    assert 0 < narrow < 0.01


def test_percentiles_need_enough_calls(records):
    row = rows_of(records)["litert"]
    assert row["p90_s"] == pytest.approx(1.2)  # 120 calls of 64 needed
    assert row["p99_s"] is None  # 662 needed


def test_scattered_times_are_flagged(records):
    assert rows_of(records)["litert"]["flags"] == ["iqr above 10 %"]
    calm = [process("pytorch", [1.0, 1.01, 1.02] * 20, 1)]
    assert rows_of(calm)["pytorch"]["flags"] == []


def test_calls_count_every_call_of_a_block(records):
    records[1]["scenarios"]["single_stream"]["calls_per_block"] = 10
    assert rows_of(records)["litert"]["calls"] == 40 * (10 + 1 + 1)


def test_order_of_the_records_does_not_matter(records):
    assert benchmark.summarise(records[::-1]) == benchmark.summarise(copy.deepcopy(records))


def test_raw_values_read_back_as_they_were(records, tmp_path):
    benchmark.write_raw(records, tmp_path / "raw.jsonl.gz")
    assert benchmark.read_raw(tmp_path / "raw.jsonl.gz") == records


def test_cold_start_takes_medians_over_processes(records):
    row = next(r for r in benchmark.cold_start(records) if r["runtime"] == "litert")
    assert row["import_s"] == 5.0
    assert 5e6 < row["install_bytes"] < 1e9
    assert benchmark.measured_seconds(records) == 12.0


def test_cells_pair_each_file_with_the_runtimes_that_read_it():
    rows = [{"id": "a", "file": "models/a.keras"}, {"id": "b", "file": "models/b.onnx"}]
    cells = benchmark.cells(rows, threads=2)
    assert [(cell.model, cell.runtime) for cell in cells] == [
        ("a", "keras-predict"),
        ("a", "tf-function"),
        ("b", "onnxruntime"),
    ]


def test_timing_stops_at_the_window_the_least_or_the_most():
    assert len(measure.time_calls(lambda: None, calls=1, seconds=0, least=7)) == 7
    assert len(measure.time_calls(lambda: None, calls=1, seconds=60, most=5)) == 5
    values = measure.time_calls(lambda: None, calls=100, seconds=0.02)
    assert 0.015 < sum(values) * 100 < 0.06


def test_a_scenario_gives_each_call_the_next_images():
    seen = []

    def runtime(batch):
        seen.append(batch.tolist())
        np.sort(np.arange(3_000, 0, -1) % 7)  # some 20 µs

    images = np.arange(5, dtype=np.float32)
    timing = {"warm_up_s": 0.05, "window_s": 0.05}
    timed = measure.time_scenario(runtime, images, 2, timing)
    assert seen[:3] == [[0.0, 1.0], [2.0, 3.0], [0.0, 1.0]]  # a batch that is not full is left out
    assert timed["calls_per_block"] > 1
    assert timed["calls_per_block"] * np.median(timed["block_s"]) > 0.8 * measure.BLOCK_S
    assert len(seen) > len(timed["block_s"]) * timed["calls_per_block"] + len(timed["call_s"])


def test_runtimes_are_told_apart_by_name_and_load_no_framework():
    assert list(RUNTIMES) == ["keras-predict", "tf-function", "pytorch", "litert", "onnxruntime"]
    code = "import sys, helpers.runtimes; print([m for m in sys.modules if m in %r])"
    heavy = ("tensorflow", "keras", "torch", "onnxruntime", "ai_edge_litert")
    done = isolation.subprocess.run(
        [isolation.sys.executable, "-c", code % (heavy,)], capture_output=True, text=True
    )
    assert done.stdout == "[]\n"


def test_a_process_that_cannot_load_its_model_says_why(run_folder):
    (run_folder / "models").mkdir(parents=True)
    (run_folder / "models" / "broken.onnx").write_bytes(b"not a model")
    cell = Cell("broken", "models/broken.onnx", "onnxruntime", 1)
    with pytest.raises(isolation.ProcessFailed, match="helpers.measure ended with exit code 1: "):
        benchmark.run_process(cell, np.zeros((1, 28, 28), np.float32), {}, {})
    assert "Traceback" in (run_folder / "logs" / "processes.log").read_text()


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """A folder for modules that a process of its own can find."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def test_a_process_that_hangs_is_stopped(run_folder, modules):
    (modules / "hang.py").write_text("import time\ntime.sleep(60)\n")
    with pytest.raises(isolation.ProcessFailed, match=r"^hang was stopped after 1 s$"):
        isolation.run("hang", {}, threads=1, timeout_s=1)


def test_a_process_that_writes_no_record_is_told_by_its_last_line(run_folder, modules):
    (modules / "chat.py").write_text("print('one')\nprint('two')\n")
    with pytest.raises(isolation.ProcessFailed, match="^chat ended with exit code 0: two$"):
        isolation.run("chat", {}, threads=1)


def test_threads_are_set_before_anything_is_imported(run_folder, modules):
    (modules / "tell.py").write_text(
        "import os\nfrom helpers import isolation\n"
        "isolation.answer(lambda given: {**given, 'omp': os.environ['OMP_NUM_THREADS']})\n"
    )
    assert isolation.run("tell", {"a": 1}, threads=3) == {"a": 1, "threads": 3, "omp": "3"}
