"""Two runs of one seed: the same results and the same page, but for times."""

import json

import alike
import pytest
from changes import copy_project, run_chain

SMALL = ("DATASET=sample", "TRAININGS=mlp:lab:1", "RUNTIMES=pytorch,litert,onnxruntime")


@pytest.mark.real
@pytest.mark.campaign
def test_two_runs_of_a_seed_differ_by_times_alone(tmp_path):
    project = copy_project(tmp_path / "project")  # which stays as it is while both run
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        done = run_chain(project, *SMALL, LAB_ARTIFACTS=str(folder))
        assert done.returncode == 0, done.stdout + done.stderr
    assert alike.differences(*folders) == []
    file = folders[1] / "results.json"
    results = json.loads(file.read_text(encoding="utf-8"))
    results["seeds"][0]["test_accuracy"] += 0.001
    file.write_text(json.dumps(results), encoding="utf-8")
    assert len(alike.differences(*folders)) == 2
