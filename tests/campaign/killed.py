"""Kill the chain at random moments, start it again until it ends, and compare the results.

python tests/campaign/killed.py [SEED OF THE MOMENTS]
"""

import contextlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import alike
import psutil
from changes import copy_project
from rich.console import Console
from rich.table import Table

from helpers.core.stages import NOTEBOOKS

KILLS = 10
WORDS = ("--profile", "quick", "DATASET=sample", "TRAININGS=mlp:lab:1")
WORDS += ("RUNTIMES=pytorch,litert,onnxruntime",)


def start(project: Path, artifacts: Path) -> subprocess.Popen:
    """Start the chain of a copy of the project; what it prints goes to a log."""
    own = {"PYTHONPATH": str(project), "LAB_ARTIFACTS": str(artifacts), "TMPDIR": str(project)}
    own["JUPYTER_RUNTIME_DIR"] = str(project)
    with (project / "chain.log").open("a") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "helpers.pipeline", *WORDS],
            cwd=project,
            env={**os.environ, **own},
            stdout=log,
            stderr=log,
        )


def kill(chain: subprocess.Popen) -> None:
    """End the chain, its kernels and their processes with SIGKILL; a kernel has its own group."""
    family = [psutil.Process(chain.pid), *psutil.Process(chain.pid).children(recursive=True)]
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family)
    chain.wait()


def broken(artifacts: Path) -> list[str]:
    """Return the files that are half-written: JSON that is none, a page without its end."""
    found = []
    for file in artifacts.rglob("[!.]*.json"):
        try:
            json.loads(file.read_text(encoding="utf-8"))
        except ValueError:
            found.append(file.name)
    page = artifacts / "report.html"
    if page.exists() and not page.read_text(encoding="utf-8").endswith("</html>\n"):
        found.append(page.name)
    return found


def temporary(artifacts: Path) -> list[str]:
    """Return the temporary files that killed processes left."""
    names = (file.name for file in artifacts.rglob(".*"))
    return sorted(name for name in names if re.fullmatch(r"\..+\.\d+(\.\w+)?", name))


def done(artifacts: Path) -> int:
    """Return how many notebooks the chain has noted as done."""
    notes = artifacts / "stages.json"
    noted = json.loads(notes.read_text(encoding="utf-8")) if notes.exists() else {}
    return sum(name in noted for name in NOTEBOOKS)


def main(words: list[str]) -> int:
    """Kill, restart and compare; print what happened and return 1 when something differs."""
    seed = int(words[0]) if words else random.randrange(1_000)
    moment = random.Random(seed).uniform
    table = Table("killed after", "notebooks done", "temporary files", "half-written")
    faults: list[str] = []
    kills = runs = 0
    with tempfile.TemporaryDirectory() as folder:
        project, peace = copy_project(Path(folder, "project")), Path(folder, "peace")
        begin = time.perf_counter()
        if start(project, peace).wait() != 0:
            print((project / "chain.log").read_text(), file=sys.stderr)
            return 1
        whole_s = time.perf_counter() - begin
        while kills < KILLS:
            runs += 1
            artifacts = Path(folder, f"run-{runs}")
            while True:
                chain, after_s = start(project, artifacts), moment(0, whole_s / 2)
                try:
                    code = chain.wait(timeout=after_s if kills < KILLS else None)
                    break
                except subprocess.TimeoutExpired:
                    kill(chain)
                kills += 1
                half = broken(artifacts)
                faults += half
                left = ", ".join(temporary(artifacts))
                table.add_row(f"{after_s:.1f} s", str(done(artifacts)), left, ", ".join(half))
            faults += [f"exit code {code}"] if code else alike.differences(peace, artifacts)
            faults += temporary(artifacts)
    Console().print(table)
    for fault in faults:
        print(fault)
    print(
        f"{kills} kills (moments of seed {seed}), {runs} runs to their end, {len(faults)} "
        f"differences; {whole_s:.0f} s a run in peace"
    )
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
