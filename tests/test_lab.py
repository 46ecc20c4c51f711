"""The notebooks in JupyterLab itself: a real server, a real browser, real kernels."""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from helpers.core.artifacts import PROJECT
from helpers.core.stages import NOTEBOOKS

pytestmark = pytest.mark.real

TOKEN = "a-token-of-the-test"
READY = "Python 3 (ipykernel) | Idle"  # in the status bar
DIALOG = ".jp-Dialog"
OWN = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
# What a user may have configured for other projects.
ELSEWHERE = """
c.ServerApp.root_dir = c.FileContentsManager.root_dir = {folder!r}
c.ServerApp.preferred_dir = {folder!r}
"""


def options_of_make_lab():
    """Return what `make lab` hands to JupyterLab."""
    command = ["make", "--dry-run", "lab"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    return shlex.split(re.search(r"-m jupyterlab (.+)", done.stdout.replace("\\\n", ""))[1])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_answers(server, address, log):
    deadline = time.monotonic() + 60
    while True:
        try:
            return urllib.request.urlopen(f"{address}/api", timeout=5).close()
        except urllib.error.URLError:
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab as `make lab` starts it, on copies of the notebooks: (address, folder)."""
    folder = tmp_path_factory.mktemp("lab")
    for name in (".jupyter", "notebooks"):
        shutil.copytree(PROJECT / name, folder / name)
    port, log = free_port(), folder / "server.log"
    options = [
        *("--no-browser", f"--IdentityProvider.token={TOKEN}"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
    ]
    own = {name: str(folder / "settings" / name) for name in OWN}
    configured = Path(own["JUPYTER_CONFIG_DIR"], "jupyter_server_config.py")
    configured.parent.mkdir(parents=True)
    configured.write_text(ELSEWHERE.format(folder=str(folder / "settings")))
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options_of_make_lab(), *options],
            cwd=folder,
            env={**os.environ, **own, "LAB_ARTIFACTS": str(folder / "artifacts")},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_it_answers(server, f"http://127.0.0.1:{port}", log)
        yield f"http://127.0.0.1:{port}", folder
    finally:
        server.terminate()  # it shuts its kernels down before it ends
        try:
            server.wait(timeout=30)
        finally:
            server.kill()


def test_make_lab_opens_the_first_notebook_and_asks_nothing(lab, browser):
    address, _ = lab
    with browser.new_page() as page:
        page.goto(f"{address}/?token={TOKEN}")
        page.get_by_text(READY).wait_for(timeout=60_000)
        assert page.url == f"{address}/lab/tree/notebooks/{NOTEBOOKS[0]}.ipynb"
        current = page.locator("#jp-main-dock-panel .lm-TabBar-tab.jp-mod-current")
        assert current.all_inner_texts() == [f"{NOTEBOOKS[0]}.ipynb"]
        assert page.locator(f"{DIALOG}, .Toastify__toast").all_inner_texts() == []
