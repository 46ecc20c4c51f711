"""The plan: which file in which runtime, in which rounds, and what becomes of failures."""

from collections import Counter

import numpy as np
import pytest
from drawn import forward, images_of, write_network

from helpers.benchmark import plan, statistics, timing
from helpers.core import files, process

UINT8, LABELS = images_of(64)
IMAGES = np.float32(UINT8) / 255
ASKED = {"runtimes": None, "batch_sizes": [8], "everything": False, "threads": 2, "seed": 1}


def model_rows():
    models = [
        {"id": name, "architecture": architecture, "framework": framework}
        | {"file": f"models/{name}{suffix}"}
        for name, architecture, framework, suffix in (
            ("a", "mlp", "tensorflow", ".keras"),
            ("b", "mlp", "pytorch", ".pt"),
            ("c", "cnn", "pytorch", ".pt"),
        )
    ]
    exports = [
        {"id": name, "source": name[0], "file": f"models/{name}", "gate": "passed"}
        | {"precision": precision}
        for name, precision in (
            *(("a.tflite", "float32"), ("a-float16.tflite", "float16"), ("a.onnx", "float32")),
            *(("b.onnx", "float32"), ("b-int8.onnx", "int8"), ("c.onnx", "float32")),
        )
    ]
    return models, [*exports, {**exports[0], "id": "bad", "gate": "logits are not finite"}]


MAIN = [
    ("a", "keras-predict"),
    ("a", "tf-function"),
    ("b", "pytorch"),
    ("a.tflite", "litert"),
    ("b.onnx", "onnxruntime"),
    ("b.onnx", "openvino"),
    ("b.onnx", "numpy"),
]
SMALLER = [("b-int8.onnx", "onnxruntime")]


def names(cells):
    return [(cell.file, cell.runtime) for cell in cells]


def test_every_runtime_times_the_main_network_and_the_readers_its_8_bit_files():
    cells = plan.cells(*model_rows(), everything=False, threads=2)
    assert sorted(names(c for c in cells if c.main and not c.again)) == sorted(MAIN)
    assert names(c for c in cells if not c.main) == SMALLER
    assert names(c for c in cells if c.again) == [("b", "pytorch"), ("b.onnx", "onnxruntime")]
    assert {c.source for c in cells if c.file.startswith("a")} == {"a"}


def test_everything_is_the_other_networks_and_precisions_and_one_thread():
    cells = plan.cells(*model_rows(), threads=2, everything=True)
    others = [("c", "pytorch"), ("a-float16.tflite", "litert"), ("c.onnx", "onnxruntime")]
    found = names(c for c in cells if not c.main and c.threads == 2)
    assert sorted(found) == sorted([*others, *SMALLER])
    assert sorted(names(c for c in cells if c.threads == 1)) == sorted(MAIN)
    assert all(c.threads == 1 for c in plan.cells(*model_rows(), threads=1, everything=True))


@pytest.fixture
def processes(monkeypatch, run_folder):
    """The cells that were measured, as (file, runtime, batch sizes); no process is real."""
    started = []

    def run(module, specification, *, threads, timeout_s):
        file = specification["path"].rpartition("/")[2]
        started.append((file, specification["runtime"], tuple(specification["sizes"])))
        return {"batches": []}

    monkeypatch.setattr(process, "run", run)
    monkeypatch.setattr(timing, "fixed_product_s", lambda: 1e-4)
    return started


def test_each_round_has_each_cell_once_and_few_of_those_that_are_not_compared(processes):
    records = plan.measure(*model_rows(), IMAGES, rounds=6, **ASKED)
    counts = Counter((r["file"], r["runtime"], r["again"]) for r in records)
    assert counts.pop(("a", "keras-predict", False)) == 1
    assert counts.pop(("b-int8.onnx", "onnxruntime", False)) == 2
    assert set(counts.values()) == {6}
    assert ("b", "pytorch", True) in counts
    orders = [[r["runtime"] for r in records if r["round"] == number] for number in (2, 3)]
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]
    assert {sizes for *_, sizes in processes} == {(8,), ()}
    first = list(processes)
    processes.clear()
    assert plan.measure(*model_rows(), IMAGES, rounds=6, **ASKED) == records
    assert processes == first  # the same seed, the same order


def test_a_process_beside_a_slow_product_is_measured_once_more(processes, monkeypatch):
    products_s = iter([1e-4] * 6 + [1.2e-4] + [1e-4] * 99)
    monkeypatch.setattr(timing, "fixed_product_s", lambda: next(products_s))
    asked = {**ASKED, "runtimes": ["litert", "numpy", "openvino", "onnxruntime"]}
    records = plan.measure(*model_rows(), IMAGES, rounds=1, **asked)
    assert len(records) == 7
    first, again = (records[place] for place in (3, 6))
    assert (first["file"], first["runtime"]) == (again["file"], again["runtime"])
    assert first["product_s"] > again["product_s"]


def test_what_fails_is_tried_twice_and_what_is_refused_once(processes, monkeypatch):
    def run(module, specification, **given):
        if specification["runtime"] == "numpy":
            raise process.ProcessFailed("was stopped after 120 s")
        return {"refused": "logits are not finite"}

    monkeypatch.setattr(process, "run", run)
    asked = {**ASKED, "runtimes": ["numpy", "litert"]}
    records = plan.measure(*model_rows(), IMAGES, rounds=6, **asked)
    assert Counter(record["runtime"] for record in records) == {"numpy": 2, "litert": 1}
    tables = statistics.tables(records)
    assert (tables["latency"], tables["start_up"]) == ([], [])
    assert sorted((r["runtime"], r["what"], r["reason"]) for r in tables["failures"]) == [
        ("litert", "refused", "logits are not finite"),
        ("numpy", "failed", "was stopped after 120 s"),
    ]


def test_a_runtime_that_is_not_installed_is_left_out(processes, monkeypatch):
    monkeypatch.setattr(plan, "missing", lambda name: "no package" * (name == "numpy"))
    asked = {**ASKED, "runtimes": ["numpy", "litert"]}
    records = plan.measure(*model_rows(), IMAGES, rounds=1, **asked)
    assert statistics.tables(records[:1])["failures"] == [
        {"file": None, "runtime": "numpy", "what": "left out", "reason": "no package"}
    ]
    assert [record["runtime"] for record in records[1:]] == ["litert"]


@pytest.fixture
def network(run_folder):
    """The rows of a network that is really there, as PyTorch's ONNX file."""
    write_network(files.model_file("net.onnx"))
    logits = forward(UINT8).astype(np.float32)
    np.save(files.model_file("net-logits.npy"), logits)
    own = {"id": "net", "architecture": "mlp", "framework": "pytorch"}
    export = {"id": "net.onnx", "source": "net", "file": "models/net.onnx"}
    export |= {"precision": "float32", "gate": "passed"}
    return [{**own, "file": "models/net.pt"}], [export]


@pytest.mark.real
def test_real_processes_give_times_start_up_and_the_noise_floor(network):
    asked = {**ASKED, "runtimes": ["numpy", "onnxruntime"], "threads": 1}
    tables = statistics.tables(plan.measure(*network, IMAGES, rounds=1, **asked))
    assert tables["failures"] == []
    sizes = {(row["runtime"], row["batch_size"]) for row in tables["latency"]}
    assert sizes == {(name, size) for name in ("numpy", "onnxruntime") for size in (1, 8, 64)}
    for row in tables["latency"]:
        assert 1e-7 < row["median_s"] < 0.1
        assert row["verdict"] is None  # PyTorch, the unit, was not measured
    assert {row["runtime"] for row in tables["start_up"]} == {"numpy", "onnxruntime"}
    assert [row["runtime"] for row in tables["noise_floor"]] == ["onnxruntime"] * 2
