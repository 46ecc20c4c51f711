"""The page that leads to everybody's report: status, accuracy and goals of each."""

from html import escape
from pathlib import Path

from bs4 import BeautifulSoup

from helpers.core import artifacts
from helpers.core.console import LabError
from helpers.core.old_results import main_architecture, one
from helpers.core.units import counted
from helpers.findings.seeds import FRAMEWORKS
from helpers.findings.verdicts import NOT_TESTABLE, REACHED
from helpers.report import cover, html_repair, page, tables
from helpers.report.tables import NAME, NUMBER, Column
from helpers.sweep.roster import Person

NAME_OF_PAGE = "index.html"
FINISHED, FAILED, WAITING = "finished", "failed", "waiting"
ABOUT = (
    "The name leads to the report. The accuracy is that of the main network on its test images, "
    "the goals are those of the project that were measured. A dash stands for what is not there."
)
SHOWN = {
    "link": Column("Name", kind=NAME, is_html=True),
    "id": Column("ID", kind=NAME),
    "status": tables.headed("verdict", "Status"),
    **{
        framework: tables.headed("test_accuracy", f"Accuracy, {title}")
        for framework, title in FRAMEWORKS.items()
    },
    "goals": Column("Goals reached", kind=NUMBER),
    "settings": Column("Own parameters"),
}


def write(
    folder: Path,
    people: list[Person],
    status: dict[str, str],
    failures: dict[str, dict],
    started: str,
) -> None:
    """Write the index of a course that began at `started` (UTC) into `folder`.

    `status` and `failures`, as `course_work.step` returns them, are by the id of a person.
    """
    rows = [_row(folder, person, status[person.id]) for person in people]
    lab = cover.lab() | {"author": "", "student_id": ""}
    title = f"{lab.get('title') or cover.TITLE}: {counted(len(people), 'report')}"
    parts = [f"<h2>Reports</h2><p>{ABOUT}</p>{tables.table(rows, SHOWN)}"]
    if failures:
        lines = (
            _failure(person, failures[person.id]) for person in people if person.id in failures
        )
        parts.append(f"<h2>What failed</h2><ul>{''.join(lines)}</ul>")
    soup = BeautifulSoup("".join(parts), "html.parser")
    for table in soup("table"):
        html_repair.repair_table(soup, table)
    html_repair.name_elements(soup, "course")
    page.write(
        folder / NAME_OF_PAGE,
        title=title,
        contents=page.contents([soup]),
        head=cover.title_block(lab | {"title": title}, started),
        banners=[],
        report=str(soup),
        appendices=[],
    )


def _row(folder: Path, person: Person, status: str) -> dict:
    """Return what the index says of a person: numbers only where the report is finished."""
    name = escape(person.name)
    there = status != WAITING and (folder / person.id / "report.html").exists()
    link = f'<a href="{person.id}/report.html">{name}</a>' if there else name
    settings = " ".join([f"profile={person.profile}", *person.settings])
    row = {"link": link, "id": person.id, "status": status, "settings": settings}
    return row | (_numbers(folder / person.id) if status == FINISHED else {})


def _numbers(folder: Path) -> dict:
    try:
        found = artifacts.read_json(folder / "old_results.json")
        network = main_architecture(found["models"])
        accuracy = {
            framework: one(found["models"], framework=framework, architecture=network)[
                "test_accuracy"
            ]
            for framework in FRAMEWORKS
        }
        measured = [row for row in found["goals"] if row["verdict"] != NOT_TESTABLE]
    except (LabError, LookupError):  # changed by hand since: the report tells
        return {}
    reached = sum(row["verdict"] == REACHED for row in measured)
    return accuracy | {"goals": f"{reached} of {len(measured)}" if measured else None}


def _failure(person: Person, failed: dict) -> str:
    """Return who failed where and why, with a link to the notebook cell, as an item of a list."""
    place = f"#{failed['cell']}" if failed["cell"] else ""
    words = escape(f"{failed['notebook']} {failed['line']}")
    link = f'<a href="{person.id}/report.html{place}">{escape(person.name)}</a>'
    return f"<li>{link}: {words}</li>"
