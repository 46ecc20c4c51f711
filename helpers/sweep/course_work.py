"""What a worker does for a course: one step of a person's chain, in a process of its own.

A step is a notebook, or the page after them. The process keeps papermill's output, folders and
variables apart from what else the worker does.
"""

import contextlib
import os
import threading
import time
from pathlib import Path

import psutil

from helpers.core import artifacts, process
from helpers.core.console import LabError, one_line
from helpers.core.stages import NOTEBOOKS
from helpers.data.mnist import Source
from helpers.pipeline import chain
from helpers.pipeline.notebook import CELL_LIMIT_S, NotebookFailed
from helpers.sweep import cores

MEASURING, REPORT = NOTEBOOKS[2], NOTEBOOKS[-1]
# A notebook has some fifty cells; no more than one of them is ever so long.
STEP_LIMIT_S = 2 * CELL_LIMIT_S


def request_of(specification: dict, notebook: str) -> chain.Request:
    """Return what is asked of the chain for a person's notebook.

    Trainings take the cores that a worker has; what is measured may have the whole machine.
    """
    values = specification["values"]
    if notebook != MEASURING:
        values = {"THREADS": specification["threads"], **values}
    return chain.Request(
        profile=specification["profile"],
        settings=specification["settings"],
        values=values,
        source=Source(**specification["source"]),
        begin=0,
        force=False,
    )


def step(specification: dict, *before: dict | None) -> dict | None:
    """Run a step and return how its notebook failed, None when it did not; Dask calls this.

    `before` is what the steps before it returned: after a failure only the page is made. What is
    returned holds the arguments of NotebookFailed.
    """
    failed = next(filter(None, (specification["failure"], *before)), None)
    if failed and specification["notebook"] != REPORT:
        return failed
    try:
        module, threads = __name__, specification["threads"]
        record = process.run(module, specification, threads=threads, timeout_s=STEP_LIMIT_S)
    except process.ProcessFailed as error:
        return failure(specification["notebook"], str(error))
    return record["failure"]


def failure(notebook: str, why: str) -> dict:
    """Return the failure of a notebook that had no chance to tell it itself."""
    line = f"stopped: {one_line(why)}"
    return {"notebook": notebook, "line": line, "cell": None, "code": 1, "resume": notebook}


def work(specification: dict) -> dict:
    """Be the process of a step: return {failure}, which is None when all went well."""
    from filelock import FileLock

    threading.Thread(target=_end_with, args=(psutil.Process().parent(),), daemon=True).start()
    os.environ.update(specification["environment"], LAB_ARTIFACTS=specification["folder"])
    for name in process.THREAD_VARIABLES:  # the notebooks set their threads themselves
        os.environ.pop(name, None)
    notebook, failed = specification["notebook"], specification["failure"]
    # Another one is at it still when the client was started again before its worker had noticed.
    with FileLock(artifacts.root() / f".{notebook}.lock"):
        try:
            if not failed:
                _run(specification, notebook)
        except NotebookFailed as error:
            failed = vars(error)
        if notebook == REPORT:
            _finish(specification, failed)
    return {"failure": failed}


def _run(specification: dict, notebook: str) -> None:
    """Run a notebook unless it is done. Raises NotebookFailed when it stops."""
    request = request_of(specification, notebook)
    own = cores.all_cores() if notebook == MEASURING else cores.group(specification["threads"])
    try:
        if not chain.unchanged(request, notebook):
            with own:
                chain.run_one(request, notebook, specification["begun"])
    except (LabError, OSError) as error:
        raise NotebookFailed(notebook, f"did not begin: {one_line(error)}", None, 2) from error


def _finish(specification: dict, failed: dict | None) -> None:
    """Make the page, with a banner where a notebook failed."""
    if not failed:
        chain.finish_results()
    banner = NotebookFailed(**failed) if failed else None
    chain.build_page(request_of(specification, REPORT), banner)


def _end_with(parent: psutil.Process) -> None:
    """End this process and those that it started once the worker is gone."""
    while parent.is_running():
        time.sleep(0.5)
    for each in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            each.kill()
    os._exit(1)


def sees(folder: str) -> bool:
    """Tell whether a worker has the folder that the reports go to."""
    return Path(folder).is_dir()
