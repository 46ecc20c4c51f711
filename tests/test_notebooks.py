import json
import re
import statistics

import nbformat
import pytest

from helpers import PROJECT
from helpers.benchmark.runtimes import READERS
from helpers.core import process, results

BOOKS = {
    name: nbformat.read(PROJECT / "notebooks" / f"{name}.ipynb", as_version=4)
    for name in results.NOTEBOOKS
}
# The last one is the report.
*LESSONS, REPORT = NOTEBOOKS = list(results.NOTEBOOKS)


def cells(name, kind):
    return [cell for cell in BOOKS[name].cells if cell.cell_type == kind]


def prose_of(some):
    return "\n".join(cell.source for cell in some if cell.cell_type == "markdown")


def headings(name):
    return re.findall(r"^(#+) (.+)$", prose_of(BOOKS[name].cells), re.M)


@pytest.mark.parametrize("name", results.NOTEBOOKS)
def test_committed_without_outputs_for_any_kernel(name):
    nbformat.validate(BOOKS[name])
    assert BOOKS[name].metadata.kernelspec.name == "python3"
    for cell in cells(name, "code"):
        assert cell.outputs == []
        assert cell.execution_count is None


@pytest.mark.parametrize("name", results.NOTEBOOKS)
def test_one_parameters_cell_of_commented_capitals(name):
    tagged = [c for c in BOOKS[name].cells if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1
    for line in tagged[0].source.splitlines():  # the rows of a list stand below its comment
        assert re.fullmatch(r"([A-Z_]+ = \S.*  # .+|    \[.+\],|\])", line), line


# At most so many code cells.
MOST_CELLS = dict(zip(NOTEBOOKS, (22, 24, 25, 14, 30), strict=True))


@pytest.mark.parametrize("name", LESSONS)
def test_prose_stands_before_every_cell_and_cells_are_short(name):
    kinds = [cell.cell_type for cell in BOOKS[name].cells]
    assert kinds[0] == "markdown"
    assert all(
        (before, kind) != ("code", "code") for before, kind in zip(kinds, kinds[1:], strict=False)
    )
    lengths = [len(cell.source.splitlines()) for cell in cells(name, "code")]
    assert statistics.median(lengths) <= 13
    assert max(lengths) <= 36
    assert len(lengths) <= MOST_CELLS[name]


@pytest.mark.parametrize("name", results.NOTEBOOKS)
def test_every_cell_says_what_it_does_in_its_first_line(name):
    for cell in cells(name, "code"):
        if "parameters" not in cell.metadata.get("tags", []):
            assert re.match(r"# [A-Z].{4,}", cell.source), cell.source


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_begins_with_its_question_and_ends_with_the_students(name):
    levels = [len(marks) for marks, _ in headings(name)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert "parameters" in BOOKS[name].cells[3].metadata.tags
    assert [title for marks, title in headings(name) if marks == "##"][0] == "Parameters"
    assert "`artifacts/" in BOOKS[name].cells[1].source
    titles = [title for _, title in headings(name)]
    assert titles[-3:] == ["Finish", "What was seen", "Questions"]
    assert "{" in cells(name, "code")[-1].source.partition('f"""')[2]  # numbers of the run
    ending = BOOKS[name].cells[-1].source
    assert 3 <= len(re.findall(r"^\d\. ", ending, re.M)) <= 5
    assert "\nNext: [" in ending


def test_01_and_02_are_parallel_heading_by_heading():
    assert headings(NOTEBOOKS[0])[1:] == headings(NOTEBOOKS[1])[1:]
    assert len(headings(NOTEBOOKS[0])) > 10
    tagged = [cells(name, "code")[0].source for name in NOTEBOOKS[:2]]
    assert tagged[0] == tagged[1]


# What is written out for the student to see, and not behind a helper.
IN_SIGHT = {
    NOTEBOOKS[0]: (
        *("model.compile(", "model.fit(", "model.evaluate(", "tf.GradientTape()"),
        *("keras.optimizers.SGD(", ".from_saved_model(", ".invoke()", "representative_dataset"),
    ),
    NOTEBOOKS[1]: (
        *("def train_epoch(", ".backward()", "optimizer.step()", "inference_mode"),
        *("load_state_dict(", "torch.onnx.export(", "onnx.checker.", "session.run("),
        *("quantize_dynamic(", "quantize_static("),
    ),
    NOTEBOOKS[2]: (
        *("tf.function(", "inference_mode", "interpreter.invoke()", "session.run("),
        *("perf_counter_ns()", "def time_it(", "DataLoader(", "plan.measure("),
    ),
}


@pytest.mark.parametrize("name", IN_SIGHT)
def test_the_frameworks_own_calls_are_in_sight(name):
    source = "\n".join(cell.source for cell in cells(name, "code"))
    assert [call for call in IN_SIGHT[name] if call not in source] == []


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


def without_times(value):
    """What a record says of the mlp, without times, dates, and what stands for them in a file.

    A .keras file holds the date of its making, and in Keras' ONNX files a name counts the exports
    of the process.
    """
    if isinstance(value, list):
        return [without_times(each) for each in value if "cnn" not in str(each)]
    if not isinstance(value, dict):
        return value
    left_out = {"made", "parameters", "train_seconds", "common_errors"}
    if re.search(r"\.keras$|tensorflow.*\.onnx$", str(value.get("file"))):
        left_out |= {"bytes", "sha256"}
    return {name: without_times(each) for name, each in value.items() if name not in left_out}


def what_was_timed(record):
    """What 03 timed of the runtimes that are always chosen, without the times."""
    names = ("file", "runtime", "threads", "scenario")
    rows = [[row[name] for name in names] for row in record["latency"]]
    chosen = [row for row in rows if row[1] in READERS.values() and row[3] != "batch_sweep"]
    return chosen, [row["runtime"] for row in record["timers_2025"]]


# The least that the cells can do; what is done in processes of their own twice shows nothing more.
FEWER = f"""
TRAININGS, FILES, BATCH_SIZES = [["mlp", "lab", 1, None]], ["float32", "int8"], []
RUNTIMES = {list(READERS.values())}
"""
ONCE = ("measure", "timers", "challenges")


@pytest.mark.real
def test_each_cell_run_twice_in_a_row_gives_the_same_record(finished, tmp_path):
    """As a student runs them who goes back and forth; the chain ran each cell once."""
    folder, _ = finished
    for name in LESSONS:
        book = nbformat.read(folder / "notebooks" / f"{name}.ipynb", as_version=4)
        given, injected, *others = (cell for cell in book.cells if cell.cell_type == "code")
        injected.source += FEWER
        twice = [cell for cell in others for _ in range(1 if cell.id in ONCE else 2)]
        cells = [given, injected, *twice]
        book.cells = [nbformat.v4.new_code_cell(cell.source) for cell in cells]
        made = tmp_path / f"{name}.ipynb"
        nbformat.write(book, made)
        with process.variables(LAB_ARTIFACTS=str(tmp_path)):
            process.run_notebook(made, made, progress_bar=False)
        record = f"records/{name}.json"
        first, second = (json.loads((each / record).read_text()) for each in (folder, tmp_path))
        same = what_was_timed if name == NOTEBOOKS[2] else without_times
        assert same(second) == same(first)
