"""Make what a notebook brings into the page harmless and whole.

Nothing in it runs, loads or reaches out of its cell; pictures are embedded, formulas become
MathML, and what cannot be shown is named.
"""

import base64
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlsplit
from xml.etree import ElementTree

from bleach.sanitizer import Cleaner
from bs4 import BeautifulSoup, Tag
from PIL import Image

from helpers.core.console import one_line
from helpers.report import drawing, formulas
from helpers.report.html_repair import keep_alignment, svg_address


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ELEMENTS = _words(
    """a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em
    figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp
    section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr
    math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle
    msub msubsup msup mtable mtd mtext mtr munder munderover"""
)
# Elements whose content is nothing to read either.
WITH_CONTENT = _words(
    """script style iframe object embed applet svg canvas audio video template noscript noembed
    noframes frameset textarea select title head xmp plaintext"""
)
# Elements of which nothing but their looks is lost.
LOOKS = _words(
    """address article aside big body center fieldset font footer header html label legend main nav
    nobr strike tt"""
)
ATTRIBUTES = _words(
    """class dir id lang title open alt width height value start reversed type colspan
    rowspan scope datetime display displaystyle scriptlevel mathcolor mathbackground mathvariant
    mathsize columnalign accent accentunder fence form largeop lspace rspace maxsize minsize
    movablelimits stretchy depth voffset linethickness notation"""
)
# Attributes that do something; they are named when they are dropped.
ACTIVE = re.compile(r"on|style$|src|(xlink:)?href$")
# Where a link may lead, and what a picture may be.
ADDRESSES = {
    ("a", "href"): re.compile(r"(https?|mailto):|[^:]*([/?#]|$)", re.I),
    ("img", "src"): re.compile(r"data:image/"),
}
# Classes by which the page tells its own parts.
OF_THE_PAGE = _words("nb-cell failed stopped output banner appendix ran skip draw")
SVG = "http://www.w3.org/2000/svg"
KINDS = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # a JPEG file with more pictures than one, as telephones write
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
MOST_BYTES = 10_000_000  # of one picture
# How what was dropped begins when only the looks of something change.
STYLES = ("<style>", "style of")
ElementTree.register_namespace("", SVG)


class Guard:
    """Cleans what one notebook shows; `dropped` counts what it left out, by (cell's id, what).

    Pictures are looked for in `folders`; none is taken from outside them and `project`.
    """

    def __init__(self, folders: Sequence[Path], project: Path) -> None:
        self.folders, self.project = folders, project
        self.dropped: Counter[tuple[str, str]] = Counter()
        self.cell: Mapping = {}
        self.cleaner = Cleaner(
            tags=ELEMENTS,
            attributes=self._keeps,
            protocols={"http", "https", "mailto", "data"},
            strip=True,
        )
        # The richest form that works without scripts comes first.
        self.forms = {
            drawing.MIME: drawing.as_html,
            "text/html": self._html,
            "text/markdown": self._markdown,
            "image/svg+xml": self._picture,
            "text/latex": self._markdown,
            "image/png": self._picture,
            "image/jpeg": self._picture,
            "image/gif": self._picture,
            "image/webp": self._picture,
        }

    def shown(self, data: Mapping[str, str], cell: Mapping) -> tuple[str, str]:
        """Return the form of an output that is shown: its MIME type and its content.

        `data` is {MIME type: content}, as in a notebook. The content is harmless HTML, the data:
        address of a picture, plain text, or empty when nothing of it can be shown.
        """
        self.cell = cell
        rich = [mime for mime in self.forms if mime in data]
        if not rich and "text/plain" not in data:
            self.drop(f"output of {', '.join(data) or 'no type'}")
            return "", ""
        if "application/javascript" in data:
            self.drop("output of application/javascript")
        for mime in rich:
            if content := self._content(mime, data[mime]):
                return mime, content
        return (rich[0], "") if rich else ("text/plain", data["text/plain"])

    def drop(self, what: str, cell: Mapping | None = None) -> None:
        """Note that something of a cell, the present one unless given, is not in the page."""
        name = (cell or self.cell)["metadata"]["page"]["id"]
        self.dropped[name, " ".join(what.split())[:200]] += 1

    def _content(self, mime: str, source: str) -> str:
        try:
            return self.forms[mime](source)
        except Exception as error:  # whatever a parser makes of what nobody wrote for it
            self.drop(f"{mime} that cannot be read, {type(error).__name__}: {error}")
            return f"<pre>{escape(str(source))}</pre>"

    def _markdown(self, source: str) -> str:
        return self._html(formulas.markdown(source, self.drop))

    def _html(self, source: str) -> str:
        """Return HTML with only what a report needs, every element closed; "" if none is left."""
        soup = BeautifulSoup(source, "html.parser")
        for element in soup(True):
            if not element.decomposed:
                self._clean(element)
        keep_alignment(soup)
        if not soup.get_text(strip=True) and not soup.find(["img", "hr"]):
            return ""
        # Last, because it reads HTML as browsers do.
        return self.cleaner.clean(str(soup))

    def _picture(self, source: str) -> str:
        """Return a picture, an SVG document or base64, as a data: address, "" when it is none."""
        svg = source.lstrip().startswith("<")
        return self._address(svg_address(source) if svg else f"data:;base64,{source}")

    def _clean(self, element: Tag) -> None:
        """Remove an element that is no text, embed a picture, and name what goes."""
        if classes := [c for c in element.get("class", []) if c not in OF_THE_PAGE]:
            element["class"] = classes
        else:
            element.attrs.pop("class", None)
        if element.name in WITH_CONTENT:
            self.drop(f"<{element.name}>")
            element.decompose()
        elif element.name == "img":
            if address := self._address(str(element.get("src", ""))):
                element["src"] = address
            else:
                element.replace_with(element.get("alt", ""))
        elif element.name == "input" and element.get("type") == "checkbox":  # of a list of tasks
            element.replace_with("☑ " if element.has_attr("checked") else "☐ ")
        elif element.name not in ELEMENTS:
            if element.name not in LOOKS:
                self.drop(f"<{element.name}>")
            element.unwrap()

    def _keeps(self, tag: str, name: str, value: str) -> bool:
        """Tell whether an attribute stays."""
        if name in ("href", "src"):
            keeps = (tag, name) in ADDRESSES and bool(ADDRESSES[tag, name].match(value))
        else:
            keeps = name in ATTRIBUTES
        if not keeps and ACTIVE.match(name):
            self.drop(f"{name} of <{tag}>")
        return keeps

    def _address(self, source: str) -> str:
        try:
            return self._embedded(self._read(source))
        except Exception as error:  # whatever a decoder makes of a file that is no picture
            why = one_line(error) if isinstance(error, ValueError) else "it cannot be read"
            self.drop(f"picture {source.partition(',')[0][:80]}: {why}")
            return ""

    def _read(self, source: str) -> bytes:
        """Return the bytes at the address of a picture; ValueError when there are none here."""
        scheme, _, rest = source.partition(":")
        if scheme == "data":
            header, _, body = rest.partition(",")
            content = unquote_to_bytes(body)
            return base64.b64decode(content) if header.endswith(";base64") else content
        if scheme == "attachment":
            forms = self.cell.get("attachments", {}).get(unquote(rest), {})
            mime = next((mime for mime in forms if mime.startswith("image/")), None)
            if mime is None:
                raise ValueError("no such attachment")
            return base64.b64decode(forms[mime])
        if re.match(r"\s*([a-z][a-z0-9+.-]*:|//)", source, re.I):
            raise ValueError("it is not beside the notebook")
        for folder in map(Path.resolve, self.folders):
            file = (folder / unquote(urlsplit(source).path)).resolve()
            if file.is_file() and any(map(file.is_relative_to, (folder, self.project))):
                return file.read_bytes()
        raise ValueError("no such file beside the notebook")

    def _embedded(self, content: bytes) -> str:
        """Return the data: address of a picture; an error of many kinds when it is none."""
        if len(content) > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES // 1_000_000} MB")
        if content.lstrip().startswith(b"<"):
            return svg_address(self._svg(content.decode()))
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF", "WEBP")) as picture:
            picture.verify()
            kind = KINDS[picture.format]
        return f"data:{kind};base64,{base64.b64encode(content).decode()}"

    def _svg(self, source: str) -> str:
        """Return an SVG document without what runs or loads once it is opened by itself."""
        root = ElementTree.fromstring(source)
        if root.tag != f"{{{SVG}}}svg":
            raise ValueError("it is no SVG picture")
        changed = False
        for element in list(root.iter()):
            for child in list(element):
                if child.tag.rpartition("}")[2] in ("script", "foreignObject", "handler"):
                    element.remove(child)
                    changed = True
            for name, value in list(element.attrib.items()):
                link = name.rpartition("}")[2] == "href"
                if name.startswith("on") or link and not value.startswith(("#", "data:image/")):
                    del element.attrib[name]
                    changed = True
        if changed:
            self.drop("script or link in an SVG picture")
        return ElementTree.tostring(root, encoding="unicode") if changed else source
