"""Figures and tables of a sweep: what they show is what the study says."""

import itertools

import pytest
from bs4 import BeautifulSoup
from made_up import cells
from made_up_sweep import a_row

from helpers.findings import seed_study
from helpers.findings.seeds import FRAMEWORKS
from helpers.report import figures, seed_figures, seed_tables


@pytest.fixture
def shown(monkeypatch):
    """The figures displayed, parsed."""
    seen = []
    monkeypatch.setattr(
        figures, "display", lambda shown: seen.append(BeautifulSoup(shown.data, "html.parser"))
    )
    return seen


def study(frameworks=tuple(FRAMEWORKS), seeds=range(1, 6)):
    grid = itertools.product(("lab", "defaults"), (0.001, 0.004), frameworks, seeds)
    rows = [
        a_row(framework=name, seed=seed, recipe=recipe, learning_rate=rate)
        | {"test_accuracy": 0.95 + rate + seed**2 / 10_000 * (1 + (name == "pytorch"))}
        for recipe, rate, name, seed in grid
    ]
    failed = a_row(seed=9, reason="diverged: after epoch 1 its loss is nan")
    return seed_study.tables([*rows, failed])


def test_every_figure_says_what_follows_from_the_study(shown):
    made = study()
    for draw in ("distribution", "differences", "power", "effects"):
        getattr(seed_figures, draw)(made)
    findings = [figure.img["alt"].partition(". ")[2] for figure in shown]
    # The squares of 1 to 5 have a deviation of 9.67, PyTorch's are twice as far apart.
    assert findings[0] == (
        "From seed to seed the test accuracy of the mlp by the lab recipe varies by a standard "
        "deviation of 0.10 points in TensorFlow and 0.19 points in PyTorch."
    )
    assert findings[1].startswith("PyTorch is 0.11 points more accurate than TensorFlow over 5 pai")
    assert findings[2].startswith("With the mlp by the lab recipe it takes 4 paired seeds for 0.25")
    assert findings[3].startswith("The largest share of the variance of the test accuracy, ")
    assert findings[3].endswith("goes to the learning rate.")
    assert all(len(figure("tr")) > 2 for figure in shown)


def test_a_sweep_of_one_framework_and_one_setting_has_the_distribution_alone(shown):
    made = study(frameworks=("pytorch",), seeds=(1,))
    for draw in ("distribution", "differences", "power"):
        getattr(seed_figures, draw)(made)
    assert len(shown) == 1
    assert "by the lab recipe is not told by one run" in shown[0].img["alt"]


def test_the_tables_hold_the_numbers_with_their_units():
    made = study()
    head, first, *_ = cells(seed_tables.pairs(made))
    row = dict(zip(head, first, strict=True))
    assert (row["Recipe"], row["Images a batch"], row["Learning rate"]) == ("lab", "512", "0.001")
    assert (row["Pairs"], row["PyTorch less TensorFlow"]) == ("5", "+0.11 points")
    head, *rows = cells(seed_tables.power(made))
    assert [row[2] for row in rows[:3]] == ["0.25 points", "0.1 points", "0.05 points"]
    assert head[3] == "Paired seeds (by the deviation's interval)"
    assert [row[3] for row in rows[:3]] == ["4 (3–12)", "10 (5–63)", "32 (13–245)"]
    names = [row[0] for row in cells(seed_tables.effects(made))[1:]]
    assert names[0] == "learning rate"
    assert names[-2:] == ["combinations of these", "seed"]


def test_runs_that_failed_are_shown_with_their_reason():
    head, row = cells(seed_tables.failures(study()))
    assert dict(zip(head, row, strict=True))["What happened"].startswith("diverged: after epoch 1")
    whole = study() | {"sweep_runs": []}
    assert "Every run of the sweep finished" in seed_tables.failures(whole)
