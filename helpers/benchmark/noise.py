"""The noise of a machine: the pace of each core, what others take, which passes were quiet.

On a shared host another guest on the same physical core slows this one by up to half, for seconds,
without any trace in the operating system. A fixed product beside each pass shows it.
"""

import contextlib
import os
import time
from pathlib import Path

import numpy as np
import psutil

MATRIX = np.arange(64 * 64).reshape(64, 64)


def fixed_product_s() -> float:
    """Return the median time of a NumPy product that is always the same: this core's pace.

    Of integers, which no BLAS takes: a neighbour slows such code by a third and a BLAS product by
    a twentieth.
    """
    taken = []
    for _ in range(7):
        start = time.perf_counter()
        MATRIX @ MATRIX
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


class Cores:
    """The cores of this process; where the system cannot tell them apart, one without a number."""

    def __init__(self, threads: int) -> None:
        told_apart = hasattr(os, "sched_getaffinity")  # not on macOS and Windows
        self.all = sorted(os.sched_getaffinity(0)) if told_apart else [None]
        self.one_thread = threads == 1

    def paces_s(self) -> dict[int | None, float]:
        """Return the time of the fixed product on every core."""
        paces_s = {}
        for core in self.all:
            self._keep_on({core})
            paces_s[core] = fixed_product_s()
        self._keep_on(set(self.all))
        return paces_s

    def settle(self, paces_s: dict[int | None, float]) -> list[int | None]:
        """Keep a process of one thread on the quietest core; return the cores that may be used.

        One of several threads is left free: those that Keras' `predict` starts in each call would
        inherit the calling thread's core, and it took 1.2 to 1.8 times as long.
        """
        if not self.one_thread:
            return self.all
        quietest = min(paces_s, key=paces_s.get)
        if quietest is not None:
            for task in Path("/proc/self/task").iterdir():
                with contextlib.suppress(ProcessLookupError):  # it has ended since
                    self._keep_on({quietest}, int(task.name))
        return [quietest]

    @staticmethod
    def _keep_on(cores: set[int | None], task: int = 0) -> None:
        """Keep a thread, 0 for the calling one, on `cores`."""
        if None not in cores:
            os.sched_setaffinity(task, cores)


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


# More than this many cores taken by others during a process, or a batch size without a time beside
# the fixed product at nearly its usual pace, and the process is run again.
DISTURBED_CORES, SLOW_PACE = 0.1, 1.15


def usual_paces_s(records: list[dict]) -> dict[int, float]:
    """Return the time of the fixed product when nobody is in the way, by number of threads.

    Of all passes so far, on the slowest core that a process uses: a machine's cores may differ.
    """
    found: dict[int, list[float]] = {}
    for record in records:
        found.setdefault(record["threads"], []).extend(record.get("slowest_s", []))
    return {count: float(np.percentile(own, 10)) for count, own in found.items() if own}


def quiet_passes(record: dict, usual_s: dict[int, float]) -> list[int]:
    """Return the passes of a process beside which the fixed product was as fast as usual.

    On every core that the process may use, whatever the batch size: several runtimes keep two
    cores busy with a single image too.
    """
    most_s = SLOW_PACE * usual_s[record["threads"]]
    return [i for i, pace_s in enumerate(record["slowest_s"]) if pace_s <= most_s]


def disturbed(record: dict, usual_s: dict[int, float]) -> bool:
    """Tell whether others slowed a process: in this machine, or beside it on the same host.

    It is when a batch size was timed in none of the quiet passes.
    """
    if "batches" not in record:
        return False
    quiet = quiet_passes(record, usual_s)
    timed = all(any(batch["block_s"][i] for i in quiet) for batch in record["batches"])
    return record["others_cores"] > DISTURBED_CORES or not timed
