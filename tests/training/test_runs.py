"""One run of a framework that only notes what it is given."""

from types import SimpleNamespace

import numpy as np
import pytest
from made_up import logits_for

from helpers.data import mnist
from helpers.data.mnist import Dataset, Source
from helpers.training import runs
from helpers.training.loop import Epoch
from helpers.training.recipes import Recipe

PLAN = runs.Plan("mlp", "lab", Recipe(2, 8, 0.1), seed=7)


@pytest.fixture
def noted():
    """A framework that answers class 3 for every image, and {what: what it was given}."""
    given = {}

    def build(architecture, seed, *, defaults):
        given["network"] = architecture, seed, defaults
        return "model"

    def train(model, images, labels, validation, recipe, seed, after_epoch, *, defaults):
        given.update(images=images, labels=labels, validation=validation)
        given["training"] = model, recipe, seed, defaults
        return [Epoch(1, 0.5, 0.9, 1.0)]

    def predict_logits(model, images):
        given["test"] = images
        return logits_for(np.full(len(images), 3))

    networks = SimpleNamespace(FRAMEWORK="numpy", build=build, predict_logits=predict_logits)
    return SimpleNamespace(networks=networks, train=train), given


def test_a_run_trains_validates_and_tests_on_images_of_its_own(noted):
    framework, given = noted
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (50, 28, 28), np.uint8)
    source = Source("sample", "", 40, 10, "0")
    labels = np.arange(50) % 10
    dataset = Dataset(images[:40], labels[:40], images[40:], labels[40:], source)
    train, validation = np.array([5, 1, 30]), np.array([2, 39])
    run = runs.run(framework, PLAN, dataset, train, validation)
    np.testing.assert_array_equal(given["images"], images[[5, 1, 30]])
    np.testing.assert_array_equal(given["labels"], [5, 1, 0])
    np.testing.assert_array_equal(given["validation"][0], mnist.scale(images[[2, 39]]))
    np.testing.assert_array_equal(given["validation"][1], [2, 9])
    np.testing.assert_array_equal(given["test"], mnist.scale(images[40:]))
    assert given["network"] == ("mlp", 7, False)
    assert given["training"] == ("model", PLAN.recipe, 7, False)
    assert run.test_accuracy == 0.1  # one of the ten test images is a 3
