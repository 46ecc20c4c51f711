"""The networks in both frameworks and their trainings, on the sample."""

import importlib
import pickle
from dataclasses import replace

import numpy as np
import pytest

from helpers import data
from helpers.core.console import LabError
from helpers.training import runs
from helpers.training.recipes import STRONG, Recipe

pytestmark = pytest.mark.real

LAB = Recipe(epochs=2, batch_size=64, learning_rate=1e-3)


@pytest.fixture(params=["keras", "torch"])
def framework(request):
    """A framework's training; PyTorch with one thread, since TensorFlow's are in its way here."""
    module = importlib.import_module(f"helpers.training.{request.param}_training")
    if request.param == "torch":
        module.torch.set_num_threads(1)
    return module


@pytest.fixture
def train(framework, dataset, run_folder):
    """Train on the sample: (architecture, recipe, seed) -> Run."""
    indices, validation = data.training_split(dataset)

    def train(architecture="mlp", recipe=LAB, seed=3, name="lab"):
        plan = runs.Plan(architecture, name, recipe, seed, hidden=32)
        return runs.train(framework, plan, dataset, indices, validation)

    return train


def test_both_frameworks_have_the_same_architectures(framework, images):
    models, sizes = framework.models, {"mlp": 101_770, "cnn": 215_194}
    assert set(models.ARCHITECTURES) == set(sizes)
    for architecture, size in sizes.items():
        model = models.build(architecture, seed=1)
        assert models.parameters(model) == size
        logits = models.predict_logits(model, images)
        assert (logits.shape, logits.dtype) == ((1_000, 10), np.float32)
        assert logits.min() < 0  # a softmax would leave none
    assert models.parameters(models.build("mlp", 1, hidden=256)) == 203_530


def test_a_training_learns_and_is_its_seeds_own_and_its_model_is_read_as_it_was_saved(
    framework, train, images
):
    first, again, other = (train(seed=seed) for seed in (3, 3, 4))
    assert first.losses[1] < first.losses[0] < np.log(10)
    assert 0.6 < first.validation_accuracies[1] < 1
    assert first.test_accuracy > 0.6
    assert first.train_seconds > 0
    np.testing.assert_array_equal(first.logits, again.logits)
    assert (first.logits != other.logits).any()
    built = ["mlp", 32] if framework.models.FRAMEWORK == "pytorch" else []
    framework.models.save(first.model, first.file, *built)
    assert first.file.stat().st_size < 4 * first.parameters + 20_000  # nothing of the optimiser
    logits = framework.models.predict_logits(framework.models.load(first.file), images)
    np.testing.assert_allclose(logits, first.logits, rtol=1e-4, atol=1e-5)


def test_the_strong_recipe_learns_from_images_that_change(train):
    run = train(recipe=replace(STRONG["mlp"], epochs=6), name="strong")
    assert len(run.losses) == 6
    assert run.losses[5] < run.losses[0]
    assert run.test_accuracy > 0.6


def test_too_large_a_learning_rate_ends_in_one_line_that_names_it(train):
    with pytest.raises(LabError, match=r"diverged.* smaller LEARNING_RATE than 100,") as told:
        train(recipe=replace(LAB, learning_rate=100.0))
    assert "\n" not in str(told.value)


def test_a_checkpoint_runs_no_code(tmp_path):
    torch_models = importlib.import_module("helpers.models.torch_models")

    class Payload:
        def __reduce__(self):
            return open, (str(tmp_path / "executed"), "w")

    torch_models.torch.save({"state_dict": Payload()}, tmp_path / "mlp.pt")
    with pytest.raises(pickle.UnpicklingError):
        torch_models.load(tmp_path / "mlp.pt")
    assert not (tmp_path / "executed").exists()
