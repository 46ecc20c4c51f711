import importlib.metadata
import os
import pathlib
import subprocess

import pytest

from helpers.core import artifacts, provenance


def test_the_machine_and_its_packages():
    described = provenance.describe()
    assert described["cores"] >= 1
    assert described["memory_bytes"] > 1e9
    assert described["cpu"]
    assert provenance.versions()["torch"] == importlib.metadata.version("torch")
    assert 20e6 < provenance.peak_rss_bytes() < 20e9


def test_a_package_that_is_not_installed_has_no_version_and_no_size(monkeypatch):
    monkeypatch.setattr(provenance, "PACKAGES", ("torch", "no-such-package"))
    assert set(provenance.versions()) == {"torch"}
    assert provenance.install_bytes("no-such-package") == 0


def test_an_installed_size_includes_what_is_required():
    assert provenance.install_bytes("pandas") > provenance.install_bytes("numpy") > 10e6


def test_an_installed_size_without_cuda_leaves_out_packages_and_libraries(monkeypatch):
    needs = {"torch": ["nvidia-cublas", "triton", "numpy"], "numpy": []}
    files = {
        "torch": {"libtorch_cpu.so": 400, "libtorch_cuda.so": 500, "cuda/notes.py": 1},
        "nvidia-cublas": {"x.so": 600},
        "triton": {"y.so": 700},
        "numpy": {"z.so": 50},
    }

    class File(pathlib.PurePosixPath):
        @property
        def size(self):
            return next(own[str(self)] for own in files.values() if str(self) in own)

    monkeypatch.setattr(provenance, "version", lambda name: "1")
    metadata = provenance.importlib.metadata
    monkeypatch.setattr(metadata, "requires", needs.get)
    monkeypatch.setattr(metadata, "files", lambda name: [File(each) for each in files[name]])
    provenance._size_bytes.cache_clear()
    assert provenance.install_bytes("torch") == 2251
    assert provenance.install_bytes("torch", cuda=False) == 451
    provenance._size_bytes.cache_clear()


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("notebooks/01.ipynb", True),
        ("helpers/__init__.py", True),
        ("helpers/core/old_results.schema.json", True),
        ("helpers/report/template/style.css", True),
        ("helpers/README.md", False),
        ("notebooks/parameters/quick.yaml", False),
    ],
)
def test_the_source_is_the_notebooks_and_every_room(tmp_path, monkeypatch, file, counts):
    monkeypatch.setattr(provenance, "PROJECT", tmp_path)
    before = provenance.source_sha256()
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text("x")
    assert (provenance.source_sha256() != before) is counts


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


def test_a_worktree_and_a_shallow_clone_have_their_own_commit(checkout, tmp_path, monkeypatch):
    git(checkout, "worktree", "add", "-q", str(tmp_path / "worktree"))
    (tmp_path / "worktree" / "helpers" / "code.py").write_text("2")
    git(tmp_path / "worktree", "commit", "-q", "-a", "-m", "second")
    git(tmp_path, "clone", "-q", "--depth=1", checkout.as_uri(), "shallow")
    first = provenance.git_commit()
    for name, same in (("worktree", False), ("shallow", True)):
        monkeypatch.setattr(provenance, "PROJECT", tmp_path / name)
        assert provenance.git_commit() == git(tmp_path / name, "rev-parse", "HEAD")
        assert (provenance.git_commit() == first) is same


def test_a_checkout_without_a_commit_has_none(checkout, monkeypatch):
    new = checkout.parent / "new"
    new.mkdir()
    git(new, "init", "-q")
    monkeypatch.setattr(provenance, "PROJECT", new)
    assert provenance.git_commit() is None


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


def test_a_new_file_counts_whatever_the_user_wants_to_see_of_them(checkout):
    clean = provenance.git_commit()
    git(checkout, "config", "status.showUntrackedFiles", "no")
    (checkout / "helpers" / "new.py").write_text("3")
    assert provenance.git_commit() == f"{clean}-dirty"


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR"])
def test_no_variable_leads_git_elsewhere(checkout, monkeypatch, name):
    own = provenance.git_commit()
    monkeypatch.setenv(name, str(checkout.parent / "nowhere"))
    assert provenance.git_commit() == own
