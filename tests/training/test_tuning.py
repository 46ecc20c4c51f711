import json
from dataclasses import asdict

import pytest

from helpers.core import artifacts
from helpers.training import tuning
from helpers.training.recipes import STRONG


@pytest.mark.parametrize("architecture", STRONG)
def test_a_variant_is_one_change_of_the_chosen_recipe(architecture):
    made = tuning.variants(architecture)
    chosen = asdict(made.pop(tuning.CHOSEN))
    assert chosen == asdict(STRONG[architecture])
    for name, recipe in made.items():
        changed = [field for field, value in asdict(recipe).items() if value != chosen[field]]
        assert len(changed) == 1, name


def test_tries_of_an_earlier_recipe_do_not_count(run_folder):
    assert tuning.results() == []
    first, second, *_ = tuning.trials()
    kept = {**first, "validation_accuracy": 0.99}
    stale = {**second, "recipe": {**second["recipe"], "epochs": 7}}
    artifacts.write_json(run_folder / "tuning.json", [kept, stale])
    assert tuning.results() == [kept]


def test_the_reference_holds_every_try():
    path = artifacts.PROJECT / "artifacts" / "reference" / "tuning.json"
    done = json.loads(path.read_text(encoding="utf-8"))
    for trial in tuning.trials():
        assert any(trial.items() <= row.items() for row in done), trial
