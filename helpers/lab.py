"""Begin and end a notebook: `lab = start(…)` prepares, `lab.finish(…)` writes the record.

For those who change what every notebook does. May import all rooms before it.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers import data
from helpers.core import artifacts, process, provenance, records, stack
from helpers.core.stages import STAGES
from helpers.pipeline import parameters
from helpers.training.runs import Run


@dataclass(frozen=True)
class Lab:
    """A notebook that has begun."""

    notebook: str
    started: str
    parameters: dict[str, object]

    def file(self, name: str) -> Path:
        """Return the path of a file of models or exports."""
        return artifacts.model_file(name)

    def read(self, notebook: str, *, needed: bool = True) -> dict:
        """Return what an earlier notebook recorded.

        Raises LabError with the notebook to run where there is no record, or a file has changed;
        unless it is `needed` a missing record is an empty one.
        """
        if not needed and not STAGES[notebook].record.exists():
            return {}
        return records.read(notebook)

    def logits(self, model: str) -> np.ndarray:
        """Return the logits that a recorded model gave for the test images when it was trained."""
        return np.load(_logits_file(model))

    def finish(self, dataset: data.Dataset, **tables: Sequence | dict) -> None:
        """Write the notebook's record: its tables of results.json, and what they were made with.

        `seeds` and `models` may hold trainings (`Run`), whose rows are made here: of `models` each
        has been saved, and its logits are kept. `history` is that of each kind's first training.
        """
        runs: list[Run] = list(tables.get("seeds", []))
        if runs:
            first: dict[tuple, Run] = {}
            for run in runs:
                first.setdefault(tuple(run.kind().values()), run)
            tables["history"] = [row for run in first.values() for row in run.history()]
            tables["seeds"] = [run.row() for run in runs]
            tables["models"] = [_saved(run) for run in tables["models"]]
        if "challenges" in tables:
            tables["challenges"] = [{"stack": stack.name(), **row} for row in tables["challenges"]]
        logits = [artifacts.describe(_logits_file(row["id"])) for row in tables.get("models", [])]
        records.write(
            self.notebook,
            started=self.started,
            dataset=dataset.source.record(),
            parameters=self.parameters,
            logits=logits,
            **tables,
        )
        record = STAGES[self.notebook].record.relative_to(artifacts.root())
        print(
            f"{record.as_posix()}: " + ", ".join(f"{name} {len(t)}" for name, t in tables.items())
        )


def _logits_file(model: str) -> Path:
    return artifacts.model_file(f"{model}-logits.npy")


def _saved(run: Run) -> dict:
    """Keep the logits of a saved model; return its row of `models`."""
    with artifacts.replacing(_logits_file(run.id)) as temporary:
        np.save(temporary, run.logits)
    return run.model_row()


def start(notebook: str, namespace: dict[str, object]) -> Lab:
    """Begin a notebook whose `globals()` are given: check its parameters, set the threads.

    THREADS becomes a number in it. Must come before a framework is imported, which takes its
    threads from the environment. Raises LabError for a parameter that is not allowed.
    """
    parameters.check(namespace)
    threads = namespace["THREADS"] = namespace["THREADS"] or provenance.cores()
    os.environ.update(dict.fromkeys(process.THREAD_VARIABLES, str(threads)))
    if hasattr(sys.stdout, "pub_thread"):  # a kernel's, which sends what is printed by itself
        _native_output_to_log(f"{notebook}.log")
    return Lab(notebook, provenance.now(), parameters.values(namespace))


def _native_output_to_log(name: str) -> None:
    """Send what native code prints to logs/`name`: converters and exporters print pages."""
    path = artifacts.root() / "logs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
