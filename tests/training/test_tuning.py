import json
import re
from dataclasses import asdict

import pytest

from helpers.core import artifacts, provenance
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
    assert tuning.results() == {"made": None, "trials": []}
    first, second, *_ = tuning.trials()
    kept = {**first, "validation_accuracy": 0.99}
    stale = {**second, "recipe": {**second["recipe"], "epochs": 7}}
    made = {"date": "2026-01-02", "machine": None, "commit": None}
    artifacts.write_json(run_folder / "tuning.json", {"made": made, "trials": [kept, stale]})
    assert tuning.results() == {"made": made, "trials": [kept]}


def test_tries_go_on_only_on_the_machine_and_commit_that_began_them(run_folder, monkeypatch):
    trial = {**next(tuning.trials()), "validation_accuracy": 0.99}
    begun = tuning.begin()
    assert begun["trials"] == []
    assert begun["made"]["date"] == provenance.now()[:10]
    begun["made"]["date"] = "2026-01-02"
    begun["made"]["machine"]["memory_bytes"] += 1  # after another boot
    artifacts.write_json(tuning.path(), begun | {"trials": [trial]})
    assert tuning.begin() == begun | {"trials": [trial]}
    monkeypatch.setattr(provenance, "git_commit", lambda: "another")
    again = tuning.begin()
    assert (again["made"]["commit"], again["trials"]) == ("another", [])


def test_the_reference_holds_every_try():
    path = artifacts.PROJECT / "artifacts" / "reference" / "tuning.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["made"]["date"])
    assert re.fullmatch("[0-9a-f]{40}", found["made"]["commit"])  # of a clean checkout
    assert found["made"]["machine"]["cores"] >= 1
    done = found["trials"]
    for trial in tuning.trials():
        assert any(trial.items() <= row.items() for row in done), trial
