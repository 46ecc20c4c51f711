"""The first screen of the report: title block and run card, as HTML."""

from collections import Counter
from html import escape

from helpers.core.artifacts import PARAMETERS, output_to_log, read_yaml
from helpers.core.console import LabError
from helpers.core.units import counted
from helpers.data.mnist import Source
from helpers.findings.sentences import short_commit, training_images
from helpers.findings.time_sentences import listed

LAB = PARAMETERS / "lab.yaml"
TITLE = "Lab report"  # where lab.yaml has none
MADE_WITH = "What it was made with"
LAB_FIELDS = {
    "author": "Author",
    "student_id": "Student ID",
    "course": "Course",
    "instructor": "Instructor",
    "date": "Date",
}


def read_lab() -> dict[str, str]:
    """Return the title and personal data of lab.yaml as typed; several are joined.

    Raises LabError with the line when the file is not such lines.
    """
    content = read_yaml(LAB, ("title", *LAB_FIELDS), as_typed=True)
    found = {}
    for name, value in content.items():
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, str) for part in parts):
            raise LabError(
                f"{LAB.name}: {name} is not text; write {name}: text, or a list of texts"
            )
        found[name] = listed([part for part in parts if part.strip()] or [""])
    return found


def lab() -> dict[str, str]:
    """Return what `read_lab` does; nothing, and why in the log, where that cannot be read.

    The chain reads it before it begins; who changes it meanwhile does not lose the report.
    """
    try:
        return read_lab()
    except LabError as error:
        with output_to_log("notebooks.log"):
            print(f"the title block is left out: {error}")
        return {}


def title_block(lab: dict[str, str], started: str) -> str:
    """Return the heading and the facts below it as HTML; `started` is a time in UTC."""
    return f"<h1>{escape(lab.get('title') or TITLE)}</h1>{facts(lab, started)}"


def facts(lab: dict[str, str], started: str) -> str:
    """Return a line for each field that is filled in, as HTML, the date in any case."""
    filled = {"date": started[:10], **{name: text for name, text in lab.items() if text}}
    told = {name: filled[key] for key, name in LAB_FIELDS.items() if key in filled}
    return definitions(told, "facts")


def definitions(terms: dict[str, object], style: str) -> str:
    """Return terms and what they are as an HTML definition list of a class of the page."""
    lines = [
        f"<div><dt>{escape(name)}</dt><dd>{escape(str(value))}</dd></div>"
        for name, value in terms.items()
    ]
    return f'<dl class="{style}">{"".join(lines)}</dl>'


def run_card(results: dict) -> str:
    """Return what was run, on what, with what, as HTML; what few readers ask for is folded.

    What belongs to a notebook stands once where all agree, else beside the notebooks that differ.
    """
    run = results["run"]
    source, made = Source(**run["dataset"]), run["made"]
    given = run["parameters"].items()  # the seed study has no threads to set
    threads = {name: own["THREADS"] for name, own in given if "THREADS" in own}
    packages = dict.fromkeys(package for own in made.values() for package in own["packages"])
    versions = {
        package: {name: own["packages"].get(package, "not there") for name, own in made.items()}
        for package in packages
    }
    earlier = [name[:2] for name, own in made.items() if own["started"] < run["started"]]
    settings = {name: _settings(own.get("environment", {})) or "none" for name, own in made.items()}
    card = {
        "Profile": run["profile"],
        "Images": f"{source.title} from {source.origin}",
        "Used": f"{training_images(results['models'])} to train, {source.validation:,} to "
        f"validate, {source.test:,} to test",
        "Machine": _together({name: _machine(own["machine"]) for name, own in made.items()}),
        "Threads": _together({name: str(number) for name, number in threads.items()}),
        "Started": _time(run["started"]),
        "Commit": _together({name: _commit(own["commit"]) for name, own in made.items()}),
        # Two warnings, where there is something to warn of.
        "From an earlier run": ", ".join(earlier),
        "Environment": _together(settings) if set(settings.values()) != {"none"} else "",
    }
    made_with = {
        "SHA-256": source.sha256,
        "Notebooks": "; ".join(
            f"{name[:2]} at {_on_the_day(own['started'], run['started'])}"
            f"{_took(run['stages'].get(name))}"
            for name, own in made.items()
        ),
        "Packages": ", ".join(f"{name} {_together(own)}" for name, own in versions.items()),
    }
    return (
        definitions({name: said for name, said in card.items() if said}, "card")
        + f'<details class="made"><summary>{MADE_WITH}</summary>'
        + f"{definitions(made_with, 'card')}</details>"
    )


def _together(values: dict[str, str]) -> str:
    """Return what most notebooks have, with the others' values and their numbers behind it."""
    counts = Counter(values.values())
    usual = max(counts, key=counts.get)
    other: dict[str, list[str]] = {}
    for name, value in values.items():
        if value != usual:
            other.setdefault(value, []).append(name[:2])
    said = [f"in {listed(names)}: {value}" for value, names in other.items()]
    return f"{usual} ({'; '.join(said)})" if said else usual


def _machine(machine: dict) -> str:
    return (
        f"{machine['cpu']}, {counted(machine['cores'], 'core')}, "
        f"{machine['memory_bytes'] / 2**30:.0f} GiB, {machine['os']}, Python {machine['python']}"
    )


def _settings(environment: dict) -> str:
    """Return which of the user's variables concern the run; "" for none."""
    left = environment.get("in_force", {})
    said = [f"{name}={value} was in force" for name, value in left.items()]
    if names := environment.get("kept_out"):
        said.append(f"{listed(names)} {'were' if len(names) > 1 else 'was'} kept out")
    return "; ".join(said)


def _time(started: str) -> str:
    return started.replace("T", " ").replace("Z", " UTC")


def _on_the_day(started: str, day: str) -> str:
    """Return a time in hours and minutes, with its date where that is another day's."""
    return started[11:16] if started[:10] == day[:10] else _time(started)


def _took(seconds: float | None) -> str:
    return "" if seconds is None else f" for {seconds:.0f} s"


def _commit(commit: str | None) -> str:
    return short_commit(commit) if commit else "none in this folder"
