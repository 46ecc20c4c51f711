"""Begin and end a notebook: `lab = start(…)` prepares, `lab.finish(…)` writes the record."""

import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from helpers import data, parameters
from helpers.core import files, machine, process, results


@dataclass(frozen=True)
class Lab:
    """A notebook that has begun."""

    notebook: str
    started: str
    parameters: dict[str, object]

    def file(self, name: str) -> Path:
        """Return the path of a file of models or exports."""
        return files.model_file(name)

    def read(self, notebook: str, *, needed: bool = True) -> dict:
        """Return what an earlier notebook recorded; unless it is `needed`, {} for no record.

        Raises LabError with the notebook to run where there is no record, or a file has changed.
        """
        if not needed and not results.record_path(notebook).exists():
            return {}
        return results.read_record(notebook)

    def logits(self, model: str) -> np.ndarray:
        """Return the logits that a recorded model gave for the test images after its training."""
        return np.load(_logits_file(model))

    def finish(self, dataset: data.Dataset, **tables: Sequence | dict) -> None:
        """Write the notebook's record: its tables of results.json, and what they were made with.

        `seeds` and `models` may hold trainings (`Run`), whose rows are made here: of `models` each
        has been saved, and its logits are kept. `history` is of those from the first seed.
        """
        if runs := tables.get("seeds"):
            first = [run for run in runs if run.plan.seed == runs[0].plan.seed]
            tables["history"] = [row for run in first for row in run.history()]
            tables["seeds"] = [run.row() for run in runs]
            for run in tables["models"]:
                with files.replacing(_logits_file(run.id)) as temporary:
                    np.save(temporary, run.logits)
            tables["models"] = [run.model_row() for run in tables["models"]]
        stack = {"stack": machine.stack()}
        if "challenges" in tables:
            tables["challenges"] = [stack | row for row in tables["challenges"]]
        logits = [files.describe(_logits_file(row["id"])) for row in tables.get("models", [])]
        results.write_record(
            self.notebook,
            started=self.started,
            dataset=asdict(dataset.source),
            parameters=self.parameters,
            logits=logits,
            **tables,
        )
        print("recorded: " + ", ".join(f"{name} {len(rows)}" for name, rows in tables.items()))


def _logits_file(model: str) -> Path:
    return files.model_file(f"{model}-logits.npy")


def start(notebook: str, namespace: dict[str, object]) -> Lab:
    """Begin a notebook whose `globals()` are given: check its parameters, set the threads.

    THREADS becomes a number in it. Must come before a framework is imported, which takes its
    threads from the environment. Raises LabError for a parameter that is not allowed.
    """
    parameters.check(namespace)
    threads = namespace["THREADS"] = namespace["THREADS"] or machine.cores()
    os.environ.update(dict.fromkeys(process.THREAD_VARIABLES, str(threads)))
    if hasattr(sys.stdout, "pub_thread"):  # a kernel's, which sends what is printed by itself
        # What native code prints goes to a log: converters and exporters print pages.
        path = files.root() / "logs" / f"{notebook}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
    given = {name: namespace[name] for name in parameters.SCHEMA if name in namespace}
    return Lab(notebook, machine.now(), given)
