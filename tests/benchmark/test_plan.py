"""The plan of the measurements, and what it does when processes fail or are disturbed."""

import subprocess
import sys

import numpy as np
import pytest

from helpers.benchmark import plan, statistics, timers_2025
from helpers.benchmark.plan import Cell
from helpers.benchmark.runtimes import RUNTIMES
from helpers.core import artifacts, process

IMAGES = np.random.default_rng(0).random((64, 28, 28), np.float32)
LABELS = np.arange(64) % 10
QUICK = {
    "processes": 1,
    "file_processes": 1,
    "extra_rounds": 0,
    "seed": 1,
    "warm_up_s": 0.05,
    "window_s": 0.1,
    "again": 0.5,
}


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
            *(("a.tflite", "float32"), ("a.onnx", "float32")),
            *(("b.onnx", "float32"), ("b-int8.onnx", "int8"), ("c.onnx", "float32")),
        )
    ]
    exports += [
        {**exports[0], "id": "bad", "gate": "logits are not finite"},
    ]
    return models, exports


def names(cells):
    return [(cell.model, cell.runtime, cell.threads, cell.again) for cell in cells]


def test_cells_pair_each_file_with_its_frameworks_runtimes_that_read_it():
    cells = plan.cells(*model_rows(), threads=1)
    assert names(cells) == [
        ("a", "keras-predict", 1, False),
        ("a", "tf-function", 1, False),
        ("b", "pytorch", 1, False),
        ("c", "pytorch", 1, False),
        ("a.tflite", "litert", 1, False),  # and no a.onnx, which comes from the other framework
        ("b.onnx", "onnxruntime", 1, False),
        ("b.onnx", "openvino", 1, False),
        ("b.onnx", "numpy", 1, False),
        ("b-int8.onnx", "onnxruntime", 1, False),
        ("c.onnx", "onnxruntime", 1, False),
        ("b", "pytorch", 1, True),  # A/A
        ("b.onnx", "onnxruntime", 1, True),
    ]
    assert {cell.source for cell in cells if cell.model.startswith("a")} == {"models/a-logits.npy"}
    others = {"c", "b-int8.onnx", "c.onnx"}
    assert {cell.model for cell in cells if not cell.main} == others
    assert {cell.precision for cell in cells if "int8" in cell.model} == {"int8"}


def test_runtimes_and_threads_are_as_asked():
    cells = plan.cells(
        *model_rows(), threads=2, runtimes=["pytorch", "numpy"], one_thread=["numpy"]
    )
    assert names(cells) == [
        ("b", "pytorch", 2, False),
        ("c", "pytorch", 2, False),
        ("b.onnx", "numpy", 1, False),
        ("b.onnx", "numpy", 2, False),
        ("b", "pytorch", 2, True),
        ("b.onnx", "numpy", 2, True),
    ]


def test_the_main_network_is_the_first_that_was_trained():
    models, exports = model_rows()
    cells = plan.cells(models[::-1], exports, threads=1)
    assert {(cell.model, cell.runtime) for cell in cells if cell.main} == {
        ("c", "pytorch"),
        *(("c.onnx", name) for name in ("onnxruntime", "openvino", "numpy")),
    }


def test_every_file_is_for_those_that_were_asked():
    cells = plan.cells(*model_rows(), threads=1, every_file=["pytorch"])
    assert [cell.model for cell in cells if not cell.main] == ["c"]


def test_every_round_has_every_cell_once_in_an_order_of_its_own():
    cells = plan.cells(*model_rows(), threads=1)
    blocks = plan.schedule(cells, 3, 3, 0, seed=1)
    rounds = [[b["cell"] for b in blocks if b["round"] == number] for number in (1, 2, 3)]
    assert all(sorted(names(own)) == sorted(names(cells)) for own in rounds)
    assert rounds[0] != rounds[1] != rounds[2]
    assert blocks == plan.schedule(cells, 3, 3, 0, seed=1) != plan.schedule(cells, 3, 3, 0, seed=2)


def test_files_outside_the_main_comparison_come_in_some_of_the_rounds():
    cells = plan.cells(*model_rows(), threads=1)
    main = sum(cell.main for cell in cells)
    assert 0 < main < len(cells)
    blocks = plan.schedule(cells, 4, 2, 0, seed=1)
    counts = [sum(b["round"] == number for b in blocks) for number in (1, 2, 3, 4)]
    assert counts == [main, len(cells), main, len(cells)]


def test_extra_rounds_hold_only_what_is_measured_again_and_lie_between_the_others():
    cells = plan.cells(*model_rows(), threads=1)
    blocks = plan.schedule(cells, 2, 2, 3, seed=1)
    rounds = list(dict.fromkeys(b["round"] for b in blocks))
    assert rounds == [1, 3, 2, 4, 5]
    for number in (3, 4, 5):
        own = [b["cell"] for b in blocks if b["round"] == number]
        assert sorted((cell.runtime, cell.again) for cell in own) == [
            *(("onnxruntime", False), ("onnxruntime", True)),
            *(("pytorch", False), ("pytorch", True)),
        ]


def test_a_process_times_both_scenarios_and_the_batch_sweep_between_them():
    sizes = [b["batch_size"] for b in plan.batches(1_000, 1.0, batch_swept=True)]
    assert sizes == [1, 1_000, 8, 32, 128, 256]
    assert [b["scenario"] for b in plan.batches(1_000, 1.0, batch_swept=False)] == [
        "single_stream",
        "offline",
    ]


def test_runtimes_are_told_apart_by_name_and_load_no_framework():
    assert len({runtime.title for runtime in RUNTIMES.values()}) == len(RUNTIMES) == 7
    code = "import sys, helpers.benchmark.worker; print([m for m in sys.modules if m in %r])"
    heavy = ("tensorflow", "keras", "torch", "onnxruntime", "openvino", "ai_edge_litert")
    done = subprocess.run([sys.executable, "-c", code % (heavy,)], capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_a_process_that_cannot_load_its_model_says_why(run_folder, tmp_path):
    artifacts.model_file("broken.onnx").write_bytes(b"not a model")
    np.save(tmp_path / "images.npy", IMAGES)
    kind = ("mlp", "pytorch", "float32")
    cell = Cell("broken", *kind, "models/broken.onnx", "", "onnxruntime", 1, main=True)
    with pytest.raises(
        process.ProcessFailed, match=r"^helpers.benchmark.worker failed: InvalidProtobuf: "
    ):
        plan.run_process(cell, tmp_path, [], warm_up_s=0, seed=1)
    assert "Traceback" in (run_folder / "logs" / "processes.log").read_text()


@pytest.fixture
def numpy_cell(run_folder):
    """The NumPy runtime on an ONNX file with weights, and the logits that it must give."""
    onnx = pytest.importorskip("onnx")
    random = np.random.default_rng(1)
    shapes = {"w": (128, 784), "b": (128,), "v": (10, 128), "c": (10,)}
    arrays = {
        name: random.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()
    }
    tensors = [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()]
    nodes = [
        onnx.helper.make_node("Flatten", ["image"], ["flat"]),
        onnx.helper.make_node("Gemm", ["flat", "w", "b"], ["dense"], transB=1),
        onnx.helper.make_node("Relu", ["dense"], ["hidden"]),
        onnx.helper.make_node("Gemm", ["hidden", "v", "c"], ["logits"], transB=1),
    ]
    image = onnx.helper.make_tensor_value_info("image", 1, ["batch", 28, 28])
    graph = onnx.helper.make_graph(nodes, "mlp", [image], [], tensors)
    onnx.save(onnx.helper.make_model(graph), artifacts.model_file("mlp.onnx"))
    hidden = np.maximum(IMAGES.reshape(64, -1) @ arrays["w"].T + arrays["b"], 0)
    np.save(run_folder / "source.npy", hidden @ arrays["v"].T + arrays["c"])
    kind = ("mlp", "pytorch", "float32")
    return Cell("mlp", *kind, "models/mlp.onnx", "source.npy", "numpy", 1, main=True)


@pytest.mark.real
def test_a_cell_is_measured_in_fresh_processes(numpy_cell):
    records, _ = plan.run([numpy_cell], IMAGES, LABELS, **{**QUICK, "processes": 2})
    assert [record["round"] for record in records[:2]] == [1, 2]
    sizes = [batch["batch_size"] for batch in records[0]["batches"]]
    assert sizes == [1, 64, 8, 32]
    latency, _ = statistics.summarise(records)
    assert {row["scenario"] for row in latency} == {"single_stream", "offline", "batch_sweep"}
    assert all(row["processes"] == 2 and row["median_s"] > 0 for row in latency)
    assert 0 < plan.measured_seconds(records) < 60


def test_logits_that_are_not_the_sources_are_refused_before_any_timing(numpy_cell, run_folder):
    np.save(run_folder / "source.npy", np.load(run_folder / "source.npy")[:, ::-1])
    records, _ = plan.run([numpy_cell], IMAGES, LABELS, **QUICK)
    assert len(records) == 1  # no second attempt: the file stays what it is
    assert "of the classes agree" in records[0]["refused"]
    assert "batches" not in records[0]
    assert statistics.failures(records)[0]["what"] == "refused"


def test_a_network_that_its_runtime_is_not_made_for_is_left_out_at_once(numpy_cell):
    import onnx

    file = artifacts.root() / numpy_cell.file
    made = onnx.load(file)
    made.graph.node[2].op_type = "Sigmoid"
    onnx.save(made, file)
    cells = [numpy_cell, Cell(**{**vars(numpy_cell), "threads": 2})]
    records, _ = plan.run(cells, IMAGES, LABELS, **{**QUICK, "processes": 3})
    assert len(records) == 1  # neither another attempt nor another round nor more threads
    assert statistics.failures(records) == [
        {"model": "mlp", "runtime": "numpy", "threads": None, "what": "left out"}
        | {"reason": "NumPy runs dense layers and ReLU; this graph has Sigmoid in it"}
        | {"attempts": 0, "processes_measured": 0}
    ]


def test_a_runtime_that_is_not_installed_is_left_out_with_the_reason(monkeypatch):
    monkeypatch.setattr(RUNTIMES["numpy"], "package", "no-such-package")
    runtimes = [cell.runtime for cell in plan.cells(*model_rows(), threads=1)]
    assert ("numpy" in runtimes, "openvino" in runtimes) == (False, True)
    asked = ["numpy", "pytorch"]
    assert {c.runtime for c in plan.cells(*model_rows(), threads=1, runtimes=asked)} == {"pytorch"}
    (row,) = plan.left_out(asked)
    assert (row["runtime"], row["what"], row["attempts"]) == ("numpy", "left out", 0)
    assert row["reason"] == "the package no-such-package is not installed"
    assert plan.left_out(["pytorch"]) == []


@pytest.mark.real
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise MemoryError", "failed: MemoryError"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "was ended by signal 9 (Killed), perhaps"),
    ],
)
def test_a_failing_block_is_retried_then_reported_while_the_rest_goes_on(
    numpy_cell, modules, monkeypatch, code, reason
):
    """Two threads fail every time, one thread is measured as ever."""
    (modules / "sometimes.py").write_text(
        "import os, signal\nfrom helpers.benchmark import worker\ndef work(given):\n"
        f"    if given['threads'] == 2:\n        {code}\n    return worker.work(given)\n"
    )
    monkeypatch.setattr(plan, "MEASURE", "sometimes")
    cells = [numpy_cell, Cell(**{**vars(numpy_cell), "threads": 2})]
    records, _ = plan.run(cells, IMAGES, LABELS, **QUICK)
    failed = [record for record in records if "failed" in record]
    assert [record["attempt"] for record in failed] == [1, 2, 3]
    row = statistics.failures(records)[0]
    assert reason in row["reason"]
    assert (row["threads"], row["attempts"], row["processes_measured"]) == (2, 3, 0)
    latency, _ = statistics.summarise(records)
    assert {row["threads"] for row in latency} == {1}


@pytest.mark.parametrize(("again", "attempts"), [(0.01, [1]), (1, [1, 2]), (2, [1, 2, 3])])
def test_so_many_disturbed_processes_are_run_again(monkeypatch, numpy_cell, again, attempts):
    taken = {"batches": [], "others_cores": 1.0, "slowest_s": [1.0], "test_accuracy": 1.0}
    monkeypatch.setattr(plan, "_attempt", lambda *given: dict(taken))
    records, _ = plan.run([numpy_cell], IMAGES, LABELS, **{**QUICK, "again": again})
    assert [record["attempt"] for record in records] == attempts


def test_the_timers_of_2025_get_the_files_of_the_main_network():
    models, exports = model_rows()
    exports = [{**row, "format": row["file"].rpartition(".")[2]} for row in exports]
    assert timers_2025.files_of(models, exports) == {
        "tensorflow": "models/a.keras",
        "pytorch": "models/b.pt",
        "onnxruntime": "models/b.onnx",
    }
    for row in exports:
        row["gate"] = "bytes"
    assert set(timers_2025.files_of(models, exports)) == {"tensorflow", "pytorch"}
