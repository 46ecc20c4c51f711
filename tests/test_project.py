import re
import subprocess
import tomllib

import yaml

from helpers.core.artifacts import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
LOCK = (PROJECT / "requirements.txt").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.M))


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def tracked():
    listed = subprocess.check_output(["git", "ls-files"], cwd=PROJECT, text=True).splitlines()
    return [PROJECT / name for name in listed if (PROJECT / name).exists()]


def test_every_path_in_the_readme_exists():
    code = re.findall(r"`([^`\n]+)`", README)
    made_by_a_run = {
        *("artifacts/report.html", "artifacts/report.pdf", "artifacts/03_comparison/raw.jsonl.gz"),
        *("data/MNIST/raw", "data/MNIST/raw/"),
    }
    paths = [text for text in code if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", text) and "/" in text]
    paths += re.findall(r"\]\((?!https?:|#)([^)]+)\)", README)
    assert len(paths) > 10
    for path in set(paths) - made_by_a_run:
        assert (PROJECT / path).exists(), path


def test_every_make_command_in_the_readme_exists():
    named = set(re.findall(r"\bmake ([a-z]+)", README))
    assert {"report", "test", "lab"} <= named <= TARGETS


def test_every_python_command_in_the_readme_exists():
    modules = re.findall(r"python -m (helpers\.\w+)", README)
    assert modules
    for module in modules:
        assert (PROJECT / module.replace(".", "/") / "__main__.py").exists()


def test_the_lock_pins_every_package_with_hashes_and_names_no_index():
    entries = re.split(r"\n(?=[a-zA-Z0-9])", LOCK)
    entries = [entry for entry in entries if not entry.startswith("#")]
    assert len(entries) > 100
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+( ; .+?)? \\\n", entry), entry[:80]
        assert entry.count("--hash=sha256:") >= 1
    assert "://" not in LOCK
    assert "--index" not in LOCK


def test_the_lock_has_every_package_asked_for():
    asked = (PROJECT / "requirements.in").read_text(encoding="utf-8")
    names = {canonical(name) for name in re.findall(r"^([\w.-]+)", asked, re.M)}
    assert names <= {canonical(name) for name in re.findall(r"^([\w.-]+)==", LOCK, re.M)}
    for fixed in ("tensorflow==2.21.", "torch==2.13.", "torchvision==0.28."):
        assert f"\n{fixed}" in LOCK


def test_conda_installs_the_same_lock():
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, packages = environment["dependencies"]
    version = tuple(map(int, python.removeprefix("python=").split(".")))
    assert (3, 11) <= version <= (3, 13)
    assert pip == "pip"
    assert packages["pip"] == ["-r requirements.txt"]


def test_python_versions_agree():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "(3, 11) <= sys.version_info[:2] <= (3, 13)" in MAKEFILE


def test_hooks_are_local():
    config = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    for hook in config["repos"][0]["hooks"]:
        assert hook["entry"].removeprefix("make ") in TARGETS


def test_only_ci_looks_outside_the_project():
    outside = ".." + "/shared"
    for path in tracked():
        if path.suffix in (".py", ".ipynb", ".md", ".yml", ".yaml", ".toml", ""):
            found = outside in path.read_text(encoding="utf-8")
            assert found == (path == PROJECT / ".ci" / "run"), path
