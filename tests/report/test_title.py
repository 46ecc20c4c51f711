import pytest
from bs4 import BeautifulSoup

from helpers.core import lab_file
from helpers.core.console import LabError
from helpers.report import title

DAY = "2026-01-02T00:30:00+09:00"


@pytest.fixture
def lab_yaml(tmp_path, monkeypatch):
    monkeypatch.setattr(lab_file, "LAB", tmp_path / "lab.yaml")
    monkeypatch.setattr(title, "LAB", tmp_path / "lab.yaml")
    return tmp_path / "lab.yaml"


def block(lab: dict) -> tuple[str, dict[str, str]]:
    soup = BeautifulSoup(title.title_block(lab, DAY), "html.parser")
    return soup.h1.get_text(), {line.dt.get_text(): line.dd.get_text() for line in soup("div")}


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
        ("author:\n  - |\n    Ann\n    Lee\n  - Bo", "Ann Lee and Bo"),
        ("author: محمد علي, Jürgen 🦉", "محمد علي, Jürgen 🦉"),
        ("author: <b>Ann</b> & Bo", "<b>Ann</b> & Bo"),
    ],
)
def test_what_is_typed_is_shown_as_typed(lab_yaml, line, shown):
    lab_yaml.write_text(f"title: 2025\n{line}\n", encoding="utf-8")
    heading, facts = block(lab_file.read_lab())
    assert heading == "2025"
    assert list(facts.values()) == [shown, "2026-01-02"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("title: Lab03: PyTorch", "lab.yaml, line 1: mapping values are not allowed here; write "),
        ("instructer: x", "lab.yaml, line 1: instructer is not a key (did you mean instructor?)"),
        ("author: {first: Ann}", "lab.yaml: author is not text; write author: text, or a list of "),
        ("title: x\ncourse: ECE 204 #3", "lab.yaml, line 2: YAML leaves out '#3'; put the whole "),
        ("course: #3", "lab.yaml, line 1: YAML leaves out '#3'; put the whole value in quotes"),
        ("author:\n  - #3\n  - Bo", "lab.yaml, line 2: YAML leaves out '#3'; put the whole value"),
        ("author:\n  - Ann #1", "lab.yaml, line 2: YAML leaves out '#1'; put the whole value in "),
    ],
)
def test_a_mistake_is_one_line(lab_yaml, content, why):
    lab_yaml.write_text(content)
    with pytest.raises(LabError) as error:
        lab_file.read_lab()
    assert str(error.value).startswith(why)
    assert "\n" not in str(error.value)
