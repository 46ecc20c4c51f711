"""Turn executed notebooks into one HTML page: the report, then its appendices.

nbconvert renders each notebook with `template/index.html.j2`, where `harmless.py` cleans what the
notebook brings; this module repairs the result (levels, ids, links, tables) and sets it into
`template/page.html.j2`. The page loads nothing, and only the surface to draw on needs JavaScript.
"""

import base64
import hashlib
import re
import string
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import jinja2
import nbformat
from bs4 import BeautifulSoup, Tag
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

from helpers.core import artifacts
from helpers.core.units import counted
from helpers.report import drawing, executed, harmless, html_repair

NOTEBOOKS = artifacts.PARAMETERS.parent
TEMPLATE = Path(__file__).with_name("template")
# Cells for the reader of the notebook, which the report leaves out.
NOTEBOOK_ONLY_TAG = "notebook-only"
# Pygments styles whose every colour has a contrast of 4.5:1 or more on the page's code panel.
CODE_STYLES = {
    "print, (prefers-color-scheme: light)": "xcode",
    "screen and (prefers-color-scheme: dark)": "lightbulb",
}


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
    dropped: Counter[tuple[str, str]]  # what is left out, by cell


def build(
    report: Path | None,
    appendices: list[Path],
    output: Path,
    *,
    title: str,
    banners: list[Banner],
    facts: str = "",
) -> None:
    """Write the page made of the executed notebook `report` and the executed `appendices`.

    Of `report` only prose and outputs are shown, of the appendices their code too, folded; what
    they draw once more is a link.
    `title` names the page when `report` is None or has no H1, and `facts` are HTML that stands
    below the title when `report` is None. The same inputs give the same bytes.
    What a notebook holds and the page cannot is named in logs/page.log beside it.
    """
    parts = [_part(report, title)]
    parts += [
        _part(path, path.stem, letter)
        for path, letter in zip(appendices, string.ascii_uppercase, strict=False)
    ]
    named = {"the report": parts[0].soup}
    named |= {html_repair.text_of(p.title).partition(":")[0]: p.soup for p in parts[1:]}
    html_repair.show_pictures_once(named)
    ids = {element["id"] for part in parts for element in part.soup.find_all(id=True)}
    for part in parts:
        _resolve_links(part, parts, ids)
        html_repair.shorten_paths(part.soup)

    front = parts[0]
    head = (front.title.find_parent(class_="nb-cell") or front.title).extract()
    write(
        output,
        title=html_repair.text_of(front.title) or title,
        contents=contents(part.soup for part in parts),
        head=str(head) if report else f"{head}{facts}",
        banners=banners,
        report=str(front.soup),
        appendices=[str(part.soup) for part in parts[1:]],
        draws=any(part.soup.find(class_="draw") for part in parts),
    )
    _name_dropped(parts, output.parent / "logs" / "page.log")


def write(output: Path, *, draws: bool = False, **slots: object) -> None:
    """Write a page of the template: title, contents, head, banners, report, appendices.

    The head, the report and the appendices are HTML, and harmless already; `draws` when there is a
    surface to draw on in it.
    """
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATE), autoescape=True)
    environment.filters["csp_hash"] = _csp_hash
    script = (TEMPLATE / "script.js").read_text(encoding="utf-8")
    slots |= {"css": _css(), "script": script, "drawing": ""}
    if draws:
        slots |= {"css": slots["css"] + drawing.style(), "drawing": drawing.script()}
    page = environment.get_template("page.html.j2").render(**slots)
    artifacts.write_text(output, page + "\n")


def _part(path: Path | None, title: str, letter: str = "") -> Part:
    """Render a notebook as the report or, given a `letter`, as that appendix."""
    prefix = executed.prefix(path) if path else "report"
    notebook = executed.read(path) if path else nbformat.v4.new_notebook()
    guard = harmless.Guard([path.parent, NOTEBOOKS] if path else [], artifacts.PROJECT)
    soup = BeautifulSoup(_render(notebook, guard, code=bool(letter)), "html.parser")
    for image in soup("img", src=False):  # an address that is none was not kept
        image.decompose()
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
    return Part(path.name if path else "", prefix, soup, heading, guard.dropped)


def _ran(notebook: nbformat.NotebookNode) -> str:
    """Return when papermill ran a notebook: an appendix may be older than the report."""
    started = notebook.metadata.page.started
    if not started:
        return ""
    return (
        f"Run on {started[:10]} at {started[11:16]} UTC, with the figures and tables of that time."
    )


def _render(notebook: nbformat.NotebookNode, guard: harmless.Guard, *, code: bool) -> str:
    exporter = HTMLExporter(
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(TEMPLATE.parent)],
        exclude_anchor_links=True,
        exclude_input=not code,
        filters={
            "defined_name": html_repair.defined_name,
            "shown": guard.shown,
        },
    )
    if not code:
        notebook.cells = [
            cell
            for cell in notebook.cells
            if cell.metadata.page.failed or NOTEBOOK_ONLY_TAG not in cell.metadata.tags
        ]
    for cell in notebook.cells:
        if not cell.metadata.page.whole:
            guard.drop("what the notebook format does not allow", cell)
    return exporter.from_notebook_node(notebook)[0]


def _resolve_links(part: Part, parts: list[Part], ids: set[str]) -> None:
    """Point links between and inside notebooks into the page; a link to any other file is text."""
    by_file = {p.file: p for p in parts} | {"": part}
    for link in part.soup("a"):
        href = unquote(link.get("href", ""))
        if re.match(r"(https?|mailto):", href, re.I):
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


def contents(soups: Iterable[Tag]) -> list[dict]:
    """Return the two levels of the contents: [{id, text, entries}]."""
    found: list[dict] = []
    for heading in (h for soup in soups for h in soup(["h2", "h3"])):
        entry = {"id": heading["id"], "text": html_repair.text_of(heading), "entries": []}
        inside = heading.name == "h3" and found
        (found[-1]["entries"] if inside else found).append(entry)
    return found


def _css() -> str:
    css = (TEMPLATE / "style.css").read_text(encoding="utf-8")
    for media, style in CODE_STYLES.items():
        rules = HtmlFormatter(style=style).get_token_style_defs(".highlight")
        css += "\n".join([f"@media {media} {{", *rules, "}", ""])
    return css


def _csp_hash(text: str) -> str:
    """Return how the page's Content-Security-Policy names a script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _name_dropped(parts: list[Part], log: Path) -> None:
    """Name in `log` what is not in the page; a line on the terminal leads there.

    Styles do not count for the line: the page has its own.
    """
    dropped = [entry for part in parts for entry in part.dropped.items()]
    log.unlink(missing_ok=True)
    if dropped:
        lines = [f"{cell}: {what}, {counted(number, 'time')}" for (cell, what), number in dropped]
        artifacts.write_text(log, "\n".join(lines) + "\n")
    count = sum(number for (_, what), number in dropped if not what.startswith(harmless.STYLES))
    if count:
        print(f"left out of the page: {counted(count, 'thing')}, named in logs/{log.name}")
