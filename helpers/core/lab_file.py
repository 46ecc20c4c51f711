"""lab.yaml, where a student types what stands on the title page."""

import re

import yaml

from helpers.core.artifacts import PARAMETERS, read_yaml
from helpers.core.console import LabError

LAB = PARAMETERS / "lab.yaml"
NAMES = ("title", "author", "student_id", "course", "instructor", "date")


def read_lab() -> dict[str, str]:
    """Return title, author, student_id, course, instructor and date as typed, "" for none.

    Several authors become one text. Raises LabError with the line when the file is not lines of
    NAME: value, or when YAML would cut a value.
    """
    typed = read_yaml(LAB, NAMES, as_typed=True)
    _refuse_what_is_cut(LAB.read_text(encoding="utf-8"))
    lab = {}
    for name in NAMES:
        value = typed.get(name, "")
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, str) for part in parts):
            raise LabError(
                f"{LAB.name}: {name} is not text; write {name}: text, or a list of texts"
            )
        *some, last = [" ".join(part.split()) for part in parts if part.strip()] or [""]
        lab[name] = f"{', '.join(some)} and {last}" if some else last
    return lab


def _refuse_what_is_cut(text: str) -> None:
    """Raise LabError for a value without quotes that a comment follows: it may be a part of it."""
    lines = text.splitlines()
    for token in yaml.scan(text, Loader=yaml.BaseLoader):
        plain = isinstance(token, yaml.ScalarToken) and token.plain
        if not plain and not isinstance(token, yaml.ValueToken | yaml.BlockEntryToken):
            continue
        end = token.end_mark
        rest = lines[end.line][end.column :] if end.line < len(lines) else ""
        if re.match(r"\s+#", rest):
            raise LabError(
                f"{LAB.name}, line {end.line + 1}: YAML leaves out {rest.strip()!r}; put the whole "
                "value in quotes, or a comment on a line of its own"
            )
