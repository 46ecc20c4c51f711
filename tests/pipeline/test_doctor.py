import json
import subprocess
import sys
import time

import pytest
from changes import as_a_user

from helpers.core import cgroups, provenance
from helpers.core.artifacts import PROJECT
from helpers.core.console import LabError
from helpers.data import fetch
from helpers.pipeline import doctor, fingerprint
from helpers.report import chromium, cover

GIB = 2**30


def test_every_subject_has_a_line_and_what_is_not_well_a_remedy():
    done = subprocess.run(
        [sys.executable, "-m", "helpers.pipeline.doctor"],
        cwd=PROJECT,
        env=as_a_user(KERAS_BACKEND="torch", LD_PRELOAD="", LC_ALL="C", PYTHONUTF8="0"),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    lines = done.stdout.splitlines()[1:]
    assert len(lines) == len(doctor.QUICK + doctor.SLOWER) == 15, done.stdout
    assert done.returncode == (2 if any(line.startswith("✗") for line in lines) else 0), done.stderr
    for subject in (
        *("Python", "packages", "memory", "disk", "cores", "compiler", "environment", "helpers"),
        *("kernel", "data", "results", "lab.yaml", "browser", "commit", "files"),
    ):
        assert sum(line.split()[1] == subject for line in lines) == 1, subject
    (environment,) = (line for line in lines if line.split()[1] == "environment")
    assert "KERAS_BACKEND" in environment


def test_the_quick_part_costs_next_to_nothing():
    begin = time.perf_counter()
    for look in doctor.QUICK:
        look()
    assert time.perf_counter() - begin < 0.5


def test_before_a_run_remarks_are_told_and_what_stops_it_is_raised(monkeypatch, capsys):
    findings = [
        doctor.Finding("one", "well"),
        doctor.Finding("two", "so-so", "do this"),
        doctor.Finding("three", "bad", "do that", stops=True),
    ]
    assert [finding.mark for finding in findings] == ["✓", "!", "✗"]
    monkeypatch.setattr(doctor, "QUICK", [lambda each=each: each for each in findings])
    with pytest.raises(LabError, match="^three: bad; do that$"):
        doctor.before_a_run()
    assert capsys.readouterr().out == "note: two: so-so; do this\n"


def test_another_version_than_the_locks_is_a_remark_and_a_missing_package_stops(
    tmp_path, monkeypatch
):
    lock = tmp_path / "requirements.txt"
    monkeypatch.setattr(fingerprint, "LOCK", lock)
    hashed = " \\\n    --hash=sha256:00\n"
    monkeypatch.setattr(doctor, "_installed", lambda: {"torch": "2.0.0+cpu", "a-b": "1"})
    lock.write_text(f"torch==2.0.0{hashed}a_b==1{hashed}gone==1 ; sys_platform == 'none'{hashed}")
    assert str(doctor.packages()) == "packages: 2 as in requirements.txt"
    lock.write_text(f"torch==2.1.0{hashed}openvino==1{hashed}")
    found = doctor.packages()
    assert found.found == "torch 2.0.0+cpu instead of 2.1.0, openvino missing instead of 1"
    assert found.mark == "!"
    lock.write_text("".join(f"{name}==1{hashed}" for name in ("x", "y", "z", "keras")))
    found = doctor.packages()
    assert found.found.endswith("z missing instead of 1 and 1 more")
    assert found.mark == "✗"


def test_what_is_installed_is_what_python_says():
    assert doctor._installed()["torch"] == provenance.version("torch")


@pytest.mark.parametrize(("gib", "mark"), [(8, "✓"), (2, "!")])
def test_the_memory(monkeypatch, gib, mark):
    monkeypatch.setattr(provenance, "memory_bytes", lambda: gib * GIB)
    available = type("Memory", (), {"available": 4 * GIB})
    monkeypatch.setattr(doctor.psutil, "virtual_memory", lambda: available)
    monkeypatch.setattr(cgroups, "memory_limit_bytes", lambda: gib * GIB)
    found = doctor.memory()
    assert found.mark == mark
    assert found.found == f"{min(gib, 4)}.0 of {gib}.0 GiB free in the container"


@pytest.mark.parametrize(
    ("cores", "limit", "mark", "said"),
    [
        (2, None, "✓", "2 cores"),
        (1, 1.5, "!", "1 core, the container allows 1.5"),
        (1, 0.5, "!", "1 core, the container allows 0.5"),
        (1, None, "!", "1 core"),
    ],
)
def test_the_cores(monkeypatch, cores, limit, mark, said):
    monkeypatch.setattr(provenance, "cores", lambda: cores)
    monkeypatch.setattr(cgroups, "core_limit", lambda: limit)
    found = doctor.cores()
    assert (found.mark, found.found) == (mark, said)


def test_the_disk(monkeypatch, tmp_path):
    monkeypatch.setenv("LAB_ARTIFACTS", str(tmp_path / "not" / "yet"))
    usage = type("Usage", (), {"free": 2_000_000})
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda place: usage)
    assert str(doctor.disk()).endswith("; a run writes up to 1 GB: free some")
    assert "0.0 GB free in " in doctor.disk().found


def test_a_compiler(monkeypatch, tmp_path):
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert doctor.compiler().found == "no C++ compiler no-such-compiler"
    assert doctor.compiler().mark == "!"
    monkeypatch.setenv("CXX", sys.executable)
    assert str(doctor.compiler()) == f"compiler: {sys.executable}"


def test_the_kernel_that_a_notebook_names(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "FOLDER", tmp_path)
    for name, kernel in (("01_a", "python3"), ("02_b", "julia-1.9")):
        content = {"metadata": {"kernelspec": {"name": kernel}}}
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(content))
    foreign = tmp_path / "jupyter" / "kernels" / "python3"
    foreign.mkdir(parents=True)
    spec = {"argv": ["/elsewhere/python"], "display_name": "x", "language": "python"}
    (foreign / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    found = doctor.kernel()
    assert found.found == "02 asks for julia-1.9, the kernel python3 is /elsewhere/python"
    assert found.mark == "!"


def test_where_the_environment_leads(monkeypatch):
    class Installed:
        read_text = staticmethod(lambda name: json.dumps({"url": "file:///elsewhere"}))

    monkeypatch.setattr(doctor.importlib.metadata, "distribution", lambda name: Installed)
    assert doctor.own_helpers().remedy == f"make setup: {sys.prefix} leads to file:///elsewhere"
    assert doctor.own_helpers().found == str(PROJECT / "helpers")


def test_data_that_are_damaged_stop_and_none_are_a_remark(monkeypatch, tmp_path):
    monkeypatch.setattr(fetch, "places", list)
    assert doctor.data().mark == "!"
    monkeypatch.setattr(fetch, "places", lambda: [fetch.Place("MNIST_DIR", tmp_path)])
    monkeypatch.setattr(fetch, "verified", lambda place: ([], ["a file is damaged"]))
    assert str(doctor.data()) == "data: a file is damaged; replace or remove these files"
    assert doctor.data().stops
    monkeypatch.setattr(fetch, "verified", lambda place: ([1], []))
    assert str(doctor.data()) == "data: the full MNIST from MNIST_DIR"


def test_a_place_for_the_results(monkeypatch, tmp_path):
    monkeypatch.setenv("LAB_ARTIFACTS", str(tmp_path / "new"))
    assert doctor.results().mark == "✓"
    (tmp_path / "file").touch()
    monkeypatch.setenv("LAB_ARTIFACTS", str(tmp_path / "file"))
    assert doctor.results().stops


def test_a_title_block_that_cannot_be_read(monkeypatch):
    def broken():
        raise LabError("lab.yaml line 3: allowed are title, author")

    assert "author" in doctor.title_block().found
    for name in ("lab", "read_lab"):
        monkeypatch.setattr(cover, name, broken, raising=False)
    assert doctor.title_block().stops
    assert "line 3" in doctor.title_block().found


def test_no_browser_and_no_commit_are_remarks(monkeypatch):
    monkeypatch.setattr(chromium, "find_chromium", lambda: None)
    assert doctor.browser().mark == "!"
    for reason in (provenance.REFUSED, provenance.NO_GIT, provenance.UNREADABLE):
        monkeypatch.setattr(provenance, "git_commit", lambda reason=reason: reason)
        assert (doctor.commit().mark, doctor.commit().found) == ("!", reason)
    monkeypatch.setattr(provenance, "git_commit", lambda: None)
    assert doctor.commit().mark == "✓"


def test_files_of_the_user_are_named_with_whether_they_are_read(monkeypatch, tmp_path):
    for variable, _, pattern in doctor.FILES:
        if variable:
            monkeypatch.setenv(variable, str(tmp_path))
            file = tmp_path / pattern.replace("*.*", "x.").replace("_*", "_x")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    found = doctor.files()
    assert found.found.count("is not read") == 4
    assert found.mark == "✓"
    monkeypatch.setattr(doctor, "START_UP", (str(tmp_path / "profile_default"),))
    assert f"{tmp_path / 'profile_default' / 'startup' / 'x.py'} is read" in doctor.files().found
    assert doctor.files().mark == "!"


def test_what_is_in_force_is_a_remark_and_what_is_kept_out_is_none(monkeypatch):
    for name in ("CXX", "LD_PRELOAD", "DYLD_INSERT_LIBRARIES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    monkeypatch.setenv("LAB_KEPT_OUT", "")
    assert str(doctor.variables()) == "environment: nothing that changes results"
    monkeypatch.setenv("LAB_KEPT_OUT", "KERAS_BACKEND TORCH_LOGS")
    assert doctor.variables().found == "KERAS_BACKEND, TORCH_LOGS: kept out of the run"
    assert doctor.variables().mark == "✓"
    monkeypatch.setenv("LD_PRELOAD", "x.so")
    assert doctor.variables().found.startswith("LD_PRELOAD=x.so is in force; ")
    assert doctor.variables().mark == "!"


def test_python(monkeypatch):
    assert doctor.python().mark == "✓"
    monkeypatch.setattr(doctor.sys, "version_info", (3, 10, 1))
    assert doctor.python().stops
