r"""Markdown whose formulas become MathML: $…$, $$…$$, \(…\), \[…\] and environments."""

import re
from collections.abc import Callable
from html import escape, unescape
from xml.etree import ElementTree

from latex2mathml.converter import Converter
from mistune import HTMLRenderer
from nbconvert.filters.markdown_mistune import (
    IPythonRenderer,
    MarkdownWithMath,
    MathBlockParser,
    MathInlineParser,
)

# A formula's text: no code span and no other formula begins in it.
BODY = r"(?:[^`$\\]|\\.)+"
# An amount of money in a sentence, as in "$5 for one", begins no formula.
AMOUNT = r"\d[\d.,]*\s+[A-Za-z]{2}"
# What makes text between spaced dollars a formula: a command, an operator, or a single letter.
FORMULA = rf"(?={BODY[:-1]}*[\\^_=+*/<>-]|\w\s\$)"


class Blocks(MathBlockParser):
    """Finds formulas of several lines, which begin a line."""

    SPECIFICATION = {
        **MathBlockParser.SPECIFICATION,
        "multiline_math": r"^ {0,3}(?s:\$\$.*?(?<!\\)\$\$|\\{1,2}\[.*?\\\]"
        r"|\\begin\{(?P<math_env_name>[a-zA-Z]*\*?)\}.*?\\end\{(?P=math_env_name)\})",
    }


class Inlines(MathInlineParser):
    """Finds formulas in a line; amounts such as "$5 and $6" are none."""

    SPECIFICATION = {
        **MathInlineParser.SPECIFICATION,
        "block_math_latex": r"(?<!\\)\\{1,2}\[(?P<math_block_latex>(?s:.*?))\\{1,2}\]",
        "inline_math_latex": r"(?<!\\)\\{1,2}\((?P<math_inline_latex>(?s:.*?))\\{1,2}\)",
        "inline_math_tex": rf"(?<![\\$])\$(?!\s|{AMOUNT}){BODY}(?<!\s)\$(?![\d$])"
        rf"|(?<![\\$])\$\s{FORMULA}{BODY}\s\$(?!\s*\d|\$)",
        "latex_environment": r"\\begin\{(?P<math_env_name>[a-zA-Z]*\*?)\}"
        r"(?P<math_env_body>(?s:.*?))\\end\{(?P=math_env_name)\}",
    }

    def parse_inline_math_tex(self, m: re.Match, state: object) -> int:
        """Take a formula between single dollars."""
        state.append_token({"type": "inline_math", "raw": m[0][1:-1].strip()})
        return m.end()


class Renderer(IPythonRenderer):
    """Renders Markdown with MathML; tells `drop` what could not be read."""

    def __init__(self, drop: Callable[[str], None]) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self.drop = drop

    def formula(self, latex: str, source: str, display: str) -> str:
        """Return a formula as MathML, or its source where it cannot be read."""
        try:
            return mathml(latex, display)
        except Exception as error:  # the converter's own, IndexError, RecursionError, …
            self.drop(f"formula that cannot be read, {type(error).__name__}: {source}")
            return f"<code>{escape(source)}</code>"

    def inline_math(self, body: str) -> str:
        """Render a formula in a line."""
        return self.formula(body, f"${body}$", "inline")

    def block_math(self, body: str) -> str:
        """Render a formula of its own."""
        return self.formula(body, f"$${body}$$", "block")

    def latex_environment(self, name: str, body: str) -> str:
        """Render an environment such as align."""
        source = rf"\begin{{{name}}}{body}\end{{{name}}}"
        return self.formula(source, source, "block")

    def block_mermaidjs(self, code: str) -> str:
        """Render a diagram's source as code: nothing in the page draws it."""
        return HTMLRenderer.block_code(self, code)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Leave the address of a picture as it is: it is embedded with all others."""
        return HTMLRenderer.image(self, text, url, title)


def markdown(source: str, drop: Callable[[str], None]) -> str:
    """Return Markdown as HTML, which may hold whatever its author wrote."""
    return MarkdownWithMath(Renderer(drop), Blocks(), Inlines(hard_wrap=False)).render(source)


def mathml(latex: str, display: str) -> str:
    r"""Return a formula as MathML; `display` is inline or block.

    Raises the converter's errors, and ValueError for a command that it does not know.
    """
    # Numbers and names of equations mean nothing here: each formula is read alone.
    latex = re.sub(r"\\label\{[^{}]*\}", "", latex).replace("{align}", "{align*}")
    math = Converter(display=display).convert_to_element(latex)
    for element in math.iter():
        # The converter writes entities and leaves them to be unescaped, with all that \text holds.
        element.text = element.text and unescape(element.text)
        if element.tag in ("mi", "mo") and re.match(r"\\[A-Za-z]", element.text or ""):
            raise ValueError(f"unknown command {element.text}")
    return ElementTree.tostring(math, encoding="unicode", short_empty_elements=False)
