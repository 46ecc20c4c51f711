"""Sentences about a sweep say the opposite when its numbers do."""

import itertools

import pytest
from made_up_sweep import a_row

from helpers.findings import seed_sentences, seed_study
from helpers.findings.seeds import FRAMEWORKS

PACKAGES = '{"tensorflow": "2.21.0", "torch": "2.13.0", "numpy": "2.4.6"}'
APART = (0.0, 0.1, 0.2, 0.3, 0.4)  # points of PyTorch beside TensorFlow; mean 0.2


def arm(points=APART, recipe="lab", **setting):
    return [
        a_row(framework=name, seed=seed, recipe=recipe, packages=PACKAGES, **setting)
        | {"test_accuracy": 0.97 + (name == "pytorch") * apart / 100}
        for seed, apart in enumerate(points, start=1)
        for name in FRAMEWORKS
    ]


def study(*rows):
    return seed_study.tables([row for some in rows for row in some])


def test_what_was_trained_and_what_failed():
    failed = a_row(seed=9, reason="out of memory", packages=PACKAGES)
    said = seed_sentences.runs(study(arm(), arm(batch_size=32), [failed]))
    assert said.startswith(
        "The sweep trained the mlp in TensorFlow and PyTorch, from 5 seeds in 2 settings: 20 runs "
        "finished and 1 failed. They ran with Python 3.11.2, TensorFlow 2.21.0 and PyTorch 2.13.0 "
        "on a processor, each with 1 thread. "
    )
    assert "and none failed" in seed_sentences.runs(study(arm()))


def test_runs_of_several_machines_are_said_to_be_of_several():
    said = seed_sentences.runs(study(arm(), [a_row(seed=7, cpu="another", packages=PACKAGES)]))
    assert "Most of them ran with" in said
    assert "machine, versions or commit are of 2 kinds" in said


@pytest.mark.parametrize(
    ("points", "order", "shown", "place"),
    [
        (APART, "0.20 points more", "shows", "inside"),
        ([-apart for apart in APART], "0.20 points less", "shows", "outside"),
        ((-0.2, 0.2, 0.02, -0.1, 0.1), "0.00 points", "does not show", "outside"),
    ],
)
def test_the_difference_says_which_is_ahead_and_whether_that_is_shown(points, order, shown, place):
    said = seed_sentences.differences(study(arm(points)))
    if order != "0.00 points":
        assert f"PyTorch is {order} accurate than TensorFlow over 5 paired seeds" in said
    assert f"which {shown} an effect of the frameworks" in said
    assert f"of 0.25 points, as in the report of 2025, lies {place} that interval." in said
    assert said.startswith(
        "For the mlp by the lab recipe (22 epochs, 512 images a batch, learning "
    )


def test_the_defaults_are_an_arm_of_their_own():
    said = seed_sentences.differences(study(arm(), arm(recipe="defaults")))
    assert (
        said.count("an effect of the frameworks") == said.count("an effect of their defaults") == 1
    )


def test_the_power_names_the_seeds_for_each_difference():
    said = seed_sentences.power(study(arm()))
    # A deviation of 0.158 points: effects of 1.58, 0.632 and 0.316.
    assert said == (
        "For the mlp by the lab recipe the differences of the pairs have a standard deviation of "
        "0.16 points (95 % interval 0.09 to 0.45). To find a difference in 80 of 100 studies takes "
        "6 paired seeds for 0.25 points, 22 paired seeds for 0.1 points and 81 paired seeds for "
        "0.05 points."
    )


def test_without_pairs_nothing_is_said_of_them():
    alone = study([row for row in arm() if row["framework"] == "pytorch"])
    assert seed_sentences.differences(alone) == seed_sentences.power(alone) == ""
    assert seed_sentences.effects(alone) == ""
    assert seed_sentences.seed_alone(alone) == ""
    assert "trained the mlp in PyTorch, from 5 seeds" in seed_sentences.runs(alone)


def test_the_effects_name_what_decides_and_what_is_no_more_than_chance():
    rows = [
        a_row(framework=name, seed=seed, learning_rate=rate)
        | {"test_accuracy": 0.9 + 10 * rate + seed / 10_000}
        for name, seed, rate in itertools.product(FRAMEWORKS, range(3), (0.001, 0.004))
    ]
    said = seed_sentences.effects(study(rows))
    assert said == (
        "Of the variance of the test accuracy the learning rate explains 100.0%. No effect is "
        "shown of the framework. Their combinations explain a further 0.0%, "
        "and 0.0% is left to the seed. The best learning rate (0.004) gives 3.00 points more than "
        "the worst (0.001), all else alike."
    )
