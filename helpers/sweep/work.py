"""What a worker of the cluster does: it lets a process of its own train, and tells the row."""

import functools
import json
import threading

from distributed import get_worker

from helpers.core import provenance, sweeps
from helpers.core.console import LabError
from helpers.core.stages import ROOMS
from helpers.sweep.trainer import Trainer

# What a training imports; another version may give other weights.
PACKAGES = (
    *("tensorflow", "keras", "torch", "numpy", "scipy", "scikit-learn"),
    *("opencv-python-headless", "mlxtend"),
)
# The rooms whose code a training runs.
CODE = (*ROOMS[:4], ROOMS[-1])
# A process that holds more after a training makes way for a new one, which holds a fifth less.
MOST_BYTES = 1_300_000_000
# The processes of this worker that train nothing at the moment.
_idle: list[Trainer] = []
_lock = threading.Lock()


@functools.cache
def made_with() -> dict:
    """Return {packages, code_sha256, source_sha256, git_commit} of this process.

    `code_sha256` is of what a training runs: a notebook may change while a sweep goes on.
    """
    found = {name: version for name in PACKAGES if (version := provenance.version(name))}
    return {
        "packages": found,
        "code_sha256": provenance.code_sha256(*(f"helpers/{room}" for room in CODE)),
        "source_sha256": provenance.source_sha256(),
        "git_commit": provenance.git_commit() or "",
    }


def differences(own: dict, other: dict, who: str) -> str:
    """Return in one line in which packages `who`, who has `other`, is not like `own`; else ""."""
    names = sorted(own["packages"].keys() | other["packages"].keys())
    packages = [
        f"{name} {other['packages'].get(name, 'not at all')} instead of "
        f"{own['packages'].get(name, 'none')}"
        for name in names
        if own["packages"].get(name) != other["packages"].get(name)
    ]
    if packages:
        return f"{who} has {', '.join(packages)}; install the locked packages there"
    if own["code_sha256"] != other["code_sha256"]:
        return f"{who} has other helpers of the project; give it the same commit"
    return ""


def train(task: dict, attempts: int, client: dict) -> dict:
    """Return the row of a training, which has a reason when it diverged.

    `client` is what `made_with` says where the sweep was started. Raises LabError when this worker
    has other packages or no such images, and ProcessFailed when the process that trained died.
    """
    where, own = get_worker().address, made_with()
    if wrong := differences(client, own, f"the worker {where}"):
        raise LabError(wrong)
    machine = provenance.describe()
    row = {
        **_row(task, attempts),
        "worker": where,
        **{name: machine[name] for name in ("cpu", "cores", "os", "python")},
        "packages": json.dumps(own["packages"]),
    }
    trainer = _take(task["framework"], task["threads"])
    try:
        given = trainer.ask(task)
    except LabError as error:
        trainer.end()
        raise LabError(f"the worker {where} cannot train: {error}") from error
    if trainer.resident_bytes() > MOST_BYTES:
        trainer.end()
    else:
        with _lock:
            _idle.append(trainer)
    return row | given


def _take(framework: str, threads: int) -> Trainer:
    """Return an idle process of a framework, or a new one in the place of an idle other one."""
    with _lock:
        own = [each for each in _idle if (each.framework, each.threads) == (framework, threads)]
        taken = (own or _idle or [None])[0]
        if taken:
            _idle.remove(taken)
    if taken in own:
        return taken
    if taken:  # two frameworks take twice the memory
        taken.end()
    return Trainer(framework, threads)


def failed_row(task: dict, attempts: int, reason: str) -> dict:
    """Return the row of a training whose worker did not live to tell it."""
    return _row(task, attempts) | {"status": sweeps.FAILED, "reason": reason}


def _row(task: dict, attempts: int) -> dict:
    own = made_with()
    return {
        **dict.fromkeys(sweeps.COLUMNS),
        **task,
        "key": sweeps.key(task),
        "schema_version": sweeps.SCHEMA_VERSION,
        "attempts": attempts,
        "git_commit": own["git_commit"],
        "source_sha256": own["source_sha256"],
    }
