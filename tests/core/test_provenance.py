import importlib.metadata
import os
import subprocess
import sys

import pytest

from helpers.core import artifacts, provenance


def test_the_machine_and_its_packages():
    described = provenance.describe()
    assert described["cores"] >= 1
    assert described["memory_bytes"] > 1e9
    assert described["cpu"]
    assert provenance.versions()["torch"] == importlib.metadata.version("torch")
    assert 20e6 < provenance.peak_rss_bytes() < 20e9


@pytest.mark.parametrize(("limit", "has"), [("1000000\n", 1_000_000), ("max\n", None)])
def test_the_memory_is_the_lesser_of_the_machines_and_the_containers(
    tmp_path, monkeypatch, limit, has
):
    monkeypatch.setattr(provenance, "MEMORY_LIMITS", [tmp_path / "v2", tmp_path / "v1"])
    total = provenance.memory_bytes()
    assert total > 1e9
    (tmp_path / "v1").write_text(f"{2**63 - 4096}\n")
    (tmp_path / "v2").write_text(limit)
    assert provenance.memory_bytes() == (has or total)


@pytest.mark.skipif(sys.platform != "linux", reason="no affinity elsewhere")
def test_the_cores_are_those_that_this_process_may_use():
    code = "from helpers.core import provenance; print(provenance.cores())"
    command = ["taskset", "-c", "0", sys.executable, "-c", code]
    assert subprocess.check_output(command, text=True) == "1\n"


def test_a_package_that_is_not_installed_has_no_version_and_no_size(monkeypatch):
    monkeypatch.setattr(provenance, "PACKAGES", ("torch", "no-such-package"))
    assert set(provenance.versions()) == {"torch"}
    assert provenance.install_bytes("no-such-package") == 0


def test_an_installed_size_includes_what_is_required():
    assert provenance.install_bytes("pandas") > provenance.install_bytes("numpy") > 10e6


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("notebooks/01.ipynb", True),
        ("helpers/__init__.py", True),
        ("helpers/data.py", True),
        ("helpers/core/results.schema.json", True),
        ("helpers/report/template/style.css", True),
        ("helpers/README.md", False),
        ("notebooks/parameters/quick.yaml", False),
    ],
)
def test_the_source_is_the_notebooks_and_every_room(tmp_path, monkeypatch, file, counts):
    monkeypatch.setattr(provenance, "PROJECT", tmp_path)
    code = ("notebooks/*.ipynb", "helpers/*.py", "helpers/*/")
    before = provenance.code_sha256(*code)
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text("x")
    assert (provenance.code_sha256(*code) != before) is counts


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A project that is a checkout of its own, with one commit."""
    own = tmp_path / "outside" / "project"
    (own / "helpers").mkdir(parents=True)
    (own / "helpers" / "code.py").write_text("1")
    monkeypatch.setattr(provenance, "PROJECT", own)
    commit(own)
    return own


def git(folder, *words):
    own = ["git", "-c", "user.name=A", "-c", "user.email=a@b", "-C", str(folder)]
    return subprocess.run([*own, *words], check=True, capture_output=True, text=True).stdout.strip()


def commit(folder):
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        git(folder, *words)


def test_the_commit_of_the_project_and_whether_its_code_differs(checkout):
    clean = provenance.git_commit()
    assert len(clean) == 40
    (checkout / "README.md").write_text("no code")
    assert provenance.git_commit() == clean
    (checkout / "helpers" / "code.py").write_text("2")
    assert provenance.git_commit() == f"{clean}-dirty"


def test_a_project_inside_another_checkout_has_no_commit(checkout, monkeypatch):
    inside = checkout / "helpers" / "unpacked"
    inside.mkdir()
    monkeypatch.setattr(provenance, "PROJECT", inside)
    assert provenance.git_commit() is None
    (inside / ".git").mkdir()  # one that is broken leads git to the checkout around it
    assert provenance.git_commit() is None


def test_a_checkout_that_the_environment_names_does_not_count(checkout, monkeypatch):
    own = provenance.git_commit()
    monkeypatch.setenv("GIT_DIR", str(artifacts.PROJECT / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(artifacts.PROJECT))
    assert provenance.git_commit() == own


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_a_checkout_of_another_user_is_refused_and_not_absent(checkout, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)  # which may trust every folder
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for path in (checkout, checkout / ".git"):
        os.chown(path, 12_345, 12_345)
    assert provenance.git_commit() == provenance.REFUSED


def test_a_checkout_that_git_cannot_read_is_not_absent(checkout):
    head = checkout / ".git" / "HEAD"
    content = head.read_text()
    head.write_text("nonsense")
    assert provenance.git_commit() == provenance.UNREADABLE
    head.write_text(content)
    (checkout / ".git" / "index").write_bytes(b"nonsense")
    assert provenance.git_commit() == provenance.UNREADABLE


def test_without_git_the_commit_is_not_known(checkout, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provenance.git_commit() == provenance.NO_GIT
