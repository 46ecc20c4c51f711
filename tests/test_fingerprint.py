import json

import pytest

from helpers import fingerprint


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "helpers").mkdir()
    for name, code in {
        "first": "from helpers import second",
        "second": "PLACE = 'helpers.third'",
        "third": "from helpers.fourth import x",
        "fourth": "x = 1",
        "other": "x = 2",
    }.items():
        (tmp_path / "helpers" / f"{name}.py").write_text(code)
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


def test_helpers_are_followed_through_imports_and_process_names(project):
    assert list(fingerprint.helper_files("import numpy\nfrom helpers import first")) == [
        "first",
        "second",
        "third",
        "fourth",
    ]


def test_the_measuring_process_belongs_to_the_benchmark():
    found = fingerprint.helper_files("from helpers import benchmark")
    assert {"benchmark", "isolation", "measure", "runtimes", "pytorch_model"} <= set(found)
    assert "page" not in found


def test_it_changes_with_what_is_reached_and_only_then(project):
    before = of(project)
    (project / "helpers" / "other.py").write_text("x = 3")
    assert of(project) == before
    (project / "helpers" / "fourth.py").write_text("x = 3")
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
