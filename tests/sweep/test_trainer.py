import os
import signal

import pytest

from helpers import data
from helpers.core import sweeps
from helpers.core.console import LabError
from helpers.core.process import ProcessFailed
from helpers.sweep.trainer import Trainer

pytestmark = pytest.mark.real
TASK = {
    "framework": "pytorch",
    "architecture": "mlp",
    "recipe": "lab",
    "seed": 3,
    "epochs": 1,
    "batch_size": 64,
    "learning_rate": 0.004,
    "dataset": "sample",
    "dataset_sha256": data.load("sample").source.sha256,
    "train_images": 3_667,
    "threads": 1,
}


def test_a_process_trains_again_and_again_until_it_is_killed(run_folder):
    trainer = Trainer("pytorch", 1)
    first, again = trainer.ask(TASK), trainer.ask(TASK)
    assert first.keys() == sweeps.GIVEN.keys() | {"status", "reason", "load", "started"}
    assert (first["status"], first["reason"]) == ("finished", "")
    assert first["test_accuracy"] > 0.5
    assert first["loss"] == again["loss"]
    assert first["import_seconds"] == again["import_seconds"]  # it was imported once

    diverged = trainer.ask(TASK | {"learning_rate": 1.0})
    assert diverged.keys() == {"status", "reason", "load", "started"}
    assert diverged["status"] == "failed"

    with pytest.raises(LabError, match="has other images on this worker"):
        trainer.ask(TASK | {"dataset_sha256": "0" * 64})

    os.kill(trainer.process.pid, signal.SIGKILL)
    with pytest.raises(ProcessFailed, match="the training process was ended by signal 9"):
        trainer.ask(TASK)
