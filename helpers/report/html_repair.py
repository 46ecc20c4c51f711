"""Repairs to what nbconvert renders: ids, heading levels, tables, paths of this machine."""

import itertools
import re
import sys
import textwrap
from collections.abc import Container, Mapping
from pathlib import Path
from urllib.parse import quote

from bs4 import BeautifulSoup, Tag

from helpers.core import artifacts

MOST_LETTERS = 150  # of what a link says of a figure
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
        element["id"] = _free(f"{prefix}-{slug(own or text_of(element))}", used)
        used.add(element["id"])


def _free(name: str, used: Container[str]) -> str:
    """Return an id that is not used yet: `name`, with a number behind it if it must be."""
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in used)


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


def show_pictures_once(parts: Mapping[str, BeautifulSoup]) -> None:
    """Put a link into the place of each figure of an appendix whose picture another part has.

    `parts` is {what a part is called: what is in it}; the first part that has a picture keeps it.
    """
    first: dict[str, tuple[Tag, str]] = {}  # of each address the first picture, and where it is
    links: list[tuple[Tag, Tag]] = []
    for place, soup in parts.items():
        for image in soup("img"):
            shown, where = first.setdefault(image["src"], (image, place))
            if where != place and (figure := _figure(image)):
                links.append((_linked(soup, figure, shown, where), shown))
    used = {element["id"] for soup in parts.values() for element in soup(id=True)}
    captions = [id(caption) for soup in parts.values() for caption in soup("figcaption")]
    for link, shown in links:
        if not shown.get("id"):
            shown["id"] = _free(f"{shown.find_parent(class_='nb-cell')['id']}-picture", used)
            used.add(shown["id"])
        link["href"] = f"#{shown['id']}"
        caption = shown.parent.find("figcaption", recursive=False)
        count = f"Figure {captions.index(id(caption)) + 1}" if caption else ""
        alt = shown.get("alt", "")  # of a chart its type, then what it shows
        said = alt.partition(". ")[2] or alt or (text_of(caption) if caption else "")
        said = textwrap.shorten(said.removesuffix("."), MOST_LETTERS, placeholder=" …")
        link.string = ": ".join(filter(None, [count, said])) or "the figure"


def _figure(image: Tag) -> Tag | None:
    """Return the figure or paragraph that holds a picture and nothing beside it but its caption."""
    frame = image.parent
    if frame.name not in ("figure", "p") or len(frame("img")) > 1 or frame.find_parent("a"):
        return None
    return frame if text_of(frame) == _caption(image) else None


def _caption(image: Tag) -> str:
    caption = image.parent.find("figcaption", recursive=False)
    return text_of(caption) if caption else ""


def _linked(soup: BeautifulSoup, figure: Tag, shown: Tag, where: str) -> Tag:
    """Replace a figure, and its numbers if they are there too, by a line; return its empty link."""
    numbers, others = figure.find_next_sibling(), shown.parent.find_next_sibling()
    folded = numbers and others and "data" in numbers.get("class", [])
    if folded and text_of(numbers) == text_of(others):
        numbers.decompose()
    line, link = soup.new_tag("p"), soup.new_tag("a")
    line.extend([f"The same figure stands in {where}: ", link, "."])
    caption = _caption(figure.img)
    if caption != _caption(shown):
        line.append(f" {caption}")
    figure.replace_with(line)
    return link


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
