"""The chain of notebooks: what has to run again, in which order, and the page in the end."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from helpers.core import artifacts, provenance, results, stages
from helpers.core.artifacts import PROJECT
from helpers.core.console import LabError
from helpers.core.stages import NOTEBOOKS, STAGES
from helpers.data import mnist
from helpers.pipeline import fingerprint
from helpers.pipeline.notebook import FOLDER, NotebookFailed, execute, executed


@dataclass(frozen=True)
class Request:
    """What was asked for: the profile, its parameters, where to begin, whether to run all."""

    profile: str
    settings: list[str]
    values: dict[str, object]
    source: mnist.Source
    begin: int
    force: bool

    def parameters_of(self, notebook: str) -> dict[str, object]:
        """Return the values of the parameters that `notebook` declares."""
        names = fingerprint.declared(FOLDER / f"{notebook}.ipynb")
        given = {**self.values, "PROFILE": self.profile}
        if given.get("DATASET", "auto") == "auto":  # resolved once, for all notebooks
            given["DATASET"] = self.source.name
        return {name: given[name] for name in names if name in given}

    def fingerprint_of(self, notebook: str) -> str:
        """Return the fingerprint of `notebook` with these parameters and its inputs as they are."""
        stage = STAGES[notebook]
        inputs = [self.source.sha256, *self.source.classes]
        inputs += [artifacts.sha256(STAGES[name].record) for name in stage.reads]
        if notebook == NOTEBOOKS[-1]:
            inputs.append(artifacts.sha256(artifacts.PARAMETERS / "lab.yaml"))
            inputs.append(str(provenance.git_commit()))
        return fingerprint.fingerprint(
            FOLDER / f"{notebook}.ipynb", stage.code, self.parameters_of(notebook), inputs
        )


def unchanged(request: Request, notebook: str) -> bool:
    """Tell whether `notebook` has run with these inputs and left what it left untouched."""
    noted, record = stages.notes().get(notebook, {}), STAGES[notebook].record
    if not executed(notebook).exists() or not record.exists():
        return False
    try:
        results.read() if notebook == NOTEBOOKS[-1] else results.read_record(notebook)
    except LabError:  # a file is missing, altered or of another version: make it again
        return False
    same = noted.get("output_sha256") == artifacts.sha256(record)
    return same and noted.get("fingerprint") == request.fingerprint_of(notebook)


def run_all(request: Request) -> bool:
    """Run the notebooks that need it in order and tell whether all of them did.

    Raises LabError when an earlier notebook has not run, NotebookFailed when one stops.
    """
    for notebook in NOTEBOOKS[: request.begin]:
        results.read_record(notebook)
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

    `begun` is the start of the chain's run, in UTC.
    """
    outdated = [name for name in NOTEBOOKS if notebook in (name, *STAGES[name].reads)]
    for name in outdated:
        executed(name).unlink(missing_ok=True)
    notes = {name: note for name, note in stages.notes().items() if name not in outdated}
    notes[stages.CHAIN] = {"started": begun}
    artifacts.write_json(stages.notes_path(), notes)
    made_from = request.fingerprint_of(notebook)
    seconds = execute(notebook, request.parameters_of(notebook))
    notes[notebook] = {
        "fingerprint": made_from,
        "output_sha256": artifacts.sha256(STAGES[notebook].record),
        "seconds": seconds,
    }
    artifacts.write_json(stages.notes_path(), notes)


def finish_results() -> dict:
    """Write how long every notebook took into results.json and return it."""
    gathered, notes = results.read(), stages.notes()
    seconds = {name: notes[name]["seconds"] for name in NOTEBOOKS}
    if gathered["run"]["stages"] != seconds:
        gathered["run"] |= {"stages": seconds, "seconds": sum(seconds.values())}
        results.write(gathered)
        notes[NOTEBOOKS[-1]]["output_sha256"] = artifacts.sha256(results.path())
        artifacts.write_json(stages.notes_path(), notes)
    return gathered


def build_page(request: Request, failure: NotebookFailed | None = None) -> Path:
    """Make artifacts/report.html of the executed notebooks there are, and return its path."""
    from helpers.report import cover, page

    banners = []
    if failure:
        rest = NOTEBOOKS[NOTEBOOKS.index(failure.notebook) + 1 :]
        facts = {"Not run": ", ".join(rest)} if rest else {}
        facts["Resume with"] = resume_command(request, failure.notebook)
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
    there = [path for path in map(executed, NOTEBOOKS) if path.exists()]
    last = executed(NOTEBOOKS[-1])
    target = artifacts.root() / "report.html"
    page.build(
        last if last in there else None,
        [path for path in there if path != last],
        target,
        title=str(cover.lab().get("title", "Lab report")),
        banners=banners,
    )
    return target


def resume_command(request: Request, notebook: str) -> str:
    """Return the command that goes on from `notebook` with what was asked for."""
    words = ["make", "report", f"FROM={notebook[:2]}", f"PROFILE={request.profile}"]
    return shlex.join([*words, *request.settings])


def shown(path: Path) -> str:
    """Return a path as a reader in the project folder would write it."""
    return str(path.relative_to(PROJECT) if path.is_relative_to(PROJECT) else path)
