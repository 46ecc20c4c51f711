import re
import subprocess
import tomllib

import pytest
import yaml

from helpers.core import stack
from helpers.core.artifacts import PROJECT
from helpers.core.stages import ROOMS

README = (PROJECT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
LOCK = (PROJECT / "requirements.txt").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.M))


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def tracked():
    listed = subprocess.check_output(["git", "ls-files"], cwd=PROJECT, text=True).splitlines()
    return [PROJECT / name for name in listed if (PROJECT / name).exists()]


DOCUMENTS = {
    name: (PROJECT / name).read_text(encoding="utf-8")
    for name in ("README.md", "CONTRIBUTING.md", "helpers/README.md")
}
MADE_BY_A_RUN = {
    *("artifacts/report.html", "artifacts/report.pdf", "artifacts/results.json"),
    *("artifacts/sweep", "artifacts/sweep/many_seeds.html", "artifacts/2025/results.json"),
    *("artifacts/2025/", "artifacts/reference/2025/"),
    *("artifacts/03_comparison/raw.jsonl.gz", "03_comparison/raw.jsonl.gz"),
    *("data/MNIST/raw", "data/MNIST/raw/"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_in_a_document_exists(name):
    code = re.findall(r"`([^`\n]+)`", DOCUMENTS[name])
    paths = [text for text in code if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", text) and "/" in text]
    paths += re.findall(r"\]\((?!https?:|#)([^)]+)\)", DOCUMENTS[name])
    assert len(paths) >= 5
    folder = (PROJECT / name).parent
    for path in set(paths) - MADE_BY_A_RUN:
        file, _, heading = path.partition("#")
        assert (PROJECT / file).exists() or (folder / file).exists(), path
        titles = re.findall(r"^#+ (.+)$", DOCUMENTS[file], re.M) if heading else []
        assert not heading or heading in {title.lower().replace(" ", "-") for title in titles}, path


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_in_a_document_exists(name):
    text = DOCUMENTS[name]
    named = {
        target
        for pair in re.findall(r"`make ([a-z]+)|^make ([a-z]+)", text, re.M)
        for target in pair
        if target
    }
    assert named <= TARGETS
    for module in re.findall(r"python -m (helpers\.\w+)", text):
        place = PROJECT / module.replace(".", "/")
        assert place.with_suffix(".py").exists() or (place / "__main__.py").exists()


def test_the_readme_names_the_two_commands():
    assert {"report", "test"} <= set(re.findall(r"^make ([a-z]+)", README, re.M))


def test_the_map_has_a_row_for_every_room_in_their_order():
    rows = re.findall(r"^\| `([\w.]+)/?` \|", DOCUMENTS["helpers/README.md"], re.M)
    assert tuple(rows) == ROOMS
    folders = {file.parent.name for file in PROJECT.glob("helpers/*/__init__.py")}
    assert folders == {room for room in ROOMS if not room.endswith(".py")}
    for tests in PROJECT.glob("tests/*/"):
        assert {tests.name, f"{tests.name}.py"} & {*ROOMS, "fixtures", "tools", "__pycache__"}


def test_make_help_lists_every_target():
    done = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    listed = {line.split()[1] for line in done.stdout.splitlines()}
    assert listed == TARGETS


@pytest.mark.parametrize("lock", stack.LOCKS.values())
def test_a_lock_pins_every_package_with_hashes_and_names_no_index(lock):
    text = (PROJECT / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-zA-Z0-9])", text)
    entries = [entry for entry in entries if not entry.startswith("#")]
    assert len(entries) > 100
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+( ; .+?)? \\\n", entry), entry[:80]
        assert entry.count("--hash=sha256:") >= 1
    assert "://" not in text
    assert "--index" not in text


def test_the_lock_has_every_package_asked_for():
    asked = (PROJECT / "requirements.in").read_text(encoding="utf-8")
    names = {canonical(name) for name in re.findall(r"^([\w.-]+)", asked, re.M)}
    assert names <= {canonical(name) for name in re.findall(r"^([\w.-]+)==", LOCK, re.M)}
    for fixed in ("tensorflow==2.21.", "torch==2.15.", "torchvision==0.29."):
        assert f"\n{fixed}" in LOCK


def test_the_stack_of_2025_has_the_versions_of_its_report_and_all_else_that_is_asked_for():
    own = (PROJECT / "requirements-2025.in").read_text(encoding="utf-8")
    assert "\n-r requirements.in\n" in own
    lock = (PROJECT / "requirements-2025.txt").read_text(encoding="utf-8")
    for fixed in ("tensorflow==2.16.2", "torch==2.2.2", "torchvision==0.17.2", "numpy==1.26."):
        assert f"\n{fixed}" in lock
    asked = (PROJECT / "requirements.in").read_text(encoding="utf-8")
    names = {canonical(name) for name in re.findall(r"^([\w.-]+)", asked, re.M)}
    left_out = names - {canonical(name) for name in re.findall(r"^([\w.-]+)==", lock, re.M)}
    assert left_out == {"ai-edge-litert", "onnxscript"}


def test_conda_installs_the_same_lock():
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, packages = environment["dependencies"]
    version = tuple(map(int, python.removeprefix("python=").split(".")))
    assert (3, 11) <= version <= stack.NEWEST_PYTHON[stack.TODAY]
    assert pip == "pip"
    assert packages["pip"] == ["-r requirements.txt"]


def test_python_versions_agree():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    newest = [int(number) for number in re.findall(r"^NEWEST = (\d+)", MAKEFILE, re.M)]
    assert [(3, number) for number in newest] == list(stack.NEWEST_PYTHON.values())


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
