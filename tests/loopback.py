"""A scheduler and workers as a cluster has them: processes of their own on the loopback address."""

import contextlib
import os
import signal
import subprocess
import sys
import time

from changes import as_a_user
from distributed import Client

from helpers.core.artifacts import PROJECT

LOOPBACK = "127.0.0.1"


def wait_for(happened, seconds=120):
    """Return what `happened` returns, once it is true."""
    end = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return found


class Cluster:
    """What runs, and how a test reaches it."""

    def __init__(self, folder):
        self.folder, self.running = folder, []
        self.begin("scheduler", "--host", LOOPBACK, "--port", "0", "--no-dashboard", name="s")
        self.address = wait_for(lambda: self.found("s", "Scheduler at:"))
        self.client = Client(self.address, set_as_default=False)

    def begin(self, what, *words, name, **environment):
        module = f"distributed.cli.dask_{what}"
        own = {"LAB_ARTIFACTS": str(self.folder)}
        with (self.folder / f"{name}.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                cwd=PROJECT,
                env=as_a_user(**own, **environment),
                stderr=log,
                stdout=log,
            )
        self.running.append(process)
        return process

    def found(self, name, words):
        lines = (self.folder / f"{name}.log").read_text().splitlines()
        return next((line.rpartition(" ")[2] for line in lines if words in line), "")

    def workers(self, number, **environment):
        """Start workers of one thread each, and wait for them."""
        before = len(self.client.nthreads())
        words = ("--nworkers", str(number), "--nthreads", "1", "--no-dashboard")
        name = f"w{len(self.running)}"
        begun = self.begin("worker", self.address, *words, name=name, **environment)
        wait_for(lambda: len(self.client.nthreads()) == before + number)
        return begun

    def sweep(self, file, folder):
        """Start a sweep of `file` into `folder` as a user does."""
        return subprocess.Popen(
            [sys.executable, "-m", "helpers.sweep", str(file), "--scheduler", self.address],
            cwd=PROJECT,
            env=as_a_user(LAB_ARTIFACTS=str(folder)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # What a shell starts in the background would ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def kill_a_worker(self):
        """End one worker as the operating system does for want of memory."""
        os.kill(min(self.client.run(os.getpid).values()), signal.SIGKILL)

    def end(self):
        self.client.close()
        for process in reversed(self.running):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
