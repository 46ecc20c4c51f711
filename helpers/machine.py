"""The machine a run was made on: what it is, and what others take of it."""

import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil

# What to do when a framework has no GPU; helpers/__init__.py hides them unless told otherwise.
ANOTHER_DEVICE = "set DEVICE=cpu, or CUDA_VISIBLE_DEVICES to the number of a GPU"


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu_name() -> str:
    if sys.platform == "linux":
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
        return found[1] if found else platform.machine()
    if sys.platform == "darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    return platform.processor()


def describe(threads: int) -> dict:
    """Return {cpu, cores, threads, memory_bytes, os, python} of this machine."""
    return {
        "cpu": _cpu_name(),
        "cores": cores(),
        "threads": threads,
        "memory_bytes": psutil.virtual_memory().total,
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


class OthersCpu:
    """A meter of the CPU time that everything but this process takes, the hypervisor included."""

    def __init__(self) -> None:
        self.begin = self._now()

    @staticmethod
    def _now() -> tuple[float, float, float]:
        times = psutil.cpu_times()._asdict()
        # What guests take is inside user and nice already.
        outside = ("idle", "iowait", "guest", "guest_nice")
        busy = sum(seconds for name, seconds in times.items() if name not in outside)
        return time.perf_counter(), time.process_time(), busy

    def cores(self) -> float:
        """Return how many cores, on average since the meter was made, others kept busy."""
        wall, own, busy = (end - begin for end, begin in zip(self._now(), self.begin, strict=True))
        return max(0.0, (busy - own) / wall)
