"""What is planned, what a run is given, and a training that came to nothing."""

from types import SimpleNamespace

import numpy as np
import pytest
from made_up import logits_for

from helpers import data
from helpers.core import files
from helpers.core.console import LabError
from helpers.data import Dataset, Source
from helpers.training import runs
from helpers.training.recipes import STRONG, Recipe

PLAN = runs.Plan("mlp", "lab", Recipe(2, 8, 0.1), seed=7, hidden=64)


def test_plans_give_every_kind_its_seeds_and_epochs():
    lab = Recipe(3, 128, 1e-3)
    trainings = [["mlp", "lab", 2, None], ["mlp", "strong", 1, 4], ["cnn", "strong", 1, None]]
    plans = runs.plans(trainings, lab, seed=5, hidden=64)
    assert [(p.architecture, p.recipe_name, p.seed, p.recipe.epochs) for p in plans] == [
        ("mlp", "lab", 5, 3),
        ("mlp", "lab", 6, 3),
        ("mlp", "strong", 5, 4),
        ("cnn", "strong", 5, STRONG["cnn"].epochs),
    ]
    assert (plans[0].recipe, plans[3].recipe) == (lab, STRONG["cnn"])
    assert {plan.hidden for plan in plans} == {64}


@pytest.fixture
def noted():
    """A framework that answers class 3 for every image, and {what: what it was given}."""
    given = {}

    def build(*options):
        given["model"] = options
        return "model"

    def train(model, images, labels, validation, *options):
        given.update(images=images, labels=labels, validation=validation, training=options)
        return [0.5, 0.2], [0.8, 0.9], 1.5

    def predict_logits(model, images):
        given["test"] = images
        return logits_for(np.full(len(images), 3))

    models = SimpleNamespace(
        FRAMEWORK="numpy",
        SUFFIX=".npz",
        ARCHITECTURES={"mlp": build},
        build=build,
        predict_logits=predict_logits,
        parameters=lambda model: 7_850,
        __name__="helpers.models.numpy_models",
    )
    return SimpleNamespace(models=models, train=train), given


@pytest.fixture
def few():
    images = np.random.default_rng(0).integers(0, 256, (50, 28, 28), np.uint8)
    labels = np.arange(50) % 10
    source = Source("sample", "", 40, 10, "0")
    return Dataset(images[:40], labels[:40], images[40:], labels[40:], source)


def test_a_run_trains_validates_and_tests_on_images_of_its_own(run_folder, noted, few):
    framework, given = noted
    train, validation = np.array([5, 1, 30]), np.array([2, 39])
    run = runs.train(framework, PLAN, few, train, validation)
    images = few.train_images
    np.testing.assert_array_equal(given["images"], images[[5, 1, 30]])
    np.testing.assert_array_equal(given["labels"], [5, 1, 0])
    np.testing.assert_array_equal(given["validation"][0], data.scale(images[[2, 39]]))
    np.testing.assert_array_equal(given["validation"][1], [2, 9])
    np.testing.assert_array_equal(given["test"], data.scale(few.test_images))
    assert given["model"] == ("mlp", 7, 64)
    assert given["training"] == (PLAN.recipe, 7)
    kind = {"framework": "numpy", "architecture": "mlp", "recipe": "lab"}
    # One of the ten test images is a 3.
    row = kind | {"seed": 7, "test_accuracy": 0.1, "train_seconds": 1.5}
    assert run.row() == row
    assert run.history() == [
        kind | {"epoch": 1, "loss": 0.5, "validation_accuracy": 0.8},
        kind | {"epoch": 2, "loss": 0.2, "validation_accuracy": 0.9},
    ]
    run.file.write_bytes(b"saved")
    file = {"file": "models/mlp-numpy.npz", "sha256": files.sha256(run.file)}
    assert run.model_row() == row | file | {"id": "mlp-numpy", "parameters": 7_850, "epochs": 2}


def test_an_architecture_that_the_framework_has_not_is_named(noted, few):
    plan, some = runs.Plan("resnet", "lab", PLAN.recipe, seed=1), np.array([0, 1])
    with pytest.raises(LabError, match=r"^helpers.models.numpy_models has no resnet; .* mlp$"):
        runs.train(noted[0], plan, few, some, some)


@pytest.mark.parametrize(
    ("losses", "accuracy", "words"),
    [
        ([2.0, float("nan")], 0.5, "the last loss is nan and 50.00% of"),
        ([float("inf"), 0.1], 0.9, "the last loss is 0.1 and"),
        ([2.31], 0.11, "the last loss is 2.31 and 11.00% of"),
    ],
)
def test_a_training_that_gives_no_model_of_use_ends_in_one_line(
    noted, few, losses, accuracy, words
):
    accuracies = [accuracy] * len(losses)
    with pytest.raises(LabError) as error:
        runs.done(noted[0].models, PLAN, "model", losses, accuracies, 1.0, few)
    line = str(error.value)
    assert line.startswith("mlp, lab, seed 7 diverged")
    assert words in line
    assert "smaller LEARNING_RATE than 0.1" in line
    assert "\n" not in line
