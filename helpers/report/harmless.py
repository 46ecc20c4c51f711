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
from bs4.exceptions import ParserRejectedMarkup
from PIL import Image

from helpers.report import formulas
from helpers.report.html_repair import drop_styles, svg_address

ELEMENTS = frozenset(
    """a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em
    figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp
    section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr
    math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mroot mrow ms mspace msqrt mstyle
    msub msubsup msup mtable mtd mtext mtr munder munderover menclose""".split()
)
# Elements whose content is no text for a reader either.
WITH_CONTENT = frozenset(
    """script style iframe object embed applet svg canvas audio video template noscript noembed
    noframes frameset textarea select title head xmp plaintext annotation annotation-xml""".split()
)
EVERYWHERE = frozenset("class dir id lang title".split())
ATTRIBUTES = {
    "a": {"href"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height"},
    "li": {"value"},
    "math": {"display"},
    "mo": set("fence form largeop lspace maxsize minsize movablelimits rspace stretchy".split()),
    "mover": {"accent"},
    "ol": {"start", "reversed", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "mtd": {"columnalign"},
}
FORMULA = frozenset(
    """displaystyle scriptlevel mathcolor mathbackground mathsize mathvariant width height depth
    voffset linethickness accentunder""".split()
)
# Classes by which the page itself tells its parts apart.
OF_THE_PAGE = frozenset("nb-cell failed stopped output banner appendix ran skip".split())
LINK = re.compile(r"(https?:|mailto:|[^:]*$|[^:]*[/?#])", re.I)
PICTURES = ("PNG", "JPEG", "GIF", "WEBP")
SVG = "{http://www.w3.org/2000/svg}"
MOST_BYTES = 5_000_000  # of one picture
ElementTree.register_namespace("", SVG.strip("{}"))


class Guard:
    """Cleans what one notebook shows; `dropped` counts what it left out, by (cell, what).

    Pictures are looked for in `folders`, and embedded from nowhere outside them and `inside`.
    """

    def __init__(self, folders: Sequence[Path], inside: Path) -> None:
        self.folders, self.inside = folders, inside
        self.dropped: Counter[tuple[str, str]] = Counter()
        self.cell: Mapping = {}
        self.cleaner = Cleaner(
            tags=ELEMENTS,
            attributes=self._keeps,
            protocols={"http", "https", "mailto", "data"},
            strip=True,
        )

    def drop(self, what: str) -> None:
        """Note that something of the present cell is not in the page."""
        self.dropped[self.cell["metadata"]["page"]["id"], " ".join(what.split())[:200]] += 1

    def markdown(self, source: str, cell: Mapping) -> str:
        """Return Markdown as harmless HTML with formulas as MathML."""
        self.cell = cell
        return self.html(formulas.markdown(source, self.drop), cell)

    def html(self, source: str, cell: Mapping) -> str:
        """Return HTML with only what a report needs, every element closed."""
        self.cell = cell
        try:
            soup = BeautifulSoup(source, "html.parser")
        except ParserRejectedMarkup:
            self.drop("HTML that cannot be read")
            return f"<pre>{escape(source)}</pre>"
        for element in soup(True):
            if element.decomposed:
                continue
            element["class"] = [c for c in element.get("class", []) if c not in OF_THE_PAGE]
            if element.name in WITH_CONTENT:
                self.drop(f"<{element.name}>")
                element.decompose()
            elif element.name == "img":
                self._embed(element)
            elif element.name == "input" and element.get("type") == "checkbox":  # a task list's
                element.replace_with("☑ " if element.has_attr("checked") else "☐ ")
            elif element.name not in ELEMENTS:
                self.drop(f"<{element.name}>")
        drop_styles(soup)
        # Last comes what reads HTML as a browser does.
        return self.cleaner.clean(str(soup))

    def picture(self, source: str, cell: Mapping) -> str:
        """Return a picture of an output as a data: address, "" when it is none.

        `source` is an SVG document or base64.
        """
        self.cell = cell
        svg = source.lstrip().startswith("<")
        return self._address(lambda: source.encode() if svg else base64.b64decode(source)) or ""

    def _keeps(self, tag: str, name: str, value: str) -> bool:
        """Tell whether an attribute stays; note one that was meant to do something."""
        known = name in EVERYWHERE or name in ATTRIBUTES.get(tag, ()) or name in FORMULA
        keeps = known and (name != "href" or LINK.match(value) is not None)
        if not keeps and (name.startswith("on") or name in ("href", "srcset", "style")):
            self.drop(f"{name} of <{tag}>")
        return keeps and value != ""

    def _embed(self, image: Tag) -> None:
        """Put a picture itself in place of its address, or its description where there is none."""
        source = str(image.get("src", ""))
        if address := self._address(lambda: self._read(source), source):
            image["src"] = address
        else:
            image.replace_with(image.get("alt", ""))

    def _address(self, read, name: str = "output") -> str | None:
        try:
            content = read()
            if len(content) > MOST_BYTES:
                raise ValueError(f"it has more than {MOST_BYTES / 1e6:.0f} MB")
            if content.lstrip().startswith(b"<"):
                return svg_address(self._svg(content.decode()))
            with Image.open(io.BytesIO(content), formats=PICTURES) as picture:
                picture.verify()
                kind = picture.get_format_mimetype()
            return f"data:{kind};base64,{base64.b64encode(content).decode()}"
        except Exception as error:  # whatever a reader of pictures makes of a file that is none
            self.drop(f"picture {name[:80]}: {error}")
            return None

    def _read(self, source: str) -> bytes:
        """Return the bytes of a picture in the page, an attachment or a file; ValueError if none."""
        scheme, _, rest = source.partition(":")
        if scheme == "data":
            header, _, body = rest.partition(",")
            content = unquote_to_bytes(body)
            return base64.b64decode(content) if header.endswith(";base64") else content
        if scheme == "attachment":
            forms = self.cell.get("attachments", {}).get(unquote(rest), {})
            form = next((form for form in forms if form.startswith("image/")), None)
            if form is None:
                raise ValueError("no such attachment")
            return base64.b64decode(forms[form])
        if re.match(r"\s*([a-z][a-z0-9+.-]*:|//)", source, re.I):
            raise ValueError("it is not beside the notebook")
        for folder in self.folders:
            file = (folder / unquote(urlsplit(source).path)).resolve()
            if file.is_file() and any(map(file.is_relative_to, (self.inside, folder.resolve()))):
                return file.read_bytes()
        raise ValueError("no such file")

    def _svg(self, source: str) -> str:
        """Return an SVG document without what would run or load in a tab of its own."""
        root = ElementTree.fromstring(source)
        if root.tag != f"{SVG}svg":
            raise ValueError("it is no SVG picture")
        active = [
            (parent, child)
            for parent in root.iter()
            for child in parent
            if child.tag.rpartition("}")[2] in ("script", "foreignObject", "handler")
        ]
        for parent, child in active:
            parent.remove(child)
        names = [
            (element, name)
            for element in root.iter()
            for name, value in element.attrib.items()
            if name.startswith("on")
            or name.rpartition("}")[2] == "href"
            and not value.startswith(("#", "data:image/"))
        ]
        for element, name in names:
            del element.attrib[name]
        if not active and not names:
            return source
        self.drop("script or link in a picture")
        return ElementTree.tostring(root, encoding="unicode")
