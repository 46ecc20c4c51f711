"""The title block of the report, of what a student typed into lab.yaml."""

import re
from html import escape

from helpers.core.console import LabError
from helpers.core.files import PARAMETERS, read_yaml

LAB = PARAMETERS / "lab.yaml"
TITLE = "Lab report"  # where lab.yaml has none
AUTHOR_2025 = "Adham Ali Mohamed Abdelfattah"  # whom the committed lab.yaml names
FIELDS = {
    "title": "Title",
    "author": "Author",
    "student_id": "Student ID",
    "course": "Course",
    "instructor": "Instructor",
    "date": "Date",
}


def read_lab() -> dict[str, str]:
    """Return the FIELDS as typed in lab.yaml, "" for none; several authors become one text.

    Raises LabError with the line when the file is not lines of NAME: value.
    """
    # As typed: YAML takes 00123456 for an octal number, 3.10 for 3.1 and No for False.
    typed = read_yaml(LAB, typed=True)
    # YAML takes the end of "Lab #3" for a comment.
    text = LAB.read_text(encoding="utf-8")
    if cut := re.search(r"^\w+:\s+[^\s\"'#][^\"'\n]*\s#.*", text, re.MULTILINE):
        raise LabError(f"{LAB.name}: {cut[0]!r}: put the value in quotes, as it holds a #")
    lab = dict.fromkeys(FIELDS, "")
    for name, value in typed.items():
        if name not in FIELDS:
            raise LabError(f"{LAB.name}: {name} is no field; allowed are {', '.join(FIELDS)}")
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, str) for part in parts):
            raise LabError(f"{LAB.name}: {name} is {value!r}; write text, or a list of texts")
        *some, last = [" ".join(part.split()) for part in parts if part.strip()] or [""]
        lab[name] = f"{', '.join(some)} and {last}" if some else last
    return lab


def author() -> str:
    """Return the name in lab.yaml for the last line of a run, and what to do if it is not yours."""
    name, place = read_lab()["author"], "notebooks/parameters/lab.yaml"
    if name == AUTHOR_2025:
        return f"{name}, of the 2025 report; put yours into {place}"
    return name or f"none; put yours into {place}"


def title_block(lab: dict[str, str], started: str) -> str:
    """Return the heading and a line for each field that is filled in, as HTML.

    `started` is a time with its offset, whose day is the date where none was typed.
    """
    filled = {**lab, "title": "", "date": lab.get("date") or started[:10]}
    lines = [
        f'<div><dt>{title}</dt><dd dir="auto">{escape(filled[name])}</dd></div>'
        for name, title in FIELDS.items()
        if filled.get(name)
    ]
    heading = f'<h1 dir="auto">{escape(lab.get("title") or TITLE)}</h1>'
    return f'{heading}<dl class="facts">{"".join(lines)}</dl>'
