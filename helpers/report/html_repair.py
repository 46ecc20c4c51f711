"""Repairs to what nbconvert renders: ids, heading levels, tables, paths of this machine."""

import itertools
import re
import sys
from pathlib import Path
from urllib.parse import quote

from bs4 import BeautifulSoup, Tag

from helpers.core import artifacts

HEADING = re.compile(r"^h[1-6]$")


def slug(text: str) -> str:
    """Return `text` as an id: lower case, words joined by hyphens."""
    return re.sub(r"\W+", "-", text.lower()).strip("-") or "section"


def text_of(tag: Tag) -> str:
    """Return the text of an element on one line."""
    return " ".join(tag.get_text().split())


def svg_address(svg: str) -> str:
    """Return an SVG image as a `data:` address, a quarter shorter than in base64."""
    return "data:image/svg+xml," + quote(" ".join(svg.split()), safe=" !$'()*+,-./:;=?@[]_~")


def defined_name(source: str) -> str:
    """Return the name of the class or function that Python source begins with, "" of others."""
    found = re.match(r"(?:@.*\n)*(?:class|def) (\w+)", source)
    return found[1] if found else ""


def keep_alignment(soup: BeautifulSoup) -> None:
    """Keep as the page's class that a cell is aligned to the right, and drop how others are.

    The other styles that outputs bring are not kept: their colours suit a white page, not a dark
    one.
    """
    for element in soup(style=re.compile("text-align:")):
        if element.name in ("th", "td") and re.search(r"text-align:\s*right", element["style"]):
            element["class"] = [*element.get("class", []), "number"]
        del element["style"]


def name_elements(soup: BeautifulSoup, prefix: str) -> None:
    """Give every heading an id, and every id the prefix, each once."""
    used = {cell["id"] for cell in soup(class_="nb-cell")}
    for element in soup(True):
        own = element.get("id")
        if "nb-cell" in element.get("class", []) or not (own or HEADING.match(element.name)):
            continue
        name = f"{prefix}-{slug(own or text_of(element))}"
        names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
        element["id"] = next(name for name in names if name not in used)
        used.add(element["id"])


def set_levels(soup: BeautifulSoup, title: Tag, top: int) -> None:
    """Put the title at level `top` and the other headings below it, skipping no level."""
    above: list[int] = []
    for heading in soup(HEADING):
        level = 1 if heading is title else max(2, int(heading.name[1]))
        above = [*(a for a in above if a < level), level]
        heading.name = f"h{min(top - 1 + len(above), 6)}"


def repair_table(soup: BeautifulSoup, table: Tag) -> None:
    """Say what each header heads, and frame the table."""
    for element in [table, *table(["tr", "th", "td"])]:
        if element.get("id", "").startswith("T_"):  # pandas' own, another one in every run
            del element["id"]
    for header in table("th"):
        if text_of(header):
            header["scope"] = "col" if header.find_parent("thead") else "row"
        else:
            header.name = "td"

    # On a narrow screen the frame scrolls; the page's script then lets the keyboard reach it.
    label = table.caption or table.find_previous(HEADING) or table
    attributes = {"class": "table", "role": "group", "aria-label": f"Table: {text_of(label)}"}
    table.wrap(soup.new_tag("div", attrs=attributes))


def shorten_paths(soup: BeautifulSoup) -> None:
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
