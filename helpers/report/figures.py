"""What all figures share: their look, the finding over them, the table of their numbers below."""

import io
import math
import re
import textwrap
from collections.abc import Sequence
from html import escape

import matplotlib.pyplot as plt
from IPython.display import HTML, display
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.report.html_repair import svg_address

# Characters of a title that fit over a figure as wide as all of them are.
TITLE_WIDTH = 98
# And those of a class's name.
NAME_WIDTH = 16

plt.style.use("default")  # not what a matplotlibrc of the user's says
plt.rcParams.update(
    {
        "figure.figsize": (7.2, 3.6),
        "figure.constrained_layout.use": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.3,
        "svg.hashsalt": "lab03",  # the same figure gives the same bytes
        "font.family": "sans-serif",
    }
)


def show(figure: Figure, *, finding: str, chart: str, caption: str, numbers: str) -> None:
    """Display a figure as `as_html` makes it, the same in JupyterLab and in the report."""
    display(HTML(as_html(figure, finding=finding, chart=chart, caption=caption, numbers=numbers)))


def as_html(figure: Figure, *, finding: str, chart: str, caption: str, numbers: str) -> str:
    """Return a figure under its finding, its caption below it and, folded, its numbers; close it.

    `finding` is what the figure shows, `chart` its type and axes, both without a full stop and
    together the alternative text; `caption` is one plain sentence, `numbers` an HTML table.
    """
    title = textwrap.fill(finding, TITLE_WIDTH)
    figure.suptitle(title, x=0.01, ha="left", fontsize="medium", parse_math=False)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    alt, address = escape(f"{chart}. {finding}."), svg_address(_shorter(buffer.getvalue()))
    return (
        f'<figure><img alt="{alt}" src="{address}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        + folded("The numbers of this figure", numbers)
    )


def _shorter(svg: str) -> str:
    """Return matplotlib's SVG a seventh shorter in the page.

    Lengths have hundredths of a point, groups no names, and attributes the quotes that an address
    holds as they are.
    """
    svg = re.sub(r"(?<![\d.])([1-9]\d*\.\d\d)\d+", r"\1", svg)
    return re.sub(r'<g id="[^"]*">', "<g>", svg).replace('"', "'")


def drawn(classes: Sequence[str]) -> tuple[list[str], str]:
    """Return the names of classes as a figure draws them, and the end of a caption that needs one.

    Where the font lacks a letter the numbers of the classes are drawn, and the caption tells what
    they stand for; the page's own text has fonts for all scripts.
    """
    font = font_manager.get_font(font_manager.findfont(font_manager.FontProperties()))
    if all(font.get_char_index(ord(letter)) for letter in "".join(classes)):
        long = [name if len(name) <= NAME_WIDTH else f"{name[:NAME_WIDTH]}…" for name in classes]
        return long, ""
    numbers = [str(number) for number in range(len(classes))]
    meant = ", ".join(f"{number} is {name}" for number, name in enumerate(classes))
    return numbers, f"; {meant}"


def folded(summary: str, content: str) -> str:
    """Return HTML that a reader unfolds."""
    return f'<details class="data"><summary>{escape(summary)}</summary>{content}</details>'


def panels(count: int, most: int, height: float, high: int = 1) -> tuple[Figure, list[list[Axes]]]:
    """Return a figure and its panels: `count` columns of `high` panels, at most `most` in a line.

    `height` is that of a line in inches.
    """
    lines, across = math.ceil(count / most), min(count, most)
    size = (7.2, height * lines)
    figure, axes = plt.subplots(lines * high, across, figsize=size, squeeze=False)
    columns = [
        axes[line * high : (line + 1) * high, place]
        for line in range(lines)
        for place in range(across)
    ]
    for column in columns[count:]:
        for axis in column:
            axis.set_visible(False)
    return figure, columns[:count]


def legend_below(figure: Figure, axis: Axes, *, columns: int = 2) -> None:
    """Put the legend of one panel below all of them."""
    handles, labels = axis.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False)
