"""Faults around the project: copies, kernels, git, the user's own settings, containers."""

import contextlib
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from changes import as_a_user
from faults import Fault, Place

from helpers.core import provenance
from helpers.core.artifacts import PROJECT

# --- Everything that a user may have set for other programs, in one run of the chain.

COLOUR = "ab12cd"  # of figures, as no file of the project has it
MATPLOTLIB = f"text.usetex: True\naxes.facecolor: {COLOUR}\nfigure.facecolor: {COLOUR}\n"
KERAS = {"floatx": "float16", "image_data_format": "channels_first", "backend": "torch"}
KERNEL = {"argv": ["/nowhere/python", "{connection_file}"], "display_name": "x", "language": "x"}
SET = {
    "KERAS_BACKEND": "torch",
    "KERAS_MAX_EPOCHS": "0",
    "TF_USE_LEGACY_KERAS": "1",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TORCH_LOGS": "+dynamo",
    "ONEDNN_VERBOSE": "1",
    "OMP_NUM_THREADS": "7",
    "MALLOC_ARENA_MAX": "1",
    "PYTHONWARNINGS": "error",
    "MPLBACKEND": "TkAgg",
    "DISPLAY": "",
    "CXX": "no-such-compiler",
    "HOME": "/dev/null/home",
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "GIT_DIR": "/nowhere",
}
WORDS = ("DATASET=sample", "TRAININGS=mlp:lab:1", "RUNTIMES=pytorch,torch-compile")


def written(file: Path, text: str) -> str:
    """Write a file, and return the folder that it stands in."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return str(file.parent)


@functools.cache
def everything_at_once() -> tuple[Place, subprocess.CompletedProcess]:
    """Run the chain on one core, in a folder with a difficult name, with all of it set."""
    kept = tempfile.TemporaryDirectory(prefix="Bericht für Übung 3 ")  # while the tests run
    everything_at_once.kept = kept
    place = Place(Path(kept.name))
    theirs, project = place.folder / "theirs", place.copy()
    touch = "import pathlib; pathlib.Path({!r}).touch()\n"
    foreign = written(theirs / "path" / "helpers" / "__init__.py", "raise RuntimeError('theirs')")
    start_up = theirs / "ipython" / "profile_default" / "startup" / "a.py"
    written(start_up, touch.format(str(theirs / "ipython ran")))
    written(theirs / "startup.py", touch.format(str(theirs / "python ran")))
    written(project / "notebooks" / "matplotlibrc", MATPLOTLIB)
    for name in ("kernels", "data/kernels"):
        written(theirs / name / "python3" / "kernel.json", json.dumps(KERNEL))
    second = project / "notebooks" / "02_pytorch_onnx.ipynb"
    second.write_text(second.read_text("utf-8").replace('"name": "python3"', '"name": "julia-1.9"'))
    done = subprocess.run(
        [sys.executable, "-m", "helpers.pipeline", "--profile", "quick", *WORDS],
        cwd=project,
        env=as_a_user(
            **SET,
            LAB_ARTIFACTS=str(place.artifacts),
            PYTHONPATH=str(Path(foreign).parent),
            PYTHONSTARTUP=str(theirs / "startup.py"),
            KERAS_HOME=written(theirs / "keras" / "keras.json", json.dumps(KERAS)),
            MPLCONFIGDIR=written(theirs / "matplotlib" / "matplotlibrc", MATPLOTLIB),
            MATPLOTLIBRC=str(theirs / "matplotlib" / "matplotlibrc"),
            IPYTHONDIR=str(theirs / "ipython"),
            JUPYTER_PATH=str(theirs),
            JUPYTER_DATA_DIR=str(theirs / "data"),
        ),
        preexec_fn=_one_core,
        capture_output=True,
        encoding="utf-8",
        timeout=900,
    )
    return place, done


def _one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def leak(done: str, holds: Callable[[Place, dict], bool], left: str) -> Fault:
    """Return a row about one of the things that are all set in the same run."""

    def held(_: Place) -> bool:
        place, _ = everything_at_once()
        return holds(place, json.loads((place.artifacts / "results.json").read_text("utf-8")))

    return Fault(
        done,
        lambda _: everything_at_once()[1],
        r"(?m)^report: .*report\.html",
        code=0,
        left=f"the report, {left}",
        holds=held,
        real=True,
        shared="everything at once",
    )


def learned(_: Place, results: dict) -> bool:
    """Tell whether both networks learned something, and every file passed its gate."""
    accuracies = [row["test_accuracy"] for row in results["models"]]
    gates = {row["gate"] for row in results["exports"]}
    return len(accuracies) == 2 and min(accuracies) > 0.6 and gates == {"passed"}


def named(place: Place, results: dict) -> bool:
    """Tell whether the run card names what was kept out of every notebook."""
    card = (place.artifacts / "report.html").read_text("utf-8")
    made = [own["environment"]["kept_out"] for own in results["run"]["made"].values()]
    names = {"KERAS_BACKEND", "TF_ENABLE_ONEDNN_OPTS", "TORCH_LOGS", "OMP_NUM_THREADS"}
    return all(names < set(own) for own in made) and all(name in card for name in names)


def not_compiled(_: Place, results: dict) -> bool:
    """Tell whether what needs the compiler is missing, and nothing else."""
    failed = {row["runtime"] for row in results["failures"]}
    timed = {row["runtime"] for row in results["latency"]}
    return failed == {"torch-compile"} and timed == {"pytorch"}


LEAKS = [
    leak("KERAS_BACKEND=torch, keras.json with float16 and channels_first", learned, "right"),
    leak("variables of TensorFlow, PyTorch, OpenMP and Python", named, "which names them"),
    leak(
        "matplotlibrc with usetex and colours, MPLBACKEND=TkAgg, no display",
        lambda place, _: COLOUR not in (place.artifacts / "report.html").read_text("utf-8"),
        "with its own look",
    ),
    leak(
        "start-up files of IPython and Python",
        lambda place, _: not list((place.folder / "theirs").glob("* ran")),
        "without what they do",
    ),
    leak("another python3 kernel, a notebook saved with another one", learned, "right"),
    leak("PYTHONPATH with another package called helpers", learned, "by its own helpers"),
    leak(
        "a folder with spaces and umlauts, the locale C without UTF-8",
        lambda place, _: "ü" in str(place.folder) and (place.artifacts / "report.html").exists(),
        "right",
    ),
    leak("a home that is not there", learned, "right"),
    leak(
        "one core",
        lambda _, results: {row["threads"] for row in results["latency"]} == {1},
        "with one thread",
    ),
    leak("no compiler", not_compiled, "without torch.compile"),
]

# --- A project copied or moved with its .venv, and pip's own settings.


def copied_with_venv(place: Place) -> Path:
    """Return a copy of the project whose .venv leads to this one's packages and helpers."""
    project = place.copy()
    shutil.copy(PROJECT / "Makefile", project)
    venv = project / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    (site,) = venv.glob("lib/python*/site-packages")
    packages = sysconfig.get_path("purelib")
    written(site / "packages.pth", f"{packages}\n")
    # As pip leaves an editable install, so that it finds what to replace.
    written(site / "lab03.pth", f"{PROJECT}\n")
    described = site / "lab03-1.0.0.dist-info"
    written(described / "METADATA", "Metadata-Version: 2.1\nName: lab03\nVersion: 1.0.0\n")
    record = [f"{described.name}/METADATA", f"{described.name}/RECORD", "lab03.pth"]
    written(described / "RECORD", "".join(f"{name},,\n" for name in record))
    shutil.copy(project / "requirements.txt", venv)
    written(venv / "folder", f"{PROJECT}\n")
    return project


IMPORT = """
import os
os.chdir("notebooks")
import helpers
print("from", os.path.relpath(helpers.__file__, ".."))
"""


def from_the_notebooks(project: Path) -> subprocess.CompletedProcess:
    """Import the helpers as a kernel does, and print where they are from."""
    return subprocess.run(
        [".venv/bin/python", "-P", "-c", IMPORT],
        cwd=project,
        env=as_a_user(PYTHONPATH=""),
        capture_output=True,
        text=True,
    )


def set_up_again(place: Place) -> subprocess.CompletedProcess:
    """Run `make setup` in a copy, with pip told to install elsewhere, then import the helpers."""
    project = copied_with_venv(place)
    elsewhere = place.folder / "elsewhere"
    asked = {"PIP_USER": "1", "PIP_TARGET": str(elsewhere), "PIP_PREFIX": str(elsewhere)}
    done = subprocess.run(
        ["make", "setup"],
        cwd=project,
        env=as_a_user(**asked, PYTHONHOME="/nowhere", PYTHONSTARTUP="/nowhere"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not elsewhere.exists()
    return from_the_notebooks(project)


COPIES = [
    Fault(
        "the project is copied with its .venv",
        lambda place: from_the_notebooks(copied_with_venv(place)),
        r"LabError: the helpers of .+ would run in .+: .+; run `make setup`",
        code=1,
    ),
    Fault(
        "… and make runs in it, with PIP_USER, PIP_TARGET, PIP_PREFIX and PYTHONHOME set",
        set_up_again,
        r"^from helpers/__init__\.py",
        code=0,
        left="the copy's .venv, which leads to the copy",
        real=True,
    ),
]

# --- The commit.

TELL_COMMIT = """
import sys
from pathlib import Path
from helpers.core import provenance
provenance.PROJECT = Path(sys.argv[1])
print("commit:", provenance.git_commit())
"""


def checkout(folder: Path, words: str = "first") -> Path:
    """Make a checkout with one commit."""
    written(folder / "helpers" / "code.py", words)
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@b", "-C", str(folder)]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", words]):
        subprocess.run([*git, *command], check=True)
    return folder


def inside_another(place: Place) -> subprocess.CompletedProcess:
    """Ask for the commit of a project that lies in another one's checkout."""
    project = checkout(place.folder / "other") / "project"
    written(project / "helpers" / "code.py", "own")
    return place.python(TELL_COMMIT, str(project))


def led_elsewhere(place: Place) -> subprocess.CompletedProcess:
    """Ask for the commit with git's variables pointing at another checkout."""
    own, other = (checkout(place.folder / name, name) for name in ("own", "other"))
    git = {"GIT_DIR": other / ".git", "GIT_WORK_TREE": other, "GIT_INDEX_FILE": other / "index"}
    done = place.python(TELL_COMMIT, str(own), **{k: str(path) for k, path in git.items()})
    commit = subprocess.check_output(["git", "-C", str(own), "rev-parse", "HEAD"], text=True)
    assert commit.strip() in done.stdout, done.stdout
    return done


def of_another_user(place: Place) -> subprocess.CompletedProcess:
    """Ask for the commit of a checkout that somebody else owns."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("needs root")
    own = checkout(place.folder / "own")
    for path in (own, own / ".git"):
        os.chown(path, 12_345, 12_345)
    trusting = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return place.python(TELL_COMMIT, str(own), **trusting)


COMMITS = [
    Fault(
        "a project unpacked inside another repository",
        inside_another,
        r"^commit: None$",
        code=0,
    ),
    Fault(
        "GIT_DIR, GIT_WORK_TREE and GIT_INDEX_FILE of another repository",
        led_elsewhere,
        r"^commit: [0-9a-f]{40}$",
        code=0,
    ),
    Fault(
        "a repository of another user",
        of_another_user,
        rf"^commit: {provenance.REFUSED}$",
        code=0,
    ),
    Fault(
        "no git program",
        lambda place: place.python(TELL_COMMIT, str(checkout(place.folder)), PATH="/nowhere"),
        rf"^commit: {provenance.NO_GIT}$",
        code=0,
    ),
]

# --- JupyterLab.

ELSEWHERE = """
c.ServerApp.root_dir = c.ServerApp.preferred_dir = {folder!r}
c.FileContentsManager.root_dir = {folder!r}
"""


def make_lab(place: Place) -> subprocess.CompletedProcess:
    """Run `make lab` with another address and a configured root, and ask for the first notebook."""
    project, port = place.copy(), _free_port()
    shutil.copy(PROJECT / "Makefile", project)
    shutil.copytree(PROJECT / ".jupyter", project / ".jupyter")
    python = project / ".venv" / "bin" / "python"
    written(python, f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    shutil.copy(project / "requirements.txt", project / ".venv")
    written(project / ".venv" / "folder", f"{project.resolve()}\n")
    configured = place.folder / "jupyter" / "jupyter_server_config.py"
    folder = written(configured, ELSEWHERE.format(folder=str(place.folder)))
    options = f"--no-browser --ip=127.0.0.2 --port={port} --IdentityProvider.token=t"
    own = {"JUPYTER_CONFIG_DIR": folder, "JUPYTER_RUNTIME_DIR": folder, "MPLBACKEND": "TkAgg"}
    server = subprocess.Popen(
        ["make", "lab", f"ARGS={options}"],
        cwd=project,
        env=as_a_user(**own),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        address = f"http://127.0.0.2:{port}/api/contents/notebooks/01_tensorflow_tflite.ipynb"
        answer = _answer(f"{address}?token=t&content=0", server)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        said, _ = server.communicate(timeout=30)
    return subprocess.CompletedProcess(server.args, 0, f"answered {answer}\n{said}", "")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.2", 0))
        return probe.getsockname()[1]


def _answer(address: str, server: subprocess.Popen) -> int:
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5) as reply:
                return reply.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            time.sleep(0.1)
    return 0


LAB = [
    Fault(
        "make lab as root, on another address, with root_dir configured elsewhere",
        make_lab,
        r"(?m)^answered 200$",
        code=0,
        real=True,
    )
]

# --- Containers.

LOOK = """
import os, sys
for group in sys.argv[1:]:
    open(group + "/cgroup.procs", "w").write(str(os.getpid()))
from helpers.pipeline import doctor
doctor.before_a_run()
"""


@contextlib.contextmanager
def container(**limits: str) -> Iterator[list[str]]:
    """Yield the cgroups that set these limits, given as version 1 names them; skip without any."""
    groups = []
    try:
        for name, value in limits.items():
            controller, _, file = name.partition("_")
            group = Path("/sys/fs/cgroup", controller, f"lab-test-{os.getpid()}")
            group.mkdir()
            groups.append(group)
            (group / f"{controller}.{file}").write_text(value)
        yield list(map(str, groups))
    except OSError as error:
        pytest.skip(f"no cgroup can be made here: {error}")
    finally:
        time.sleep(0.1)  # until the system notices that they are empty
        for group in groups:
            group.rmdir()


def in_a_container(place: Place, **limits: str) -> subprocess.CompletedProcess:
    """Look in a container before a run."""
    with container(**limits) as groups:
        return place.python(LOOK, *groups)


CONTAINERS = [
    Fault(
        "a container with half a core",
        lambda place: in_a_container(place, cpu_cfs_quota_us="50000"),
        r"(?m)^note: cores: 1 core, the container allows 0\.5; give it a whole core, or every time",
        code=0,
    ),
    Fault(
        "a container with 2 GB of memory",
        lambda place: in_a_container(place, memory_limit_in_bytes=str(2 * 2**30)),
        r"(?m)^note: memory: .+ of 2\.0 GiB free in the container; a notebook takes up to 2\.8 GiB",
        code=0,
    ),
]

FAULTS = [*COPIES, *COMMITS, *LEAKS, *LAB, *CONTAINERS]
