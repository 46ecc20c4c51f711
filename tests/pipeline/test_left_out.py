"""The files that git leaves out of a run it keeps: marked, and told by make verify."""

import subprocess

import made_up
import pytest

from helpers.core import artifacts, provenance
from helpers.core import old_results as results
from helpers.pipeline import chain, models_again, numbers_again, sums
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


@pytest.mark.parametrize(
    "ignored", ["/artifacts/\n", "/artifacts/*\n", "old_results.json\n*.npy\n"]
)
def test_in_a_run_that_git_does_not_keep_no_file_is_marked(run, ignored):
    kept_by_git(run, ignored)
    chain.finish_results()
    sums.write()
    assert marked() == set()
    assert logits() <= summed()


def test_without_a_checkout_or_without_git_no_file_is_marked(run, monkeypatch):
    chain.finish_results()
    assert marked() == set()
    kept_by_git(run)
    monkeypatch.setenv("PATH", str(run))
    chain.finish_results()
    assert marked() == set()


def test_a_file_that_is_committed_after_all_loses_its_mark(run):
    kept_by_git(run)
    chain.finish_results()
    first = sorted(logits())[0]
    git(run.parent, "add", "--force", f"artifacts/{first}")
    chain.finish_results()
    assert marked() == logits() - {first}


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


def test_a_file_with_a_mark_that_is_there_is_compared(run):
    kept_by_git(run)
    chain.finish_results()
    first = results.read()["models"][0]["logits"]["file"]
    (run / first).write_text("others")
    differ, absent = told(numbers_again.files)
    assert {where.rpartition("/")[0] for where in differ} == {first}
    assert absent == {}


def test_a_network_that_is_left_out_is_not_read_and_told_as_left_out(run, monkeypatch):
    kept_by_git(run, "/artifacts/*/\n")
    chain.finish_results()
    found = results.read()
    rows = [*found["models"], *found["exports"]]
    for row in results.files(found):
        (run / row["file"]).unlink()
    monkeypatch.setattr(models_again, "_read", lambda *_: {})
    monkeypatch.setattr(models_again, "_validate", lambda *_: None)
    tally = Tally("")
    models_again.answers(tally, Run(found, None, run, dataset="images", logits={}))
    assert tally.absent == {"left out of git": [row["id"] for row in rows]}


def test_no_variable_leads_git_elsewhere(run, monkeypatch):
    kept_by_git(run)
    monkeypatch.setenv("GIT_DIR", str(run / "nowhere"))
    assert provenance.ignored(run, ["raw.gz", "report.html"]) == {"raw.gz"}
