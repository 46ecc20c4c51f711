"""The title block of the report, and lab.yaml, where a student types what stands in it."""

import re
from html import escape

import yaml

from helpers.core.artifacts import PARAMETERS, PROJECT, read_yaml
from helpers.core.console import LabError

LAB = PARAMETERS / "lab.yaml"
TITLE = "Lab report"  # where lab.yaml has none
FIELDS = {
    "author": "Author",
    "student_id": "Student ID",
    "course": "Course",
    "instructor": "Instructor",
    "date": "Date",
}


def read_lab() -> dict[str, str]:
    """Return title, author, student_id, course, instructor and date as typed, "" for none.

    Several authors become one text. Raises LabError with the line when the file is not lines of
    NAME: value, or when YAML would cut a value.
    """
    names = ("title", *FIELDS)
    typed = read_yaml(LAB, names, as_typed=True)
    _refuse_what_is_cut(LAB.read_text(encoding="utf-8"))
    lab = {}
    for name in names:
        value = typed.get(name, "")
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, str) for part in parts):
            raise LabError(
                f"{LAB.name}: {name} is not text; write {name}: text, or a list of texts"
            )
        *some, last = [part for part in parts if part.strip()] or [""]
        lab[name] = f"{', '.join(some)} and {last}" if some else last
    return lab


def _refuse_what_is_cut(text: str) -> None:
    """Raise LabError for a value without quotes that a comment follows: it may be a part of it."""
    lines = text.splitlines()
    for token in yaml.scan(text, Loader=yaml.BaseLoader):
        plain = isinstance(token, yaml.ScalarToken) and token.plain
        if not plain and not isinstance(token, yaml.ValueToken):
            continue
        end = token.end_mark
        rest = lines[end.line][end.column :] if end.line < len(lines) else ""
        if re.match(r"\s+#", rest):
            raise LabError(
                f"{LAB.name}, line {end.line + 1}: YAML leaves out {rest.strip()!r}; put the whole "
                "value in quotes, or a comment on a line of its own"
            )


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
