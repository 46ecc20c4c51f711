"""What all figures share: their look, the finding over them, the table of their numbers below."""

import io
import math
import textwrap
from html import escape

import matplotlib.pyplot as plt
from IPython.display import HTML, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.report.html_repair import svg_address

# Characters of a title that fit over a figure as wide as all of them are.
TITLE_WIDTH = 98

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
    figure.suptitle(title, x=0.01, ha="left", fontsize="medium")
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    alt, address = escape(f"{chart}. {finding}."), svg_address(buffer.getvalue())
    return (
        f'<figure><img alt="{alt}" src="{address}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        + folded("The numbers of this figure", numbers)
    )


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
