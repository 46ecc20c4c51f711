import made_up
import pytest
from bs4 import BeautifulSoup

from helpers.core import artifacts
from helpers.core.console import LabError
from helpers.core.stages import NOTEBOOKS
from helpers.report import cover, harmless


@pytest.fixture
def results():
    return made_up.results()


def card(results):
    soup = BeautifulSoup(cover.run_card(results), "html.parser")
    return {line.dt.get_text(): line.dd.get_text() for line in soup("div")}


def test_the_title_block_leaves_out_what_is_not_filled_in():
    lab = {"title": "Lab <3>", "author": "A. <b>Author", "course": "", "instructor": None}
    soup = BeautifulSoup(cover.title_block(lab, "2026-01-02T03:04:05Z"), "html.parser")
    assert soup.h1.get_text() == "Lab <3>"
    found = dict(
        zip([x.get_text() for x in soup("dt")], [x.get_text() for x in soup("dd")], strict=True)
    )
    assert found == {"Author": "A. <b>Author", "Date": "2026-01-02"}


def test_the_committed_header_is_that_of_2025():
    assert cover.read_lab() == {
        "title": "Lab03: TensorFlow and PyTorch",
        "author": "Adham Ali Mohamed Abdelfattah",
        "student_id": "22404698",
        "course": "Advanced Programming",
        "instructor": "Prof. Tobias Schaffer",
    }


@pytest.fixture
def lab_yaml(run_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(cover, "LAB", tmp_path / "lab.yaml")
    return tmp_path / "lab.yaml"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("student_id: 00123456", "00123456"),
        ("course: 3.10", "3.10"),
        ("author: No", "No"),
        ("author: null", "null"),
        ("date: 2025-06-13", "2025-06-13"),
        ("date: 13.06.2025", "13.06.2025"),
        ("student_id: 1_000", "1_000"),
        ("student_id: 0x1F", "0x1F"),
        ("student_id: 1e3", "1e3"),
        ("course: 12:30", "12:30"),
        ("author: [Ann]", "Ann"),
        ("author: [Ann, Bo]", "Ann and Bo"),
        ("author:\n  - Ann\n  - Bo\n  - No", "Ann, Bo and No"),
        ("author: [Ann, '', Bo]", "Ann and Bo"),
        ("author: 'Ann: the first'", "Ann: the first"),
        ("author: <b>Ann</b>", "<b>Ann</b>"),
    ],
)
def test_what_is_typed_into_lab_yaml_is_shown(lab_yaml, line, shown):
    lab_yaml.write_text(f"title: 2025\n{line}\n")
    soup = BeautifulSoup(cover.title_block(cover.lab(), "2026-01-02T03:04:05Z"), "html.parser")
    assert soup.h1.get_text() == "2025"
    assert soup.dd.get_text() == shown


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "lab.yaml cannot be read: "),
        ("instructer: x", "lab.yaml, line 1: instructer is not a key (did you mean instructor?)"),
        ("author: {first: Ann}", "lab.yaml: author is not text; write author: text, or a list of "),
        ("author: [[Ann]]", "lab.yaml: author is not text; write author: text, or a list of texts"),
        ("author: [", "lab.yaml, line 1: expected the node content"),
    ],
)
def test_a_page_is_made_without_lab_yaml_and_the_log_says_so(lab_yaml, run_folder, content, why):
    if content is not None:
        lab_yaml.write_text(content)
    with pytest.raises(LabError) as error:
        cover.read_lab()
    assert str(error.value).startswith(why)
    html = cover.title_block(cover.lab(), "2026-01-02T03:04:05Z")
    assert "<h1>Lab report</h1>" in html
    log = (run_folder / "logs" / "notebooks.log").read_text(encoding="utf-8")
    assert log == f"the title block is left out: {error.value}\n"


def test_the_card_shows_what_one_asks_first_and_every_warning_and_folds_the_rest(results):
    results["run"]["started"] = "2026-01-03T00:00:00Z"
    in_force = {"in_force": {"OMP_NUM_THREADS": "1"}}
    results["run"]["made"][NOTEBOOKS[0]]["environment"] = in_force
    soup = BeautifulSoup(cover.run_card(results), "html.parser")
    assert [dt.get_text() for dt in soup.dl("dt")] == [
        *("Profile", "Images", "Used", "Machine", "Threads", "Started", "Commit"),
        *("From an earlier run", "Environment"),
    ]
    assert not soup.details.has_attr("open")
    assert soup.details.summary.get_text() == "What it was made with"
    folded = [dt.get_text() for dt in soup.details("dt")]
    assert folded == ["SHA-256", "Notebooks", "Packages"]
    assert card(results)["SHA-256"] == 64 * "0"
    guard = harmless.Guard([], artifacts.PROJECT)
    mime, kept = guard.shown({"text/html": str(soup)}, {})
    assert (mime, BeautifulSoup(kept, "html.parser"), guard.dropped) == ("text/html", soup, {})


def test_where_notebooks_differ_the_card_says_which(results):
    made = results["run"]["made"]
    made[NOTEBOOKS[2]]["machine"]["cpu"] = "Other CPU"
    made[NOTEBOOKS[2]]["packages"] = {"torch": "2.12.0"}
    made[NOTEBOOKS[4]]["commit"] = 40 * "b"
    results["run"]["started"] = "2026-01-03T00:00:00Z"
    for name in NOTEBOOKS[2:]:
        made[name]["started"] = "2026-01-03T00:00:00Z"
    found = card(results)
    assert found["Machine"] == (
        "Test CPU, 2 cores, 8 GiB, Linux x86_64, Python 3.11.7 "
        "(in 03: Other CPU, 2 cores, 8 GiB, Linux x86_64, Python 3.11.7)"
    )
    assert found["Packages"] == (
        "torch 2.13.0 (in 03: 2.12.0), tensorflow 2.21.0 (in 03: not there)"
    )
    assert found["Commit"] == f"abc (in 05: {12 * 'b'})"
    assert found["From an earlier run"] == "01, 02"
    assert found["Notebooks"].startswith("01 at 2026-01-02 03:04:05 UTC for 12 s; 02 at 2026-01-02")
