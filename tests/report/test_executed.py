"""Building a page never raises for what a notebook holds."""

import pytest
from bs4 import BeautifulSoup
from notebook_files import Built, code, html, output, prose, write

from helpers.report import page

ODD_OUTPUTS = {
    "html that no parser takes": html("a <![foo"),
    "half a character": html("\ud83d x"),
    "broken svg": output({"image/svg+xml": "<svg><"}),
    "no data": output({}),
    "a widget alone": output({"application/vnd.jupyter.widget-view+json": {"model_id": 1}}),
    "an output that is none": code(5),
    "metadata null": code(metadata=None, outputs=None),
    "source a number": {"cell_type": "markdown", "source": 5, "metadata": {}},
    "a cell that is nothing": None,
    "tables in tables": html("<table><tr><td><table><tr><th>x</table></table>"),
}


@pytest.mark.parametrize("cell", ODD_OUTPUTS.values(), ids=ODD_OUTPUTS)
def test_an_odd_cell_costs_no_other_its_place(cell, tmp_path):
    built = Built(tmp_path, cell, prose("The end."))
    assert built.cell(3).get_text(strip=True) == "The end."
    assert built.cell(3).parent["class"] == ["appendix"]


FILES = {
    "empty": b"",
    "no JSON": b'{"cells": [',
    "no text": b"\xff\xfe\x00",
    "a list": b"[]",
    "no cells": b"{}",
    "cells of nothing": b'{"cells": null}',
    "an older format": b'{"nbformat": 3, "metadata": {}, "worksheets": []}',
    "too deep": b'{"cells":' + b"[" * 100_000,
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_file_that_is_no_notebook_becomes_a_sentence(content, tmp_path):
    file = tmp_path / "01_made_up.ipynb"
    file.write_bytes(content)
    right = write(tmp_path / "02_right.ipynb", prose("# Right\n\nThe end."))
    page.build(file, [file, right], tmp_path / "report.html", title="Lab report", banners=[])
    soup = BeautifulSoup((tmp_path / "report.html").read_text(encoding="utf-8"), "html.parser")
    assert soup.h1.get_text() == "Lab report"
    assert soup.main.get_text().count("01_made_up.ipynb cannot be read as a notebook: ") == 2
    assert "The end." in soup.main.get_text()
