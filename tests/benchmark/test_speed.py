import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1].joinpath("tools", "training_speed.py")


@pytest.mark.real
@pytest.mark.campaign
@pytest.mark.parametrize(("framework", "most"), [("pytorch", 1 / 6), ("tensorflow", 1 / 2)])
def test_an_epoch_in_memory_takes_a_fraction_of_the_usual_loop(run_folder, framework, most):
    command = [sys.executable, SCRIPT, framework, "12", str(most)]
    done = subprocess.run(command, capture_output=True, text=True)
    seconds = json.loads(done.stdout.splitlines()[-1])
    assert min(seconds["ours_s"]) / min(seconds["usual_s"]) <= most, seconds
