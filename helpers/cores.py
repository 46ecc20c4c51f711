"""The pace of each core, and where the calling thread runs.

On a shared host another guest on the same physical core slows this one by up to half, for seconds,
without any trace in the operating system. A fixed product beside each pass shows it.
"""

import contextlib
import os
import time
from pathlib import Path

import numpy as np

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
            if core is not None:
                os.sched_setaffinity(0, {core})
            paces_s[core] = fixed_product_s()
        return paces_s

    def settle(self, paces_s: dict[int | None, float]) -> int | None:
        """Keep the calling thread on the quietest core and return that core.

        With one thread the whole process is kept there; otherwise the other threads stay free.
        """
        quietest = min(paces_s, key=paces_s.get)
        if quietest is not None:
            tasks = [int(task.name) for task in Path("/proc/self/task").iterdir()]
            for task in tasks if self.one_thread else [0]:
                with contextlib.suppress(ProcessLookupError):  # it has ended since
                    os.sched_setaffinity(task, {quietest})
        return quietest
