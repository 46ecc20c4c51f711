"""Cold start: the clock goes from the start of a whole process to what it prints."""

import subprocess
import sys

import numpy as np
import pytest

from helpers.benchmark import cold_start, plan
from helpers.core import artifacts, process

IMAGES = np.zeros((8, 28, 28), np.float32)
FAKE = """
import sys, time
time.sleep(0.3)
print("a library's own line")
print("the first answer: 1 2 3", flush=True)
sys.stdin.readline()
time.sleep(0.3)
print('{"import_s": 0.1, "load_s": 0.02, "first_call_s": 0.01, "peak_rss_bytes": 9}')
"""


@pytest.fixture
def fake(tmp_path, monkeypatch, run_folder):
    """Let this code be the process that is started."""

    def write(code):
        (tmp_path / "fake.py").write_text(code)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setattr(cold_start, "MODULE", "fake")

    return write


def cell(runtime="numpy", file="models/x.onnx"):
    return plan.Cell("x", "mlp", "pytorch", "float32", file, "", runtime, 2, main=True)


def test_the_clock_holds_the_whole_process_up_to_its_first_answer_and_nothing_later(fake):
    fake(FAKE)
    (row,), failed = cold_start.run([cell()], IMAGES, processes=9)
    assert failed == []
    assert row["processes"] == cold_start.MOST_PROCESSES
    low, high = row["range_s"]
    assert 0.3 < low <= row["first_answer_s"] <= high
    assert row["first_answer_s"] < 0.6  # without what follows the answer
    assert (row["import_s"], row["peak_rss_bytes"]) == (0.1, 9)
    assert row["first_answer_rss_bytes"] > 1e6


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise SystemExit(3)", "^fake gave no answer: ended with exit code 3$"),
        (
            FAKE.replace("time.sleep(0.3)\nprint('", "raise SystemExit(4)\nprint('"),
            "^fake failed after its first answer: ended with exit code 4$",
        ),
        ("import time; time.sleep(60)", "^fake gave no answer: was stopped after 1 s$"),
    ],
)
def test_a_process_without_an_answer_is_told(fake, tmp_path, code, reason):
    fake(code)
    with pytest.raises(process.ProcessFailed, match=reason):
        cold_start.first_answer(cell(), tmp_path, timeout_s=1)


def test_a_runtime_that_fails_is_not_started_again(fake):
    fake("raise SystemExit(3)")
    rows, (failed,) = cold_start.run([cell()], IMAGES, processes=3)
    assert rows == []
    assert (failed["runtime"], failed["attempts"], failed["what"]) == ("numpy", 1, "failed")


def test_the_program_imports_nothing_that_it_could_do_without():
    code = "import sys, helpers.benchmark.first_answer; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"psutil", "packaging", "yaml", "scipy", "pandas"}
    own = {name for name in loaded if name.startswith("helpers.core.")}
    assert own == {f"helpers.core.{name}" for name in ("environment", "console", "stack")}
    assert "importlib.metadata" not in loaded


def test_a_real_program_gives_the_logits_of_one_image(run_folder):
    onnx = pytest.importorskip("onnx")
    make = onnx.helper.make_tensor_value_info
    kernel = onnx.numpy_helper.from_array(np.ones((784, 10), np.float32), "kernel")
    nodes = [
        onnx.helper.make_node("Flatten", ["image"], ["flat"]),
        onnx.helper.make_node("MatMul", ["flat", "kernel"], ["logits"]),
    ]
    ends = make("image", 1, ["batch", 28, 28]), make("logits", 1, ["batch", 10])
    graph = onnx.helper.make_graph(nodes, "net", ends[:1], ends[1:], [kernel])
    onnx.save(onnx.helper.make_model(graph), artifacts.model_file("x.onnx"))
    (row,), failed = cold_start.run([cell()], IMAGES, processes=1)
    assert failed == []
    parts_s = row["import_s"] + row["load_s"] + row["first_call_s"]
    assert 0 < parts_s < row["first_answer_s"] < 30
    assert 10e6 < row["first_answer_rss_bytes"] <= row["peak_rss_bytes"]
    assert 5e6 < row["install_without_cuda_bytes"] == row["install_bytes"]
