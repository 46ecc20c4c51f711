"""The chain of notebooks: what has to run again, in which order, and the page in the end."""

from dataclasses import dataclass
from pathlib import Path

from helpers.core import artifacts, provenance, results
from helpers.core.artifacts import PROJECT
from helpers.core.console import LabError
from helpers.core.results import NOTEBOOKS
from helpers.data import mnist
from helpers.pipeline import fingerprint
from helpers.pipeline.notebook import FOLDER, NotebookFailed, execute, executed

# What each notebook reads of the others' records.
READS = {
    NOTEBOOKS[2]: NOTEBOOKS[:2],
    NOTEBOOKS[3]: NOTEBOOKS[:2],
    NOTEBOOKS[4]: NOTEBOOKS[:4],
}


@dataclass(frozen=True)
class Run:
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
        given = {**self.values, "DATASET": self.source.name, "PROFILE": self.profile}
        return {name: given[name] for name in names if name in given}

    def fingerprint_of(self, notebook: str) -> str:
        """Return the fingerprint of `notebook` with these parameters and its inputs as they are."""
        inputs = [self.source.sha256]
        inputs += [artifacts.sha256(results.record_path(name)) for name in READS.get(notebook, ())]
        if notebook == NOTEBOOKS[-1]:
            inputs += [
                artifacts.sha256(artifacts.PARAMETERS / "lab.yaml"),
                str(provenance.git_commit()),
            ]
        return fingerprint.fingerprint(
            FOLDER / f"{notebook}.ipynb", self.parameters_of(notebook), inputs
        )


def output(notebook: str) -> Path:
    """Return the file that a notebook writes last."""
    return results.record_path(notebook) if notebook in results.FOLDERS else results.path()


def unchanged(run: Run, notebook: str) -> bool:
    """Tell whether `notebook` has run with these inputs and left what it left untouched."""
    noted = results.stages().get(notebook, {})
    if not executed(notebook).exists() or not output(notebook).exists():
        return False
    if notebook in results.FOLDERS:
        try:
            results.read_record(notebook)
        except LabError:  # a file is missing or altered: make it again
            return False
    same = noted.get("output_sha256") == artifacts.sha256(output(notebook))
    return same and noted.get("fingerprint") == run.fingerprint_of(notebook)


def run_all(run: Run) -> bool:
    """Run the notebooks that need it in order and tell whether all of them did.

    Raises LabError when an earlier notebook has not run, NotebookFailed when one stops.
    """
    for notebook in NOTEBOOKS[: run.begin]:
        results.read_record(notebook)
    ran = 0
    for number, notebook in enumerate(NOTEBOOKS):
        forced = run.force or (run.begin and number >= run.begin)
        if number < run.begin or (not forced and unchanged(run, notebook)):
            print(
                f"{notebook:<22} skipped{'' if number < run.begin else ', unchanged'}", flush=True
            )
            continue
        # What stands behind it was made from something else now.
        for later in NOTEBOOKS[number:]:
            executed(later).unlink(missing_ok=True)
        earlier = NOTEBOOKS[:number]
        stages = {name: stage for name, stage in results.stages().items() if name in earlier}
        artifacts.write_json(results.stages_path(), stages)
        made_from = run.fingerprint_of(notebook)
        seconds = execute(notebook, run.parameters_of(notebook))
        stages[notebook] = {
            "fingerprint": made_from,
            "output_sha256": artifacts.sha256(output(notebook)),
            "seconds": seconds,
        }
        artifacts.write_json(results.stages_path(), stages)
        ran += 1
    return ran == len(NOTEBOOKS)


def finish_results() -> dict:
    """Write how long every notebook took into results.json and return it."""
    gathered = results.read()
    seconds = {name: stage["seconds"] for name, stage in results.stages().items()}
    gathered["run"] |= {"stages": seconds, "seconds": sum(seconds.values())}
    artifacts.write_json(results.path(), gathered)
    stages = results.stages()
    stages[NOTEBOOKS[-1]]["output_sha256"] = artifacts.sha256(results.path())
    artifacts.write_json(results.stages_path(), stages)
    return gathered


def build_page(run: Run, failure: NotebookFailed | None = None) -> Path:
    """Make artifacts/report.html of the executed notebooks there are, and return its path."""
    from helpers.report import cover, page

    banners = []
    if failure:
        rest = NOTEBOOKS[NOTEBOOKS.index(failure.notebook) + 1 :]
        facts = {"Not run": ", ".join(rest)} if rest else {}
        facts["Resume with"] = resume_command(run, failure.notebook)
        banners.append(page.Banner("failure", f"{failure}.", failure.cell, facts=facts))
    if run.source.name == "sample":
        text = (
            f"This run used a sample of {run.source.train:,} training and {run.source.test:,} "
            "test images instead of the full MNIST, so its accuracies are lower and less certain."
        )
        banners.append(page.Banner("sample", text))
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


def resume_command(run: Run, notebook: str) -> str:
    """Return the command that goes on from `notebook` with what was asked for."""
    return " ".join(
        ["make report", f"FROM={notebook[:2]}", f"PROFILE={run.profile}", *run.settings]
    )


def shown(path: Path) -> str:
    """Return a path as a reader in the project folder would write it."""
    return str(path.relative_to(PROJECT) if path.is_relative_to(PROJECT) else path)
