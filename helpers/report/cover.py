"""The first screen of the report: title block and run card, as HTML."""

from html import escape

from helpers.core.artifacts import PARAMETERS, read_yaml
from helpers.data.mnist import Source

LAB_FIELDS = {
    "author": "Author",
    "student_id": "Student ID",
    "course": "Course",
    "instructor": "Instructor",
    "date": "Date",
}


def lab() -> dict[str, object]:
    """Return the title and personal data of parameters/lab.yaml."""
    return read_yaml(PARAMETERS / "lab.yaml")


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


def run_card(run: dict) -> str:
    """Return what was run, on what, with what, as HTML; `run` is that of results.json."""
    dataset, machine = run["dataset"], run["machine"]
    seconds = ", ".join(f"{name[:2]}: {value:.0f} s" for name, value in run["stages"].items())
    card = {
        "Profile": run["profile"],
        "Images": Source(**dataset),
        "Machine": f"{machine['cpu']}, {machine['cores']} cores, {machine['threads']} threads "
        f"used, {machine['memory_bytes'] / 2**30:.0f} GiB, {machine['os']}, Python "
        f"{machine['python']}",
        "Started": run["started"].replace("T", " ").replace("Z", " UTC"),
        "Notebooks": seconds or "run one by one, not timed",
        "Commit": (run["git_commit"] or "")[:12] or "not a git checkout",
        "Packages": ", ".join(f"{name} {version}" for name, version in run["packages"].items()),
    }
    return definitions(card, "card")
