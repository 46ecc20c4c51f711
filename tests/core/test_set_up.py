import os
import re
import shutil
import subprocess
import sys

import pytest
from changes import copy_project

from helpers.core import set_up, stack
from helpers.core.artifacts import PROJECT

LISTED = r"""
:env:.disable-pip-version-check='1'
:env:.find-links='/wheels'
global.constraint='/etc/constraints.txt'
global.extra-index-url='\nhttps://two.example/simple\nhttps://three.example/simple'
global.find-links='/elsewhere'
global.index-url='https://one.example/simple'
global.no-index='false'
global.target='/tmp'
global.trusted-host='one.example two.example'
install.cert='/etc/own.pem'
install.index-url='https://main.example/simple'
"""
EXTRA = "https://two.example/simple https://three.example/simple"
SETTINGS = {
    "index-url": "https://main.example/simple",
    "extra-index-url": EXTRA,
    "find-links": "/wheels",
    "cert": "/etc/own.pem",
    "trusted-host": "one.example two.example",
}
# Each of these alone would put uv elsewhere, or nowhere.
ELSEWHERE = """
target = {tmp}/target
prefix = {tmp}/prefix
root = {tmp}/root
user = true
dry-run = true
require-hashes = true
no-binary = :all:
only-binary = :none:
constraint = {tmp}/constraint.txt
"""


def test_pips_settings_are_those_of_its_levels_of_which_the_environment_wins():
    assert set_up.pip_settings(LISTED) == SETTINGS


def test_uv_is_told_what_pip_is_told_and_asks_the_main_index_first():
    assert set_up.for_uv(SETTINGS) == {
        "UV_DEFAULT_INDEX": "https://main.example/simple",
        "UV_INDEX": f"https://main.example/simple {EXTRA}",
        "UV_FIND_LINKS": "/wheels",
        "SSL_CERT_FILE": "/etc/own.pem",
        "UV_INSECURE_HOST": "one.example two.example",
    }
    links = set_up.for_uv({"find-links": "/one /two", "no-index": "1"})
    assert links == {"UV_FIND_LINKS": "/one,/two"}
    told = "(default https://main.example/\n   simple). It"  # as pip's help breaks its lines
    assert set_up.usual_index(told) == "https://main.example/simple"
    assert set_up.for_uv({}) == {}


def test_pip_is_told_these_settings_alone():
    assert set_up.for_pip({"index-url": "https://main.example/simple", "no-index": "1"}) == {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "https://main.example/simple",
        "PIP_NO_INDEX": "1",
    }


@pytest.mark.parametrize("lock", stack.LOCKS.values())
def test_uv_is_the_one_of_the_lock_with_its_hashes(lock):
    lines = set_up.uv_lines((PROJECT / lock).read_text(encoding="utf-8"))
    assert re.fullmatch(r"uv==\d\S+( ;.+)? \\\n( +--hash=sha256:\w{64}( \\)?\n)+", lines)


@pytest.fixture
def project(tmp_path):
    """A copy of the project, without .venv, whose lock has no more than the set-up needs."""
    copy = copy_project(tmp_path / "copy")
    shutil.copy(PROJECT / "Makefile", copy)
    lock = (PROJECT / "requirements.txt").read_text(encoding="utf-8")
    wanted = re.findall(r"^(?:uv|setuptools)==(?:.*\\\n)+.*\n", lock, re.MULTILINE)
    (copy / "requirements.txt").write_text("".join(wanted))
    return copy


def make_setup(project, pip_conf="", *words):
    (project / "pip.conf").write_text(pip_conf)
    own = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "PIP_FIND_LINKS")}
    return subprocess.run(
        ["make", "--no-print-directory", "setup", *words],
        cwd=project,
        env={**own, "PIP_CONFIG_FILE": str(project / "pip.conf")},
        capture_output=True,
        text=True,
    )


@pytest.mark.real
def test_without_uv_one_line_says_so_and_no_environment_counts_as_made(project):
    done = make_setup(project, "[global]\nno-index = true\n", f"PYTHON={sys.executable}")
    assert done.returncode == 2
    said = r"error: pip did not get uv, which installs the packages \(No matching .+\); look .+\n"
    assert re.fullmatch(said + r"make(\[\d\])?: .+\n", done.stderr)  # one digit inside make test
    assert not (project / ".venv" / "requirements.txt").exists()


def test_without_a_python_one_line_says_which_it_takes(project):
    done = make_setup(project, "", "STACK=2025", "PYTHON=/nowhere/python3.13")
    assert (done.returncode, done.stdout) == (2, "")
    assert "error: no Python 3.11 to 3.12 found for STACK=2025; install one" in done.stderr


@pytest.mark.real
@pytest.mark.parametrize("section", ["global", "install"])
def test_what_pip_is_to_install_elsewhere_comes_into_the_environment(project, tmp_path, section):
    (tmp_path / "constraint.txt").write_text("uv<0.1\n")
    before = set(tmp_path.iterdir())
    pip_conf = f"[{section}]" + ELSEWHERE.format(tmp=tmp_path)
    done = make_setup(project, pip_conf, f"PYTHON={sys.executable}")
    assert done.returncode == 0, done.stderr
    assert set(tmp_path.iterdir()) == before
    python = project / ".venv" / "bin" / "python"
    assert subprocess.run([python, "-I", "-c", "import uv, setuptools"]).returncode == 0
    assert make_setup(project).stdout == ""  # it counts as made
