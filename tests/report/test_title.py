import pytest
from bs4 import BeautifulSoup

from helpers import PROJECT
from helpers.core.console import LabError
from helpers.report import title

DAY = "2026-01-02T00:30:00+09:00"


@pytest.fixture
def lab_yaml(tmp_path, monkeypatch):
    monkeypatch.setattr(title, "LAB", tmp_path / "lab.yaml")
    return tmp_path / "lab.yaml"


def block(lab: dict) -> tuple[str, dict[str, str]]:
    soup = BeautifulSoup(title.title_block(lab, DAY), "html.parser")
    return soup.h1.get_text(), {line.dt.get_text(): line.dd.get_text() for line in soup("div")}


def test_a_run_tells_whose_name_it_has_and_where_another_goes(lab_yaml):
    place = "put yours into notebooks/parameters/lab.yaml"
    committed = PROJECT / "notebooks" / "parameters" / "lab.yaml"
    lab_yaml.write_bytes(committed.read_bytes())
    assert title.author() == f"Adham Ali Mohamed Abdelfattah, of the 2025 report; {place}"
    lab_yaml.write_text("author: ''\n")
    assert title.author() == f"none; {place}"
    lab_yaml.write_text("author: [Ann, Bo]\n")
    assert title.author() == "Ann and Bo"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("student_id: 00123456", "00123456"),
        ("course: 3.10", "3.10"),
        ("author: No", "No"),
        ("author: 'Ann: the first'", "Ann: the first"),
        ("course: 'ECE 204 #3'  # the new one", "ECE 204 #3"),
        ("course: ECE 204#3", "ECE 204#3"),
        ("author: [Ann, Bo, '', No]", "Ann, Bo and No"),
        ("author: محمد علي, Jürgen 🦉", "محمد علي, Jürgen 🦉"),
        ("author: <b>Ann</b> & Bo", "<b>Ann</b> & Bo"),
    ],
)
def test_what_is_typed_is_shown_as_typed(lab_yaml, line, shown):
    lab_yaml.write_text(f"title: 2025\n{line}\n", encoding="utf-8")
    heading, facts = block(title.read_lab())
    assert heading == "2025"
    assert list(facts.values()) == [shown, "2026-01-02"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (
            "title: Lab03: PyTorch",
            "lab.yaml cannot be read: mapping values are not allowed here",
        ),
        ("instructer: x", "lab.yaml: instructer is no field; allowed are title, author, "),
        ("author: {first: Ann}", "lab.yaml: author is {'first': 'Ann'}; write text, or a list of "),
        ("title: x\ncourse: ECE 204 #3", "lab.yaml: 'course: ECE 204 #3': put the value in quotes"),
        ("- Ann", "lab.yaml holds ['Ann']; write lines of NAME: value"),
    ],
)
def test_a_mistake_is_one_line(lab_yaml, content, why):
    lab_yaml.write_text(content)
    with pytest.raises(LabError) as error:
        title.read_lab()
    assert str(error.value).startswith(why)
    assert "\n" not in str(error.value)
