"""Trainings of both frameworks on the sample."""

from dataclasses import replace

import numpy as np
import pytest

from helpers import data
from helpers.core.console import LabError
from helpers.training import runs
from helpers.training.recipes import STRONG, Recipe

pytestmark = pytest.mark.real

LAB = Recipe(epochs=2, batch_size=64, learning_rate=1e-3)
FRAMEWORKS = pytest.mark.parametrize("framework", ["keras", "torch"], indirect=True)


@pytest.fixture
def framework(request):
    if request.param == "keras":
        from helpers.training import keras_training as training
    else:
        from helpers.training import torch_training as training
    return training


@pytest.fixture
def train(framework, dataset, run_folder):
    """Train on the sample: (architecture, recipe, seed) -> Run."""
    indices, validation = data.training_split(dataset)

    def train(architecture="mlp", recipe=LAB, seed=3, name="lab"):
        plan = runs.Plan(architecture, name, recipe, seed)
        return runs.train(framework, plan, dataset, indices, validation)

    return train


@FRAMEWORKS
def test_a_training_learns_epoch_by_epoch(train):
    run = train()
    assert run.losses[1] < run.losses[0] < np.log(10)
    assert len(run.validation_accuracies) == 2
    assert 0.75 < run.validation_accuracies[1] < 1
    assert run.test_accuracy > 0.8
    assert run.train_seconds > 0


@FRAMEWORKS
def test_a_trained_model_is_read_as_it_was_saved(framework, train, images):
    run = train("cnn", replace(LAB, epochs=1))
    built = ["cnn"] if framework.models.FRAMEWORK == "pytorch" else []
    framework.models.save(run.model, run.file, *built)
    assert run.file.stat().st_size < 1.1 * 4 * run.parameters  # nothing of the optimiser
    logits = framework.models.predict_logits(framework.models.load(run.file), images)
    np.testing.assert_allclose(logits, run.logits, rtol=1e-4, atol=1e-5)


@FRAMEWORKS
def test_the_strong_recipe_learns_from_images_that_change(train):
    run = train("cnn", replace(STRONG["cnn"], epochs=3), name="strong")
    assert len(run.losses) == 3
    assert run.losses[2] < run.losses[0]
    assert run.test_accuracy > 0.85


def with_dropout(framework):
    """Enter an architecture with batch normalisation and dropout."""
    if framework.models.FRAMEWORK == "tensorflow":
        keras = framework.models.keras
        layers = keras.layers
        return lambda: keras.Sequential(
            [
                keras.Input((28, 28)),
                layers.Flatten(),
                layers.Dense(32, activation="relu"),
                layers.BatchNormalization(),
                layers.Dropout(0.5),
                layers.Dense(10),
            ]
        )
    nn = framework.models.nn
    return lambda: nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 32),
        nn.ReLU(),
        nn.BatchNorm1d(32),
        nn.Dropout(0.5),
        nn.Linear(32, 10),
    )


@FRAMEWORKS
def test_a_seed_gives_the_same_weights_dropout_included_and_another_others(
    framework, train, monkeypatch
):
    monkeypatch.setitem(framework.models.ARCHITECTURES, "regular", with_dropout(framework))
    first, again, other = (train("regular", seed=seed).logits for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@FRAMEWORKS
def test_too_large_a_learning_rate_ends_in_one_line_that_names_it(train):
    with pytest.raises(
        LabError, match=r"^The training of the mlp .*LEARNING_RATE than 100,"
    ) as told:
        train(recipe=replace(LAB, learning_rate=100.0))
    assert "\n" not in str(told.value)
