"""Turn executed notebooks into one HTML page: the report, then its appendices.

nbconvert renders each notebook with `template/index.html.j2`; this module repairs the result
(levels, ids, links, tables) and sets it into `template/page.html.j2`. The page loads nothing and
needs no JavaScript.
"""

import re
import string
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import jinja2
import nbformat
from bs4 import BeautifulSoup, Tag
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter
from traitlets.config import Config

from helpers.core import artifacts
from helpers.report import harmless, html_repair

NOTEBOOKS = artifacts.PARAMETERS.parent
TEMPLATE = Path(__file__).with_name("template")
MARKER_TAG = "papermill-error-cell-tag"
# Cells for the reader of the notebook, which the report leaves out.
NOTEBOOK_ONLY_TAG = "notebook-only"
# Pygments styles whose every colour has a contrast of 4.5:1 or more on the page's code panel.
CODE_STYLES = {
    "print, (prefers-color-scheme: light)": "xcode",
    "screen and (prefers-color-scheme: dark)": "lightbulb",
}

# The richest form that works without scripts; widgets and JavaScript fall back to their text.
MIME_TYPES = ["text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg"]


@dataclass(frozen=True)
class Banner:
    """A plain sentence under the page's title, and facts such as {"Resume with": a command}.

    `link` is an id in the page, such as 01-cell-7.
    """

    kind: str  # "failure" or "images"
    text: str
    link: str | None = None
    link_text: str = "Go to the cell"
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One notebook as a part of the page."""

    file: str
    prefix: str  # the notebook's number, which begins every id of the part
    soup: BeautifulSoup
    title: Tag  # its H1: the page's title or, one level down, the appendix's


def build(
    report: Path | None,
    appendices: list[Path],
    output: Path,
    *,
    title: str,
    banners: list[Banner],
) -> None:
    """Write the page made of the executed notebook `report` and the executed `appendices`.

    Of `report` only prose and outputs are shown, of the appendices their code too, folded.
    `title` names the page when `report` is None or has no H1. The same inputs give the same bytes.
    """
    parts = [_part(report, title)]
    parts += [
        _part(path, path.stem, letter)
        for path, letter in zip(appendices, string.ascii_uppercase, strict=False)
    ]
    ids = {element["id"] for part in parts for element in part.soup.find_all(id=True)}
    for part in parts:
        _resolve_links(part, parts, ids)
        html_repair.shorten_paths(part.soup)

    front = parts[0]
    head = (front.title.find_parent(class_="nb-cell") or front.title).extract()
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATE), autoescape=True)
    page = environment.get_template("page.html.j2").render(
        title=html_repair.text_of(front.title),
        css=_css(),
        contents=_contents(parts),
        head=str(head),
        banners=banners,
        report=str(front.soup),
        appendices=[str(part.soup) for part in parts[1:]],
    )
    artifacts.write_text(output, page + "\n")


def failed_cell(notebook: Path) -> str | None:
    """Return the id that the page gives to the cell which stopped `notebook`, None if none did."""
    cells = _read(notebook).cells
    return next((cell.metadata.page.id for cell in cells if cell.metadata.page.failed), None)


def _prefix(path: Path) -> str:
    return path.stem.partition("_")[0]


def _read(path: Path) -> nbformat.NotebookNode:
    """Read a notebook without papermill's marker cells; metadata.page has {id, failed} per cell."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [c for c in notebook.cells if MARKER_TAG not in c.metadata.get("tags", [])]
    for number, cell in enumerate(notebook.cells, start=1):
        outputs = cell.get("outputs", [])
        failed = any(output.output_type == "error" for output in outputs)
        failed = failed or cell.metadata.get("papermill", {}).get("exception") is True
        if outputs and not failed:
            cell.outputs = [output for output in outputs if output.get("name") != "stderr"]
        cell.metadata.page = nbformat.from_dict(
            {"id": f"{_prefix(path)}-cell-{number}", "failed": failed}
        )
    return notebook


def _part(path: Path | None, title: str, letter: str = "") -> Part:
    """Render a notebook as the report or, given a `letter`, as that appendix."""
    prefix = _prefix(path) if path else "report"
    notebook = _read(path) if path else None
    guard = harmless.Guard([path.parent, NOTEBOOKS] if path else [], artifacts.PROJECT)
    rendered = _render(notebook, guard, code=bool(letter)) if notebook else ""
    soup = BeautifulSoup(rendered, "html.parser")
    if not soup.h1:
        soup.insert(0, soup.new_tag("h1", string=title))
    heading = soup.h1
    for table in soup("table"):
        html_repair.repair_table(soup, table)
    html_repair.name_elements(soup, prefix)
    html_repair.set_levels(soup, heading, top=2 if letter else 1)
    if letter:
        heading.insert(0, f"Appendix {letter}: ")
        soup.insert(0, heading.extract())
        if ran := _ran(notebook):
            heading.insert_after(soup.new_tag("p", attrs={"class": "ran"}, string=ran))
    for cell in soup(class_="nb-cell"):
        if not cell.get_text(strip=True) and not cell.img:
            cell.decompose()
    return Part(path.name if path else "", prefix, soup, heading)


def _ran(notebook: nbformat.NotebookNode) -> str:
    """Return when papermill ran a notebook: an appendix may be older than the report."""
    started = notebook.metadata.get("papermill", {}).get("start_time")
    if not started:
        return ""
    return (
        f"Run on {started[:10]} at {started[11:16]} UTC, with the figures and tables of that time."
    )


def _render(notebook: nbformat.NotebookNode, guard: harmless.Guard, *, code: bool) -> str:
    config = Config()
    config.CoalesceStreamsPreprocessor.enabled = True
    config.NbConvertBase.display_data_priority = [*MIME_TYPES, "text/plain"]
    exporter = HTMLExporter(
        config=config,
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(TEMPLATE.parent)],
        exclude_anchor_links=True,
        exclude_input=not code,
        filters={
            "defined_name": html_repair.defined_name,
            "harmless": guard.html,
            "markdown": guard.markdown,
            "picture": guard.picture,
        },
    )
    if not code:
        notebook.cells = [
            cell
            for cell in notebook.cells
            if cell.metadata.page.failed or NOTEBOOK_ONLY_TAG not in cell.metadata.get("tags", [])
        ]
    return exporter.from_notebook_node(notebook)[0]


def _resolve_links(part: Part, parts: list[Part], ids: set[str]) -> None:
    """Point links between and inside notebooks into the page; a link to any other file is text."""
    by_file = {p.file: p for p in parts} | {"": part}
    for link in part.soup("a"):
        href = unquote(link.get("href", ""))
        if re.match(r"(https?|mailto):", href):
            continue
        file, _, fragment = href.partition("#")
        target = by_file.get(Path(file).name)
        names = (
            [fragment, f"{target.prefix}-{html_repair.slug(fragment)}"]
            if target and fragment
            else []
        )
        names += [target.title["id"]] if target and file else []
        found = next((name for name in names if name in ids), None)
        if found:
            link["href"] = f"#{found}"
        else:
            link.unwrap()


def _contents(parts: list[Part]) -> list[dict]:
    """Return the two levels of the contents: [{id, text, entries}]."""
    contents: list[dict] = []
    for heading in (h for part in parts for h in part.soup(["h2", "h3"])):
        entry = {"id": heading["id"], "text": html_repair.text_of(heading), "entries": []}
        inside = heading.name == "h3" and contents
        (contents[-1]["entries"] if inside else contents).append(entry)
    return contents


def _css() -> str:
    css = (TEMPLATE / "style.css").read_text(encoding="utf-8")
    for media, style in CODE_STYLES.items():
        rules = HtmlFormatter(style=style).get_token_style_defs(".highlight")
        css += "\n".join([f"@media {media} {{", *rules, "}", ""])
    return css
