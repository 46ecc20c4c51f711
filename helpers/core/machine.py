"""What results are made with: the machine, the packages and their stack, the commit, the time."""

import datetime
import functools
import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import psutil

from helpers import PROJECT

# A stack is a set of locked packages: today's, or those of the 2025 report.
TODAY, OF_2025 = "today", "2025"
LOCKS = {TODAY: "requirements.txt", OF_2025: "requirements-2025.txt"}
PACKAGES = (
    *("tensorflow", "keras", "torch", "torchvision", "onnx", "onnxruntime", "onnxscript"),
    *("ai-edge-litert", "openvino", "numpy", "papermill", "nbconvert"),
)
# Where Linux tells what a container may have, by cgroups of version 2 and 1.
CGROUP = Path("/sys/fs/cgroup")
MEMORY_LIMITS = (CGROUP / "memory.max", CGROUP / "memory" / "memory.limit_in_bytes")


def version(package: str) -> str | None:
    """Return the installed version of a package, None when it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


@functools.cache
def before(package: str, limit: str) -> bool:
    """Tell whether an older `package` than `limit` (major.minor) is installed."""
    found = version(package)
    first, second = ([int(n) for n in each.split(".")[:2]] for each in (found or limit, limit))
    return first < second


def stack() -> str:
    """Return TODAY or OF_2025: TensorFlow decides."""
    return OF_2025 if before("tensorflow", "2.17") else TODAY


def cores() -> int:
    """Return how many cores this process may keep busy, by its affinity and its container."""
    import joblib  # takes longer than some runtimes' first answer

    return joblib.cpu_count()


def _cpu_name() -> str:
    if sys.platform == "linux":
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
        return found[1] if found else platform.machine()
    if sys.platform == "darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    return platform.processor()


def describe() -> dict:
    """Return {cpu, cores, memory_bytes, os, python} of this machine or container."""
    told = [file.read_text().strip() for file in MEMORY_LIMITS if file.is_file()]
    # Without a limit version 2 says "max", version 1 almost 2**63.
    limits = [int(text) for text in told if text.isdecimal()]
    return {
        "cpu": _cpu_name(),
        "cores": cores(),
        "memory_bytes": min([psutil.virtual_memory().total, *limits]),
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


def versions() -> dict[str, str]:
    """Return the version of each installed package that can change a result."""
    return {name: found for name in PACKAGES if (found := version(name))}


def install_bytes(package: str) -> int:
    """Return the size on disk of `package` and everything it requires, in bytes.

    Libraries that only a GPU needs count, Python's own .pyc files do not.
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
    recorded = [importlib.metadata.files(name) or [] for name in seen]
    return sum(file.size or 0 for own in recorded for file in own)


def git_commit() -> str | None:
    """Return the project's commit, `-dirty` after it if the code differs.

    None where git tells none: the project is no checkout of its own, even inside another one, git
    is missing, or it distrusts the checkout's owner.
    """
    # GIT_DIR and its like lead elsewhere; GIT_CONFIG_… may say whom to trust.
    kept = {name: text for name, text in os.environ.items() if not re.match("GIT_(?!CONFIG)", name)}
    kept["GIT_CEILING_DIRECTORIES"] = str(PROJECT.parent)

    def git(*words: str) -> str:
        command = ["git", "--no-optional-locks", *words]
        done = subprocess.run(command, cwd=PROJECT, env=kept, capture_output=True, check=True)
        return done.stdout.decode().strip()

    try:
        commit = git("rev-parse", "HEAD")
        changed = git("status", "--porcelain", "--", "notebooks", "helpers", *LOCKS.values())
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{commit}-dirty" if changed else commit


def now() -> str:
    """Return the time in UTC to the second, as in `started`."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
