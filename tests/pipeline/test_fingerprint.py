import json

import pytest
from bs4 import BeautifulSoup

from helpers import data
from helpers.core import artifacts, lab_file, provenance, records, results, stages
from helpers.core.stages import NOTEBOOKS, STAGES
from helpers.pipeline import chain, fingerprint


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name in ("core/files.py", "core/fields.json", "benchmark/plan.py", "benchmark/timing.py"):
        file = tmp_path / "helpers" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x = 1")
    (tmp_path / "requirements.txt").write_text("a==1")
    monkeypatch.setattr(provenance, "PROJECT", tmp_path)
    monkeypatch.setattr(fingerprint, "LOCK", tmp_path / "requirements.txt")
    write_notebook(tmp_path / "01.ipynb", "EPOCHS = 3\nTHREADS = None")
    return tmp_path


def write_notebook(path, source):
    cells = [
        {
            "cell_type": "code",
            "metadata": {"tags": ["parameters"]},
            "source": source.splitlines(keepends=True),
            "outputs": [],
        },
    ]
    path.write_text(json.dumps({"cells": cells}))


def of(project, parameters=(), inputs=()):
    code = ("core", "benchmark/plan.py")
    return fingerprint.fingerprint(project / "01.ipynb", code, dict(parameters), list(inputs))


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("core/files.py", True),
        ("core/fields.json", True),
        ("core/new.py", True),
        ("benchmark/plan.py", True),
        ("benchmark/timing.py", False),
        ("report/tables.py", False),
        ("core/__pycache__/files.pyc", False),
        ("core/.files.py.swp", False),
    ],
)
def test_it_changes_with_the_rooms_and_files_that_are_named_and_only_then(project, file, counts):
    before = of(project)
    (project / "helpers" / file).parent.mkdir(exist_ok=True)
    (project / "helpers" / file).write_text("x = 3")
    assert (of(project) != before) is counts


def test_it_changes_with_parameters_inputs_source_and_lock(project):
    seen = {of(project), of(project, {"EPOCHS": 4}.items()), of(project, inputs=["ab"])}
    (project / "requirements.txt").write_text("a==2")
    seen.add(of(project))
    write_notebook(project / "01.ipynb", "EPOCHS = 5")
    seen.add(of(project))
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("EPOCHS = 3\nTHREADS = None", ["EPOCHS", "THREADS"]),
        ("EPOCHS: int = 3", ["EPOCHS"]),
        ("EPOCHS, BATCH_SIZE = 3, 4\nSEED = FIRST = 1", ["EPOCHS", "BATCH_SIZE", "SEED", "FIRST"]),
        ("TRAININGS = [  # a comment\n    ['mlp', 'lab', SEEDS, None]\n]", ["TRAININGS"]),
        ("# nothing", []),
    ],
)
def test_declared_names_are_those_that_the_parameters_cell_assigns(project, source, names):
    write_notebook(project / "01.ipynb", source)
    assert sorted(fingerprint.declared(project / "01.ipynb")) == sorted(names)


@pytest.mark.parametrize(
    ("file", "again"),
    [
        ("report/tables.py", "05"),
        ("data.py", "01 02 03 04 05"),
        ("models/metrics.py", "01 02 03 04 05"),
        ("benchmark/robustness.py", "03 04 05"),
        ("benchmark/timing.py", "03 05"),
        ("benchmark/runtimes.py", "01 02 03 04 05"),
        ("training/recipes.py", "01 02 03 04 05"),
        ("pipeline/chain.py", ""),
    ],
)
def test_what_runs_again_when_a_file_changes(file, again):
    """A stage made of the file runs, and each that reads the record of one that does."""
    assert (provenance.PROJECT / "helpers" / file).exists()
    due = []
    for name in NOTEBOOKS:
        made_of = any(file == code or file.startswith(f"{code}/") for code in STAGES[name].code)
        if made_of or set(STAGES[name].reads) & set(due):
            due.append(name)
    assert " ".join(name[:2] for name in due) == again


def test_a_notebook_that_is_skipped_keeps_the_time_of_its_own_run(run_folder, monkeypatch):
    source = data.Source("sample", "here", 1, 1, "0")
    request = chain.Request("quick", [], {"DATASET": "sample"}, source, 0, force=False)

    def execute(notebook, values):
        record = {"schema_version": results.version(), "made_at": provenance.now()}
        artifacts.write_json(STAGES[notebook].record, record)
        return 1.0

    monkeypatch.setattr(chain, "execute", execute)
    monkeypatch.setattr(chain, "unchanged", lambda request, notebook: notebook in skipped)
    left = run_folder / "models" / ".net.999999999.onnx"  # by a run that was killed
    artifacts.write_text(left, "half")
    for hour, skipped in ((1, ()), (2, NOTEBOOKS[:2])):
        monkeypatch.setattr(provenance, "now", lambda hour=hour: f"2026-01-02T0{hour}:00:00Z")
        assert chain.run_all(request) is not bool(skipped)
        assert stages.began() == provenance.now()
    made = {name: json.loads(STAGES[name].record.read_text())["made_at"] for name in NOTEBOOKS}
    earlier = [name for name, started in made.items() if started < stages.began()]
    assert earlier == list(NOTEBOOKS[:2])
    assert not left.exists()


def test_a_notebook_whose_record_was_altered_runs_again(run_folder):
    source = data.Source("sample", "here", 1, 1, "0")
    request = chain.Request("quick", [], {"DATASET": "sample"}, source, 0, force=False)
    notebook = NOTEBOOKS[0]
    records.write(notebook, started="2026-01-02T03:04:05Z")
    artifacts.write_text(chain.executed(notebook), "")
    record = STAGES[notebook].record
    note = {"fingerprint": request.fingerprint_of(notebook), "seconds": 1.0}
    note["output_sha256"] = artifacts.sha256(record)
    artifacts.write_json(stages.notes_path(), {notebook: note})
    assert chain.unchanged(request, notebook)
    record.write_text(record.read_text().replace("2026-01-02", "2026-01-03"))
    assert not chain.unchanged(request, notebook)
    record.unlink()
    assert not chain.unchanged(request, notebook)


def test_the_page_is_made_again_only_when_it_would_be_another(run_folder, monkeypatch):
    source = data.Source("mnist", "here", 40, 10, "0")
    request = chain.Request("quick", [], {"DATASET": "mnist"}, source, 0, force=False)
    assert chain.bring_page_up_to_date(request)
    assert not chain.bring_page_up_to_date(request)
    for change in (
        lambda: artifacts.write_text(chain.executed(NOTEBOOKS[0]), '{"cells": []}'),
        lambda: chain.page_path().write_text("another page", encoding="utf-8"),
        chain.page_path().unlink,
        lambda: monkeypatch.setattr(lab_file, "read_lab", lambda: {"title": "Another"}),
        lambda: monkeypatch.setattr(provenance, "code_sha256", lambda *patterns: "other code"),
    ):
        change()
        assert chain.bring_page_up_to_date(request)
        assert not chain.bring_page_up_to_date(request)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sample", "a sample of 40 training and 10 test images of MNIST instead of the full MNIST"),
        ("letters", "used the images of letters instead of MNIST: what the 2025 report claims"),
        ("mnist", ""),
    ],
)
def test_the_page_of_a_run_on_other_images_than_mnist_says_so(run_folder, name, words):
    source = data.Source(name, "here", 40, 10, "0")
    request = chain.Request("quick", [], {"DATASET": name}, source, 0, force=False)
    page = BeautifulSoup(chain.build_page(request).read_text(encoding="utf-8"), "html.parser")
    banners = page(class_="banner")
    assert len(banners) == bool(words)
    assert words in page.get_text()
