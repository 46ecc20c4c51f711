"""Turn executed notebooks into one HTML page: the report, then its appendices, each folded.

nbconvert renders each notebook with `template/index.html.j2`; what a notebook brings passes `clean`
there. This module gives ids, links and tables what they need in one page, which loads nothing and
reads the same without JavaScript.
"""

import base64
import re
import string
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import bleach
import jinja2
import nbformat
from bs4 import BeautifulSoup, Tag
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.preprocessors import CoalesceStreamsPreprocessor, TagRemovePreprocessor
from pygments.formatters import HtmlFormatter

from helpers.core import files
from helpers.core.console import LabError, one_line

TEMPLATE = Path(__file__).with_name("template")
MARKER_TAG = "papermill-error-cell-tag"  # of the cells that papermill puts in where one fails
HEADING = re.compile(r"^h[1-6]$")

# What a notebook may bring; addresses are looked at again in the page.
TAGS = """a b blockquote br caption code dd del details div dl dt em figcaption figure h1 h2 h3 h4
    h5 h6 hr i img li ol p pre small span strong sub summary sup table tbody td th thead tr u ul"""
ATTRIBUTES = "alt class colspan dir height id open rowspan scope start title width"
# What stands in these is nothing to read.
UNREAD = re.compile(r"<(script|style)\b.*?(</\1\s*>|\Z)", re.S | re.I)
# Code, which is left alone, or a formula, alone or in a line; "$5 and $6" holds none.
FORMULA = re.compile(r"<(pre|code)\b.*?</\1>|\$\$([^<$]+)\$\$|\$(?!\s)([^<$]+)(?<!\s)\$", re.S)


@dataclass(frozen=True)
class Banner:
    """A plain sentence under the page's title, and facts such as {"Resume with": a command}."""

    kind: str  # "failure" or "images"
    text: str
    link: str | None = None  # the id of a cell in the page, such as 01-cell-fit
    facts: dict[str, str] = field(default_factory=dict)


def build(
    report: Path | None, appendices: list[Path], output: Path, *, head: str, banners: list[Banner]
) -> None:
    """Write the page made of the executed notebook `report` and the executed `appendices`.

    Of `report` only prose and outputs are shown, of the appendices their code too, folded. `head`
    is the title block as HTML where `report` has none. The same inputs give the same bytes.
    Raises LabError for a notebook that cannot be read.
    """
    given = [*filter(None, [report]), *appendices]
    parts = {path.name: _part(path, code=path is not report) for path in given}
    ids = {element["id"] for soup in parts.values() for element in soup(id=True)}
    ids |= {path.name[:2] for path in appendices}
    for name in parts:
        _resolve_links(name, parts, ids)
    front = parts.pop(report.name) if report else BeautifulSoup("", "html.parser")
    if heading := front.h1:
        head = str((heading.find_parent(class_="nb-cell") or heading).extract())
    contents = [{"id": h["id"], "text": text_of(h)} for h in front("h2")]
    folded = []
    for letter, (name, soup) in zip(string.ascii_uppercase, parts.items(), strict=False):
        title = text_of(soup.h1.extract()) if soup.h1 else name
        entry = {"id": name[:2], "text": f"Appendix {letter}: {title}"}
        folded.append({**entry, "html": str(soup)})
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATE), autoescape=True)
    environment.filters["sha256"] = lambda text: base64.b64encode(sha256(text.encode()).digest())
    page = environment.get_template("page.html.j2").render(
        title=text_of(BeautifulSoup(head, "html.parser").h1),
        contents=contents + folded,
        head=head,
        banners=banners,
        ids=ids,
        report=str(front),
        appendices=folded,
        css=_css(),
        script=_read("script.js"),
        drawing=_read("network.js", "draw.js"),
    )
    files.write_text(output, page + "\n")


def main_text(html: str) -> dict[str, str]:
    """Return {cell id: text} of the main part of a page, the alternative texts in their places."""
    soup = BeautifulSoup(html, "html.parser")
    for image in soup("img", alt=True):
        image.replace_with(f" {image['alt']} ")
    for link in soup("a"):  # without its appendix a link is text
        link.unwrap()
    soup.smooth()
    cells = soup.select("#report .nb-cell")
    return {cell["id"].partition("-cell-")[2]: text_of(cell) for cell in cells}


def text_of(tag: Tag) -> str:
    """Return the text of an element on one line."""
    return " ".join(tag.get_text(" ").split())


def clean(html: str) -> str:
    """Return HTML without what runs or reaches out of its cell, every element closed."""
    return bleach.clean(
        UNREAD.sub("", html),
        tags=TAGS.split(),
        attributes={"*": ATTRIBUTES.split(), "a": ["href"], "img": ["src"]},
        protocols={"http", "https", "mailto", "data"},
        strip=True,
    )


def formulas(html: str) -> str:
    """Return Markdown's HTML with the LaTeX between dollar signs as MathML."""

    def mathml(match: re.Match) -> str:
        _, block, inline = match.groups()
        if not block and not inline:
            return match[0]
        try:
            return convert(unescape(block or inline), display="block" if block else "inline")
        except Exception:  # of many kinds: what cannot be read is shown as it was typed
            return match[0]

    return FORMULA.sub(mathml, html)


def _html(path: Path, *, code: bool) -> str:
    """Return an executed notebook as HTML, with its code or without."""
    exporter = HTMLExporter(
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(TEMPLATE.parent)],
        sanitize_html=True,
        exclude_anchor_links=True,
        exclude_input=not code,
        embed_images=True,
        filters={"clean_html": clean, "formulas": formulas},
    )
    left_out = TagRemovePreprocessor(remove_cell_tags={"notebook-only", MARKER_TAG})
    for step in (left_out, CoalesceStreamsPreprocessor()):
        exporter.register_preprocessor(step, enabled=True)
    about = {"prefix": path.name[:2], "metadata": {"path": str(files.NOTEBOOKS)}}
    try:
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.metadata.get("papermill", {}).get("exception"):  # shown, whoever it is for
                cell.metadata.tags = []
            for output in cell.get("outputs", []):
                if "metadata" in output:  # a figure is described by the first line of its cell
                    output.metadata.setdefault("alt", cell.source.partition("\n")[0].lstrip("# "))
        return exporter.from_notebook_node(notebook, about)[0]
    except Exception as error:  # no notebook, or one that lacks an attachment
        raise LabError(f"{path.name} cannot be shown: {one_line(error)[:200]}") from error


def _part(path: Path, *, code: bool) -> BeautifulSoup:
    """Return one notebook as a part of the page: its number begins every id, each there once."""
    soup = BeautifulSoup(_html(path, code=code), "html.parser")
    for place in soup(class_="draw"):
        surface = _read("draw.html").replace("DATA", place.get_text().replace("<", "\\u003c"))
        place.replace_with(BeautifulSoup(surface, "html.parser"))
    for image in soup("img"):
        if not image.get("src", "").startswith("data:image/"):  # the page loads nothing
            image.replace_with(image.get("alt", ""))
    for cell in soup(class_="nb-cell"):
        if not cell.get_text(strip=True) and not cell.find(["img", "div"]):
            cell.decompose()
    for header in soup("th"):
        if not header.get_text(strip=True):  # an empty cell is no header
            header.name, header.attrs = "td", {}
    for table in soup("table"):  # a wide one scrolls
        table.wrap(soup.new_tag("div", attrs={"class": "table"}))
    used: Counter[str] = Counter()
    for element in soup(True):
        name = element.get("id") or (HEADING.match(element.name) and text_of(element))
        if name and "nb-cell" not in element.get("class", []):
            name = f"{path.name[:2]}-{_slug(name)}"
            used[name] += 1
            element["id"] = name if used[name] == 1 else f"{name}-{used[name]}"
    for heading in [h for h in soup(HEADING) if h is not soup.h1]:
        heading.name = f"h{min(max(int(heading.name[1]), 2) + code, 6)}"
    return soup


def _slug(text: str) -> str:
    return re.sub(r"\W+", "-", text.lower()).strip("-")


def _resolve_links(own: str, parts: dict[str, BeautifulSoup], ids: set[str]) -> None:
    """Point links between and inside notebooks into the page; a link to any other file is text."""
    for link in parts[own]("a"):
        href = unquote(link.get("href", ""))
        if re.match(r"(https?|mailto):", href, re.I):
            continue
        file, _, fragment = href.partition("#")
        name = Path(file).name or own
        place = "-".join(filter(None, [name[:2], _slug(fragment)]))
        if name in parts and place in ids:
            link["href"] = f"#{place}"
        else:
            link.unwrap()


def _css() -> str:
    css = _read("style.css")
    # Styles whose every colour has a contrast of 4.5:1 or more on the page's code panel.
    for media, style in (
        ("print, (prefers-color-scheme: light)", "xcode"),
        ("screen and (prefers-color-scheme: dark)", "lightbulb"),
    ):
        rules = HtmlFormatter(style=style).get_token_style_defs(".highlight")
        css += "\n".join([f"@media {media} {{", *rules, "}", ""])
    return css


def _read(*names: str) -> str:
    return "\n".join((TEMPLATE / name).read_text(encoding="utf-8") for name in names)
