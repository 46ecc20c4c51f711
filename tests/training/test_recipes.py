"""Recipes, augmentation, calibration images, errors: what needs no framework."""

from dataclasses import replace

import numpy as np
import pytest
from made_up import digits

from helpers.core.console import LabError
from helpers.data import mnist
from helpers.exports import calibration
from helpers.models import weights
from helpers.training import runs
from helpers.training.augmentation import Augmentation, augment
from helpers.training.loop import Epoch
from helpers.training.recipes import STRONG, Recipe


def test_one_cycle_rises_to_its_peak_and_falls_to_almost_nothing():
    rates = Recipe(1, 1, 0.01, one_cycle=True).learning_rates(1_000)
    assert len(rates) == 1_000
    assert rates[0] == pytest.approx(0.01 / 25)
    assert rates.argmax() == pytest.approx(300, abs=1)
    assert rates.max() == pytest.approx(0.01)
    assert rates[-1] < 1e-7
    assert (np.diff(rates[:299]) > 0).all()
    assert (np.diff(rates[301:]) < 0).all()
    assert set(Recipe(1, 1, 0.5).learning_rates(7)) == {0.5}
    assert len(Recipe(1, 1, 0.5, one_cycle=True).learning_rates(1)) == 1


def test_initial_weights_are_uniform_within_glorots_limit():
    drawn = weights.draw({"a/kernel": (300, 200), "a/bias": (200,), "c/kernel": (5, 5, 1, 24)}, 1)
    limit = np.sqrt(6 / 500)
    assert drawn["a/kernel"].std() == pytest.approx(limit / np.sqrt(3), rel=0.01)
    assert np.abs(drawn["a/kernel"]).max() <= limit
    assert np.abs(drawn["c/kernel"]).max() <= np.sqrt(6 / (25 * 25))
    assert not drawn["a/bias"].any()
    other = weights.draw({"a/kernel": (300, 200)}, 2)["a/kernel"]
    assert np.abs(drawn["a/kernel"] - other).max() > limit


def centres(images):
    mass = images.astype(float).sum(axis=(1, 2))
    rows = (images.sum(axis=2) * np.arange(28)).sum(axis=1) / mass
    columns = (images.sum(axis=1) * np.arange(28)).sum(axis=1) / mass
    return rows, columns


def test_shifts_stay_within_their_limit_and_leave_no_trace_of_the_neighbours():
    moved = augment(digits(), Augmentation(shift=0.2), np.random.default_rng(1))
    for centre in centres(moved):
        assert np.abs(centre - 13.5).max() <= 0.2 * 28 + 0.05
        assert centre.std() == pytest.approx(0.2 * 28 / np.sqrt(3), rel=0.1)
    full = np.full((1_001, 28, 28), 255, np.uint8)
    full[1::2] = 0  # every other image is black and must stay so
    moved = augment(full, Augmentation(shift=0.3, rotation_deg=20), np.random.default_rng(1))
    assert not moved[1::2].any()
    assert moved[::2].mean() < 255


def test_calibration_takes_the_first_training_images_that_are_no_test_images(dataset):
    train, _ = mnist.training_split(dataset)
    images = calibration.calibration_set(dataset, train)
    first = dataset.train_images[train[: calibration.IMAGES]]
    assert len(first) == calibration.IMAGES
    np.testing.assert_array_equal(images, mnist.scale(first))
    leaking = replace(dataset, test_images=first[[0, 2]])
    images = calibration.calibration_set(leaking, train[:5])
    np.testing.assert_array_equal(images, mnist.scale(first[[1, 3, 4]]))


def test_plans_give_every_kind_its_seeds_and_epochs():
    lab = Recipe(3, 128, 1e-3)
    trainings = [["mlp", "lab", 2, None], ["mlp", "strong", 1, 4], ["cnn", "strong", 1, None]]
    trainings.append(["mlp", "defaults", 1, None])
    plans = runs.plans(trainings, lab, 5)
    assert [(p.architecture, p.recipe_name, p.seed, p.recipe.epochs) for p in plans] == [
        ("mlp", "lab", 5, 3),
        ("mlp", "lab", 6, 3),
        ("mlp", "strong", 5, 4),
        ("cnn", "strong", 5, STRONG["cnn"].epochs),
        ("mlp", "defaults", 5, 3),
    ]
    assert [plan.recipe for plan in plans if plan.defaults] == [lab]


def done(recipe, accuracy, architecture="mlp"):
    plan = runs.Plan(architecture, recipe, Recipe(1, 8, 0.1), seed=1)
    history = [Epoch(1, 0.1, accuracy, 1.0)]
    return runs.Run("pytorch", plan, None, history, np.zeros((1, 10)), accuracy, [])


def test_the_defaults_arm_is_exported_only_where_nothing_else_was_trained():
    trained = [done("defaults", 0.99), done("lab", 0.97), done("strong", 0.98)]
    trained.append(done("defaults", 0.9, "cnn"))
    assert [(r.plan.architecture, r.plan.recipe_name) for r in runs.best(trained)] == [
        ("mlp", "strong"),
        ("cnn", "defaults"),
    ]


@pytest.mark.parametrize(
    ("recipe", "epoch", "words"),
    [
        (
            "lab",
            Epoch(2, float("nan"), 0.5, 1.0),
            "diverged: after epoch 2 its loss is nan; choose",
        ),
        (
            "lab",
            Epoch(3, 2.31, 0.11, 1.0),
            "diverged: after epoch 3 its loss is 2.31 and 11.00% of",
        ),
        ("lab", Epoch(3, 1.9, 0.19, 1.0), "learnt too little: after epoch 3 its loss is 1.9 and"),
        ("strong", Epoch(3, 2.31, 0.1, 1.0), "; change its entry in helpers/training/recipes.py"),
    ],
)
def test_a_training_that_diverged_is_named_with_what_to_change(recipe, epoch, words):
    plan = runs.Plan("mlp", recipe, Recipe(3, 512, 0.1), seed=4)
    with pytest.raises(LabError) as error:
        runs.refuse_diverged(plan, epoch)
    line = str(error.value)
    assert line.startswith(f"The training of the mlp by the {recipe} recipe from seed 4 ")
    assert words in line
    assert ("LEARNING_RATE than 0.1, or other values of BATCH_SIZE (512)" in line) == (
        recipe == "lab"
    )
    assert "\n" not in line
    runs.refuse_diverged(plan, Epoch(1, 2.3, 0.1, 1.0))  # it may still learn
    runs.refuse_diverged(plan, Epoch(3, 2.0, 0.2, 1.0))
