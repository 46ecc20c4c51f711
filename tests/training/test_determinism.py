"""One seed, one network: bit for bit, whichever process trains it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1].joinpath("tools", "trained_weights.py")


@pytest.mark.real
@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_two_processes_train_the_same_weights_from_a_seed(run_folder, framework):
    """At the same time, so that each disturbs the other, and with other hashes of text."""
    processes = [
        subprocess.Popen(
            [sys.executable, SCRIPT, framework],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    said = [process.communicate(timeout=300)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    first, second = (json.loads(lines.splitlines()[-1]) for lines in said)
    assert first == second
    assert len(set(first.values())) == len(first) == 5
