"""Turn executed notebooks into one HTML page: the report, then its appendices, each folded.

nbconvert renders each notebook with `template/index.html.j2`; what a notebook brings passes `clean`
there. This module gives ids, links and tables what they need in one page, which loads nothing and
reads the same without JavaScript.
"""

import base64
import functools
import re
import string
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from pathlib import Path
from urllib.parse import unquote

import bleach
import jinja2
import nbformat
from bleach.css_sanitizer import CSSSanitizer
from bs4 import BeautifulSoup, Tag
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import CoalesceStreamsPreprocessor, TagRemovePreprocessor
from pygments.formatters import HtmlFormatter

from helpers.core import artifacts
from helpers.core.console import LabError, one_line
from helpers.report import drawing

NOTEBOOKS = artifacts.PARAMETERS.parent
TEMPLATE = Path(__file__).with_name("template")
MARKER_TAG = "papermill-error-cell-tag"  # of the cells that papermill puts in where one fails
# What an output is shown as: the first of these that it has.
FORMS = [drawing.MIME, "text/html", "text/markdown", "image/svg+xml", "text/latex", "image/png"]
FORMS += ["image/jpeg", "text/plain"]
# Pygments styles whose every colour has a contrast of 4.5:1 or more on the page's code panel.
CODE_STYLES = {
    "print, (prefers-color-scheme: light)": "xcode",
    "screen and (prefers-color-scheme: dark)": "lightbulb",
}
HEADING = re.compile(r"^h[1-6]$")

# What an output may hold; addresses are looked at again in the page.
TAGS = """a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt
    em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp section small
    span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr
    math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle
    msub msubsup msup mtable mtd mtext mtr munder munderover"""
ATTRIBUTES = """alt class colspan datetime dir height id lang open reversed rowspan scope start
    style title value width accent columnalign display displaystyle fence linethickness lspace
    mathvariant movablelimits rspace stretchy"""
# What stands in these is nothing to read.
UNREAD = re.compile(r"<(script|style|svg|iframe|object|template)\b.*?(</\1\s*>|\Z)", re.S | re.I)


@dataclass(frozen=True)
class Banner:
    """A plain sentence under the page's title, and facts such as {"Resume with": a command}."""

    kind: str  # "failure" or "images"
    text: str
    link: str | None = None  # the id of a cell in the page, such as 01-cell-fit
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One notebook as a part of the page."""

    file: str
    prefix: str  # the notebook's number, which begins every id of the part
    soup: BeautifulSoup


def build(
    report: Path | None, appendices: list[Path], output: Path, *, head: str, banners: list[Banner]
) -> None:
    """Write the page made of the executed notebook `report` and the executed `appendices`.

    Of `report` only prose and outputs are shown, of the appendices their code too, folded. `head`
    is the title block as HTML where `report` has none. The same inputs give the same bytes.
    Raises LabError for a notebook that cannot be read.
    """
    front = _part(report) if report else Part("", "05", BeautifulSoup("", "html.parser"))
    behind = [_part(path, code=True) for path in appendices]
    parts = [front, *behind]
    ids = {element["id"] for part in parts for element in part.soup(id=True)}
    ids |= {part.prefix for part in behind}
    for part in parts:
        _resolve_links(part, parts, ids)
    if heading := front.soup.h1:
        head = str((heading.find_parent(class_="nb-cell") or heading).extract())
    contents = [{"id": h["id"], "text": text_of(h)} for h in front.soup("h2")]
    folded = []
    for letter, part in zip(string.ascii_uppercase, behind, strict=False):
        name = text_of(part.soup.h1.extract()) if part.soup.h1 else part.file
        entry = {"id": part.prefix, "text": f"Appendix {letter}: {name}"}
        folded.append({**entry, "html": str(part.soup)})
    draws = any(part.soup.find(class_="draw") for part in parts)
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATE), autoescape=True)
    environment.filters["sha256"] = lambda text: base64.b64encode(sha256(text.encode()).digest())
    page = environment.get_template("page.html.j2").render(
        title=text_of(BeautifulSoup(head, "html.parser").h1),
        contents=contents + folded,
        head=head,
        banners=banners,
        ids=ids,
        report=str(front.soup),
        appendices=folded,
        css=_css() + (drawing.read("draw.css") if draws else ""),
        script=(TEMPLATE / "script.js").read_text(encoding="utf-8"),
        drawing=drawing.read("network.js", "draw.js") if draws else "",
    )
    artifacts.write_text(output, page + "\n")


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
        css_sanitizer=CSSSanitizer(allowed_css_properties=["text-align"]),
        strip=True,
    )


class Renderer(IPythonRenderer):
    """Renders Markdown with its formulas as MathML and its pictures in it."""

    def _embed_image_or_attachment(self, src: str) -> str:
        address = src if src.startswith("data:") else unquote(src)
        try:
            return super()._embed_image_or_attachment(address)
        except (InvalidNotebook, OSError):  # no such attachment; a folder
            return ""

    def inline_math(self, body: str) -> str:
        """Render a formula in a line; "$5 and $" holds none."""
        return _mathml(body, "inline") if body == body.strip() else escape(f"${body}$")

    def block_math(self, body: str) -> str:
        """Render a formula of its own."""
        return _mathml(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        """Render an environment such as align."""
        return _mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")


def _mathml(latex: str, display: str) -> str:
    try:
        return convert(latex.replace("{align}", "{align*}"), display=display)
    except Exception:  # of many kinds: what cannot be read is shown as it was typed
        return f"<code>{escape(latex)}</code>"


@jinja2.pass_context
def _markdown(context: Mapping, source: str) -> str:
    attachments = context.get("cell", {}).get("attachments", {})
    renderer = Renderer(False, embed_images=True, path=str(NOTEBOOKS), attachments=attachments)
    renderer.exclude_anchor_links = True
    return MarkdownWithMath(renderer=renderer).render(source)


@functools.cache
def _exporter() -> HTMLExporter:
    exporter = HTMLExporter(
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(TEMPLATE.parent)],
        sanitize_html=True,
        filters={"clean_html": clean, "drawing": drawing.as_html, "markdown2html": _markdown},
    )
    exporter.config.NbConvertBase.display_data_priority = FORMS
    left_out = TagRemovePreprocessor(remove_cell_tags={"notebook-only", MARKER_TAG})
    for step in (left_out, CoalesceStreamsPreprocessor()):
        exporter.register_preprocessor(step, enabled=True)
    return exporter


def _part(path: Path, *, code: bool = False) -> Part:
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook, relax_add_props=True)
    except Exception as error:  # no JSON, another JSON, another format, …
        why = one_line(error)[:200]
        raise LabError(f"{path.name} cannot be read as a notebook: {why}; run it again") from error
    for cell in notebook.cells:
        if cell.metadata.get("papermill", {}).get("exception"):  # it is shown, whoever it is for
            cell.metadata.tags = []
        for output in cell.get("outputs", []):
            if "metadata" in output:  # a figure is described by the first line of its cell
                output.metadata.setdefault("alt", cell.source.partition("\n")[0].lstrip("# "))
    prefix = path.stem.partition("_")[0]
    exporter = _exporter()
    exporter.exclude_input = not code
    html, _ = exporter.from_notebook_node(notebook, {"prefix": prefix})
    soup = BeautifulSoup(html, "html.parser")
    for image in soup("img"):
        if not image.get("src", "").startswith("data:image/"):  # the page loads nothing
            image.replace_with(image["alt"])
    for cell in soup(class_="nb-cell"):
        if not cell.get_text(strip=True) and not cell.find(["img", "div"]):
            cell.decompose()
    _repair_tables(soup)
    _name_elements(soup, prefix)
    for heading in [h for h in soup(HEADING) if h is not soup.h1]:
        heading.name = f"h{min(max(int(heading.name[1]), 2) + code, 6)}"
    return Part(path.name, prefix, soup)


def _repair_tables(soup: BeautifulSoup) -> None:
    """Say what each header heads, keep numbers to the right, and let a wide table scroll."""
    for element in soup(style=True):
        if "right" in element["style"]:
            element["class"] = [*element.get("class", []), "number"]
        del element["style"]
    for header in soup("th"):
        if header.get_text(strip=True):
            header["scope"] = "col" if header.find_parent("thead") else "row"
        else:
            header.name, header.attrs = "td", {}
    for table in soup("table"):
        if "table" not in table.parent.get("class", []):
            table.wrap(soup.new_tag("div", attrs={"class": "table"}))


def _name_elements(soup: BeautifulSoup, prefix: str) -> None:
    """Give every heading an id, and every id the prefix, each once."""
    used: Counter[str] = Counter()
    for element in soup(True):
        own = element.get("id") or (HEADING.match(element.name) and text_of(element))
        if own and "nb-cell" not in element.get("class", []):
            name = f"{prefix}-{_slug(own)}"
            used[name] += 1
            element["id"] = name if used[name] == 1 else f"{name}-{used[name]}"


def _slug(text: str) -> str:
    return re.sub(r"\W+", "-", text.lower()).strip("-")


def _resolve_links(part: Part, parts: list[Part], ids: set[str]) -> None:
    """Point links between and inside notebooks into the page; a link to any other file is text."""
    by_file = {p.file: p for p in parts} | {"": part}
    for link in part.soup("a"):
        href = unquote(link.get("href", ""))
        if re.match(r"(https?|mailto):", href, re.I):
            continue
        file, _, fragment = href.partition("#")
        target = by_file.get(Path(file).name)
        name = target and (f"{target.prefix}-{_slug(fragment)}" if fragment else target.prefix)
        if name in ids:
            link["href"] = f"#{name}"
        else:
            link.unwrap()


def _css() -> str:
    css = (TEMPLATE / "style.css").read_text(encoding="utf-8")
    for media, style in CODE_STYLES.items():
        rules = HtmlFormatter(style=style).get_token_style_defs(".highlight")
        css += "\n".join([f"@media {media} {{", *rules, "}", ""])
    return css
