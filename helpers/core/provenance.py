"""What results were made with: machine, packages, commit, source, time."""

import datetime
import functools
import hashlib
import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import psutil

from helpers.core import artifacts, stack
from helpers.core.artifacts import PROJECT

# What a commit is asked about.
CODE = ("notebooks", "helpers", *stack.LOCKS.values())


def cores() -> int:
    """Return how many cores this process may keep busy, by its affinity and its container's limit.

    A limit of one and a half cores counts as two.
    """
    import joblib  # takes longer than some runtimes' first answer

    return joblib.cpu_count()


# Where Linux tells what a container may have, by cgroups of version 2 and 1.
MEMORY_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def memory_bytes() -> int:
    """Return how much memory this process may have: the machine's, or less in a container."""
    told = [file.read_text().strip() for file in MEMORY_LIMITS if file.is_file()]
    # Without a limit version 2 says "max", version 1 almost 2**63.
    limits = [int(text) for text in told if text.isdecimal()]
    return min([psutil.virtual_memory().total, *limits])


def _cpu_name() -> str:
    if sys.platform == "linux":
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
        return found[1] if found else platform.machine()
    if sys.platform == "darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    return platform.processor()


def describe() -> dict:
    """Return {cpu, cores, memory_bytes, os, python} of this machine."""
    return {
        "cpu": _cpu_name(),
        "cores": cores(),
        "memory_bytes": memory_bytes(),
        "os": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def peak_rss_bytes() -> int:
    """Return the largest resident memory this process has had, in bytes."""
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset
    if sys.platform == "linux":
        # Not getrusage: after a fork its maximum is the parent's.
        return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


PACKAGES = (
    *("tensorflow", "keras", "torch", "torchvision", "onnx", "onnxruntime", "onnxscript"),
    *("ai-edge-litert", "openvino", "numpy", "papermill", "nbconvert"),
)


def version(package: str) -> str | None:
    """Return the installed version of a package, None when it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def versions() -> dict[str, str]:
    """Return the version of each installed package that can change a result."""
    return {name: found for name in PACKAGES if (found := version(name))}


@functools.cache
def _size_bytes(package: str) -> int:
    # The sizes as the package records them: Python's own .pyc files are not counted.
    return sum(file.size or 0 for file in importlib.metadata.files(package) or [])


def install_bytes(package: str) -> int:
    """Return the size on disk of `package` and everything it requires, in bytes.

    Libraries that only a GPU needs count. What is required and not installed takes none.
    """
    from packaging.requirements import Requirement  # slow to import, and needed here alone

    wanted, seen = [package], set()
    while wanted:
        name = re.sub(r"[-_.]+", "-", wanted.pop()).lower()
        if name in seen or version(name) is None:
            continue
        seen.add(name)
        for line in importlib.metadata.requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                wanted.append(requirement.name)
    return sum(map(_size_bytes, seen))


# What stands in the commit's place when git does not tell it.
REFUSED = "not known: git refused to read the checkout, which another user owns"
NO_GIT = "not known: git is not installed"
UNREADABLE = "not known: git cannot read the checkout"


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess:
    """Return what git says in `folder`, asked with `words`. Raises OSError where it is missing."""
    # GIT_DIR and its like lead elsewhere; GIT_CONFIG_… may say whom to trust.
    kept = {k: v for k, v in os.environ.items() if not re.match("GIT_(?!CONFIG)", k)}
    return subprocess.run(
        ["git", *words],
        cwd=folder,
        env=kept | {"LC_ALL": "C"},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )


def git_commit() -> str | None:
    """Return the project's commit, `-dirty` after it if the code differs.

    None where the project is no checkout of its own, even inside another one, or has no commit
    yet; else REFUSED where git distrusts its owner, NO_GIT or UNREADABLE.
    """
    if not (PROJECT / ".git").exists():
        return None
    try:
        # The first line is the way up to the top of the checkout, empty when this is it.
        asked = _git(PROJECT, "rev-parse", "--show-cdup", "HEAD")
        status = ("--no-optional-locks", "status", "--porcelain", "--untracked-files=all")
        changed = _git(PROJECT, *status, "--", *CODE)
    except OSError:
        return NO_GIT
    up, commit = (asked.stdout.splitlines() + ["", ""])[:2]
    if up:
        return None
    if "dubious ownership" in asked.stderr:
        return REFUSED
    if asked.returncode:
        return None if asked.stdout else UNREADABLE
    if changed.returncode:
        return UNREADABLE
    return f"{commit}-dirty" if changed.stdout else commit


def made(started: str) -> dict:
    """Return {started, machine, packages, commit}: what results are made with."""
    return {
        "started": started,
        "machine": describe(),
        "packages": versions(),
        "commit": git_commit(),
    }


def code_sha256(*patterns: str) -> str:
    """Return one SHA-256 over the project's files that match, by their names and content.

    A folder stands for all that lies in it.
    """
    places = {place for pattern in patterns for place in PROJECT.glob(pattern)}
    files = {file for place in places for file in (place, *place.rglob("*")) if file.is_file()}
    digest = hashlib.sha256()
    for file in sorted(files):
        name = file.relative_to(PROJECT)
        if not any(part.startswith((".", "__pycache__")) for part in name.parts):
            digest.update(f"{name.as_posix()} {artifacts.sha256(file)}\n".encode())
    return digest.hexdigest()


def now() -> str:
    """Return the time in UTC to the second, as in `started`."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
