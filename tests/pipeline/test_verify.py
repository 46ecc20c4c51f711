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
from helpers.core import old_results as results
from helpers.core.artifacts import PROJECT
from helpers.core.console import LabError
from helpers.data import mnist
from helpers.pipeline import numbers_again, page_again, sums, verify
from helpers.pipeline.tally import Run, Tally
from helpers.report import drawing

RECORDS, TIMES = "old_results.json, by the records", "times, intervals and ratios"
JUDGED, TRAINED = "claims, goals and tasks", "trainings, epoch by epoch"
FILES, DIGESTS = "model files, by size and digest", "digests in SHA256SUMS"
PAGE, NOTEBOOKS = "report.html, by old_results.json", "report.html, by the notebooks"


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


def differing(folder: Path, *subjects: str) -> list[tuple[str, str, str]]:
    """Verify a folder by some of the checks; return (where, in the file, made again) each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_ARTIFACTS", "set by verify")
        patch.setenv("MPLBACKEND", "agg")
        patch.setattr(verify, "CHECKS", {subject: verify.CHECKS[subject] for subject in subjects})
        tallies = verify.verify(folder)
    assert all(tally.checked for tally in tallies)
    return [difference for tally in tallies for difference in tally.differences]


def copy_of(folder: Path, target: Path) -> Path:
    return shutil.copytree(folder, target / "run", ignore=shutil.ignore_patterns("logs"))


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


def test_a_value_that_the_schema_does_not_allow_differs(tmp_path):
    (tmp_path / "old_results.json").write_text(json.dumps({"schema_version": results.version()}))
    ((where, *_),) = differing(tmp_path, FILES)
    assert where == "old_results.json"


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


def test_of_long_texts_the_part_is_shown_in_which_they_differ():
    tally = Tally("")
    tally.differ("", 100 * "a" + "\x1b1" + 100 * "b", 100 * "a" + "\x1b2" + 100 * "b")
    ((_, found, again),) = tally.differences
    assert "a·1b" in found
    assert "a·2b" in again
    assert max(len(found), len(again)) < 100


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


def test_a_page_that_answers_without_a_network_in_the_results_is_told(drawn):
    del drawn.found["drawing"]
    ((where, *_),) = told_of_the_network(drawn).differences
    assert where == "report.html answers drawings"


def test_without_the_file_or_the_images_the_network_is_not_checked(drawn, run_folder):
    dataset, drawn.dataset = drawn.dataset, None
    assert list(told_of_the_network(drawn).absent) == ["no test images to compare it with"]
    drawn.dataset = dataset
    (run_folder / "models" / "mlp-pytorch-float32.onnx").unlink()
    assert told_of_the_network(drawn).absent == {
        "not in the folder": ["models/mlp-pytorch-float32.onnx"]
    }


@pytest.mark.parametrize("count", [1, 2, 5, 6, 7, 12, 25])
def test_an_interval_made_again_is_the_one_of_the_report(count):
    from helpers.benchmark import statistics

    values = list(np.random.default_rng(count).lognormal(0, 0.1, count))
    assert numbers_again.interval(values) == statistics.interval_of(values)


# --- the committed run: what needs neither models nor page


def test_the_reference_is_what_its_records_and_medians_say(reference):
    assert differing(reference, FILES, RECORDS, TRAINED, TIMES, JUDGED) == []


def more(value: float) -> float:
    return value + 1e-3


def less(value: float) -> float:
    return value - 1e-4


FORGED = [
    (RECORDS, ("exports", 0, "test_accuracy"), less),
    (RECORDS, ("robustness", 5, "accuracy"), less),
    (RECORDS, ("cold_start", 0, "install_bytes"), lambda value: value + 1),
    (RECORDS, ("run", "peak_rss_bytes", "02_pytorch_onnx"), lambda value: value + 1),
    (RECORDS, ("run", "packages", "torch"), "9.9.9"),
    (RECORDS, ("run", "seconds"), more),
    (RECORDS, ("challenges", "onnx_batches", 0, "accepted"), lambda value: not value),
    (TRAINED, ("seeds", 0, "train_seconds"), more),
    (TRAINED, ("models", 0, "seed"), lambda value: value + 1),
    (TIMES, ("latency", 0, "median_s"), lambda value: value * 1.001),
    (TIMES, ("latency", 1, "ratio"), lambda value: value * 1.001),
    (TIMES, ("latency", 2, "range_s", 0), lambda value: value / 2),
    (TIMES, ("noise_floor", 0, "smallest_ratio"), more),
    (TIMES, ("protocols", 0, "total_s"), more),
    (TIMES, ("protocols", 1, "ci95_s", 0), lambda value: value * 0.999),
    (JUDGED, ("claims", 0, "verdict"), "not reproduced"),
    (JUDGED, ("claims", 3, "evidence"), lambda value: value + " 1"),
    (JUDGED, ("goals", 0, "target"), "at least 98.99%"),
    (JUDGED, ("tasks", 0, "verdict"), "not met"),
    (FILES, ("exports", 0, "bytes"), lambda value: value + 1),
]


@pytest.fixture(scope="module")
def told(reference, tmp_path_factory):
    """What each check tells of a copy with all the values forged that it is to find."""
    found = {}
    for subject in dict.fromkeys(subject for subject, *_ in FORGED):
        folder = copy_of(reference, tmp_path_factory.mktemp("forged"))
        for _, place, to in (each for each in FORGED if each[0] == subject):
            change(folder / "old_results.json", *place, to=to)
        found[subject] = differing(folder, subject)
    return found


@pytest.mark.parametrize(
    ("subject", "place"),
    [each[:2] for each in FORGED],
    ids=["/".join(map(str, place)) for _, place, _ in FORGED],
)
def test_a_value_that_was_changed_in_results_json_is_told(subject, place, told):
    part = "models" if subject == FILES else place[0]  # a file is told by its name
    ends = (part, str(place[-1]))
    assert ends in {(where.split("/")[0], where.split("/")[-1]) for where, *_ in told[subject]}


def test_a_time_of_one_process_that_was_changed_is_told_by_what_follows_from_it(
    reference, tmp_path
):
    folder = copy_of(reference, tmp_path)
    change(folder / "old_results.json", "latency", 0, "process_medians_s", 0, to=lambda s: s / 9)
    assert {where.split("/")[-2] for where, *_ in differing(folder, TIMES)} >= {"range_s"}


def test_a_model_file_with_a_flipped_bit_is_told(reference, tmp_path):
    folder = copy_of(reference, tmp_path)
    file = next((folder / "models").glob("mlp-*-int8.onnx"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    ((where, *_),) = differing(folder, FILES)
    assert where == f"models/{file.name}/sha256"


# --- pages: some seconds each


@pytest.mark.real
def test_without_the_images_all_that_shows_none_is_compared(reference, monkeypatch):
    def load_again(*_):
        raise LabError("no usable MNIST")

    monkeypatch.setattr(mnist, "load_again", load_again)
    assert differing(reference, PAGE) == []


# What is looked for, and in which part of the page its first digit is changed.
IN_THE_REPORT = {
    "a table": "main td.number:not(details td)",
    "a sentence": "main li",
    "a figure's numbers": "details.data td.number",
    "the run card": "dl.card dd",
    "a caption": "figcaption",
}
IN_AN_APPENDIX = {
    "a table": ".appendix td.number",
    "what a cell printed": ".appendix pre.stream",
    "the title block": "header dd",
}


def forged(folder: Path, target: Path, selectors: dict[str, str]) -> tuple[Path, list[str]]:
    """A copy with a digit changed in each of these parts of the page, and the texts as they are."""
    folder, texts = copy_of(folder, target), []
    page = folder / "report.html"
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    for selector in selectors.values():
        strings = (text for element in soup.select(selector) for text in element.strings)
        text = next(text for text in strings if any(map(str.isdigit, text)))
        place = next(i for i, letter in enumerate(text) if letter.isdigit())
        changed = f"{text[:place]}{(int(text[place]) + 1) % 10}{text[place + 1 :]}"
        text.replace_with(changed)
        texts.append(" ".join(changed.split()))
    page.write_text(str(soup), encoding="utf-8")
    return folder, texts


@pytest.fixture(scope="module")
def told_of_the_report(reference, tmp_path_factory):
    folder, texts = forged(reference, tmp_path_factory.mktemp("page"), IN_THE_REPORT)
    return dict(zip(IN_THE_REPORT, texts, strict=True)), differing(folder, PAGE)


@pytest.fixture(scope="module")
def told_of_the_appendices(finished, tmp_path_factory):
    folder, texts = forged(finished[0], tmp_path_factory.mktemp("page"), IN_AN_APPENDIX)
    return dict(zip(IN_AN_APPENDIX, texts, strict=True)), differing(folder, NOTEBOOKS)


def check(part: str, told: tuple[dict[str, str], list]) -> None:
    texts, differences = told
    assert len(differences) == len(texts)
    changed = [
        found
        for where, found, again in differences
        if where.startswith("report.html") and sum(map(str.__ne__, found, again)) == 1
    ]
    shown = (found.strip("…") for found in changed)
    assert any(each in texts[part] or texts[part] in each for each in shown), differences


@pytest.mark.real
@pytest.mark.parametrize("part", IN_THE_REPORT)
def test_a_digit_that_was_changed_in_the_page_is_told(part, told_of_the_report):
    check(part, told_of_the_report)


@pytest.mark.real
@pytest.mark.parametrize("part", IN_AN_APPENDIX)
def test_a_digit_that_was_changed_in_an_appendix_is_told(part, told_of_the_appendices):
    check(part, told_of_the_appendices)


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
def test_nothing_differs_in_the_reference(reference):
    verified(reference)
