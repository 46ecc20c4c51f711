"""Run a module of this project, or a notebook, in a fresh process."""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

from helpers.core import console, files

# Read by OpenMP, MKL, OpenBLAS, Accelerate and TensorFlow when they load, so set before any import.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
# What Keras takes along where it is installed, two fifths of its import, and only figures need.
NOT_NEEDED = ("matplotlib", "pandas", "sklearn")


class ProcessFailed(RuntimeError):
    """A process that ended without a record; the message says why."""


def run(
    module: str,
    specification: dict,
    *,
    threads: int,
    timeout_s: float = 300,
    without: Sequence[str] = (),
) -> dict:
    """Return the record that `module.work(specification)` makes in a process of its own.

    The parent waits in a blocking call, so it takes no core from what is being measured. Native
    threads are limited by the environment; all output goes to logs/processes.log. Packages that the
    process is to do `without` are not there for it; where imports are timed, none is.
    Raises ProcessFailed when the process crashes, hangs past `timeout_s` or makes no record.
    """
    variables = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads))}
    with tempfile.TemporaryDirectory() as folder:
        names = ("specification.json", "record.json", "output.txt")
        given, made, output = (Path(folder, name) for name in names)
        files.write_json(given, {**specification, "threads": threads})
        command = [sys.executable, "-m", __name__, module, str(given), str(made), *without]
        try:
            # Its output goes into a file: of a process that hangs it is kept so.
            with output.open("wb") as file:
                streams = {"stdout": file, "stderr": subprocess.STDOUT}
                done = subprocess.run(command, env=variables, timeout=timeout_s, **streams)
            end = _ended(done.returncode)
        except subprocess.TimeoutExpired:
            end = f"was stopped after {timeout_s:.0f} s"
        said = output.read_text(encoding="utf-8", errors="replace")
        log = files.root() / "logs" / "processes.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"--- {module} {specification}\n{said}")
        if not made.exists():
            # What one that ended by itself, aborted or was stopped printed last says why.
            last = (said.strip().splitlines() or ["it printed nothing"])[-1]
            raise ProcessFailed(f"{module} {end}: {last}")
        return json.loads(made.read_text(encoding="utf-8"))


def _ended(code: int) -> str:
    """Return how a process with this exit code ended; a negative one is the signal that did it."""
    if code >= 0:
        return "failed" if code == 1 else f"ended with exit code {code}"
    memory = ", perhaps for want of memory" * (-code == signal.SIGKILL)
    return f"was ended by signal {-code} ({signal.strsignal(-code)}){memory}"


def serve(module: str, given: str, made: str, *without: str) -> None:
    """Be the process that `run` started: write the record of `module.work`, or print why not.

    `given` and `made` are the paths of the specification and of the record.
    """
    code = 0
    try:
        sys.modules |= dict.fromkeys(without)
        work = importlib.import_module(module).work
        record = work(json.loads(Path(given).read_text(encoding="utf-8")))
        files.write_json(Path(made), record)
    except Exception as error:
        traceback.print_exc()
        print(console.reason(error))  # as its last line
        code = 1
    sys.stdout.flush()
    # All is written; TensorFlow would take another second to take itself apart.
    os._exit(code)


@contextlib.contextmanager
def variables(**given: str) -> Iterator[None]:
    """Set environment variables inside the block, for the processes that it starts."""
    before = dict(os.environ)
    os.environ |= given
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before


def run_notebook(
    notebook: Path, made: Path, parameters: dict[str, object] | None = None, **options: object
) -> None:
    """Run a notebook through papermill with `parameters`; `made` is its executed copy.

    Its kernel is this interpreter, without the kernels, settings and start-up files that a user has
    for other notebooks. `options` are papermill's. Raises what papermill does.
    """
    import papermill  # takes a second
    from traitlets.config import Config

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        own = ("IPYTHONDIR", *(f"JUPYTER_{name}_DIR" for name in ("CONFIG", "DATA", "RUNTIME")))
        own = dict.fromkeys(own, folder) | {"JUPYTER_PREFER_ENV_PATH": "1", "JUPYTER_PATH": ""}
        # Of two kernels that begin at once one may take the other's TCP port, and its notebook
        # waits in vain; the path of a Unix socket may have about a hundred characters.
        by_file = os.name != "nt" and len(folder) < 80
        ports = {"transport": "ipc", "ip": f"{folder}/kernel"} if by_file else {}
        with variables(**own, MPLBACKEND="module://matplotlib_inline.backend_inline"):
            # papermill fills in what stands in braces.
            paths = [str(path).replace("{", "{{").replace("}", "}}") for path in (notebook, made)]
            options |= {"cwd": files.NOTEBOOKS, "kernel_name": "python3", "language": "python"}
            options["config"] = Config(KernelManager=ports)
            papermill.execute_notebook(*paths, parameters, **options)


if __name__ == "__main__":
    serve(*sys.argv[1:])
