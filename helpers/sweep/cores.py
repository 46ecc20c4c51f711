"""Core groups of a machine: each training has one of its own, whoever else trains there."""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from helpers.core import provenance

# How long a training that finds all groups taken waits before it looks again.
PAUSE_S = 0.05


def groups(threads: int) -> int:
    """Return how many trainings of `threads` threads this machine takes at once."""
    return max(1, provenance.cores() // threads)


@contextlib.contextmanager
def group(threads: int) -> Iterator[int]:
    """Take a group of `threads` free cores, pin this process to it, and yield the load.

    The load is how many groups of this size are taken, this one included. Waits until one is free.
    The operating system gives the group of a process that dies back.
    """
    allowed = _affinity()
    locks = _locks()
    of_groups = [locks[n * threads : (n + 1) * threads] for n in range(groups(threads))]
    while (own := next((each for each in of_groups if _take(each)), None)) is None:
        time.sleep(PAUSE_S)
    try:
        # Where a container may have a part of the time of all cores, others may be the free ones.
        if len(allowed) == len(locks):
            _pin({int(Path(lock.lock_file).name) for lock in own})
        yield 1 + sum(not _free(each) for each in of_groups if each is not own)
    finally:
        _pin(allowed)
        _release(own)


def _affinity() -> set[int]:
    """Return the cores that this process may run on; none where the system does not tell."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def _pin(allowed: set[int]) -> None:
    """Keep all threads of this process, those of native code too, on the cores `allowed`."""
    if not allowed:
        return
    for thread in psutil.Process().threads():
        with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
            os.sched_setaffinity(thread.id, allowed)


def _locks() -> list[FileLock]:
    """Return a lock for each core that this process may keep busy, named by the core's number."""
    user = os.getuid() if hasattr(os, "getuid") else "lab"
    folder = Path(tempfile.gettempdir(), f"lab03-cores-{user}")
    folder.mkdir(exist_ok=True)
    names = sorted(_affinity()) or range(provenance.cores())
    return [FileLock(folder / str(name)) for name in names[: provenance.cores()]]


def _take(locks: list[FileLock]) -> bool:
    """Take all of some locks without waiting, or none; tell whether they are taken."""
    try:
        for lock in locks:
            lock.acquire(timeout=0)
    except Timeout:
        _release(locks)
        return False
    return True


def _release(locks: list[FileLock]) -> None:
    for lock in locks:
        lock.release()


def _free(locks: list[FileLock]) -> bool:
    if free := _take(locks):
        _release(locks)
    return free
