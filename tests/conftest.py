"""What several test modules share."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from changes import run_chain

# PyTorch loads Triton late; loaded after TensorFlow has compiled something, the process crashes.
# The project never has both in one process, the tests do.
with contextlib.suppress(ImportError):  # Linux only
    import triton  # noqa: F401

from helpers import PROJECT, data
from helpers.core import machine
from helpers.core.console import LabError
from helpers.report import browser as report_browser


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that share something costly in one of the processes that run the tests."""
    for item in items:
        fixtures = item._fixtureinfo.name2fixturedefs
        if "quick_run" in fixtures:
            item.add_marker(pytest.mark.xdist_group("the chain"))
        elif any(found[-1].scope == "module" for found in fixtures.values()):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture
def run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty artifacts folder of the test's own."""
    monkeypatch.setenv("LAB_ARTIFACTS", str(tmp_path / "artifacts"))
    return tmp_path / "artifacts"


@pytest.fixture
def todays_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions of which none is old, whichever are installed."""
    monkeypatch.setattr(machine, "before", lambda package, version: False)


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for modules that a process of its own can find."""
    folder = tmp_path / "modules"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (folder, PROJECT))))
    return folder


@pytest.fixture(scope="session")
def dataset() -> data.Dataset:
    """The 5,000 images that need no download."""
    return data.load("sample")


@pytest.fixture(scope="session")
def images(dataset: data.Dataset) -> np.ndarray:
    """The sample's test images, scaled: float32 [N, 28, 28]."""
    return data.scale(dataset.test_images)


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """Yield Playwright's browser; without a Chromium skip, or fail where CI promises one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        try:
            opened = report_browser.launch(playwright)
        except LabError as error:
            missing = pytest.fail if os.environ.get("CI") else pytest.skip
            missing(str(error))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def quick_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess]:
    """The whole chain on the quick profile: (folder, how it ended)."""
    folder = tmp_path_factory.mktemp("quick")
    return folder, run_chain(folder, "PROFILE=quick")


@pytest.fixture(scope="session")
def finished(quick_run: tuple) -> tuple[Path, subprocess.CompletedProcess]:
    """The quick run, which must have ended well."""
    folder, done = quick_run
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done
