"""The committed run: its page, its results, its notebooks and its model files belong together."""

import re
import subprocess
import sys

import nbformat
import numpy as np
import pandas as pd
import pytest

from helpers import PROJECT, data, sweep, verify
from helpers.benchmark.statistics import fair_ratio, timer_ratio
from helpers.core import files, results
from helpers.core.console import LabError
from helpers.report import values

FOLDER = PROJECT / "artifacts" / "reference"
LESSONS = [name for name in results.NOTEBOOKS if name != results.REPORT]
# Folders of a machine, and where packages come from.
OF_A_MACHINE = re.compile(r"/(root|home|Users|work|tmp|mnt)/|index-url|pypi|pythonhosted")


@pytest.fixture(scope="module")
def found():
    return results.read(FOLDER / "results.json")


@pytest.fixture(scope="module")
def rows(found):
    return [*found["models"], *found["exports"]]


@pytest.fixture(scope="module")
def mnist():
    try:
        return data.load("mnist")
    except LabError as error:
        pytest.skip(str(error))


def tracked():
    """The committed files; in an archive without git all that are there."""
    done = subprocess.run(["git", "ls-files", "."], cwd=FOLDER, capture_output=True, text=True)
    names = done.stdout.splitlines()
    return [FOLDER / name for name in names] or [*filter(lambda f: f.is_file(), FOLDER.rglob("*"))]


def test_it_is_a_full_run_on_all_of_mnist_in_which_every_gate_was_passed(found):
    assert (found["run"]["profile"], found["run"]["dataset"]["name"]) == ("full", "mnist")
    seeds = pd.DataFrame(found["seeds"]).groupby(["framework", "architecture", "recipe"]).size()
    assert sorted(seeds) == [3, 3, 3, 3, 10, 10]
    assert [row["gate"] for row in found["exports"]] == 18 * ["passed"]
    assert {row["stack"] for row in found["challenges"]} == {"today", "2025"}
    assert found["failures"] == []
    assert not any("dirty" in commit for commit in found["run"]["git_commits"].values())


def test_what_is_committed_is_all_of_it_small_and_names_no_folder_of_a_machine(rows):
    committed = tracked()
    names = {file.relative_to(FOLDER).as_posix() for file in committed}
    assert {row["file"] for row in rows} == {name for name in names if name.startswith("models/")}
    assert names >= {"report.html", "report.png", "figure.png", "2025/results.json"}
    assert names >= {f"notebooks/{name}.ipynb" for name in LESSONS}
    assert sum(file.stat().st_size for file in committed) <= 15e6
    for file in committed:
        if file.suffix in (".json", ".html", ".ipynb"):
            text = re.sub(r"[\w+/=]{200,}", "", file.read_text(encoding="utf-8"))  # pictures
            assert not OF_A_MACHINE.search(text), file


def test_its_files_are_those_of_its_results_and_its_numbers_follow_from_its_rounds(found):
    run, tally = verify.Run(FOLDER, found), verify.Tally()
    for check in (verify.digests, verify.times, verify.seeds):
        for each in check(run):
            tally.compare(*each)
    assert tally.differ == []


@pytest.mark.parametrize("name", LESSONS)
def test_a_notebook_is_shown_with_what_it_printed_and_drew(name):
    book = nbformat.read(FOLDER / "notebooks" / f"{name}.ipynb", as_version=4)
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    shown = [kind for output in outputs for kind in output.get("data", {})]
    assert shown.count("image/png") >= 2
    assert not any(output.output_type == "error" for output in outputs)


def test_the_rows_of_its_sweep_are_those_that_the_committed_file_asks_for():
    rows = pd.read_parquet(FOLDER / "sweep" / "rows.parquet")
    content = files.read_yaml(files.PARAMETERS / "sweep.yaml")
    asked = [row for grid in content["grids"] for row in sweep._rows(grid)]
    named = [*sweep.SETTINGS, "seed"]
    assert set(rows[named].itertuples(index=False, name=None)) == {
        tuple(row[name] for name in named) for row in asked
    }
    assert set(rows["status"]) == {sweep.FINISHED}


def test_the_table_and_the_factors_in_the_readme_are_its(found):
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    rebuilt, fair = (of(found, "pytorch", "onnxruntime") for of in (timer_ratio, fair_ratio))
    assert f"rebuilt here, say {values.ratio(rebuilt['ratio'])}. " in text
    verdict = results.main_row(found, "onnxruntime", "offline")["verdict"]
    assert f"the same clock, it is {values.ratio(fair['ratio'])}: {verdict}.\n" in text
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    accuracy = {row["id"]: row["test_accuracy"] for row in [*found["models"], *found["exports"]]}
    for name in ("tf-function", "pytorch", "litert", "onnxruntime"):
        (line,) = (line for line in lines if line.startswith(f"| {values.runtime(name)} |"))
        assert values.percent(accuracy[results.main_file(found, name)]) in line
        for scenario in ("offline", "single_stream"):
            assert values.time(results.main_row(found, name, scenario)["median_s"]) in line


# --- its files in three runtimes, as their documentation reads them


def onnxruntime_logits(file, images):
    import onnxruntime

    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    return session.run(None, {given.name: images.reshape(-1, *given.shape[1:])})[0]


def litert_logits(file, images):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(file)
    (given,), (made,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.resize_tensor_input(given["index"], [len(images), *given["shape"][1:]])
    interpreter.allocate_tensors()
    interpreter.set_tensor(given["index"], images.reshape(-1, *given["shape"][1:]))
    interpreter.invoke()
    return interpreter.get_tensor(made["index"])


def openvino_logits(file, images):
    import openvino

    model = openvino.compile_model(file, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    shape = [size.get_length() for size in list(model.input().partial_shape)[1:]]
    return model(images.reshape(-1, *shape))[0]


READ_BY = {
    ".onnx": (onnxruntime_logits, openvino_logits),
    ".tflite": (litert_logits, openvino_logits),
}


@pytest.mark.real
@pytest.mark.parametrize("suffix", READ_BY)
def test_every_file_answers_with_its_accuracy_in_other_programs(found, mnist, suffix):
    images, labels = data.scale(mnist.test_images), mnist.test_labels
    for row in found["exports"]:
        if row["file"].endswith(suffix):
            for logits in READ_BY[suffix]:
                answers = logits(str(FOLDER / row["file"]), images).argmax(axis=1)
                near = pytest.approx(row["test_accuracy"], abs=verify.ELSEWHERE[row["precision"]])
                assert np.mean(answers == labels) == near, (row["id"], logits)


@pytest.mark.real
def test_verifying_it_finds_nothing(mnist):
    command = [sys.executable, "-m", "helpers.verify", str(FOLDER)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "none differ; not checked: the writer's own cells" in done.stdout
