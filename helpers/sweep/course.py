"""A report for each person on a roster: the chain's notebooks on the workers of a Dask cluster.

Trainings, exports and what reads them run side by side. Only when none of these runs any more are
the times taken, one notebook at a time on each machine: on the worker that offers the resource
`alone`. Then follow the pages.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from distributed import Client, Future, as_completed

from helpers.core import artifacts, environment, provenance
from helpers.core.console import LabError, show
from helpers.core.stages import NOTEBOOKS, STAGES
from helpers.core.units import counted
from helpers.data import mnist
from helpers.pipeline import chain, doctor
from helpers.report import cover
from helpers.sweep import cluster, course_page, course_work, drive, roster
from helpers.sweep.cluster import ALONE
from helpers.sweep.course_page import FAILED, FINISHED, WAITING
from helpers.sweep.course_work import MEASURING, REPORT
from helpers.sweep.roster import Person

# One after the other; the notebooks of a phase run side by side as far as they read each other.
PHASES = ((NOTEBOOKS[0], NOTEBOOKS[1], NOTEBOOKS[3]), (MEASURING,), (REPORT,))
# Of each training and of what reads it, where the roster does not say: many run side by side.
TRAINING_THREADS = 1
# What tells a worker on another machine where the images are.
TOLD = ("MNIST_DIR", "KERAS_HOME")


def folder() -> Path:
    """Return where the reports and their index stand."""
    return artifacts.root() / "course"


def sources(people: list[Person]) -> dict[str, mnist.Source]:
    """Return the images that each person asks for, by id. Raises LabError when there are none."""
    wanted = {person.id: person.values.get("DATASET", "auto") for person in people}
    found = {name: mnist.locate(name) for name in dict.fromkeys(wanted.values())}
    return {id: found[name] for id, name in wanted.items()}


def check_workers(client: Client) -> None:
    """Raise LabError unless each machine has at most one worker for what is measured, and one has.

    All must have the client's packages, those of exports and runtimes too, and see the folder of
    the reports.
    """
    hosts = [
        worker["host"]
        for worker in client.scheduler_info()["workers"].values()
        if worker["resources"].get(ALONE)
    ]
    start = f"start one worker on each machine with --resources {ALONE}=1"
    if not hosts:
        raise LabError(f"no worker offers the resource {ALONE}, so no time can be taken; {start}")
    if twice := {host for host in hosts if hosts.count(host) > 1}:
        raise LabError(
            f"several workers on {', '.join(sorted(twice))} offer the resource {ALONE}, so times "
            f"would be taken side by side; {start}"
        )
    own = provenance.versions()
    for worker, found in sorted(client.run(provenance.versions).items()):
        other = [f"{name} {found.get(name)}" for name in own if found.get(name) != own[name]]
        if other:
            raise LabError(
                f"the worker {worker} has {', '.join(other)}, other than here; install the locked "
                "packages there"
            )
    folder().mkdir(parents=True, exist_ok=True)
    seen = client.run(course_work.sees, str(folder()))
    if blind := sorted(worker for worker, sees in seen.items() if not sees):
        raise LabError(
            f"the worker {blind[0]} does not see {folder()}; set LAB_ARTIFACTS to a folder that "
            "all machines share, under the same path"
        )


@contextlib.contextmanager
def alone(people: list[Person]) -> Iterator[None]:
    """Make everybody's folder and keep other runs out of it while the block runs."""
    lab = {**cover.read_lab(), "author": "", "student_id": ""}
    with contextlib.ExitStack() as stack:
        for person in people:
            own = folder() / person.id
            with environment.instead("LAB_ARTIFACTS", str(own)):
                stack.enter_context(artifacts.alone())
                artifacts.remove_leftovers()
            block = lab | {"author": person.name, "student_id": person.id}
            text = yaml.safe_dump(block, allow_unicode=True, sort_keys=False)
            artifacts.write_text(own / cover.LAB.name, text)
        yield


def specification(person: Person, source: mnist.Source, begun: str) -> dict:
    """Return what every step of a person has to know; its notebook comes on top of it.

    `begun` is the start of the course in UTC.
    """
    return {
        "folder": str(folder() / person.id),
        "profile": person.profile,
        "settings": person.settings,
        "values": person.values,
        "source": source.record(),
        "threads": person.values.get("THREADS") or TRAINING_THREADS,
        "begun": begun,
        "environment": {name: os.environ[name] for name in TOLD if name in os.environ},
        "failure": None,
    }


def missing(given: dict) -> list[str]:
    """Return the notebooks that a person lacks: what changed, and what reads one that will run."""
    wanted: list[str] = []
    with environment.instead("LAB_ARTIFACTS", given["folder"]):
        for name in NOTEBOOKS:
            read = any(other in wanted for other in STAGES[name].reads)
            if read or not chain.unchanged(course_work.request_of(given, name), name):
                wanted.append(name)
        if not wanted and not chain.page_path().exists():
            wanted.append(REPORT)
    return wanted


def _tell(line: str, *, stays: bool) -> None:
    """Show a line; into a file only one that stays."""
    if sys.stdout.isatty():
        show(line, stays=stays)
    elif stays:
        print(line, flush=True)


def _place(failed: dict) -> int:
    """Return which of the notebooks failed, by its place in the chain."""
    return NOTEBOOKS.index(failed["notebook"])


class Course:
    """The people, what each of them lacks, and what became of it."""

    def __init__(self, people: list[Person], found: dict[str, mnist.Source]) -> None:
        self.people, self.begun = people, provenance.now()
        self.given = {each.id: specification(each, found[each.id], self.begun) for each in people}
        self.missing = {id: missing(each) for id, each in self.given.items()}
        self.failures: dict[str, dict] = {}
        self.status = {id: FINISHED if not lacks else WAITING for id, lacks in self.missing.items()}

    def run(self, client: Client) -> None:
        """Run what is missing, phase after phase, and keep the index up to date."""
        steps, done = sum(map(len, self.missing.values())), 0
        self.write_index()
        for phase in PHASES:
            futures = self._submit(client, phase)
            for future in as_completed(futures, loop=client.loop):
                done += 1
                self._take(*futures[future], future)
                failed = f", failed for {len(self.failures)}" if self.failures else ""
                _tell(f"{done} of {counted(steps, 'step')} done{failed}", stays=False)

    def write_index(self) -> None:
        """Write the page that leads to everybody's report."""
        course_page.write(folder(), self.people, self.status, self.failures, self.begun)

    def _submit(self, client: Client, phase: tuple[str, ...]) -> dict[Future, tuple[Person, str]]:
        futures: dict[Future, tuple[Person, str]] = {}
        for person in self.people:
            own: dict[str, Future] = {}
            for name in (each for each in phase if each in self.missing[person.id]):
                failed = self.failures.get(person.id)
                own[name] = client.submit(
                    course_work.step,
                    {**self.given[person.id], "notebook": name, "failure": failed},
                    *(own[other] for other in STAGES[name].reads if other in own),
                    resources={ALONE: 1} if name == MEASURING else None,
                    pure=False,  # the same step may be asked for again
                )
                futures[own[name]] = (person, name)
        return futures

    def _take(self, person: Person, name: str, future: Future) -> None:
        """Note what a step came to, and show it. Raises LabError when the scheduler is gone."""
        if future.status in ("cancelled", "lost"):
            raise LabError(drive.GONE)
        if future.status == "finished":
            failed = future.result()
        else:
            failed = course_work.failure(name, f"its worker failed: {future.exception()}")
        before = self.failures.get(person.id)
        # Of two notebooks that ran side by side the chain would have stopped at the first.
        if failed and (before is None or _place(failed) < _place(before)):
            self.failures[person.id] = failed
            _tell(f"{person.id} failed: {failed['notebook']} {failed['line']}", stays=True)
        if name == REPORT:
            self.status[person.id] = FAILED if failed else FINISHED
            self.write_index()
            if not failed:
                _tell(f"{person.id} finished", stays=True)


def run(people: list[Person], found: dict[str, mnist.Source], client: Client) -> int:
    """Make the reports on the cluster of `client` from the images `found`; return the exit code.

    It is 1 when somebody's chain failed. Raises LabError when the workers are not fit for it.
    """
    check_workers(client)
    at_once = counted(len(client.nthreads()), "worker")
    _tell(f"{counted(len(people), 'report')} on {at_once}, {client.dashboard_link}", stays=True)
    with alone(people):
        course = Course(people, found)
        course.run(client)
    _tell(f"course: {chain.shown(folder() / course_page.NAME_OF_PAGE)}", stays=True)
    return 1 if course.failures else 0


def main(roster_file: Path, scheduler: str | None) -> int:
    """Make a report for everybody on a roster and return the exit code, as `run` does.

    Raises LabError for a wrong roster before anything is written, and when no cluster is to be had.
    """
    people = roster.read(roster_file)
    cover.read_lab()
    doctor.before_a_run()
    found = sources(people)
    with cluster.connected(scheduler) as client:
        return run(people, found, client)
