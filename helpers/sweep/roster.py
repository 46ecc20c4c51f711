"""The roster of a course: who gets a report, and with which parameters."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from helpers.core.console import LabError, one_line, unknown
from helpers.core.units import counted
from helpers.pipeline import parameters

# What is no parameter; an empty profile is the usual one.
NEEDED, PROFILE, USUAL = ("name", "id"), "profile", "standard"
COLUMNS = (*NEEDED, PROFILE, *(n for n in parameters.PARAMETERS if n not in parameters.OPTIONS))
# An id names a folder, on every system and in a link.
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
LONGEST_NAME = 200


@dataclass(frozen=True)
class Person:
    """Somebody who gets a report: `settings` as on the command line, `values` with the profile."""

    name: str
    id: str
    profile: str
    settings: list[str]
    values: dict[str, object]


def read(path: Path) -> list[Person]:
    """Return the people of a roster, a CSV file whose first line names its columns.

    Raises LabError, with the line where there is one, for what is no such file, an unknown or
    missing column, a name or id that is none, an id that stands there twice, and a value that its
    parameter does not allow.
    """
    lines = _lines(path)
    header = [name.strip() for name in lines[0][1]]
    _check_header(path, header)
    people, seen = [], {}
    for number, cells in lines[1:]:
        where = f"{path.name}, line {number}"
        if len(cells) != len(header):
            raise LabError(
                f"{where} has {counted(len(cells), 'cell')}, the first line {len(header)}; give "
                "each line as many, with quotes around a value that holds a comma"
            )
        try:
            person = _person(dict(zip(header, map(str.strip, cells), strict=True)))
        except LabError as error:
            raise LabError(f"{where}: {error}") from error
        # To some systems upper and lower case are the same folder.
        first = seen.setdefault(person.id.lower(), number)
        if first != number:
            raise LabError(f"{where}: the id {person.id} stands in line {first} too; change one")
        people.append(person)
    if not people:
        raise LabError(f"{path.name} names nobody; write a line for each person")
    return people


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Return the lines that hold something as (number, cells)."""
    try:
        # With a mark at its beginning, and in some countries with semicolons, as Excel saves it.
        text = path.read_text(encoding="utf-8-sig")
        first = text.partition("\n")[0]
        delimiter = ";" if first.count(";") > first.count(",") else ","
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        lines = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except (OSError, ValueError, csv.Error) as error:
        raise LabError(
            f"{path} cannot be read: {one_line(error)}; write a CSV file in UTF-8"
        ) from error
    if not lines:
        raise LabError(f"{path.name} is empty; begin it with the line {','.join(NEEDED)}")
    return lines


def _check_header(path: Path, header: list[str]) -> None:
    for name in header:
        if name not in COLUMNS:
            found = name or "a column without a name"
            raise LabError(f"{path.name}: {unknown(found, 'column', COLUMNS)}")
        if header.count(name) > 1:
            raise LabError(f"{path.name} has the column {name} twice; write it once")
    for name in NEEDED:
        if name not in header:
            raise LabError(
                f"{path.name} has no column {name}; its first line names the columns, "
                f"{' and '.join(NEEDED)} among them"
            )


def _person(row: dict[str, str]) -> Person:
    """Return the person of a line. Raises LabError for a value that is not allowed."""
    name, id = row.pop("name"), row.pop("id")
    if not ID.fullmatch(id):
        raise LabError(
            f"id {id!r}: allowed are 1 to 64 letters, digits, - and _, the first no - or _: it "
            "names a folder"
        )
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or _leads_elsewhere(name):
        raise LabError(
            f"name {name[:LONGEST_NAME]!r}: allowed are 1 to {LONGEST_NAME} characters on one line "
            "that are no path to another folder"
        )
    profile = row.pop(PROFILE, "") or USUAL
    settings = [f"{column}={text}" for column, text in row.items() if text]
    values = parameters.profile(profile) | parameters.from_command_line(settings)
    parameters.check(values)
    return Person(name, id, profile, settings, values)


def _leads_elsewhere(name: str) -> bool:
    paths = (PurePosixPath(name), PureWindowsPath(name))
    return any(path.anchor or ".." in path.parts for path in paths)
