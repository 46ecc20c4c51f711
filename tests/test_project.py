"""What the documents promise: commands, paths, versions, locks, and what make hands on."""

import itertools
import os
import re
import shlex
import subprocess
import tomllib

import pytest
import yaml
from test_rooms import ROOMS

from helpers import PROJECT
from helpers.core import machine

MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.M))
DOCUMENTS = {
    name: (PROJECT / name).read_text(encoding="utf-8")
    for name in ("README.md", "CONTRIBUTING.md", "helpers/README.md")
}
MADE_BY_A_RUN = {
    *("artifacts/report.html", "artifacts/report.pdf", "artifacts/results.json"),
    *(
        "artifacts/sweep/rows.parquet",
        "artifacts/sweep/many_seeds.html",
        "artifacts/2025/results.json",
    ),
    *(
        "artifacts/2025/",
        "artifacts/raw.jsonl.gz",
        "artifacts/notebooks/",
        "data/MNIST/raw",
        "data/MNIST/raw/",
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_and_command_in_a_document_exists(name):
    text, folder = DOCUMENTS[name], (PROJECT / name).parent
    code = re.findall(r"`([^`\n]+)`", text)
    paths = [each for each in code if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", each) and "/" in each]
    paths += re.findall(r"\]\((?!https?:|#)([^)#]+)", text) + re.findall(r'src="([^"]+)"', text)
    assert len(paths) >= 5
    for path in set(paths) - MADE_BY_A_RUN:
        assert (PROJECT / path).exists() or (folder / path).exists(), path
    for target in re.findall(r"(?:`|^)make ([a-z]+)", text, re.M):
        assert target in TARGETS
    for module in re.findall(r"python -m helpers\.(\w+)", text):
        assert (PROJECT / "helpers" / f"{module}.py").exists()


def test_the_map_has_a_row_for_every_room_in_their_order():
    rows = re.findall(r"^\| `([\w.]+)/?` \|", DOCUMENTS["helpers/README.md"], re.M)
    assert tuple(rows) == ROOMS
    folders = {file.parent.name for file in PROJECT.glob("helpers/*/__init__.py")}
    assert folders == {room for room in ROOMS if not room.endswith(".py")}
    assert len(DOCUMENTS["helpers/README.md"].splitlines()) <= 100


def make(*words, **variables):
    """Run make without doing anything: (its exit code, the last line, what went wrong)."""
    own = {name: text for name, text in os.environ.items() if name not in ("STACK", "MAKEFLAGS")}
    done = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", *words],
        cwd=PROJECT,
        env=own | variables,
        capture_output=True,
        text=True,
    )
    return done.returncode, (done.stdout.splitlines() or [""])[-1], done.stderr


def test_make_help_lists_every_target_eight_of_them_before_those_for_maintainers():
    command = ["make", "--no-print-directory", "help"]
    told = subprocess.check_output(command, cwd=PROJECT, text=True).splitlines()
    assert told.pop(8) == "for maintainers"
    assert {line.split()[1] for line in told} == TARGETS


def test_make_passes_settings_on_as_they_were_typed():
    settings = ["PROFILE=quick", "EPOCHS=3", "MNIST_DIR=a b=c/$d$$", 'DATASET=it\'s "#5"\\']
    code, line, _ = make("report", "PYTHON=x", *settings)
    assert code == 0
    assert shlex.split(line)[1:3] == ["-m", "helpers.chain"]
    assert sorted(shlex.split(line)[3:]) == sorted(settings)
    code, line, _ = make("verify", "REPORT=group 3/it's")
    assert shlex.split(line)[-1] == "group 3/it's"


def test_the_stack_of_2025_has_an_environment_of_its_own_and_is_an_intel_macs(tmp_path):
    assert ".venv-2025/bin/python -m helpers.chain" in make("report", "STACK=2025")[1]
    (tmp_path / "uname").write_text("#!/bin/sh\necho Darwin x86_64\n")
    (tmp_path / "uname").chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    assert ".venv-2025/bin/python -m helpers.chain" in make("report", PATH=path)[1]
    assert ".venv/bin/python -m helpers.chain" in make("report", "STACK=today", PATH=path)[1]
    code, _, error = make("report", "STACK=2024")
    assert code == 2
    assert "STACK=2024: allowed are today and 2025" in error


def test_set_up_takes_from_pips_settings_what_uv_does_not_read():
    command = ["make", "--dry-run", "--always-make", "setup"]
    text = subprocess.check_output(command, cwd=PROJECT, text=True)
    (script,) = re.findall(r"pip config list \| (sed .+?)\)", text.replace("\\\n", ""))
    settings = """global.cert='/a b/ca.pem'
:env:.find-links='/wheels'
global.index-url='https://host/simple'
global.extra-index-url='https://other/simple'
"""
    told = subprocess.check_output(shlex.split(script), input=settings, text=True).splitlines()
    assert dict(line.removeprefix("export ").split("=", 1) for line in told) == {
        "SSL_CERT_FILE": "'/a b/ca.pem'",
        "UV_FIND_LINKS": "'/wheels'",
        "UV_DEFAULT_INDEX": "'https://host/simple'",
    }


def canonical(names):
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


@pytest.mark.parametrize("stack", machine.LOCKS)
def test_a_lock_has_every_package_asked_for_with_hashes_and_names_no_index(stack):
    text = (PROJECT / machine.LOCKS[stack]).read_text(encoding="utf-8")
    entries = [e for e in re.split(r"\n(?=[a-zA-Z0-9])", text) if not e.startswith("#")]
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+( ; .+?)? \\\n", entry), entry[:80]
        assert entry.count("--hash=sha256:") >= 1
    assert "://" not in text
    assert "--index" not in text
    asked = (PROJECT / "requirements.in").read_text(encoding="utf-8")
    found = canonical(re.findall(r"^([\w.-]+)==", text, re.M))
    left_out = canonical(re.findall(r"^([\w.-]+)", asked, re.M)) - found
    versions = {
        "today": ("tensorflow==2.21.", "torch==2.15.", "torchvision==0.29."),
        "2025": ("tensorflow==2.16.2", "torch==2.2.2", "torchvision==0.17.2", "numpy==1.26."),
    }
    assert left_out == ({"ai-edge-litert", "onnxscript"} if stack == "2025" else set())
    for fixed in versions[stack]:
        assert f"\n{fixed}" in text


def test_the_python_versions_and_the_lock_of_conda_agree():
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, packages = environment["dependencies"]
    assert (python, pip, packages) == ("python=3.12", "pip", {"pip": ["-r requirements.txt"]})
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "$(if $(SUFFIX),12,13)" in MAKEFILE


def test_only_ci_looks_outside_the_project():
    outside, texts = ".." + "/shared", (".py", ".ipynb", ".md", ".yml", ".yaml", ".toml", "")
    below = (PROJECT.glob(f"{name}/**/*") for name in ("helpers", "tests", "notebooks", ".ci"))
    for path in (*PROJECT.glob("*"), *itertools.chain(*below)):
        if path.suffix in texts and path.is_file():
            found = outside in path.read_text(encoding="utf-8")
            assert found == (path == PROJECT / ".ci" / "run"), path
