import made_up
import pytest
from bs4 import BeautifulSoup

from helpers.core import provenance
from helpers.core.stages import NOTEBOOKS
from helpers.report import cover


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


def test_a_date_of_ones_own_wins():
    html = cover.title_block({"date": "June 13, 2025"}, "2026-01-02T03:04:05Z")
    assert "June 13, 2025" in html
    assert "2026" not in html


def test_the_committed_header_is_that_of_2025():
    assert cover.lab() == {
        "title": "Lab03: TensorFlow and PyTorch",
        "author": "Adham Ali Mohamed Abdelfattah",
        "student_id": 22404698,
        "course": "Advanced Programming",
        "instructor": "Prof. Tobias Schaffer",
    }


def test_the_card_tells_the_images_that_were_used(results):
    assert card(results)["Used"] == "55,000 images to train, 5,000 to validate, 10,000 to test"
    for row, images in zip(results["models"], (2_000, 1), strict=True):
        row["train_images"] = images
    assert card(results)["Used"] == (
        "2,000 images in TensorFlow and 1 image in PyTorch to train, 5,000 to validate, 10,000 to "
        "test"
    )


@pytest.mark.parametrize(
    ("commit", "shown"),
    [
        (40 * "a", 12 * "a"),
        (f"{40 * 'a'}-dirty", f"{12 * 'a'}-dirty"),
        (None, "none in this folder"),
        (provenance.REFUSED, provenance.REFUSED),
    ],
)
def test_a_commit_is_shown_with_its_dirty(results, commit, shown):
    for own in results["run"]["made"].values():
        own["commit"] = commit
    assert card(results)["Commit"] == shown


def test_what_all_notebooks_share_stands_once(results):
    results["run"]["made"][NOTEBOOKS[0]]["machine"]["cores"] = 1
    for own in results["run"]["made"].values():
        own["machine"]["cores"] = 1
    found = card(results)
    assert found["Machine"] == "Test CPU, 1 core, 8 GiB, Linux x86_64, Python 3.11.7"
    assert found["Packages"] == "torch 2.13.0, tensorflow 2.21.0"
    assert found["Threads"] == "2"
    assert "From an earlier run" not in found


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
