"""The seed study is in the chain, and its section on the page, where there is a sweep, else not."""

import json
import signal

import made_up
import pytest
from bs4 import BeautifulSoup
from conftest import pipeline
from made_up_sweep import a_row, a_sweep
from test_verify import change, copy_of, differing

from helpers.core import artifacts, provenance, stages, sweeps
from helpers.core import old_results as results
from helpers.core.console import LabError
from helpers.core.stages import NOTEBOOKS, SEED_STUDY, STAGES
from helpers.data import mnist
from helpers.findings import seed_study
from helpers.pipeline import __main__, chain, fingerprint
from helpers.pipeline.notebook import FOLDER, executed

IMAGES = "a" * 64  # those of a_sweep
STUDY, RECORDS = "the seed study, by the sweep", "old_results.json, by the records"
BY_RESULTS = "report.html, by old_results.json"
SECTION = "05-many-seeds"


def request(sha256=IMAGES):
    source = mnist.Source("sample", "here", 1, 1, sha256)
    return chain.Request("quick", [], {"DATASET": "sample"}, source, 0, force=True)


@pytest.fixture
def ran(run_folder, monkeypatch):
    """The notebooks that ran, each of which leaves a record and its executed copy."""
    seen = []

    def execute(notebook, values):
        seen.append(notebook)
        artifacts.write_json(STAGES[notebook].record, {"schema_version": results.version()})
        artifacts.write_text(executed(notebook), "{}")
        return 1.0

    monkeypatch.setattr(chain, "execute", execute)
    return seen


def sweep(rows):
    for row in rows:
        sweeps.write(row)


def test_with_a_sweep_of_its_images_the_study_runs_before_the_report(ran):
    sweep(a_sweep())
    assert chain.run_all(request())
    assert ran == [*NOTEBOOKS[:4], SEED_STUDY, NOTEBOOKS[4]]
    assert stages.recorded() == tuple(ran)
    assert set(stages.notes()) == {stages.CHAIN, *ran}


def test_a_sweep_of_other_images_or_none_leaves_it_out(ran):
    sweep(a_sweep())
    assert chain.run_all(request("b" * 64))
    assert ran == list(NOTEBOOKS)
    assert stages.recorded() == NOTEBOOKS


def test_a_sweep_that_is_there_no_more_takes_its_study_with_it(ran, run_folder):
    sweep(a_sweep())
    chain.run_all(request())
    artifacts.write_text(chain.page_path(), "the page with its section")
    reads_it = request().fingerprint_of(NOTEBOOKS[4])
    for file in sweeps.folder().iterdir():
        file.unlink()
    chain.run_all(request())
    assert not STAGES[SEED_STUDY].record.exists()
    assert not executed(SEED_STUDY).exists()
    assert not chain.page_path().exists()
    assert request().fingerprint_of(NOTEBOOKS[4]) != reads_it


def test_it_runs_again_when_the_rows_of_its_images_change_and_only_then(run_folder):
    sweep(a_sweep())
    before = request().fingerprint_of(SEED_STUDY)
    sweep([a_row(dataset_sha256="b" * 64)])
    assert request().fingerprint_of(SEED_STUDY) == before
    sweep([a_row(seed=7, reason="out of memory")])
    failed = request().fingerprint_of(SEED_STUDY)
    sweep([a_row(seed=7)])
    assert len({before, failed, request().fingerprint_of(SEED_STUDY)}) == 3


@pytest.mark.parametrize(
    ("file", "again"),
    [
        *(
            ("core/sweeps.py", True),
            ("findings/seed_study.py", True),
            ("findings/effects.py", True),
        ),
        *(("findings/seed_sentences.py", False), ("report/seed_figures.py", False)),
    ],
)
def test_it_runs_again_when_the_code_of_its_numbers_changes(file, again):
    assert (provenance.PROJECT / "helpers" / file).exists()
    code = STAGES[SEED_STUDY].code
    assert any(file == place or file.startswith(f"{place}/") for place in code) is again


def test_beginning_at_a_study_without_a_sweep_is_one_line(run_folder, monkeypatch, capsys):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert __main__.main(["--profile", "quick", "--from", "06", "DATASET=sample"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: {SEED_STUDY} is not in this chain: no sweep of these images")
    assert "make sweep trains one" in said
    assert said.count("\n") == 1
    assert not run_folder.exists()


def test_a_sweep_of_another_schema_is_refused_before_anything_runs(run_folder, monkeypatch, capsys):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    sweep([a_row(schema_version=99)])
    (file,) = before = list(sweeps.folder().iterdir())
    content = file.read_bytes()
    assert __main__.main(["--profile", "quick", "DATASET=sample"]) == 2
    said = capsys.readouterr().err
    assert "has schema_version 99, allowed is" in said
    assert said.count("\n") == 1
    assert list(sweeps.folder().iterdir()) == before
    assert file.read_bytes() == content
    assert [path.name for path in run_folder.iterdir()] == ["sweep"]


def test_opened_by_hand_without_a_sweep_it_says_how_to_make_one(run_folder):
    cells = fingerprint.read_cells(FOLDER / f"{SEED_STUDY}.ipynb")
    parameters, begins, *_ = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    notebook = {}
    exec(parameters.replace('"auto"', '"sample"'), notebook)
    with pytest.raises(LabError, match="^no sweep of these images .*`make sweep` trains one, then"):
        exec(begins, notebook)


# --- verifying

FORGED = [
    ("sweep_runs", 0, "test_accuracy"),
    ("sweep_made", 0, "runs"),
    ("sweep_spread", 1, "sd"),
    ("sweep_pairs", 0, "difference"),
    ("sweep_power", 1, "seeds"),
    ("sweep_effects", 0, "share"),
]


@pytest.fixture(scope="module")
def studied(tmp_path_factory):
    """Made-up results and a sweep on their images, as if their run had studied it."""
    folder, found = tmp_path_factory.mktemp("studied") / "run", made_up.results()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_ARTIFACTS", str(folder))
        images = found["run"]["dataset"]["sha256"]
        sweep(a_sweep(dataset_sha256=images))
        artifacts.write_json(results.path(), found | seed_study.tables(seed_study.rows(images)))
    return folder


def test_nothing_differs_in_an_honest_study(studied):
    assert differing(studied, STUDY) == []


@pytest.mark.parametrize("place", FORGED, ids=[each[0] for each in FORGED])
def test_a_number_of_the_study_that_was_forged_is_told(place, studied, tmp_path):
    folder = copy_of(studied, tmp_path)
    change(
        folder / "old_results.json",
        *place,
        to=lambda value: value + 1e-6 if value < 1 else value + 1,
    )
    assert "/".join(map(str, place)) in [where for where, *_ in differing(folder, STUDY)]


def test_a_row_of_the_sweep_that_was_exchanged_is_told(studied, tmp_path, monkeypatch):
    folder = copy_of(studied, tmp_path)
    monkeypatch.setenv("LAB_ARTIFACTS", str(folder))
    row = sweeps.read()[0]
    (sweeps.folder() / f"{row['key']}.parquet").unlink()
    sweeps.write(row | {"test_accuracy": row["test_accuracy"] + 0.001})
    told = {where.partition("/")[0] for where, *_ in differing(folder, STUDY)}
    assert {"sweep_runs", "sweep_spread"} <= told


# --- a whole run


@pytest.fixture(scope="module")
def with_sweep(finished, tmp_path_factory):
    """A copy of the quick run that went on beside a sweep: (folder, what it said)."""
    folder = copy_of(finished[0], tmp_path_factory.mktemp("sweep"))
    source = json.loads((folder / "old_results.json").read_text())["run"]["dataset"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_ARTIFACTS", str(folder))
        sweep(a_sweep(dataset_sha256=source["sha256"], dataset=source["name"]))
    done = pipeline(folder, "--profile", "quick")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def page_of(folder):
    return BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "html.parser")


@pytest.mark.real
def test_the_page_of_a_run_with_a_sweep_has_its_section(with_sweep):
    folder, said = with_sweep
    assert said.count("skipped, unchanged") == 4
    soup = page_of(folder)
    heading = soup.find(id=SECTION)
    assert heading.get_text() == "Many seeds"
    assert soup.select_one(f'nav a[href="#{SECTION}"]')
    section = heading.find_parent(class_="nb-cell")
    assert len(section("figure")) == 4
    assert all(len(numbers("tr")) > 1 for numbers in section("details", class_="data"))
    text = " ".join(section.get_text(" ").split())
    assert "The sweep trained the mlp in TensorFlow and PyTorch, from 4 seeds in 3 settings" in text
    assert "To find a difference in 80 of 100 studies takes " in text
    link = section.find("a", string="The study")["href"]
    assert soup.find(id=link[1:]).get_text() == "Appendix E: Many seeds: what a sweep says"
    levels = [int(h.name[1]) for h in soup.main(["h1", "h2", "h3", "h4", "h5"])]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


@pytest.mark.real
def test_the_results_of_a_run_with_a_sweep_hold_the_study_and_verify(with_sweep):
    folder, _ = with_sweep
    found = json.loads((folder / "old_results.json").read_text())
    assert set(found["run"]["stages"]) == set(found["run"]["made"]) == set(STAGES)
    assert [row["pairs"] for row in found["sweep_pairs"]] == [4, 4]
    assert differing(folder, STUDY, RECORDS, BY_RESULTS) == []


@pytest.mark.real
def test_the_page_of_a_run_without_a_sweep_has_neither_section_nor_gap(finished):
    soup = page_of(finished[0])
    assert soup.find(id=SECTION) is None
    assert "sweep_runs" not in json.loads((finished[0] / "old_results.json").read_text())
    cells = [
        cell for cell in soup.main(class_="nb-cell") if not cell.find_parent(class_="appendix")
    ]
    assert all(cell.get_text(strip=True) or cell.img for cell in cells)
    assert len(soup.main(class_="appendix")) == 4
