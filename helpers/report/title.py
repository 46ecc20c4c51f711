"""The title block of the report, of what a student typed into lab.yaml."""

from html import escape

from helpers.core.artifacts import PROJECT
from helpers.core.lab_file import LAB

TITLE = "Lab report"  # where lab.yaml has none
FIELDS = {
    "author": "Author",
    "student_id": "Student ID",
    "course": "Course",
    "instructor": "Instructor",
    "date": "Date",
}


def title_block(lab: dict[str, str], started: str) -> str:
    """Return the heading and a line for each field that is filled in, as HTML.

    `started` is a time with its offset, whose day is the date where none was typed.
    """
    filled = {**lab, "date": lab.get("date") or started[:10]}
    lines = [
        f'<div><dt>{title}</dt><dd dir="auto">{escape(filled[name])}</dd></div>'
        for name, title in FIELDS.items()
        if filled.get(name)
    ]
    heading = f'<h1 dir="auto">{escape(lab.get("title") or TITLE)}</h1>'
    return f'{heading}<dl class="facts">{"".join(lines)}</dl>'


def name_on_the_report(lab: dict[str, str]) -> str:
    """Return in one line whose name stands on the report and where it is changed."""
    names = [lab[name] for name in ("author", "student_id") if lab.get(name)]
    file = LAB.relative_to(PROJECT) if LAB.is_relative_to(PROJECT) else LAB
    if not names:
        return f"no name is on the report; put yours into {file}"
    return f"name on the report: {', '.join(names)}; change it in {file}"
