import re
import statistics

import nbformat
import pytest

from helpers.artifacts import PROJECT
from helpers.results import NOTEBOOKS

BOOKS = {
    name: nbformat.read(PROJECT / "notebooks" / f"{name}.ipynb", as_version=4) for name in NOTEBOOKS
}
WORK = NOTEBOOKS[:4]


def cells(name, kind):
    return [cell for cell in BOOKS[name].cells if cell.cell_type == kind]


def headings(name):
    prose = "\n".join(cell.source for cell in cells(name, "markdown"))
    return re.findall(r"^(#+) (.+)$", prose, re.M)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_committed_without_outputs_for_any_kernel(name):
    nbformat.validate(BOOKS[name])
    assert BOOKS[name].metadata.kernelspec.name == "python3"
    for cell in cells(name, "code"):
        assert cell.outputs == []
        assert cell.execution_count is None


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_one_parameters_cell_of_commented_capitals(name):
    tagged = [c for c in BOOKS[name].cells if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1
    for line in tagged[0].source.splitlines():
        assert re.fullmatch(r"[A-Z_]+ = \S.*  # .+", line), line


@pytest.mark.parametrize("name", WORK)
def test_prose_stands_before_every_cell_and_cells_are_short(name):
    kinds = [cell.cell_type for cell in BOOKS[name].cells]
    assert kinds[0] == "markdown"
    assert all(
        (before, kind) != ("code", "code") for before, kind in zip(kinds, kinds[1:], strict=False)
    )
    lengths = [len(cell.source.splitlines()) for cell in cells(name, "code")]
    assert statistics.median(lengths) <= 8
    assert max(lengths) <= 22


@pytest.mark.parametrize("name", WORK)
def test_the_skeleton(name):
    assert [level for level, _ in headings(name)].count("#") == 1
    assert headings(name)[0][0] == "#"
    opening = BOOKS[name].cells[1].source
    for part in ("**Purpose.**", "After this notebook you can", "**Inputs:**", "**Outputs:**"):
        assert part in opening
    assert re.findall(r"^(\d)\. ", opening, re.M) == ["1", "2", "3"]
    summary = cells(name, "code")[-1].source
    assert re.findall(r"^(\d)\. ", summary, re.M) == ["1", "2", "3"]
    assert "**Limits.**" in BOOKS[name].cells[-1].source
    assert "**Next:**" in BOOKS[name].cells[-1].source


def test_01_and_02_have_the_same_headings_in_the_same_order():
    assert headings(NOTEBOOKS[0])[1:] == headings(NOTEBOOKS[1])[1:]
    assert len(headings(NOTEBOOKS[0])) > 10


def test_the_report_has_the_sections_of_2025():
    titles = [title for level, title in headings(NOTEBOOKS[4]) if level == "##"]
    wanted = (
        *("Introduction", "Methodology", "Results", "Challenges and error analysis"),
        *("Limitations", "Discussion", "Conclusion", "References"),
    )
    assert [title for title in titles if title in wanted] == list(wanted)


def test_no_measured_number_is_typed_into_the_reports_prose():
    for cell in cells(NOTEBOOKS[4], "markdown"):
        if cell.source.startswith("## References"):
            continue
        prose = cell.source.replace("2025", "")
        assert not re.search(r"\d+([.,]\d+)?\s*(%|s\b|ms|µs|times|points|MB|bytes)", prose)
    for cell in cells(NOTEBOOKS[4], "code"):
        for text in re.findall(r'f"""(.*?)"""', cell.source, re.S):
            said = re.sub(r"\{.*?\}", "", text)
            assert not re.search(r"(?<![A-Za-z\d])\d", re.sub(r"\b2025\b", "", said)), said


def test_no_notebook_changes_the_import_path():
    for name in NOTEBOOKS:
        assert "sys.path" not in "\n".join(cell.source for cell in cells(name, "code"))
