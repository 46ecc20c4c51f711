"""The arrays and routes of 2025: none takes the notebook with it."""

from pathlib import Path

import numpy as np
import onnxruntime
from drawn import write_network

from helpers.core import process
from helpers.exports import challenges, onnx_files


def test_a_call_that_takes_its_process_down_costs_the_others_nothing(monkeypatch):
    def run(module, specification, *, threads, without):
        calls = specification["calls"]
        if "b" in calls:
            raise process.ProcessFailed(f"{module} was ended by signal 6 (Aborted): LLVM ERROR: no")
        return {"rows": [{"tried": call, "worked": True, "outcome": "done"} for call in calls]}

    monkeypatch.setattr(process, "run", run)
    nothing = np.zeros((0, 28, 28)), np.zeros(0)
    rows = challenges.tflite_routes(Path("mlp.keras"), *nothing, ["a", "b", "c"])
    assert [(row["tried"], row["worked"], row["outcome"]) for row in rows] == [
        ("a", True, "done"),
        ("b", False, "was ended by signal 6 (Aborted): LLVM ERROR: no"),
        ("c", True, "done"),
    ]


def test_an_array_of_another_shape_is_refused_in_one_line(tmp_path):
    write_network(tmp_path / "net.onnx")
    onnx_files.finish(tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    images = np.zeros((3, 28, 28), np.float32)
    row = challenges.offer(session, images, challenge="onnx_batch", tried="three")
    assert (row["tried"], row["worked"], row["outcome"]) == ("three", True, "logits (3, 10)")
    row = challenges.offer(session, images[..., None], challenge="onnx_layout", tried="NHWC")
    assert (row["tried"], row["worked"]) == ("NHWC", False)
    assert "Invalid rank for input: image" in row["outcome"]
    assert "\n" not in row["outcome"]
