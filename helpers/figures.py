"""What all figures share: their look, the finding over them, the table of their numbers below."""

import io
import textwrap

import matplotlib.pyplot as plt
from IPython.display import HTML, display
from matplotlib.figure import Figure

from helpers.report import folded

SVG = "image/svg+xml"
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


def show(figure: Figure, *, finding: str, chart: str, caption: str, data: str) -> None:
    """Display a figure under its finding, and below it, folded, its numbers as a table.

    `finding` is what the figure shows, `chart` its type and axes, both without a full stop;
    `caption` is one plain sentence, `data` an HTML table. The figure is closed.
    """
    bundle, metadata = picture(figure, finding=finding, chart=chart, caption=caption)
    display(bundle, metadata=metadata, raw=True)
    display(HTML(folded("The numbers of this figure", data)))


def picture(
    figure: Figure, *, finding: str, chart: str, caption: str
) -> tuple[dict[str, str], dict[str, dict]]:
    """Return a figure under its finding as (MIME bundle, metadata), and close it.

    The page takes the alternative text and the caption from the metadata.
    """
    title = textwrap.fill(finding, TITLE_WIDTH)
    figure.suptitle(title, x=0.01, ha="left", fontsize="medium")
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    alt = f"{chart}. {finding}."
    bundle = {SVG: buffer.getvalue(), "text/plain": alt}
    return bundle, {SVG: {"alt": alt, "caption": caption}}
