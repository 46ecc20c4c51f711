import re
import statistics

import nbformat
import pytest

from helpers.core.artifacts import PROJECT
from helpers.core.stages import NOTEBOOKS, STAGES

BOOKS = {
    name: nbformat.read(PROJECT / "notebooks" / f"{name}.ipynb", as_version=4) for name in STAGES
}
# The last one is the report.
*LESSONS, REPORT = NOTEBOOKS


def cells(name, kind):
    return [cell for cell in BOOKS[name].cells if cell.cell_type == kind]


def prose_of(some):
    return "\n".join(cell.source for cell in some if cell.cell_type == "markdown")


def headings(name):
    return re.findall(r"^(#+) (.+)$", prose_of(BOOKS[name].cells), re.M)


@pytest.mark.parametrize("name", STAGES)
def test_committed_without_outputs_for_any_kernel(name):
    nbformat.validate(BOOKS[name])
    assert BOOKS[name].metadata.kernelspec.name == "python3"
    for cell in cells(name, "code"):
        assert cell.outputs == []
        assert cell.execution_count is None


@pytest.mark.parametrize("name", STAGES)
def test_one_parameters_cell_of_commented_capitals(name):
    tagged = [c for c in BOOKS[name].cells if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1
    for line in tagged[0].source.splitlines():  # the rows of a list stand below its comment
        assert re.fullmatch(r"([A-Z_]+ = \S.*  # .+|    \[.+\],|\])", line), line


@pytest.mark.parametrize("name", LESSONS)
def test_prose_stands_before_every_cell_and_cells_are_short(name):
    kinds = [cell.cell_type for cell in BOOKS[name].cells]
    assert kinds[0] == "markdown"
    assert all(
        (before, kind) != ("code", "code") for before, kind in zip(kinds, kinds[1:], strict=False)
    )
    lengths = [len(cell.source.splitlines()) for cell in cells(name, "code")]
    assert statistics.median(lengths) <= 8
    assert max(lengths) <= 22


@pytest.mark.parametrize("name", STAGES)
def test_every_cell_says_what_it_does_in_its_first_line(name):
    for cell in cells(name, "code"):
        if "parameters" not in cell.metadata.get("tags", []):
            assert re.match(r"# [A-Z].{5,}", cell.source), cell.source


@pytest.mark.parametrize("name", LESSONS)
def test_the_skeleton(name):
    levels = [len(marks) for marks, _ in headings(name)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    opening = BOOKS[name].cells[1].source
    parts = ("**Purpose.**", "After this notebook you can", "**Inputs:**", "**Outputs:**")
    assert [part for part in parts if part in opening] == list(parts)
    assert re.findall(r"^(\d)\. ", opening, re.M) == ["1", "2", "3"]
    titles = [title for marks, title in headings(name) if marks == "##"]
    assert (titles[0], titles[-1]) == ("Parameters", "Summary")
    assert "parameters" in BOOKS[name].cells[3].metadata.tags
    summary = cells(name, "code")[-1].source
    points = re.findall(r"^(\d)\. (.*)$", summary, re.M)
    assert [number for number, _ in points] == ["1", "2", "3"]
    assert all("{" in words for _, words in points)  # each with numbers of the run
    ending = BOOKS[name].cells[-1].source
    assert ending.startswith("**Limits.** ")
    assert "\n\n**Next:** " in ending


def test_01_and_02_are_parallel_heading_by_heading_and_nearly_cell_by_cell():
    assert headings(NOTEBOOKS[0])[1:] == headings(NOTEBOOKS[1])[1:]
    assert len(headings(NOTEBOOKS[0])) > 10
    kinds = [[cell.cell_type for cell in BOOKS[name].cells] for name in NOTEBOOKS[:2]]
    assert kinds[0] == kinds[1]
    tagged = [cells(name, "code")[0].source for name in NOTEBOOKS[:2]]
    assert tagged[0] == tagged[1]


def test_what_is_left_out_of_the_page():
    for name in LESSONS:
        hidden = [c for c in BOOKS[name].cells if "notebook-only" in c.metadata.get("tags", [])]
        titles = [title for _, title in re.findall(r"^(#+) (.+)$", prose_of(hidden), re.M)]
        assert titles == (["One image in every runtime"] if name == NOTEBOOKS[2] else [])


def test_the_report_is_short():
    assert len(cells(REPORT, "code")) <= 30


# Numbers that are measured have one of these units; so have the settings, which a parameter names.
MEASURED = re.compile(
    r"\d+([.,]\d+)*\s*(%|points|times|s|ms|µs|seconds|minutes|MB|kB|GB|bytes|epochs|seeds|runs|"
    r"processes|images|e-\d+)(?![A-Za-z])|\d(\.\d+)?e-\d|\d\.\d"
)


@pytest.mark.parametrize("name", LESSONS)
def test_no_number_is_typed_in_prose_where_a_computed_one_belongs(name):
    for cell in cells(name, "markdown"):
        said = re.sub(r"\b2025\b|`[^`]*`", "", cell.source)
        assert not MEASURED.search(said), said
    for cell in cells(name, "code"):
        for text in re.findall(r'f"""(.*?)"""', cell.source, re.S):
            said = re.sub(r"\{.*?\}|^\d\. |\b2025\b|[^\s]+\.json", "", text, flags=re.M)
            assert not re.search(r"(?<![A-Za-z\d])\d", said), said


def test_no_notebook_changes_the_import_path():
    for name in STAGES:
        assert "sys.path" not in "\n".join(cell.source for cell in cells(name, "code"))


# What is not so: accuracies are of untimed calls, the test images answer many questions, and what
# was tried for the recipes was trained in another run.
UNTRUE = ("same calls", "very same call ", "accuracy of the calls", "opened once", "Every number")


@pytest.mark.parametrize("name", STAGES)
def test_no_notebook_says_more_of_its_numbers_than_is_so(name):
    said = "\n".join(cell.source for cell in BOOKS[name].cells)
    assert not [words for words in UNTRUE if words in said]
