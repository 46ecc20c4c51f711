from bs4 import BeautifulSoup

from helpers.report import cover


def test_the_title_block_leaves_out_what_is_not_filled_in():
    lab = {"title": "Lab <3>", "author": "A. Author", "course": "", "instructor": None}
    soup = BeautifulSoup(cover.title_block(lab, "2026-01-02T03:04:05Z"), "html.parser")
    assert soup.h1.get_text() == "Lab <3>"
    found = dict(
        zip([x.get_text() for x in soup("dt")], [x.get_text() for x in soup("dd")], strict=True)
    )
    assert found == {"Author": "A. Author", "Date": "2026-01-02"}


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
