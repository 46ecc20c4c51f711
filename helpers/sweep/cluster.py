"""The Dask cluster: one of this machine, or one that runs already."""

import asyncio
import contextlib
import logging
import signal
import warnings
from collections.abc import Iterator

from distributed import Client, LocalCluster
from distributed.comm import connect

from helpers.core.console import LabError, one_line
from helpers.sweep import cores, work

# How long a scheduler may take to answer.
ANSWER_S = 10
DASHBOARD = 8787


@contextlib.contextmanager
def connected(scheduler: str | None, *, threads: int = 1) -> Iterator[Client]:
    """Yield a client of the cluster at `scheduler`, or without it of one on this machine.

    That one has a worker for each group of `threads` cores. Raises LabError when the scheduler
    does not answer, and when a worker has other packages or helpers.
    """
    for name in ("distributed", "distributed.client"):  # a sentence tells what they would
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as stack:
        if scheduler:
            _answers(scheduler)
            address = scheduler
        else:
            address = stack.enter_context(_local(cores.groups(threads))).scheduler_address
        client = stack.enter_context(Client(address, timeout=ANSWER_S, set_as_default=False))
        refuse_others(client)
        yield client


def _answers(address: str) -> None:
    """Raise LabError unless a scheduler answers; a client would wait for one that never speaks."""

    async def ask() -> None:
        found = await asyncio.wait_for(connect(address, timeout=ANSWER_S), ANSWER_S)
        await found.close()

    try:
        asyncio.run(ask())
    except Exception as error:  # what another program answers may mean anything
        raise LabError(
            f"no Dask scheduler answers at {address} within {ANSWER_S} s ({one_line(error)}); "
            "start one there with `dask scheduler`, or leave --scheduler out for a cluster on this "
            "machine"
        ) from error


def refuse_others(client: Client) -> None:
    """Raise LabError that names each worker with other packages or helpers than the client's."""
    own, wrong = work.made_with(), []
    for address, found in sorted(client.run(work.made_with, on_error="return").items()):
        if isinstance(found, BaseException):
            wrong.append(f"the worker {address} cannot run the project ({one_line(found)})")
        else:
            wrong += filter(None, [work.differences(own, found, f"the worker {address}")])
    if wrong:
        raise LabError("; ".join(wrong))


def _local(workers: int) -> LocalCluster:
    """Return a cluster of processes on this machine that others cannot reach."""
    with warnings.catch_warnings():  # the dashboard takes another port where this one is taken
        warnings.simplefilter("ignore")
        # Processes inherit it: Ctrl-C is for the sweep alone, which ends them in good order.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address=f"127.0.0.1:{DASHBOARD}",
                # Their memory is no concern of Dask's: the trainings are processes of their own.
                memory_limit=0,
                silence_logs=logging.CRITICAL,
            )
        finally:
            signal.signal(signal.SIGINT, before)
