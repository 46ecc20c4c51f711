"""The title block and run card of the report, and what its tables are made of, as HTML."""

from collections.abc import Callable
from html import escape

import pandas as pd

from helpers.core.artifacts import read_yaml
from helpers.models.evaluation import accuracy_ci95
from helpers.parameters import FOLDER

LAB_FIELDS = {
    "author": "Author",
    "student_id": "Student ID",
    "course": "Course",
    "instructor": "Instructor",
    "date": "Date",
}


def lab() -> dict[str, object]:
    """Return the title and personal data of parameters/lab.yaml."""
    return read_yaml(FOLDER / "lab.yaml")


def title_block(lab: dict[str, object], started: str) -> str:
    """Return the heading and a line for each field that is filled in, as HTML."""
    filled = {"date": started[:10], **{k: v for k, v in lab.items() if v not in (None, "")}}
    facts = {name: filled[key] for key, name in LAB_FIELDS.items() if key in filled}
    return f"<h1>{escape(str(filled.get('title', 'Lab report')))}</h1>{definitions(facts, 'facts')}"


def definitions(terms: dict[str, object], style: str) -> str:
    """Return terms and what they are as an HTML definition list of a class of the page."""
    lines = [
        f"<div><dt>{escape(name)}</dt><dd>{escape(str(value))}</dd></div>"
        for name, value in terms.items()
    ]
    return f'<dl class="{style}">{"".join(lines)}</dl>'


def table(rows: list[dict] | pd.DataFrame) -> str:
    """Return rows as an HTML table without an index; what a row lacks is a dash."""
    return pd.DataFrame(rows).to_html(index=False, border=0, escape=True, na_rep="–")


def folded(summary: str, content: str) -> str:
    """Return HTML that a reader unfolds."""
    return f'<details class="data"><summary>{escape(summary)}</summary>{content}</details>'


def run_card(results: dict) -> str:
    """Return what was run, on what, with what, as HTML."""
    run = results["run"]
    dataset, machine = run["dataset"], run["machine"]
    seconds = ", ".join(f"{name[:2]}: {value:.0f} s" for name, value in run["stages"].items())
    name = {"mnist": "full MNIST", "sample": "a sample of MNIST"}[dataset["name"]]
    card = {
        "Profile": run["profile"],
        "Images": f"{name}: {dataset['train']:,} training, "
        f"{dataset['test']:,} test, from {dataset['origin']}",
        "Machine": f"{machine['cpu']}, {machine['cores']} cores, {machine['threads']} threads "
        f"used, {machine['memory_bytes'] / 2**30:.0f} GiB, {machine['os']}, Python "
        f"{machine['python']}",
        "Started": run["started"].replace("T", " ").replace("Z", " UTC"),
        "Notebooks": seconds or "run one by one, not timed",
        "Commit": (run["git_commit"] or "")[:12] or "not a git checkout",
        "Packages": ", ".join(f"{name} {version}" for name, version in run["packages"].items()),
    }
    return definitions(card, "card")


def interval(accuracy: float, images: int) -> str:
    """Return the 95 % interval of an accuracy as text."""
    low, high = accuracy_ci95(accuracy, images)
    return f"{100 * low:.2f}–{100 * high:.2f}%"


def or_dash(value: float | None, show: Callable[[float], str]) -> str:
    """Return what `show` makes of a number, or a dash when there is none."""
    return "–" if pd.isna(value) else show(value)
