"""Tell before a run what could keep it from going well, and what to do about it.

`python -m helpers.pipeline.doctor` ends with exit code 2 when something stops a run, else with 0.
"""

import importlib.metadata
import json
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from helpers.core import artifacts, cgroups, environment, provenance, stack
from helpers.core.artifacts import PROJECT
from helpers.core.console import LabError
from helpers.core.units import counted
from helpers.data import fetch
from helpers.pipeline import fingerprint
from helpers.pipeline.notebook import FOLDER

# No run without them; what else is not installed costs its own rows of the report at most.
NEEDED = {
    *("tensorflow", "keras", "torch", "onnx", "onnxscript", "papermill", "ipykernel", "nbconvert"),
    *("matplotlib", "pandas", "scikit-learn", "mlxtend"),
}
# A notebook with a framework beside two processes that read its files back; what a run writes.
MEMORY_BYTES, DISK_BYTES = 3e9, 1e9
# Where every IPython looks for start-up files, whatever IPYTHONDIR says.
START_UP = ("/etc/ipython", "/usr/local/etc/ipython", f"{sys.prefix}/etc/ipython")
# The user's files that a run does without: the variable that names their folder, the usual one.
FILES = (
    ("KERAS_HOME", "~/.keras", "keras.json"),
    ("MPLCONFIGDIR", "~/.config/matplotlib", "matplotlibrc"),
    ("IPYTHONDIR", "~/.ipython", "profile_default/startup/*.*py"),
    ("JUPYTER_CONFIG_DIR", "~/.jupyter", "jupyter_*config.*"),
    ("", str(FOLDER), "matplotlibrc"),
)


@dataclass(frozen=True)
class Finding:
    """What was found of one subject, and what to do about it: "" when all is well."""

    subject: str
    found: str
    remedy: str = ""
    stops: bool = False  # whether a run would fail

    @property
    def mark(self) -> str:
        """A sign for how bad it is."""
        return "✓" if not self.remedy else "✗" if self.stops else "!"

    def __str__(self) -> str:
        return f"{self.subject}: {self.found}" + (f"; {self.remedy}" if self.remedy else "")


def python() -> Finding:
    """Look at the version of Python and where it stands."""
    found = f"{platform.python_version()} in {sys.prefix}"
    newest = stack.NEWEST_PYTHON[stack.name()]
    if (3, 11) <= sys.version_info[:2] <= newest:
        return Finding("Python", found)
    remedy = f"make install PYTHON=/path/to/python3.12 (3.11 to 3.{newest[1]} will do)"
    return Finding("Python", found, remedy, stops=True)


def packages() -> Finding:
    """Compare the installed packages with the lock."""
    from packaging.requirements import Requirement

    lock, installed = fingerprint.LOCK.read_text(encoding="utf-8"), _installed()
    wanted = map(Requirement, re.findall(r"^([\w.-]+==.+?) \\$", lock, re.M))
    wanted = [each for each in wanted if each.marker is None or each.marker.evaluate()]
    other = {
        _canonical(each.name): str(each.specifier).removeprefix("==")
        for each in wanted
        if not each.specifier.contains(installed.get(_canonical(each.name), "0"), prereleases=True)
    }
    if not other:
        return Finding("packages", f"{len(wanted)} as in {fingerprint.LOCK.name}")
    told = [f"{name} {installed.get(name, 'missing')} instead of {other[name]}" for name in other]
    more = f" and {len(told) - 3} more" if len(told) > 3 else ""
    stops = bool(NEEDED & (other.keys() - installed.keys()))
    remedy = "make install, or the numbers are those of other versions"
    return Finding("packages", ", ".join(told[:3]) + more, remedy, stops)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed() -> dict[str, str]:
    """Return {package: version} by the names of the folders that describe them."""
    found = {}
    for place in reversed(sys.path):  # the first one wins
        for folder in Path(place).glob("*.dist-info"):
            name, _, version = folder.name.removesuffix(".dist-info").rpartition("-")
            found[_canonical(name)] = version
    return found


def memory() -> Finding:
    """Look at the memory that a run may have."""
    may_have = provenance.memory_bytes()
    free = min(may_have, psutil.virtual_memory().available)
    found = f"{free / 2**30:.1f} of {may_have / 2**30:.1f} GiB free"
    if cgroups.memory_limit_bytes():
        found += " in the container"
    remedy = (
        f"a notebook takes up to {MEMORY_BYTES / 2**30:.1f} GiB: close programs, give a container "
        "more, or run PROFILE=quick TRAININGS=mlp:lab:1"
    )
    return Finding("memory", found, remedy if free < MEMORY_BYTES else "")


def disk() -> Finding:
    """Look at the space for what a run writes."""
    places = [artifacts.root(), Path(tempfile.gettempdir())]
    there = [next(each for each in (place, *place.parents) if each.exists()) for place in places]
    free, place = min((shutil.disk_usage(each).free, each) for each in there)
    found = f"{free / 1e9:,.1f} GB free in {place}"
    remedy = f"a run writes up to {DISK_BYTES / 1e9:.0f} GB: free some"
    return Finding("disk", found, remedy if free < DISK_BYTES else "")


def cores() -> Finding:
    """Look at the cores that a run may use, and whether its times will be throttled ones."""
    limit, number = cgroups.core_limit(), provenance.cores()
    found = counted(number, "core") + (f", the container allows {limit:g}" if limit else "")
    if limit and limit < 1:
        remedy = "give it a whole core, or every time will be flagged as disturbed"
    elif number == 1:
        remedy = "give it two, or the runtimes are compared with one thread alone"
    else:
        remedy = ""
    return Finding("cores", found, remedy)


def compiler() -> Finding:
    """Look for the C++ compiler that torch.compile calls."""
    usual = {"darwin": "clang++", "win32": "cl"}.get(sys.platform, "g++")
    name = os.environ.get("CXX") or usual
    if path := shutil.which(name):
        return Finding("compiler", path)
    remedy = "install one (`apt install g++`), or torch.compile is left out of the comparison"
    return Finding("compiler", f"no C++ compiler {name}", remedy)


def variables() -> Finding:
    """Name the environment variables that would change results, and those that may."""
    told = environment.describe()
    found = [f"{name}={value} is in force" for name, value in told["in_force"].items()]
    if told["kept_out"]:
        found.append(f"{', '.join(told['kept_out'])}: kept out of the run")
    remedy = "unset what is not meant for this run" if told["in_force"] else ""
    return Finding("environment", "; ".join(found) or "nothing that changes results", remedy)


def own_helpers() -> Finding:
    """Look which helpers run here, and to which folder the environment leads outside it."""
    try:
        installed = importlib.metadata.distribution("lab03").read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        installed = None
    url, found = PROJECT.as_uri(), str(PROJECT / "helpers")
    leads = json.loads(installed).get("url") if installed else "nowhere"
    remedy = "" if leads == url else f"make setup: {sys.prefix} leads to {leads}"
    return Finding("helpers", found, remedy)


def kernel() -> Finding:
    """Look which kernel the notebooks ask for; the chain takes its own interpreter all the same."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    named = {}
    for file in sorted(FOLDER.glob("*.ipynb")):
        content = json.loads(file.read_text(encoding="utf-8"))
        named[file.name[:2]] = content["metadata"].get("kernelspec", {}).get("name", "none")
    other = [f"{number} asks for {name}" for number, name in named.items() if name != "python3"]
    try:
        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        program = "missing"
    if program not in ("python", "python3", sys.executable):
        other.append(f"the kernel python3 is {program}")
    if not other:
        return Finding("kernel", sys.executable)
    remedy = "the chain takes its own Python; begin with make lab and choose the kernel Python 3"
    return Finding("kernel", ", ".join(other), remedy)


def data() -> Finding:
    """Look for MNIST where a run without DATASET would, but download nothing."""
    faults = []
    for place in fetch.places():
        arrays, wrong = fetch.verified(place)
        faults += wrong
        if arrays:
            remedy = f"passed over: {'; '.join(faults)}" if faults else ""
            return Finding("data", f"the full MNIST from {place.name}", remedy)
    if faults:
        return Finding("data", "; ".join(faults), "replace or remove these files", stops=True)
    remedy = (
        "a run downloads it (11 MB); without a network set MNIST_DIR, or the report is of a sample "
        "of 5,000 images"
    )
    return Finding("data", "no MNIST on this machine", remedy)


def results() -> Finding:
    """Look whether a run can write where it is told to."""
    folder = artifacts.root()
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if there.is_dir() and os.access(there, os.W_OK):
        return Finding("results", str(folder))
    remedy = "set LAB_ARTIFACTS to a folder that can be written"
    return Finding("results", f"{folder} cannot be written", remedy, stops=True)


def title_block() -> Finding:
    """Read lab.yaml."""
    from helpers.report import cover

    try:
        filled = cover.read_lab()
    except LabError as error:
        return Finding("lab.yaml", str(error), "mend the file", stops=True)
    return Finding("lab.yaml", ", ".join(name for name, text in filled.items() if text) or "empty")


def browser() -> Finding:
    """Look for the browser that prints the report."""
    from helpers.report import chromium

    if path := chromium.find_chromium():
        return Finding("browser", path)
    remedy = "install chromium (`apt install chromium`) or Google Chrome for make pdf"
    return Finding("browser", "no Chromium", remedy)


def commit() -> Finding:
    """Ask git what the report will name."""
    found = provenance.git_commit() or "none: this folder is no checkout of its own"
    remedies = {
        provenance.REFUSED: f'git config --global --add safe.directory "{PROJECT}"',
        provenance.NO_GIT: "install git, or the report names no commit",
        provenance.UNREADABLE: "run git status here and see what it says",
    }
    return Finding("commit", found, remedies.get(found, ""))


def files() -> Finding:
    """Name the user's files that would change results: which are not read, and which are."""
    start_up = [str(each) for place in START_UP for each in Path(place, "startup").glob("*.*py")]
    for name in ("sitecustomize", "usercustomize"):
        file = getattr(sys.modules.get(name), "__file__", None)
        if file and Path(file).parent != Path(os.__file__).parent:  # some systems have their own
            start_up.append(file)
    kept_out = [
        str(each)
        for variable, usual, pattern in FILES
        for each in fetch.from_project(os.environ.get(variable) or usual).glob(pattern)
    ]
    found = [f"{name} is read" for name in start_up] + [f"{name} is not read" for name in kept_out]
    remedy = "see whether what is read changes anything" if start_up else ""
    return Finding("files", ", ".join(found) or "none that change results", remedy)


# What costs next to nothing comes before every run.
QUICK: tuple[Callable[[], Finding], ...] = (
    *(python, packages, memory, disk, cores, compiler, variables),
)
SLOWER = (own_helpers, kernel, data, results, title_block, browser, commit, files)


def before_a_run() -> None:
    """Print a line for each remark of the quick part. Raises LabError for what stops a run."""
    for finding in (look() for look in QUICK):
        if finding.stops:
            raise LabError(str(finding))
        if finding.remedy:
            print(f"note: {finding}", flush=True)


def main() -> int:
    """Print every finding as a line of a table and return the exit code."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    findings = [look() for look in (*QUICK, *SLOWER)]
    table = Table("", "what", "found", "what to do", box=None, pad_edge=False)
    colours = {"✓": "green", "!": "yellow", "✗": "red"}
    for each in findings:
        mark = Text(each.mark, colours[each.mark])
        table.add_row(mark, each.subject, each.found, each.remedy)
    sys.stdout.reconfigure(errors="replace")  # a terminal that knows ASCII alone
    width = None if sys.stdout.isatty() else 10_000  # else a line each
    Console(width=width, markup=False, highlight=False).print(table)
    return 2 if any(each.stops for each in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
