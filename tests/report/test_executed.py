"""Building a page never raises for what a notebook holds."""

import time

import pytest
from bs4 import BeautifulSoup
from notebook_files import PNG, Built, code, html, output, prose, stream, text64, write

from helpers.report import page

DEEP = "<div>" * 3000
ODD_OUTPUTS = {
    "empty html": html(""),
    "deep html": html(DEEP + "x"),
    "html that no parser takes": html("a <![foo"),
    "half a character": html("\ud83d x"),
    "control characters": html("\x00\x01\x0b\x7f x"),
    "unfinished entities": html("&#xD800; &#99999999; &nosuch; &"),
    "broken svg": output({"image/svg+xml": "<svg><"}),
    "svg with entities": output(
        {"image/svg+xml": '<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;&c;</svg>'}
    ),
    "broken png": output({"image/png": "%%%"}),
    "no data": output({}),
    "plain text alone": output({"text/plain": ""}),
    "javascript alone": output({"application/javascript": "alert(1)"}),
    "a widget alone": output({"application/vnd.jupyter.widget-view+json": {"model_id": 1}}),
    "json": output({"application/json": {"a": [1]}}),
    "pdf": output({"application/pdf": "JVBERi0="}),
    "latex": output({"text/latex": r"\begin{tabular}{l} a \\ \end{tabular}"}),
    "an unknown stream": code(stream("x", name="log")),
    "an error without words": code(
        {"output_type": "error", "ename": "", "evalue": "", "traceback": []}
    ),
    "odd metadata of an output": output(
        {"image/png": text64(PNG)}, **{"image/png": [1], "alt": {"a": 1}, "width": [2]}
    ),
    "an unknown kind of output": code({"output_type": "update_display_data", "data": {}}),
    "an output that is none": code(5),
    "a number as html": output({"text/html": 5}),
    "no data at all": code({"output_type": "display_data"}),
    "metadata null": code(metadata=None, outputs=None),
    "odd metadata": code(metadata={"tags": "x", "papermill": 5, "transient": 1}),
    "odd papermill": prose("x", metadata={"papermill": {"exception": []}, "transient": []}),
    "no metadata, no id": {"cell_type": "code", "source": ["a\n", "b"]},
    "no source": {"cell_type": "markdown"},
    "source null": {"cell_type": "markdown", "source": None},
    "source a number": {"cell_type": "markdown", "source": 5, "metadata": {}},
    "an unknown cell": {"cell_type": "heading", "source": "x", "level": 1},
    "a cell that is a word": "cell",
    "a cell that is nothing": None,
    "raw": {"cell_type": "raw", "source": "<b>", "metadata": {}},
    "odd attachments": prose("![a](attachment:b)", attachments={"b": {}}),
    "odd markdown": prose("[a]: <\n\n|a|\n|-\n\n```{\n\n- \n 1) ![](\n<a b='\n[x](javascript:"),
    "deep markdown": prose(">" * 2000 + "x" + "[" * 2000 + "*" * 2001),
    "long markdown": prose("x " * 200_000),
    "magics": code(source="%%html\n<b>x"),
    "odd code": code(source="def (:\n'''\x00"),
    "a name of no lexer": prose("```nosuchlanguage\nx\n```"),
    "an empty heading": prose("# \n\n## \n\n###"),
    "ids and classes of the page": html('<p id="01-cell-1" class="nb-cell failed">x</p>'),
    "a table of nothing": html("<table><th></th></table><table></table><th>x"),
    "tables in tables": html("<table><tr><td><table><tr><th>x</table></table>"),
}


@pytest.mark.parametrize("cell", ODD_OUTPUTS.values(), ids=ODD_OUTPUTS)
def test_an_odd_cell_costs_no_other_its_place(cell, tmp_path):
    built = Built(tmp_path, cell, prose("The end."))
    assert built.cell(3).get_text(strip=True) == "The end."
    assert built.cell(3).parent["class"] == ["appendix"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("an output that is none", "what the notebook format does not allow"),
        ("source a number", "what the notebook format does not allow"),
        ("json", "output of application/json"),
        ("no data", "output of no type"),
        ("broken png", "picture data:;base64"),
    ],
)
def test_what_is_lost_of_an_odd_cell_is_named(name, said, tmp_path):
    built = Built(tmp_path, ODD_OUTPUTS[name])
    assert len(built.log) == 1
    assert built.log[0].startswith(f"01-cell-2: {said}")


def test_a_cell_with_a_wrong_output_keeps_its_code(tmp_path):
    built = Built(tmp_path, code(5, source="train(model)"))
    assert "train(model)" in built.cell().get_text()


def test_all_streams_are_shown_and_half_a_character_is_a_question_mark(tmp_path):
    built = Built(tmp_path, ODD_OUTPUTS["an unknown stream"], ODD_OUTPUTS["half a character"])
    assert built.cell(2).find(class_="stream").get_text() == "x"
    assert built.cell(3).find(class_="output").get_text(strip=True) == "? x"


def test_a_long_line_beside_a_line_of_progress_takes_no_time(tmp_path):
    begun = time.perf_counter()
    built = Built(tmp_path, code(stream("1 %\r2 %\r"), stream("done\n" + "x" * 1_000_000)))
    assert time.perf_counter() - begun < 20
    assert built.cell().find(class_="stream").get_text() == "done\n" + "x" * 1_000_000


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


@pytest.mark.parametrize(
    "metadata",
    [
        5,
        [],
        {"papermill": 5},
        {"papermill": {"start_time": 5}},
        {"language_info": "x", "language": 1},
    ],
)
def test_odd_metadata_of_a_notebook_does_no_harm(metadata, tmp_path):
    file = write(tmp_path / "01_made_up.ipynb", prose("Text."), metadata=metadata)
    page.build(file, [file], tmp_path / "report.html", title="Lab report", banners=[])
    soup = BeautifulSoup((tmp_path / "report.html").read_text(encoding="utf-8"), "html.parser")
    assert soup.main.get_text().count("Text.") == 2


def test_a_notebook_without_a_title_takes_that_of_its_file(tmp_path):
    file = write(tmp_path / "01_made_up.ipynb", prose("Text."))
    page.build(None, [file], tmp_path / "report.html", title="Lab report", banners=[])
    soup = BeautifulSoup((tmp_path / "report.html").read_text(encoding="utf-8"), "html.parser")
    assert soup.h1.get_text() == "Lab report"
    assert soup.h2.get_text() == "Appendix A: 01_made_up"


def test_a_cell_of_the_format_is_shown_as_it_is(tmp_path):
    result = {"output_type": "execute_result", "data": {"text/plain": "1"}, "metadata": {}}
    built = Built(
        tmp_path,
        prose("*Text*"),
        code(stream("out\n"), {**result, "execution_count": 1}, stream("loud", "stderr")),
        prose("Text.", outputs=[5]),
    )
    assert built.cell(2).em.get_text() == "Text"
    assert [pre.get_text() for pre in built.cell(3).select(".output pre")] == ["out", "1"]
    assert built.cell(4).get_text(strip=True) == "Text."
    assert built.log == []
