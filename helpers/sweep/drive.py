"""What is missing of a sweep goes to the cluster, a few trainings ahead, and comes back as rows."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError

from distributed import Client, Future, KilledWorker, as_completed

from helpers.core.console import LabError, reason
from helpers.sweep import work

# How often a training is begun whose process dies, as for want of memory.
ATTEMPTS = 3
# So many are with the scheduler for each thread of the workers: one runs, the next is there.
AHEAD = 2
GONE = "the scheduler is gone; what is done is kept, and the same command goes on with another one"


def rows(
    client: Client, tasks: Iterable[dict], train: Callable[..., dict] = work.train
) -> Iterator[dict]:
    """Yield a row for each task as it is done on the cluster of `client`.

    A training that diverges would do so again, so its row comes at once. One whose process died is
    begun again, up to `ATTEMPTS` times. Dask itself begins those of a worker that died on another
    one, up to its `allowed-failures`. Raises LabError when the scheduler is gone or a worker has
    other packages or images.
    """
    waiting = ((task, 1) for task in tasks)
    submitted: dict[Future, tuple[dict, int]] = {}
    done = as_completed(loop=client.loop)

    def submit(task: dict, attempt: int) -> None:
        future = client.submit(train, task, attempt, work.made_with(), pure=False)
        submitted[future] = (task, attempt)
        done.add(future)

    def fill() -> None:
        try:
            threads = sum(client.nthreads().values())
        except OSError as error:
            raise LabError(GONE) from error
        room = max(1, threads) * AHEAD - len(submitted)
        for _, (task, attempt) in zip(range(room), waiting, strict=False):
            submit(task, attempt)

    try:
        fill()
        for future in done:
            task, attempt = submitted.pop(future)
            row = _outcome(future, task, attempt)
            if row is None:
                submit(task, attempt + 1)
            else:
                yield row
            fill()
    finally:
        with contextlib.suppress(OSError):  # the scheduler may be gone
            client.cancel(list(submitted))


def _outcome(future: Future, task: dict, attempt: int) -> dict | None:
    """Return the row that a future holds; None when the training may be tried again."""
    try:
        return future.result()
    except LabError:
        raise
    except CancelledError as error:
        raise LabError(GONE) from error
    except KilledWorker as error:
        died = f"{error.allowed_failures + 1} workers died with it"
        return work.failed_row(task, attempt, died)
    except Exception as error:
        return work.failed_row(task, attempt, reason(error)) if attempt >= ATTEMPTS else None
