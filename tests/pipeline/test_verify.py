"""Verifying a run: nothing differs in an honest one, and every value that was forged is told."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup
from drawn import MLP, dataset_of, images_of, results_of, write_network

from helpers.core import artifacts
from helpers.core.artifacts import PROJECT
from helpers.pipeline import page_again, sums, verify
from helpers.pipeline.tally import Run, Tally
from helpers.report import drawing


def command(folder: Path) -> subprocess.CompletedProcess:
    """`make verify REPORT=folder`, on a wide terminal."""
    return subprocess.run(
        [sys.executable, "-m", "helpers.pipeline.verify", str(folder)],
        cwd=PROJECT,
        env={**os.environ, "COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=600,
    )


def change(file: Path, *place: object, to: object) -> None:
    """Put another value into a JSON file, at the keys that lead there."""
    content = json.loads(file.read_text(encoding="utf-8"))
    inside = content
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = to(inside[place[-1]]) if callable(to) else to
    file.write_text(json.dumps(content), encoding="utf-8")


# --- what the command says


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "is no run: there is no old_results.json in it; name the folder of one"),
        ("{", "cannot be read: Expecting property name"),
        ("[]", "is of schema_version None, this code reads"),
        ('{"schema_version": 1}', "is of schema_version 1, this code reads"),
    ],
)
def test_what_is_no_run_of_this_version_is_told_in_one_line(content, said, tmp_path, capsys):
    if content:
        (tmp_path / "old_results.json").write_text(content)
    assert verify.main([str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"error: {tmp_path}")
    assert said in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("found", "again", "allowed", "differ"),
    [
        ({"a": [1, 2.5]}, {"a": [1, 2.5]}, None, []),
        ({"a": 0.9783}, {"a": 0.97830000000001}, None, ["x/a"]),
        ({"a": 0.9783}, {"a": 0.97830000000001}, 0, []),
        ({"a": 0.9783}, {"a": 0.9784}, 0, ["x/a"]),
        ({"a": 0.9783}, {"a": 0.9784}, 2e-4, []),
        ({"a": 1}, {}, None, ["x/a"]),
        ({}, {"a": None}, None, ["x/a"]),
        ({"a": True}, {"a": 1}, None, ["x/a"]),
        ({"a": True}, {"a": 1}, 0, ["x/a"]),
        ([{"id": "mlp", "b": 1}], [{"id": "mlp", "b": 2}], None, ["x/mlp/b"]),
        ([1, 2], [1], None, ["x/1"]),
        (None, 0.0, 1.0, ["x"]),
    ],
)
def test_a_tally_notes_where_two_values_part(found, again, allowed, differ):
    tally = Tally("")
    tally.compare("x", found, again, allowed)
    assert [where for where, *_ in tally.differences] == differ
    assert tally.checked >= len(differ)


def test_the_digests_are_those_that_sha256sum_reads(run_folder):
    for name in ("report.html", "models/net.onnx", "01_tensorflow/record.json", "logs/a.log"):
        artifacts.write_text(run_folder / name, name)
    sums.write()
    names = [line.split("  ")[1] for line in (run_folder / sums.NAME).read_text().splitlines()]
    assert names == ["report.html", "models/net.onnx", "01_tensorflow/record.json"]
    if program := shutil.which("sha256sum"):
        subprocess.run([program, "--check", "--strict", sums.NAME], cwd=run_folder, check=True)
    (run_folder / "report.html").write_text("forged")
    (run_folder / "models" / "net.onnx").unlink()
    tally = Tally("")
    sums.check(tally)
    names = ["report.html, SHA-256", "models/net.onnx, SHA-256"]
    assert [where for where, *_ in tally.differences] == names
    assert tally.differences[1][1] == "not in the folder"
    assert tally.checked == 3


PAGE_HTML = """<main><h2>Time</h2><p>PyTorch takes <b>2.0</b> times as long.</p>
<table><tr><th>Runtime</th><td>1.25 ms</td></tr></table><dl><dt>Commit</dt><dd>abc1</dd></dl>
<figure><img alt="Bars. 3 of 4." src="data:,1"><figcaption>Ten runs</figcaption></figure>
<pre>loss: 0.1</pre></main>"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2.0", "2.1"),
        ("1.25 ms", "1.26 ms"),
        ("abc1", "abc2"),
        ("3 of 4", "2 of 4"),
        ("0.1", "0.2"),
        ("<p>PyTorch", "<p>It is 1 time.</p><p>PyTorch"),
        ("<figcaption>Ten runs</figcaption>", ""),
        ("data:,1", "data:,2"),
    ],
)
def test_a_page_differs_where_one_text_is_another(old, new):
    tally = Tally("")
    pages = (BeautifulSoup(p, "html.parser") for p in (PAGE_HTML.replace(old, new), PAGE_HTML))
    page_again._compare(tally, *(page_again._texts(page, drawings=True) for page in pages))
    ((where, found, again),) = tally.differences
    assert where == "report.html, Time"
    assert found != again


@pytest.fixture
def drawn(run_folder):
    """A run whose page answers drawings."""
    found = results_of("mlp") | {"drawing": [{"export": MLP}]}
    for row in found["exports"]:
        write_network(run_folder / row["file"])
        row["sha256"] = artifacts.sha256(run_folder / row["file"])
    dataset = dataset_of(*images_of(10))
    page = drawing.as_html(drawing.data(found, dataset))
    return Run(found, page, run_folder, dataset)


def told_of_the_network(run):
    tally = Tally("")
    page_again.network(tally, run)
    return tally


def test_what_answers_in_an_honest_page_is_that_of_the_file(drawn):
    tally = told_of_the_network(drawn)
    assert (tally.differences, tally.absent) == ([], {})
    assert tally.checked == 40


def test_a_weight_that_was_changed_in_the_page_is_told(drawn):
    weight = json.loads(drawn.page.partition('json">')[2].partition("<")[0])["layers"][1]["bias"]
    forged = f"{'B' if weight[0] != 'B' else 'C'}{weight[1:]}"
    drawn.page = drawn.page.replace(weight, forged)
    ((where, found, again),) = told_of_the_network(drawn).differences
    assert where == "report.html, what answers drawings/layers/1/bias"
    assert (found, again) == (forged, weight)


def test_another_file_under_the_weights_in_the_page_is_told(drawn, run_folder):
    write_network(run_folder / "models" / "mlp-pytorch-float32.onnx", last=["Relu"])
    places = {where for where, *_ in told_of_the_network(drawn).differences}
    assert "models/mlp-pytorch-float32.onnx, SHA-256" in places


# --- whole runs


def verified(folder):
    """What `make verify` says of an honest run, whose files it leaves as they are."""
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
    done = command(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "none differs from what the files give" in done.stdout
    assert before == {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
    return done.stdout


@pytest.mark.real
def test_nothing_differs_in_a_run_of_this_code_and_all_of_it_is_checked(finished):
    assert "not there, so not checked" not in verified(finished[0])


@pytest.mark.real
def test_a_forger_who_changes_records_and_digests_too_is_told_by_models_and_times(
    finished, tmp_path, monkeypatch
):
    folder = shutil.copytree(finished[0], tmp_path / "run", ignore=shutil.ignore_patterns("logs"))
    forged = (
        ("01_tensorflow", "exports", "test_accuracy"),
        ("02_pytorch", "exports", "agreement"),
        ("01_tensorflow", "models", "test_accuracy"),
    )
    told = []
    for record, part, key in forged:
        row = json.loads((folder / record / "record.json").read_text())[part][0]
        change(folder / record / "record.json", part, 0, key, to=row[key] - 0.01)
        rows = json.loads((folder / "old_results.json").read_text())[part]
        number = next(n for n, each in enumerate(rows) if each["id"] == row["id"])
        change(folder / "old_results.json", part, number, key, to=row[key] - 0.01)
        told.append(f"{part}/{row['id']}/{key}")
    # The logits of another network, with its digest.
    model = json.loads((folder / "old_results.json").read_text())["models"][0]
    logits = folder / model["logits"]["file"]
    np.save(logits, np.load(logits)[::-1])
    told.append(f"│ {model['logits']['file']} ")
    for file in (folder / "01_tensorflow" / "record.json", folder / "old_results.json"):
        change(file, "models", 0, "logits", "sha256", to=artifacts.sha256(logits))
    monkeypatch.setenv("LAB_ARTIFACTS", str(folder))
    for file in (folder / "03_comparison" / "record.json", folder / "old_results.json"):
        change(file, "latency", 0, "p90_s", to=1.0)
    told.append("latency/0/p90_s")
    sums.write()
    done = command(folder)
    assert done.returncode == 1, done.stdout + done.stderr
    for where in told:
        assert where in done.stdout, where
