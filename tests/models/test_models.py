"""The same architectures in both frameworks, and their files; PyTorch's may come from strangers."""

import contextlib
import subprocess
import sys

import numpy as np
import pytest
import strangers

from helpers.core.artifacts import PROJECT
from helpers.core.console import LabError

pytestmark = pytest.mark.real

SIZES = {"mlp": 101_770, "cnn": 215_194}
# In a process of its own: the logits of a saved model.
LOAD = """
import importlib, sys
from pathlib import Path
import numpy as np
models = importlib.import_module(sys.argv[1])
folder = Path(sys.argv[2])
model = models.load(folder / f"mlp{models.SUFFIX}")
np.save(folder / "again.npy", models.predict_logits(model, np.load(folder / "images.npy")))
"""


@pytest.fixture
def torch_models():
    from helpers.models import torch_models

    return torch_models


@pytest.fixture
def keras_models():
    from helpers.models import keras_models

    return keras_models


def test_both_frameworks_define_the_same_architectures(keras_models, torch_models, images):
    assert set(keras_models.ARCHITECTURES) == set(torch_models.ARCHITECTURES) == set(SIZES)
    for architecture, size in SIZES.items():
        for models in (keras_models, torch_models):
            model = models.build(architecture, seed=1)
            assert models.parameters(model) == size
            logits = models.predict_logits(model, images)
            assert (logits.shape, logits.dtype) == ((1_000, 10), np.float32)
            assert logits.min() < 0  # a softmax would leave none
    for models in (keras_models, torch_models):
        assert models.parameters(models.build("mlp", 1, hidden=256)) == 203_530
        assert models.parameters(models.build("cnn", 1, hidden=256)) == SIZES["cnn"]


@pytest.mark.parametrize(("name", "built"), [("keras_models", []), ("torch_models", ["mlp", 256])])
def test_a_saved_model_gives_the_same_logits_in_a_fresh_process(
    request, images, tmp_path, name, built
):
    models = request.getfixturevalue(name)
    model = models.build("mlp", 1, hidden=256)
    models.save(model, tmp_path / f"mlp{models.SUFFIX}", *built)
    np.save(tmp_path / "images.npy", images)
    command = [sys.executable, "-c", LOAD, f"helpers.models.{name}", str(tmp_path)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, timeout=120)
    logits = models.predict_logits(model, images)
    np.testing.assert_allclose(np.load(tmp_path / "again.npy"), logits, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("make", [strangers.checkpoint, strangers.old_checkpoint])
def test_a_checkpoint_that_runs_code_is_refused(torch_models, tmp_path, make):
    file = make(tmp_path)
    with contextlib.suppress(Exception):
        torch_models.torch.load(file, weights_only=False)
    assert strangers.mark(tmp_path).exists()
    strangers.mark(tmp_path).unlink()
    with pytest.raises(LabError, match=r"^mlp-x\.pt is no checkpoint of an architecture"):
        torch_models.load(file)
    assert not strangers.mark(tmp_path).exists()


def test_a_checkpoint_of_an_architecture_that_is_gone_is_refused(
    torch_models, tmp_path, monkeypatch
):
    torch_models.save(torch_models.build("cnn", 1), tmp_path / "cnn.pt", "cnn")
    monkeypatch.delitem(torch_models.ARCHITECTURES, "cnn")
    with pytest.raises(LabError, match=r"^cnn\.pt is no checkpoint of an architecture"):
        torch_models.load(tmp_path / "cnn.pt")
