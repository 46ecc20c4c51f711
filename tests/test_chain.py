"""The command: what it refuses, what it runs again, and what is left when it stops."""

import json
import os
import shlex
import signal
import subprocess
import time

import numpy as np
import pytest
from bs4 import BeautifulSoup
from changes import command, copy_project, replace_once, run_chain, small_project, variables

from helpers import PROJECT, chain
from helpers.core import console, files, machine
from helpers.core.results import NOTEBOOKS
from helpers.data import Source

NAMES = tuple(NOTEBOOKS)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """A word for images that are there at once."""
    file = tmp_path_factory.mktemp("images") / "ten.npz"
    halves = {"x": np.zeros((280, 28, 28)), "y": np.arange(280) % 10}
    np.savez(file, **{f"{x}_{half}": a for x, a in halves.items() for half in ("train", "test")})
    return f"DATASET={file}"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("PROFILE=huge", "PROFILE=huge: allowed is one of quick, standard, full"),
        ("BATCH_SIZE=-1", "BATCH_SIZE: -1 is less than the minimum of 1"),
        ("EPOCHS=2.0", "EPOCHS: 2.0 is not of type 'integer'"),
        ("SEED=one", "SEED: 'one' is not of type 'integer'"),
        ("SEEDS=3", "SEEDS is no parameter; allowed are DATASET, "),
        ("TRAININGS=mlp", "TRAININGS: ['mlp']: allowed is a list such as [[mlp, lab, 3, null], "),
        ("RUNTIMES=pytorch", "RUNTIMES: the report compares tf-function, litert, onnxruntime in"),
        ("LEARNING_RATE=nan", "LEARNING_RATE: not a number"),
        ("DATASET=nowhere", "DATASET=nowhere: allowed is "),
        ("FROM=3", "FROM=3: allowed is one of 01, 02, 03, 04, 05"),
        ("FROM=03", "run 01_tensorflow_tflite first: 01_tensorflow_tflite.json is missing"),
        ("--epochs", "--epochs: write NAME=VALUE, for example PROFILE=quick or EPOCHS=3"),
    ],
)
def test_bad_input_gets_one_line_and_exit_code_2(
    run_folder, images, monkeypatch, capsys, word, said
):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert console.exit_code(lambda: chain.run(["PROFILE=quick", images, word])) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {said}")
    assert error.count("\n") == 1
    assert not run_folder.exists()


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, images, monkeypatch, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    for name in ("file", "file/below"):
        monkeypatch.setenv("LAB_ARTIFACTS", str(tmp_path / name))
        assert console.exit_code(lambda: chain.run([images])) == 1
        error = capsys.readouterr().err
        assert f"{tmp_path}/{name}" in error
        assert error.count("\n") == 1


def test_the_command_to_go_on_holds_what_was_asked_for_and_no_password(monkeypatch):
    monkeypatch.setattr(machine, "stack", lambda: "2025")
    words = ["PROFILE=quick", "FROM=01", "DATASET=a folder", "MNIST_MIRROR=https://me:secret@host/"]
    request = chain.Request(words, {}, Source("mnist", "here", 1, 1, "0"), "01")
    assert request.again() == "make report STACK=2025 PROFILE=quick 'DATASET=a folder'"


@pytest.fixture(scope="module")
def small(tmp_path_factory, images):
    """A project of small notebooks that has run once.

    Given are the project, its artifacts, the words that it was asked with, and how it ended.
    """
    project = small_project(tmp_path_factory.mktemp("small") / "{group 3} Ünal's <&> 😀 עברית")
    name = project / "notebooks" / "parameters" / "lab.yaml"
    replace_once(name, "author: Adham Ali Mohamed Abdelfattah", 'author: "Zoë <&> 😀 דנה #1"')
    elsewhere = project.parent / "settings of the user"
    start_up = elsewhere / "profile_default" / "startup" / "own.py"
    kernel = elsewhere / "kernels" / "python3" / "kernel.json"
    for file, text in {
        start_up: "STARTED_UP = True",
        kernel: json.dumps({"argv": ["/bin/false"], "display_name": "x", "language": "python"}),
    }.items():
        file.parent.mkdir(parents=True)
        file.write_text(text)
    own = dict.fromkeys(("IPYTHONDIR", "JUPYTER_PATH", "JUPYTER_DATA_DIR"), str(elsewhere))
    own |= {"KERAS_BACKEND": "torch", "MPLBACKEND": "agg", "SEED": "x", "THREADS": "x"}
    folder = project / "artifacts"
    words = ["PROFILE=quick", images]
    return project, folder, words, run_chain(folder, *words, project=project, **own)


def ran(done):
    """The numbers of the notebooks that ran."""
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith(NAMES)]
    return " ".join(line[:2] for line in lines if "skipped" not in line)


@pytest.mark.real
def test_what_a_user_has_set_for_other_programs_stays_outside(small):
    project, folder, _, done = small
    assert ran(done) == "01 02 03 04 05"
    facts = files.read_json(folder / "results.json")
    assert facts["KERAS_BACKEND"] == "tensorflow"
    assert facts["PYTHONPATH"] == str(project)
    assert "inline" in facts["MPLBACKEND"]
    assert facts["started_up"] is False
    for name in NAMES:  # a copy can be handed on
        copy = (folder / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
        assert project.parent.name not in copy
    page = BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "html.parser")
    assert "Zoë <&> 😀 דנה #1" in page.dl.get_text()
    assert done.stdout.splitlines()[-1].endswith("name on it: Zoë <&> 😀 דנה #1")
    assert done.stderr == ""


@pytest.mark.real
def test_only_what_changed_runs_again(small, tmp_path):
    project, folder, words, _ = small
    page = (folder / "report.html").read_bytes()
    assert ran(run_chain(folder, *words, project=project)) == ""
    assert (folder / "report.html").read_bytes() == page

    with (project / "helpers" / "report" / "tables.py").open("a") as file:
        file.write("# another table\n")
    assert ran(run_chain(folder, *words, project=project)) == "05"
    assert ran(run_chain(folder, *words, "ROUNDS=2", project=project)) == "03 05"
    record = folder / "records" / "04_errors.json"
    record.write_text(record.read_text().replace("tensorflow", "torch"))
    assert ran(run_chain(folder, *words, "ROUNDS=2", project=project)) == "04 05"
    (folder / "report.html").unlink()
    assert ran(run_chain(folder, *words, "ROUNDS=2", project=project)) == ""
    assert b"<h1" in (folder / "report.html").read_bytes()


def test_a_change_in_the_helpers_counts_for_all_and_one_in_the_report_for_05(tmp_path, monkeypatch):
    monkeypatch.setattr(chain, "PROJECT", copy_project(tmp_path))

    def both():
        chain._code_sha256.cache_clear()
        return [chain._code_sha256(report=report) for report in (False, True)]

    for file, changes in {
        "report/template/style.css": [False, True],
        "report/template/figures.mplstyle": [False, True],
        "report/.tables.py.swp": [False, False],
        "core/results.schema.json": [True, True],
        "benchmark/timing.py": [True, True],
        "README.md": [False, False],
    }.items():
        before = both()
        with (tmp_path / "helpers" / file).open("a") as opened:
            opened.write("\n")
        assert [old != new for old, new in zip(before, both(), strict=True)] == changes, file
    chain._code_sha256.cache_clear()


STOPS = {
    "raise ValueError('so far')": (1, "failed in its cell “Work”: ValueError: so far"),
    "raise ImportError('no libz')": (1, "ImportError: no libz; LD_LIBRARY_PATH is /nowhere: unset"),
    "os._exit(1)": (1, "failed in its cell “Work”: its kernel died"),
    "os.kill(os.getppid(), 15); import time; time.sleep(60)": (130, "was stopped in its cell “Wo"),
}


@pytest.mark.real
def test_where_a_notebook_stops_is_told_and_the_chain_goes_on_from_there(small):
    project, folder, words, _ = small
    notebook = project / "notebooks" / "02_pytorch_onnx.ipynb"
    whole = notebook.read_text()
    for stop, (code, said) in STOPS.items():
        notebook.write_text(whole.replace("facts = {name", f"{stop}\\nfacts = {{name"))
        own = {"LD_LIBRARY_PATH": "/nowhere"} if "libz" in stop else {}
        done = run_chain(folder, *words, project=project, **own)
        assert done.returncode == code
        assert done.stderr.startswith("error: 02_pytorch_onnx ")
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
        last = f"go on with: make report {shlex.join(words)}"
        assert done.stdout.splitlines()[-1] == last
        page = BeautifulSoup((folder / "report.html").read_text(), "html.parser")
        banner = page.find(class_="failure")
        assert said in banner.get_text()
        assert "facts" in page.find(id=banner.a["href"][1:]).get_text()

    half = "part = files.replacing(files.model_file('half.pt')).__enter__()\\n"
    half += "part.write_text('half'); import time; time.sleep(60)\\nfacts = {name"
    notebook.write_text(whole.replace("facts = {name", half))
    env = variables(project, folder)
    first = subprocess.Popen(command(*words), cwd=project, env=env, stdout=subprocess.DEVNULL)
    while not list(folder.glob("models/.half*")):
        time.sleep(0.1)
        assert first.poll() is None
    done = run_chain(folder, *words, project=project)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"another run is writing into {folder}" in done.stderr
    first.kill()
    first.wait()
    notebook.write_text(whole)
    time.sleep(2)  # the kernel ends when it finds that its parent is gone
    assert ran(run_chain(folder, *words, project=project)) == "02 03 04 05"
    assert [file.name for file in folder.rglob(".*")] == [".lock"]
    page = BeautifulSoup((folder / "report.html").read_text(), "html.parser")
    assert not page.find(class_="failure")


def test_the_helpers_of_another_folder_are_refused(tmp_path):
    """As an editable install would import them in a copy of the project and its .venv."""
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "__init__.py").touch()
    asked = command()[:1] + ["-P", "-c", "import helpers"]
    own = os.environ | {"PYTHONPATH": str(PROJECT)}
    done = subprocess.run(asked, cwd=tmp_path, env=own, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"the helpers of {PROJECT} would run in {tmp_path}" in done.stderr
