"""Another run is compared where it is there: command line, chain, verify and page."""

import json
import signal

import made_up_beside
import pytest
from bs4 import BeautifulSoup
from conftest import pipeline
from test_verify import JUDGED, change, copy_of, differing

from helpers.core import artifacts
from helpers.core import old_results as results
from helpers.core.stages import NOTEBOOKS
from helpers.data import mnist
from helpers.findings import beside
from helpers.pipeline import __main__, chain

COMPARED, BY_RESULTS = "the run beside it, by its results", "report.html, by old_results.json"
SECTION = "2025's versions and today's"


def request(**values):
    source = mnist.Source("sample", "here", 1, 1, "0")
    return chain.Request("quick", [], {"DATASET": "sample", **values}, source, 0, force=True)


def of_05(**values):
    return request(**values).fingerprint_of(NOTEBOOKS[4])


@pytest.fixture
def recorded(run_folder):
    """A folder with the records that 05 reads."""
    for name in NOTEBOOKS[:4]:
        artifacts.write_json(chain.STAGES[name].record, {})
    return run_folder


def test_05_runs_again_when_the_other_run_comes_changes_or_is_left_out(recorded):
    seen = [of_05()]
    made_up_beside.write(made_up_beside.older(), "2025")
    seen.append(of_05())
    made_up_beside.write(made_up_beside.here(), "2025")
    seen.append(of_05())
    assert len(set(seen)) == 3
    assert of_05(BESIDE="none") not in seen
    before = request().fingerprint_of(NOTEBOOKS[3])
    (recorded / "2025" / "old_results.json").unlink()
    assert of_05() == seen[0]
    assert request().fingerprint_of(NOTEBOOKS[3]) == before


@pytest.mark.parametrize("words", [["--beside", "nowhere"], ["BESIDE=nowhere"]])
def test_a_run_that_is_asked_for_and_not_there_is_one_line(run_folder, monkeypatch, capsys, words):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert __main__.main(["--profile", "quick", "DATASET=sample", *words]) == 2
    assert capsys.readouterr().err == f"error: BESIDE='nowhere': allowed is {beside.ALLOWED}\n"
    assert not run_folder.exists()


def test_the_option_is_the_setting_and_is_in_the_command_to_go_on(run_folder, monkeypatch):
    made_up_beside.write(made_up_beside.older(), "old")
    path = str(run_folder / "old")
    asked = __main__.request_of(["--profile", "quick", "DATASET=sample", "--beside", path])
    assert asked.values["BESIDE"] == path
    assert asked.beside == run_folder / "old" / "old_results.json"
    assert f"BESIDE={path}" in chain.resume_command(asked, NOTEBOOKS[4])
    assert asked.parameters_of(NOTEBOOKS[4])["BESIDE"] == path


def told(monkeypatch, capsys, **packages):
    """What the command says of the other run, when the installed packages are these."""
    monkeypatch.setattr(chain, "run_all", lambda request: False)
    monkeypatch.setattr(chain, "finish_results", dict)
    monkeypatch.setattr(chain, "bring_page_up_to_date", lambda request: True)
    monkeypatch.setattr(__main__.provenance, "versions", lambda: packages)
    source = mnist.Source(**made_up_beside.here()["run"]["dataset"])
    asked = chain.Request("quick", [], {}, source, 0, force=False)
    assert __main__.run(asked, 0) == 0
    return capsys.readouterr().out.splitlines()[1:-2]


def test_the_command_says_with_which_run_this_one_is_compared_or_why_not(
    run_folder, monkeypatch, capsys
):
    assert told(monkeypatch, capsys) == []
    made_up_beside.write(made_up_beside.older(), "2025")
    (line,) = told(monkeypatch, capsys, tensorflow="2.21.0", torch="2.13.0")
    assert line == "beside 2025/old_results.json: TensorFlow 2.16.2 and PyTorch 2.2.2"
    (line,) = told(monkeypatch, capsys, tensorflow="2.16.2", torch="2.2.2")
    assert line.startswith(
        "2025/old_results.json is not compared with this run: it was made with Tens"
    )


# --- verifying


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """Made-up results with those of another run beside them, as their run left them."""
    folder = tmp_path_factory.mktemp("beside") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_ARTIFACTS", str(folder))
        made_up_beside.write(made_up_beside.both())
    return folder


def test_nothing_differs_in_an_honest_comparison(compared):
    assert differing(compared, COMPARED) == []


def more(value):
    return value + 1e-6


FORGED = [
    (("beside_accuracy", 0, "difference"), more),
    (("beside_factors", 0, "here"), more),
    (("beside_training", 0, "ratio"), more),
    (("beside_latency", 0, "other_s"), more),
    (("beside", "seeds", 0, "test_accuracy"), lambda value: value - 1e-4),
    (("beside", "challenges", "tflite_routes", 0, "gate"), "passed"),
    (("beside", "sha256"), 64 * "0"),
]


@pytest.mark.parametrize(("place", "to"), FORGED, ids=["/".join(map(str, p)) for p, _ in FORGED])
def test_a_value_of_the_comparison_that_was_forged_is_told(place, to, compared, tmp_path):
    folder = copy_of(compared, tmp_path)
    change(folder / "old_results.json", *place, to=to)
    assert "/".join(map(str, place)) in [where for where, *_ in differing(folder, COMPARED)]


def test_a_number_that_was_changed_in_the_other_runs_file_is_told(compared, tmp_path):
    folder = copy_of(compared, tmp_path)
    change(folder / "2025" / "old_results.json", "seeds", 0, "test_accuracy", to=0.99)
    told = [where for where, *_ in differing(folder, COMPARED)]
    assert told == ["beside/sha256", "beside/seeds/0/test_accuracy"]


def test_without_the_other_file_the_tables_are_made_of_what_results_hold(compared, tmp_path):
    folder = copy_of(compared, tmp_path)
    (folder / "2025" / "old_results.json").unlink()
    assert differing(folder, COMPARED) == []
    change(folder / "old_results.json", "beside_latency", 0, "ratio", to=more)
    ((where, *_),) = differing(folder, COMPARED)
    assert where == "beside_latency/0/ratio"


def test_tables_of_a_comparison_with_nothing_are_told(compared, tmp_path):
    folder = copy_of(compared, tmp_path)
    content = json.loads((folder / "old_results.json").read_text())
    del content["beside"]
    (folder / "old_results.json").write_text(json.dumps(content))
    assert {where for where, *_ in differing(folder, COMPARED)} == set(beside.TABLES)


def test_a_verdict_by_both_runs_that_was_forged_is_told(compared, tmp_path):
    assert not [each for each in differing(compared, JUDGED) if each[0].startswith("claims")]
    folder = copy_of(compared, tmp_path)
    rows = json.loads((folder / "old_results.json").read_text())["claims"]
    number = next(n for n, row in enumerate(rows) if row["id"] == "tflite-workaround")
    assert rows[number]["verdict"] == "no longer true"
    change(folder / "old_results.json", "claims", number, "verdict", to="confirmed")
    assert "claims/tflite-workaround/verdict" in [where for where, *_ in differing(folder, JUDGED)]


# --- a whole run


@pytest.fixture(scope="module")
def with_other(finished, tmp_path_factory):
    """A copy of the quick run that went on beside itself with older versions: folder, output."""
    folder = copy_of(finished[0], tmp_path_factory.mktemp("beside"))
    other = made_up_beside.older(json.loads((folder / "old_results.json").read_text()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_ARTIFACTS", str(folder))
        made_up_beside.write(other, "2025")
    done = pipeline(folder, "--profile", "quick")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def page_of(folder):
    return BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "html.parser")


def section_of(soup):
    return next(h for h in soup.main("h2") if h.get_text().startswith(SECTION))


@pytest.mark.real
def test_the_page_of_a_run_beside_another_has_its_section(with_other):
    folder, said = with_other
    assert said.count("skipped, unchanged") == 4
    assert "beside 2025/old_results.json: TensorFlow 2.16.2 and PyTorch 2.2.2\n" in said
    soup = page_of(folder)
    heading = section_of(soup)
    assert soup.select_one(f'nav a[href="#{heading["id"]}"]')
    titles = [h.get_text() for h in heading.find_all_next(["h2", "h3"], limit=7)]
    assert titles == [
        *("Accuracy with both", "Challenges with both", "Factors with both", "Times with both"),
        *("Import and size with both", "What one of them lacks", "Verdicts"),
    ]
    text = " ".join(soup.main.get_text(" ").split())
    assert "So few pairs say nothing: there are fewer than 3 for each kind." in text
    assert "The two runs were made one after the other, not side by side: " in text
    assert made_up_beside.ABORTED in text
    levels = [int(h.name[1]) for h in soup.main(["h1", "h2", "h3", "h4", "h5"])]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


@pytest.mark.real
def test_the_results_of_a_run_beside_another_verify(with_other):
    assert differing(with_other[0], COMPARED, JUDGED, BY_RESULTS) == []


@pytest.mark.real
def test_a_run_that_cannot_be_compared_is_named_on_the_terminal_and_the_page(with_other, tmp_path):
    folder = copy_of(with_other[0], tmp_path)
    change(folder / "2025" / "old_results.json", "schema_version", to=3)
    done = pipeline(folder, "--profile", "quick")
    assert done.returncode == 0, done.stdout + done.stderr
    line = (
        "2025/old_results.json is not compared with this run: old_results.json has schema_version 3"
    )
    assert [each for each in done.stdout.splitlines() if each.startswith(line)]
    soup = page_of(folder)
    assert soup.find("h2", string="Another run")
    assert line in soup.main.get_text(" ")
    assert not [h for h in soup.main("h2") if h.get_text().startswith(SECTION)]


@pytest.mark.real
def test_the_page_of_a_run_alone_has_no_such_section(finished):
    soup = page_of(finished[0])
    assert not [h for h in soup.main("h2") if " beside " in h.get_text()]
    assert not {"beside", "beside_left_out"} & results_of(finished[0]).keys()


def results_of(folder):
    return json.loads((folder / results.path().name).read_text())
