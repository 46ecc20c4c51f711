"""Faults in what notebooks hold: pictures, formulas, scripts, outputs of no use to a page."""

from collections.abc import Callable

from faults import Fault, Place
from notebook_files import PNG, SVG, code, html, output, prose, text64, write

from helpers.report import drawing

# Make the page of the notebooks in a folder.
PAGE = """
import sys
from pathlib import Path
from helpers.report import page
folder, file = map(Path, sys.argv[1:])
page.build(None, sorted(folder.glob("*.ipynb")), file, title="Lab report", banners=[])
print("report:", file)
"""
LEFT_OUT = r"(?m)^left out of the page: {}, named in logs/page\.log$"
WHOLE = r"(?m)^report: .+report\.html$"


def page(*cells: object) -> Callable:
    """Return what makes the page of one notebook, with pictures beside it."""

    def act(place: Place):
        notebooks = place.folder / "notebooks"
        write(notebooks / "01_made_up.ipynb", prose("# Made up"), *cells, prose("The end."))
        (notebooks / "chart.png").write_bytes(PNG)
        (notebooks / "chart.svg").write_text(SVG)
        (notebooks / "text.png").write_text("no picture")
        file = place.artifacts / "report.html"
        return place.python(PAGE, str(notebooks), str(file))

    return act


def shows(*words: str, without: tuple = (), log: tuple = ()) -> Callable:
    """Return a check that the page has some words and others not, and what its log names."""

    def holds(place: Place) -> bool:
        text = (place.artifacts / "report.html").read_text(encoding="utf-8")
        main = text.partition("<main")[2].partition("</main>")[0]
        file = place.artifacts / "logs" / "page.log"
        said = file.read_text(encoding="utf-8") if file.exists() else ""
        return (
            all(word in main for word in (*words, "The end."))
            and not any(word in main for word in without)
            and all(name in said for name in log)
            and file.exists() == bool(log)
        )

    return holds


FAULTS = [
    Fault(
        "pictures beside the notebook, PNG and SVG, and one attached to a cell",
        page(
            prose("![one](chart.png) <img src='chart.svg' alt='two'>"),
            prose("![three](attachment:a)", attachments={"a": {"image/png": text64(PNG)}}),
        ),
        WHOLE,
        code=0,
        left="the page with the three pictures in it",
        holds=shows(f"data:image/png;base64,{text64(PNG)}", "data:image/svg+xml,%3Csvg"),
    ),
    Fault(
        "pictures that are missing, remote, no picture",
        page(prose("![one](none.png) ![two](https://example.org/a.png) ![three](text.png)")),
        LEFT_OUT.format("3 things"),
        code=0,
        left="the page with their words, their names in logs/page.log",
        holds=shows(
            "one two three",
            without=("<img", "example.org"),
            log=("picture none.png", "picture https://example.org/a.png", "picture text.png"),
        ),
    ),
    Fault(
        "formulas, beside prices",
        page(
            prose(r"$\frac{a}{b}$, $$x^2$$ and \(y\) for $5 or $6"), output({"text/latex": "$z$"})
        ),
        WHOLE,
        code=0,
        left="the page with MathML",
        holds=shows("<mfrac>", "<msup>", "<mi>y</mi>", "<mi>z</mi>", "for $5 or $6"),
    ),
    Fault(
        "a formula that cannot be read",
        page(prose(r"See $\frac{$.")),
        LEFT_OUT.format("1 thing"),
        code=0,
        left="the page with its source, its name in logs/page.log",
        holds=shows(r"<code>$\frac{$</code>", log=(r"01-cell-2: formula that cannot be read",)),
    ),
    Fault(
        "an output with scripts, events, frames and a form",
        page(
            html(
                "<script>f()</script><b onclick=f()>kept</b><iframe src=x></iframe>"
                "<a href='javascript:f()'>go</a><form action=x>form</form>"
            )
        ),
        LEFT_OUT.format("5 things"),
        code=0,
        left="the page with its text alone, the rest named in logs/page.log",
        holds=shows(
            "<b>kept</b>",
            "form",
            without=("<script", "onclick", "<iframe", "javascript:", "<form"),
            log=("<script>", "onclick of <b>", "<iframe>", "href of <a>", "<form>"),
        ),
    ),
    Fault(
        "an SVG picture that holds a script",
        page(output({"image/svg+xml": SVG.replace("<rect", "<script>f()</script><rect")})),
        LEFT_OUT.format("1 thing"),
        code=0,
        left="the page with the picture without it",
        holds=shows("data:image/svg+xml,%3Csvg", without=("%3Cscript",), log=("SVG picture",)),
    ),
    Fault(
        "a widget and a script without another form",
        page(
            output({"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}),
            output({"application/javascript": "f()"}),
        ),
        LEFT_OUT.format("2 things"),
        code=0,
        left="the page without them, their names in logs/page.log",
        holds=shows(log=("widget-view+json", "application/javascript")),
    ),
    Fault(
        "data of the surface to draw on that would end their element",
        page(output({drawing.MIME: {"classes": ["</script><b>out</b>"]}})),
        WHOLE,
        code=0,
        left="the page with the data as data",
        holds=shows("\\u003c/script>\\u003cb>out", without=("<b>out",)),
    ),
    Fault(
        "an output that never closes its comment, its table, its fold",
        page(html("<!-- "), html("<table><tr><td>x"), html("<details>y"), prose("<textarea>")),
        LEFT_OUT.format("1 thing"),
        code=0,
        left="the page with all that comes after it",
        holds=shows("</details>", without=("<textarea",), log=("<textarea>",)),
    ),
    Fault(
        "cells and outputs that the notebook format does not allow",
        page(None, {"cell_type": "code", "source": 5}, code(5, source="train()")),
        LEFT_OUT.format("3 things"),
        code=0,
        left="the page with a sentence in their place",
        holds=shows("This cell cannot be read.", "train", log=("01-cell-2", "01-cell-4")),
    ),
]
