import json

import pytest

from helpers.pipeline import fingerprint


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "first.py").write_text("x = 1")
    (tmp_path / "requirements.txt").write_text("a==1")
    monkeypatch.setattr(fingerprint, "PROJECT", tmp_path)
    monkeypatch.setattr(fingerprint, "LOCK", tmp_path / "requirements.txt")
    write_notebook(tmp_path / "01.ipynb", "EPOCHS = 3\nTHREADS = None")
    return tmp_path


def write_notebook(path, source, outputs=()):
    cells = [
        {
            "cell_type": "code",
            "metadata": {"tags": ["parameters"]},
            "source": source.splitlines(keepends=True),
            "outputs": list(outputs),
        },
        {"cell_type": "code", "metadata": {}, "source": ["from helpers import first"]},
    ]
    path.write_text(json.dumps({"cells": cells}))


def of(project, parameters=(), inputs=()):
    return fingerprint.fingerprint(project / "01.ipynb", dict(parameters), list(inputs))


def test_it_changes_with_a_helper_in_any_folder(project):
    before = of(project)
    (project / "helpers" / "first.py").write_text("x = 3")
    assert of(project) != before


def test_it_changes_with_parameters_inputs_source_and_lock(project):
    seen = {of(project), of(project, {"EPOCHS": 4}.items()), of(project, inputs=["ab"])}
    (project / "requirements.txt").write_text("a==2")
    seen.add(of(project))
    write_notebook(project / "01.ipynb", "EPOCHS = 5")
    seen.add(of(project))
    assert len(seen) == 5


def test_declared_names_are_those_of_the_parameters_cell(project):
    assert fingerprint.declared(project / "01.ipynb") == ["EPOCHS", "THREADS"]
