"""The changes that students make, each on a copy of the project and followed by the chain."""

import pytest
from changes import copy_project, replace_once, run_chain

pytestmark = pytest.mark.real


def test_networks_of_different_shapes_end_the_chain_before_it_trains(tmp_path):
    project = copy_project(tmp_path / "project")
    replace_once(project / "helpers" / "models" / "keras_networks.py", "Dense(128,", "Dense(256,")
    done = run_chain(project)
    assert done.returncode == 2
    assert (
        "LabError: mlp has weights 784 x 256, 256, 256 x 10, 10 in keras_networks.py and "
        "784 x 128, 128, 128 x 10, 10 in torch_networks.py; give it the same layers in both"
    ) in done.stderr
    assert not (project / "artifacts" / "01_tensorflow" / "record.json").exists()
