"""The files that git leaves out of a run it keeps: marked, and told by make verify."""

import subprocess

import made_up
import pytest

from helpers.core import artifacts
from helpers.core import old_results as results
from helpers.pipeline import chain, numbers_again, sums
from helpers.pipeline.tally import Run, Tally

IGNORED = "*-logits.npy\n/artifacts/stages.json\n/artifacts/raw.gz\n"


def git(folder, *words):
    own = ("git", "-c", "user.name=A", "-c", "user.email=a@b", "-C", str(folder))
    return subprocess.run([*own, *words], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def run(run_folder):
    """A made-up run whose files are there; its folder is in no checkout yet."""
    found = made_up.results()
    for row in results.files(found):
        artifacts.write_text(run_folder / row["file"], row["file"])
        row |= artifacts.describe(run_folder / row["file"])
    results.write(found)
    return run_folder


def kept_by_git(run, ignored=IGNORED):
    """Make the run one of a checkout that ignores some files."""
    git(run.parent, "init", "-q")
    (run.parent / ".gitignore").write_text(ignored)


def marked():
    return {row["file"] for row in results.files(results.read()) if "committed" in row}


def logits():
    return {model["logits"]["file"] for model in results.read()["models"]}


def summed():
    lines = (artifacts.root() / sums.NAME).read_text().splitlines()
    return {line.split("  ")[1] for line in lines}


def told(check):
    """What a check tells of the run: (what differs, what is not there and why)."""
    tally = Tally("")
    check(tally, Run(results.read(), None, artifacts.root()))
    return [where for where, *_ in tally.differences], tally.absent


def test_the_files_that_git_leaves_out_are_marked_and_have_no_digest_in_the_list(run):
    kept_by_git(run)
    found = chain.finish_results()
    sums.write()
    assert marked() == logits() != set()
    assert found == results.read()
    assert found["models"][0]["logits"]["committed"] is False
    everything = {row["file"] for row in results.files(found)}
    assert summed() == everything - logits() | {"old_results.json"}


def test_a_clone_holds_every_file_without_a_mark_and_verify_tells_the_others(
    run, tmp_path, monkeypatch
):
    kept_by_git(run)
    chain.finish_results()
    sums.write()
    git(run.parent, "add", "-A")
    git(run.parent, "commit", "-q", "-m", "a run")
    git(tmp_path, "clone", "-q", str(run.parent), str(tmp_path / "clone"))
    clone = tmp_path / "clone" / "artifacts"
    monkeypatch.setenv("LAB_ARTIFACTS", str(clone))
    files = results.files(results.read())
    assert {row["file"] for row in files if not (clone / row["file"]).exists()} == marked()
    absent = {"left out of git": [model["logits"]["file"] for model in results.read()["models"]]}
    assert told(numbers_again.files) == ([], absent)
    assert told(lambda tally, _: sums.check(tally)) == ([], {})
    export = files[-1]["file"]
    (clone / export).unlink()
    assert told(numbers_again.files) == ([export], absent)
    assert told(lambda tally, _: sums.check(tally)) == ([f"{export}, SHA-256"], {})
