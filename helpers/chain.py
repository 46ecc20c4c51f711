"""Run the notebooks through papermill, skip what is unchanged, and make the HTML report.

`make report` calls it; elsewhere `python -m helpers.chain PROFILE=quick EPOCHS=3`. May import every
room before it.
"""

import contextlib
import datetime
import functools
import hashlib
import json
import os
import platform
import re
import shlex
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from helpers import PROJECT, data, parameters
from helpers.core import console, files, machine, process, results
from helpers.core.console import LabError, one_line
from helpers.core.results import NOTEBOOKS, REPORT, executed
from helpers.report import title

# Where images come from and results go: set like parameters, or in the environment.
PLACES = ("MNIST_DIR", "MNIST_MIRROR", "LAB_ARTIFACTS")
# A cell that takes longer will never end: one of the full profile takes half an hour, and a laptop
# may sleep a night meanwhile.
CELL_LIMIT_S = 12 * 3600
# In an executed copy's metadata: the key of what it was made from, the digest of what it left.
NOTE = "lab03"


class NotebookFailed(Exception):
    """A notebook stopped; the message says where and why, `cell` is the cell's id in the page."""

    def __init__(self, notebook: str, error: BaseException) -> None:
        kind, how, self.code = getattr(error, "ename", type(error).__name__), "failed", 1
        why = one_line(f"{kind}: {getattr(error, 'evalue', error)}")
        if kind == "KeyboardInterrupt":
            how, why, self.code = "was stopped", "interrupted", console.INTERRUPTED
        elif kind == LabError.__name__:
            self.code = 2
        elif kind == "DeadKernelError":
            why = "its kernel died; perhaps it had not enough memory"
        elif kind == "ImportError" and "LD_LIBRARY_PATH" in os.environ:
            why += f"; LD_LIBRARY_PATH is {os.environ['LD_LIBRARY_PATH']}: unset it"
        self.cell, where = None, ""
        with contextlib.suppress(LabError):  # before its first cell there may be no copy
            for cell in files.read_json(executed(notebook))["cells"]:
                # In the end papermill calls every cell completed; one that ran has a start.
                if cell["metadata"].get("papermill", {}).get("start_time"):
                    first_line = "".join(cell["source"]).partition("\n")[0]
                    where = f" in its cell “{first_line.lstrip('# ')}”"
                    self.cell = f"{notebook[:2]}-cell-{cell['id']}"
        super().__init__(f"{notebook} {how}{where}: {why}")


@dataclass(frozen=True)
class Request:
    """What was asked for: the words as typed, the parameters that they come to, and the images."""

    words: list[str]
    values: dict[str, object]
    source: data.Source
    begin: str  # the number of the notebook to begin with; "" for the first that has changed

    def parameters_of(self, notebook: str) -> dict[str, object]:
        """Return the values of the parameters that a notebook's cell tagged `parameters` sets."""
        return {name: self.values[name] for name in declared(notebook) if name in self.values}

    def key_of(self, notebook: str) -> str:
        """Return a SHA-256 that changes when running `notebook` again could give something else."""
        lock = PROJECT / machine.LOCKS[machine.stack()]
        own = files.read_json(files.NOTEBOOKS / f"{notebook}.ipynb")
        parts = [
            *(own["cells"], self.parameters_of(notebook)),
            *(_code_sha256(report=notebook == REPORT), files.sha256(lock)),
            *(platform.python_version(), self.source.sha256, self.source.classes),
            *(files.sha256(results.record_path(name)) for name in NOTEBOOKS[notebook]),
        ]
        if notebook == REPORT:
            of_2025 = results.path_of_2025()
            parts += [title.read_lab(), of_2025.exists() and files.sha256(of_2025)]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def unchanged(self, notebook: str) -> bool:
        """Tell whether `notebook` has run from the same, and what it left is as it left it."""
        try:
            if notebook != REPORT:
                results.read_record(notebook)
            note = [self.key_of(notebook), files.sha256(results.record_path(notebook))]
            return files.read_json(executed(notebook))["metadata"].get(NOTE) == note
        except (LabError, OSError):  # something is missing or altered
            return False

    def again(self) -> str:
        """Return the command that goes on with what was asked for: what is done is skipped."""
        # A mirror may hold a password, and the images are there.
        kept = [word for word in self.words if not word.startswith(("FROM=", "MNIST_MIRROR="))]
        stack = [f"STACK={machine.stack()}"] * (machine.stack() != machine.TODAY)
        return shlex.join(["make", "report", *stack, *kept])


def declared(notebook: str) -> list[str]:
    """Return the parameters that a notebook's cell tagged `parameters` sets.

    Raises LabError where there is no such cell: what is given would get lost.
    """
    for cell in files.read_json(files.NOTEBOOKS / f"{notebook}.ipynb")["cells"]:
        if "parameters" in cell["metadata"].get("tags", []):
            names = re.findall(r"^(\w+)\s*[=:]", "".join(cell["source"]), re.MULTILINE)
            return [name for name in parameters.SCHEMA if name in names]
    raise LabError(f"{notebook}.ipynb has no cell tagged `parameters`; tag the one that sets them")


@functools.cache
def _code_sha256(*, report: bool) -> str:
    """Return one SHA-256 over the files of helpers/, those of its report/ only for a `report`."""
    digest, folder = hashlib.sha256(), PROJECT / "helpers"
    for file in sorted(filter(Path.is_file, folder.rglob("[!.]*"))):
        name = file.relative_to(folder).as_posix()
        if file.suffix not in (".pyc", ".md") and (report or not name.startswith("report/")):
            digest.update(f"{name} {files.sha256(file)}\n".encode())
    return digest.hexdigest()


def asked_for(words: list[str]) -> Request:
    """Return what is asked for. Raises LabError for what would stop the chain later."""
    for word in words:
        if "=" not in word:
            raise LabError(f"{word}: write NAME=VALUE, for example PROFILE=quick or EPOCHS=3")
    given = dict(word.split("=", 1) for word in words)
    os.environ |= {name: given.pop(name) for name in PLACES if name in given}
    begin, numbers = given.pop("FROM", ""), [name[:2] for name in NOTEBOOKS]
    if begin not in ("", *numbers):
        raise LabError(f"FROM={begin}: allowed is one of {', '.join(numbers)}")
    values = parameters.read(given.pop("PROFILE", "standard"), given)
    source = data.load(values.get("DATASET", "auto")).source
    if values.get("DATASET", "auto") == "auto":  # resolved once, for all notebooks
        values["DATASET"] = source.name
    title.read_lab()
    for name in NOTEBOOKS:
        declared(name)
        if name[:2] < begin:
            results.read_record(name)
    return Request(words, values, source, begin)


def run(words: list[str]) -> int:
    """Do what the command line asks and return the exit code."""
    begun = time.perf_counter()
    request = asked_for(words)
    page = files.root() / "report.html"
    with files.alone():
        print(f"{request.values['PROFILE']}, {request.source.name} from {request.source.origin}")
        for name in NOTEBOOKS:
            early = name[:2] < request.begin
            if early or (not request.begin and request.unchanged(name)):
                print(f"{name:<22} skipped{'' if early else ', unchanged'}", flush=True)
                continue
            page.unlink(missing_ok=True)
            try:
                execute(request, name)
            except NotebookFailed as failure:
                print(f"error: {failure}", file=sys.stderr)
                with contextlib.suppress(OSError, LabError):  # a full disk may have cut the copy
                    build_page(request, page, failure)
                    print(f"report: {page}")
                print(f"go on with: {request.again()}")
                return failure.code
        if not page.exists():
            build_page(request, page)
    shown = page.relative_to(PROJECT) if page.is_relative_to(PROJECT) else page
    print(f"report: {shown}, {time.perf_counter() - begun:.0f} s, name on it: {title.author()}")
    return 0


def execute(request: Request, notebook: str) -> None:
    """Run a notebook, after what was made from its old record is gone.

    On a terminal papermill's bar tells how far it is; all other output goes to logs/notebooks.log.
    The executed copy is kept when it fails too. Raises NotebookFailed.
    """
    for name, reads in NOTEBOOKS.items():
        if notebook in (name, *reads):
            executed(name).unlink(missing_ok=True)
            results.record_path(name).unlink(missing_ok=True)
    begun, key, copy = time.perf_counter(), request.key_of(notebook), executed(notebook)
    copy.parent.mkdir(exist_ok=True)
    with os.fdopen(os.dup(1), "w") as terminal, files.output_to_log("notebooks.log"):
        bar = {"desc": notebook, "leave": False, "file": terminal, "disable": not terminal.isatty()}
        bar["ncols"] = shutil.get_terminal_size().columns  # of a terminal that tells none 80
        try:
            process.run_notebook(
                files.NOTEBOOKS / f"{notebook}.ipynb",
                copy,
                request.parameters_of(notebook),
                execution_timeout=CELL_LIMIT_S,
                shutdown_kernel="immediate",  # every record is on the disk by then
                progress_bar=bar,
            )
            content = files.read_json(copy)
            for name in ("input_path", "output_path"):  # of this machine; the copy may be handed on
                del content["metadata"]["papermill"][name]
            content["metadata"][NOTE] = [key, files.sha256(results.record_path(notebook))]
            files.write_json(copy, content)
        except (Exception, KeyboardInterrupt) as error:
            raise NotebookFailed(notebook, error) from error
    print(f"{notebook:<22} {time.perf_counter() - begun:.0f} s", flush=True)


def build_page(request: Request, page: Path, failure: NotebookFailed | None = None) -> None:
    """Make the page of the executed notebooks there are; a `failure` stands in a banner."""
    from helpers.report.page import Banner, build  # takes a second

    banners, source = [], request.source
    if failure:
        missing = [name for name in NOTEBOOKS if not executed(name).exists()]
        facts = {"Not run": ", ".join(missing) or "none", "Go on with": request.again()}
        banners.append(Banner("failure", f"{failure}.", failure.cell, facts=facts))
    if source.name != "mnist":
        text = (
            f"The images are those of {source.name}, {source.train:,} for training and "
            f"{source.test:,} for testing, instead of the full MNIST: no accuracy here can be held "
            "against one of the 2025 report."
        )
        banners.append(Banner("images", text))
    *behind, report = (path if path.exists() else None for path in map(executed, NOTEBOOKS))
    head = title.title_block(title.read_lab(), datetime.datetime.now().astimezone().isoformat())
    build(report, list(filter(None, behind)), page, head=head, banners=banners)


if __name__ == "__main__":
    sys.exit(console.exit_code(lambda: run(sys.argv[1:])))
