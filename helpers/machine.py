"""A meter of the CPU time that others take."""

import time

import psutil


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
