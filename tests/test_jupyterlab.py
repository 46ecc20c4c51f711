"""The notebooks in JupyterLab itself: a real server, a real browser, a real kernel."""

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

import pytest

from helpers import PROJECT
from helpers.core.results import NOTEBOOKS

pytestmark = pytest.mark.real

FIRST = next(iter(NOTEBOOKS))
TOKEN = "a-token-of-the-test"
# What a user may have configured for other projects.
ELSEWHERE = """
c.ServerApp.root_dir = c.FileContentsManager.root_dir = {folder!r}
c.ServerApp.preferred_dir = {folder!r}
"""


@pytest.fixture
def address(tmp_path):
    """JupyterLab as `make lab` starts it, on copies of the notebooks."""
    for name in (".jupyter", "notebooks"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    configured = tmp_path / "settings" / "jupyter_server_config.py"
    configured.parent.mkdir()
    configured.write_text(ELSEWHERE.format(folder=str(configured.parent)))
    dry = subprocess.check_output(["make", "--dry-run", "lab"], cwd=PROJECT, text=True)
    options = shlex.split(re.search(r"-m jupyterlab (.+)", dry.replace("\\\n", ""))[1])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options += ["--no-browser", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.port={port}"]
    own = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    address, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 60
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=tmp_path,
            env=os.environ | dict.fromkeys(own, str(configured.parent)),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            while True:
                try:
                    urllib.request.urlopen(f"{address}/api", timeout=5).close()
                    break
                except urllib.error.URLError:
                    assert server.poll() is None and time.monotonic() < deadline
                    time.sleep(0.1)
            yield address
        finally:
            server.terminate()  # it shuts its kernels down before it ends
            server.wait(timeout=30)


def test_make_lab_opens_the_first_notebook_and_asks_nothing(address, browser):
    with browser.new_page() as page:
        page.goto(f"{address}/?token={TOKEN}")
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
        assert page.url == f"{address}/lab/tree/notebooks/{FIRST}.ipynb"
        current = page.locator("#jp-main-dock-panel .lm-TabBar-tab.jp-mod-current")
        assert current.all_inner_texts() == [f"{FIRST}.ipynb"]
        assert page.locator(".jp-Dialog, .Toastify__toast").all_inner_texts() == []
