"""Turn executed notebooks into one HTML page: the report, then its appendices.

nbconvert renders each notebook with `report_template/index.html.j2`; this module repairs the
result (levels, ids, links, tables) and sets it into `report_template/page.html.j2`. The page loads
nothing and needs no JavaScript.
"""

import re
import string
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import jinja2
import nbformat
from bs4 import BeautifulSoup, Tag
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter
from traitlets.config import Config

from helpers import artifacts

TEMPLATE = Path(__file__).with_name("report_template")
MARKER_TAG = "papermill-error-cell-tag"
# Pygments styles whose every colour has a contrast of 4.5:1 or more on the page's code panel.
CODE_STYLES = {
    "print, (prefers-color-scheme: light)": "xcode",
    "screen and (prefers-color-scheme: dark)": "lightbulb",
}

# The richest form that works without scripts; widgets and JavaScript fall back to their text.
MIME_TYPES = ["text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg"]

HEADING = re.compile(r"^h[1-6]$")
NUMBER = re.compile(
    r"[\[(]?[-−+±<>≤≥≈~]?\s?\d[\d.,\s]*(e[-+]?\d+)?\s?\S{0,3}(\s?[\[(±–-].*)?", re.I
)
NO_VALUE = {"", "-", "–", "—", "nan", "n/a"}


@dataclass(frozen=True)
class Banner:
    """A plain sentence under the page's title; `link` is an id in the page, such as 01-cell-7."""

    kind: str  # "failure" or "sample"
    text: str
    link: str | None = None
    link_text: str = "Go to the cell"


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
        _shorten_paths(part.soup)

    front = parts[0]
    head = (front.title.find_parent(class_="nb-cell") or front.title).extract()
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATE), autoescape=True)
    page = environment.get_template("page.html.j2").render(
        title=_text(front.title),
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


def _slug(text: str) -> str:
    return re.sub(r"\W+", "-", text.lower()).strip("-") or "section"


def _text(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


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
    soup = BeautifulSoup(_render(path, code=bool(letter)) if path else "", "html.parser")
    for element in soup(["script", "style", "link", "iframe", "object", "embed", "meta", "base"]):
        element.decompose()
    for image in soup("img"):
        if not image.get("src", "").startswith("data:"):
            image.replace_with(image.get("alt", ""))
    if not soup.h1:
        soup.insert(0, soup.new_tag("h1", string=title))
    heading = soup.h1
    for table in soup("table"):
        _repair_table(soup, table)
    _name(soup, prefix)
    _set_levels(soup, heading, top=2 if letter else 1)
    if letter:
        heading.insert(0, f"Appendix {letter}: ")
        soup.insert(0, heading.extract())
    for cell in soup(class_="nb-cell"):
        if not cell.get_text(strip=True) and not cell.img:
            cell.decompose()
    return Part(path.name if path else "", prefix, soup, heading)


def _render(path: Path, *, code: bool) -> str:
    config = Config()
    config.CoalesceStreamsPreprocessor.enabled = True
    config.NbConvertBase.display_data_priority = [*MIME_TYPES, "text/plain"]
    exporter = HTMLExporter(
        config=config,
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(TEMPLATE.parent)],
        exclude_anchor_links=True,
        exclude_input=not code,
    )
    return exporter.from_notebook_node(_read(path))[0]


def _name(soup: BeautifulSoup, prefix: str) -> None:
    """Give every heading an id, and every id the prefix, each once."""
    used = {cell["id"] for cell in soup(class_="nb-cell")}
    for element in soup(True):
        own = element.get("id")
        if own in used or not (own or HEADING.match(element.name)):
            continue
        name = f"{prefix}-{_slug(own or _text(element))}"
        names = [name, *(f"{name}-{number}" for number in range(2, len(used) + 3))]
        element["id"] = next(name for name in names if name not in used)
        used.add(element["id"])


def _set_levels(soup: BeautifulSoup, title: Tag, top: int) -> None:
    """Put the title at level `top` and the other headings below it, skipping no level."""
    above: list[int] = []
    for heading in soup(HEADING):
        level = 1 if heading is title else max(2, int(heading.name[1]))
        above = [*(a for a in above if a < level), level]
        heading.name = f"h{min(top - 1 + len(above), 6)}"


def _repair_table(soup: BeautifulSoup, table: Tag) -> None:
    """Say what each header heads, align numbers to the right, and let a wide table scroll."""
    for element in [table, *table(["tr", "th", "td"])]:
        del element["border"]
        if element.get("id", "").startswith("T_"):  # pandas' own, another one in every run
            del element["id"]
        if element.name in ("table", "tr"):
            del element["style"]
    for header in table("th"):
        if _text(header):
            header["scope"] = "col" if header.find_parent("thead") else "row"
        else:
            header.name = "td"

    # Columns are counted from the right, where a pandas index with merged cells has no say.
    rows = [row(["th", "td"]) for row in table("tr")]
    rows = [row for row in rows if not any(cell.get("colspan") for cell in row)]
    width = 0
    for position in range(1, max(map(len, rows), default=0) + 1):
        column = [row[-position] for row in rows if len(row) >= position]
        values = {_text(cell) for cell in column if cell.name == "td"}
        values = {value for value in values if value.lower() not in NO_VALUE}
        if values and all(map(NUMBER.fullmatch, values)):
            for cell in column:
                cell["class"] = [*cell.get("class", []), "number"]
        else:
            values = {word for value in values for word in value.split()}
        words = {word for cell in column if cell.name == "th" for word in _text(cell).split()}
        width += 8 * max(map(len, values | words), default=0) + 29  # pixels: digits and padding

    frame = table.wrap(soup.new_tag("div", attrs={"class": "table"}))
    if width > 900:  # it scrolls on a desktop too: let the keyboard reach it
        label = table.caption or table.find_previous(HEADING) or table
        frame.attrs |= {"tabindex": "0", "role": "region", "aria-label": f"Table: {_text(label)}"}


def _resolve_links(part: Part, parts: list[Part], ids: set[str]) -> None:
    """Point links between and inside notebooks into the page; a link to any other file is text."""
    by_file = {p.file: p for p in parts} | {"": part}
    for link in part.soup("a"):
        href = unquote(link.get("href", ""))
        if re.match(r"(https?|mailto):", href):
            continue
        file, _, fragment = href.partition("#")
        target = by_file.get(Path(file).name)
        names = [fragment, f"{target.prefix}-{_slug(fragment)}"] if target and fragment else []
        names += [target.title["id"]] if target and file else []
        found = next((name for name in names if name in ids), None)
        if found:
            link["href"] = f"#{found}"
        else:
            link.unwrap()


def _shorten_paths(soup: BeautifulSoup) -> None:
    """Replace what the folders of this machine are called, as a last safety."""
    folders = [(Path(sys.prefix), ".venv"), (artifacts.PROJECT, "project"), (Path.home(), "~")]
    spellings = {
        spelling: short
        for path, short in folders
        if len(path.parts) > 1  # a home of "/" would match everywhere
        for spelling in (str(path), path.as_posix(), str(path).replace("\\", "\\\\"))
    }
    pattern = re.compile(rf"(?<![\w/.])({'|'.join(map(re.escape, spellings))})(?![\w-])")
    for node in soup.find_all(string=pattern):
        node.replace_with(pattern.sub(lambda match: spellings[match[1]], node))


def _contents(parts: list[Part]) -> list[dict]:
    """Return the two levels of the contents: [{id, text, entries}]."""
    contents: list[dict] = []
    for heading in (h for part in parts for h in part.soup(["h2", "h3"])):
        entry = {"id": heading["id"], "text": _text(heading), "entries": []}
        inside = heading.name == "h3" and contents
        (contents[-1]["entries"] if inside else contents).append(entry)
    return contents


def _css() -> str:
    css = (TEMPLATE / "style.css").read_text(encoding="utf-8")
    for media, style in CODE_STYLES.items():
        rules = HtmlFormatter(style=style).get_token_style_defs(".highlight")
        css += "\n".join([f"@media {media} {{", *rules, "}", ""])
    return css
