"""The timers of 2025: one first run a process, and stages that are differences."""

import numpy as np
import pytest

from helpers.benchmark import timers_2025
from helpers.benchmark.timers_2025 import FORWARD, REST
from helpers.core import process

IMAGES, LABELS = np.zeros((4, 28, 28), np.uint8), np.arange(4)
MODELS = [{"id": "mlp-pytorch", "architecture": "mlp", "file": "models/a.pt"}]
EXPORTS = [{"id": "mlp-pytorch-onnx-float32", "gate": "passed", "file": "models/a.onnx"}]


def test_each_timer_is_the_first_thing_of_a_process_in_each_round(monkeypatch, run_folder):
    started = []

    def run(module, specification, **given):
        started.append(specification["name"])
        if specification["name"] == "onnxruntime" and len(started) > 2:
            raise process.ProcessFailed("no room")
        total_s = 9.0 if len(started) == 3 else 1 + len(started) / 100
        return {"total_s": total_s, "stages": {FORWARD: total_s / 10, REST: 0.9 * total_s}}

    monkeypatch.setattr(process, "run", run)
    rows, (failed,) = timers_2025.run(MODELS, EXPORTS, IMAGES, LABELS, threads=2, rounds=3)
    assert started == ["pytorch", "onnxruntime", "pytorch", "onnxruntime", "pytorch"]
    row = rows[0]
    assert row["rounds"] == [
        {"round": 1, "total_s": 1.01},
        {"round": 2, "total_s": 9.0},
        {"round": 3, "total_s": 1.05},
    ]
    assert (row["total_s"], row["ci95_s"]) == (1.05, None)
    assert row["stages"][FORWARD] == pytest.approx(0.105)  # of the same process
    assert [each["round"] for each in rows[1]["rounds"]] == [1]
    assert (failed["runtime"], failed["reason"]) == ("onnxruntime", "its timer: no room")
