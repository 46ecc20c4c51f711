"""The chain of notebooks: what has to run again, in which order, and the page in the end."""

import datetime
import itertools
import os
import shlex
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from helpers import data
from helpers.core import artifacts, lab_file, provenance, records, results, stack, stages
from helpers.core.artifacts import PROJECT
from helpers.core.console import LabError
from helpers.core.stages import NOTEBOOKS, STAGES
from helpers.pipeline import fingerprint
from helpers.pipeline.notebook import FOLDER, NotebookFailed, execute, executed
from helpers.pipeline.parameters import OF


@dataclass(frozen=True)
class Request:
    """What was asked for: the profile, its parameters, where to begin, whether to run all.

    `begin` is the first of the notebooks that runs anew.
    """

    profile: str
    settings: list[str]
    values: dict[str, object]
    source: data.Source
    begin: int
    force: bool

    def parameters_of(self, notebook: str) -> dict[str, object]:
        """Return the values of the parameters that `notebook` declares.

        Raises LabError when it does not declare one that is given for it.
        """
        names = fingerprint.declared(FOLDER / f"{notebook}.ipynb")
        given = {**self.values, "PROFILE": self.profile}
        if given.get("DATASET", "auto") == "auto":  # resolved once, for all notebooks
            given["DATASET"] = self.source.name
        if lost := [name for name in OF[notebook] if name in given and name not in names]:
            raise LabError(
                f"{notebook}.ipynb does not set {', '.join(lost)} in a cell tagged `parameters`, "
                f"where {given[lost[0]]!r} would go; set it there again, or tag the cell that does"
            )
        return {name: given[name] for name in names if name in given}

    def fingerprint_of(self, notebook: str) -> str:
        """Return the fingerprint of `notebook` with these parameters and its inputs as they are."""
        stage = STAGES[notebook]
        inputs = [self.source.sha256, *self.source.classes]
        inputs += [artifacts.sha256(STAGES[name].record) for name in stage.reads]
        if notebook == NOTEBOOKS[-1]:
            inputs += [str(lab_file.read_lab()), str(provenance.git_commit())]
            of_2025 = results.path_of_2025()
            inputs += [artifacts.sha256(of_2025)] if of_2025.is_file() else []
        return fingerprint.fingerprint(
            FOLDER / f"{notebook}.ipynb", stage.code, self.parameters_of(notebook), inputs
        )


def prepare(request: Request) -> None:
    """Raise LabError for what would stop the chain later: lost parameters, lab.yaml, records."""
    for notebook in NOTEBOOKS:
        request.parameters_of(notebook)
    lab_file.read_lab()
    for notebook in NOTEBOOKS[: request.begin]:
        records.read(notebook)


def unchanged(request: Request, notebook: str) -> bool:
    """Tell whether `notebook` has run with these inputs and left what it left untouched."""
    noted, record = stages.notes().get(notebook, {}), STAGES[notebook].record
    if not executed(notebook).exists() or not record.exists():
        return False
    try:
        if notebook == NOTEBOOKS[-1]:
            results.read()
        else:
            records.read(notebook)
    except LabError:  # a file is missing, altered or of another version: make it again
        return False
    same = noted.get("output_sha256") == artifacts.sha256(record)
    return same and noted.get("fingerprint") == request.fingerprint_of(notebook)


def run_all(request: Request) -> bool:
    """Run the notebooks that need it in order and tell whether all of them did.

    Raises NotebookFailed when one stops.
    """
    ran, begun = 0, provenance.now()
    artifacts.remove_leftovers()
    for number, notebook in enumerate(NOTEBOOKS):
        forced = request.force or (request.begin and number >= request.begin)
        if number < request.begin or (not forced and unchanged(request, notebook)):
            why = "" if number < request.begin else ", unchanged"
            print(f"{notebook:<22} skipped{why}", flush=True)
            continue
        run_one(request, notebook, begun)
        ran += 1
    return ran == len(NOTEBOOKS)


def run_one(request: Request, notebook: str, begun: str) -> None:
    """Run a notebook and note what it was made from; forget what was made from its old record.

    `begun` is the start of the chain's run, in UTC. Raises NotebookFailed when what it reads is not
    there, when it stops, and when it leaves no record.
    """
    record = STAGES[notebook].record
    for name in STAGES[notebook].reads:
        try:
            records.read(name)
        except LabError as error:
            raise NotebookFailed(notebook, f"did not begin: {error}", None, 2, name) from error
    _forget([name for name, own in STAGES.items() if notebook in (name, *own.reads)])
    with stages.noting() as notes:
        notes[stages.CHAIN] = {"started": begun}
    made_from = request.fingerprint_of(notebook)
    seconds = execute(notebook, request.parameters_of(notebook))
    if not record.exists():
        raise NotebookFailed(notebook, f"ended without writing its {record.name}", None, 1)
    with stages.noting() as notes:
        notes[notebook] = {
            "fingerprint": made_from,
            "output_sha256": artifacts.sha256(record),
            "seconds": seconds,
        }


def _forget(notebooks: Collection[str]) -> None:
    """Remove what `notebooks` left, the page made of it, and what was noted of them."""
    files = [(executed(name), STAGES[name].record) for name in notebooks]
    for old in (page_path(), *itertools.chain(*files)):
        old.unlink(missing_ok=True)
    with stages.noting() as notes:
        for name in notebooks:
            notes.pop(name, None)


def page_path() -> Path:
    """Return where the page stands."""
    return artifacts.root() / "report.html"


def _page_fingerprint(request: Request) -> str:
    """Return a SHA-256 that changes when the page of a whole run could become another."""
    inputs = [str(request.source.record()), str(lab_file.read_lab())]
    for path in filter(Path.exists, map(executed, STAGES)):
        inputs += [path.name, artifacts.sha256(path)]
    return fingerprint.fingerprint(FOLDER / f"{NOTEBOOKS[-1]}.ipynb", stages.ROOMS, {}, inputs)


def build_page(request: Request, failure: NotebookFailed | None = None) -> Path:
    """Make artifacts/report.html of the executed notebooks there are, and return its path."""
    from helpers.report import page, title

    banners = []
    if failure:
        rest = NOTEBOOKS[NOTEBOOKS.index(failure.notebook) + 1 :]
        rest = [name for name in rest if not executed(name).exists()]
        facts = {"Not run": ", ".join(rest)} if rest else {}
        facts["Resume with"] = resume_command(request, failure.resume)
        banners.append(page.Banner("failure", f"{failure}.", failure.cell, facts=facts))
    if request.source.name == "sample":
        train, test = request.source.train, request.source.test
        text = (
            f"The images are a sample of {train:,} training and {test:,} test images of MNIST "
            "instead of the full MNIST, so its accuracies are lower and less certain."
        )
        banners.append(page.Banner("images", text))
    elif request.source.name != "mnist":
        text = (
            f"The chain's run used the images of {request.source.name} instead of MNIST: what the "
            "2025 report claims of MNIST is not testable."
        )
        banners.append(page.Banner("images", text))
    there = [path for path in map(executed, STAGES) if path.exists()]
    last = executed(NOTEBOOKS[-1])
    target = page_path()
    started = datetime.datetime.fromisoformat(stages.began() or provenance.now()).astimezone()
    page.build(
        last if last in there else None,
        [path for path in there if path != last],
        target,
        head=title.title_block(lab_file.read_lab(), started.isoformat()),
        banners=banners,
    )
    return target


def bring_page_up_to_date(request: Request) -> bool:
    """Make the page of a whole run unless the one that is there would be the same; tell which."""
    made_from, page = _page_fingerprint(request), page_path()
    if page.is_file() and stages.notes().get(stages.PAGE) == _page_note(made_from):
        return False
    build_page(request)
    with stages.noting() as notes:
        notes[stages.PAGE] = _page_note(made_from)
    return True


def _page_note(made_from: str) -> dict[str, str]:
    return {"fingerprint": made_from, "output_sha256": artifacts.sha256(page_path())}


def resume_command(request: Request, notebook: str) -> str:
    """Return the command that goes on from `notebook` with what was asked for.

    Without a mirror: it may hold a password, and the images are there.
    """
    words = ["make", "report", f"FROM={notebook[:2]}", f"PROFILE={request.profile}"]
    given = {setting.partition("=")[0]: setting for setting in request.settings}
    if request.source.origin == "MNIST_DIR":
        given.setdefault("MNIST_DIR", f"MNIST_DIR={os.environ['MNIST_DIR']}")
    if stack.name() != stack.TODAY:
        words.append(f"STACK={stack.name()}")
    if artifacts.root() != PROJECT / stack.FOLDERS[stack.name()]:
        given.setdefault("LAB_ARTIFACTS", f"LAB_ARTIFACTS={shown(artifacts.root())}")
    given.pop("MNIST_MIRROR", None)
    return shlex.join([*words, *given.values()])


def shown(path: Path) -> str:
    """Return a path as a reader in the project folder would write it."""
    return str(path.relative_to(PROJECT) if path.is_relative_to(PROJECT) else path)
