import base64
import re
from pathlib import Path

import nbformat
import pandas
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from papermill.exceptions import PapermillExecutionError
from papermill.execute import raise_for_execution_errors

from helpers.core.console import LabError
from helpers.report import page

HEAD = '<h1>Lab report</h1><dl class="facts"><div><dt>Author</dt><dd>Ann</dd></div></dl>'
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>'


PNG = b"\x89PNG, as far as the page looks"
PNG64 = base64.b64encode(PNG).decode()


def show(mime: str, content: object, **about: str):
    data = {mime: content, "text/plain": "<object>"}
    return new_output("display_data", data=data, metadata={mime: about} if about else {})


def stream(text: str, name: str = "stdout"):
    return new_output("stream", name=name, text=text)


def prose(source: str, *tags: str, **more):
    return new_markdown_cell(source, metadata={"tags": list(tags)}, **more)


def code(source: str, *outputs, tags: tuple = ()):
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def save(path: Path, *cells) -> Path:
    for number, cell in enumerate(cells):
        cell["id"] = f"c{number}"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def built(folder: Path, report: list | None, *appendices: list, banners: tuple = ()):
    """Build the page of these cells and return its HTML."""
    last = save(folder / "05_lab_report.ipynb", *report) if report is not None else None
    names = ("01_tensorflow_tflite", "02_pytorch_onnx")
    files = [
        save(folder / f"{name}.ipynb", *cells)
        for name, cells in zip(names, appendices, strict=False)
    ]
    page.build(last, files, folder / "report.html", head=HEAD, banners=list(banners))
    return BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "html.parser")


@pytest.fixture(scope="module")
def soup(tmp_path_factory) -> BeautifulSoup:
    """A report with a table, a figure and links, an appendix with code, and another one."""
    frame = pandas.DataFrame({"seed": [1, 2], "accuracy": [0.97, 0.98]}, index=["mlp", "cnn"])
    report = [
        prose("# For students", "notebook-only"),
        code("import secret_of_the_report", tags=("parameters",)),
        code("title_block()", show("text/html", HEAD)),
        prose("## Summary\n\nSee the [training](01_tensorflow_tflite.ipynb#Train)."),
        code(
            "table()",
            show("text/markdown", "## Time\n\n| Runtime | Median |\n|---|--:|\n| TFLite | 9 µs |"),
            show("image/png", PNG64, alt="A red one."),
            stream("a warning nobody needs\n", "stderr"),
        ),
        prose(
            "### By seed\n\n[top](#Summary), [nowhere](#missing), [02](./02_pytorch_onnx.ipynb), "
            "[source](../helpers/page.py), [issue](https://github.com/a/b/issues/1)"
        ),
    ]
    first = [
        prose("# TensorFlow and `TFLite`\n\nGo to [the checks](#Check-the-export)."),
        code("EPOCHS = 1\n", tags=("injected-parameters",)),
        prose("## Train\n\n### Deeper"),
        code(
            "# Train both networks\nfit(model)\nprint('done')",
            stream("10%\r50%\r"),
            stream("epoch 1 \x1b[32mdone\x1b[0m\n"),
            stream("loud warning\n", "stderr"),
        ),
        code("frame", show("text/html", frame._repr_html_())),
        code("plot()", show("image/svg+xml", SVG)),
        prose("## Train\n\nThe same heading again.\n\n## Check the export"),
    ]
    return built(
        tmp_path_factory.mktemp("page"), report, first, [prose("# PyTorch\n\n## Train\n\nText.")]
    )


def text(tag) -> str:
    return " ".join(tag.get_text().split())


def test_the_main_part_is_the_report_and_each_appendix_is_folded_behind_it(soup):
    assert soup.title.string == text(soup.header.h1) == "Lab report"
    assert [text(h) for h in soup.find(id="report")("h2")] == ["Summary", "Time"]
    folds = [a.find("details", recursive=False) for a in soup.select("body section.appendix")]
    assert [text(fold.summary.h2) for fold in folds] == [
        "Appendix A: TensorFlow and TFLite",
        "Appendix B: PyTorch",
    ]
    assert not any(fold.has_attr("open") for fold in folds)
    assert not soup.find(id="report").select(".appendix")
    assert [text(a) for a in soup.nav("a")] == [
        *("Summary", "Time", "Appendix A: TensorFlow and TFLite", "Appendix B: PyTorch")
    ]
    for hidden in ("secret_of_the_report", "For students", "a warning nobody needs"):
        assert hidden not in soup.get_text()


def test_ids_are_unique_and_links_lead_into_the_page_or_are_text(soup):
    ids = [element["id"] for element in soup(id=True)]
    assert len(ids) == len(set(ids)) > 15
    assert [h["id"] for h in soup("h3") if text(h) == "Train"] == [
        *("01-train", "01-train-2", "02-train")
    ]
    links = {text(a): a["href"] for a in soup.select("#report a, .appendix a")}
    assert links == {
        "training": "#01-train",
        "top": "#05-summary",
        "02": "#02",
        "issue": "https://github.com/a/b/issues/1",
        "the checks": "#01-check-the-export",
    }
    for link in soup("a", href=re.compile("^#")):
        assert link["href"][1:] in ids


def test_code_of_an_appendix_folds_under_what_it_does(soup):
    assert [text(d.summary) for d in soup("details", class_="code")] == [
        "Parameters that were set 1 line",
        "Train both networks 3 lines",
        "frame 1 line",
        "plot() 1 line",
    ]
    cell = soup.find(id="01-cell-c3")
    assert "fit(model)" in cell.find(class_="highlight").get_text()
    assert text(cell.find(class_="output")) == "epoch 1 done"


def test_the_text_of_the_main_part_by_cell_holds_the_alternative_texts(soup):
    told = page.main_text(str(soup))
    assert list(told) == ["c2", "c3", "c4", "c5"]
    assert told["c3"] == "Summary See the training."
    assert told["c4"] == "Time Runtime Median TFLite 9 µs A red one."


def test_where_the_run_stopped_the_banner_leads_to_the_cell_and_the_report_has_its_title(tmp_path):
    failing = [
        prose("# TensorFlow"),
        code(
            "# Gather\ncheck()",
            stream("last words\n", "stderr"),
            new_output("error", ename="E", evalue="61 %", traceback=["\x1b[31mE\x1b[39m: 61 %"]),
            tags=("notebook-only",),
        ),
    ]
    file = save(tmp_path / "01_tensorflow_tflite.ipynb", *failing)
    ran = nbformat.read(file, as_version=4)
    ran.cells[1].metadata["papermill"] = {"exception": True}
    nbformat.write(ran, file)
    with pytest.raises(PapermillExecutionError):  # it puts in cells of its own
        raise_for_execution_errors(ran, str(file))
    banner = page.Banner("failure", "01 stopped.", "01-cell-c1", {"Not run": "02"})
    other = page.Banner("images", "A sample.", "01-cell-nowhere")
    page.build(None, [file], tmp_path / "r.html", head=HEAD, banners=[banner, other])
    soup = BeautifulSoup((tmp_path / "r.html").read_text(encoding="utf-8"), "html.parser")
    assert [text(b) for b in soup("aside")] == [
        "01 stopped. Go to the cell Not run 02",
        "A sample.",
    ]
    cell = soup.find(id=soup.aside.a["href"][1:])
    assert cell["class"] == ["nb-cell", "failed"]
    assert cell.details.has_attr("open")
    assert [pre.get_text() for pre in cell.select(".output pre")] == ["last words", "E: 61 %"]
    assert text(soup.main.h1) == "Lab report"
    assert "papermill" not in soup.get_text()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cells": 1}', '{"cells": [{}]}'])
def test_a_file_that_is_no_notebook_is_one_line(tmp_path, content):
    (tmp_path / "01_a.ipynb").write_text(content)
    with pytest.raises(LabError, match=r"^01_a.ipynb cannot be read as a notebook: .*; run it"):
        page.build(None, [tmp_path / "01_a.ipynb"], tmp_path / "r.html", head=HEAD, banners=[])
    assert not (tmp_path / "r.html").exists()


HOSTILE = [
    "<script>alert(1)</script>",
    "<script>alert(1)",
    "<img src=x onerror='alert(1)'>",
    "<img src='https://example.org/x.png' alt='remote'>",
    "<img src='//example.org/x.png' srcset='https://example.org/y.png 2x' alt='remote'>",
    "<a href='javascript:alert(1)'>a</a>",
    "<a href='java\tscript:alert(1)'>a</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>a</a>",
    "<svg onload='alert(1)'><a href='javascript:alert(1)'><text>t</text></a></svg>",
    "<math><a xlink:href='javascript:alert(1)'>m</a></math>",
    "<iframe src='https://example.org'></iframe><object data='x'></object><embed src='x'>",
    "<meta http-equiv='refresh' content='0; url=https://example.org'>",
    "<link rel='stylesheet' href='https://example.org/x.css'><base href='https://example.org'>",
    "<p style='background: url(https://example.org/x.png)'>p</p>",
    "<style>p { background: url(https://example.org/x.png) }</style>",
    "<form action='https://example.org'><input name='a'></form><video src='https://example.org'>",
    "<div></div></div></div></main></section><p>outside</p>",
]


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_that_a_notebook_brings_runs_or_loads(tmp_path, html):
    soup = built(
        tmp_path, [prose(f"Before\n\n{html}\n"), code("x", show("text/html", f"<b>kept</b>{html}"))]
    )
    assert text(soup.find(id="report").b) == "kept"
    assert len(soup("script")) == len(soup("style")) == 1
    assert not soup.select(
        "iframe, object, embed, form, input, video, base, svg, [style], [srcset]"
    )
    assert not soup.select("link[rel=stylesheet]")
    assert len(soup("meta")) == 3
    for element in soup.main(True):
        assert not [name for name in element.attrs if name.startswith(("on", "xlink"))]
        assert not re.match(r"\s*(java|data:text)", element.get("href", ""))
        assert element.get("src", "data:image/").startswith("data:image/")
    assert "alert" not in soup.main.get_text()
    cells = soup.main(class_="nb-cell")
    assert all(cell.parent is soup.main for cell in cells)


def test_what_a_student_adds_is_shown(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "NOTEBOOKS", tmp_path)
    (tmp_path / "my chart.png").write_bytes(PNG)
    attached = {"a.png": {"image/png": PNG64}}
    soup = built(
        tmp_path,
        [
            prose(
                "![mine](<my chart.png>) ![his](attachment:a.png) ![gone](attachment:b.png) "
                "![none](none.png) ![folder](.)",
                attachments=attached,
            ),
            prose(r"With $\alpha < \frac{1}{2}$, $$x^2$$ and $\foo{$; it costs $5 and $6."),
            prose(
                "\\begin{align} a &= b \\\\ c &= d \\end{align}\n\n`$HOME` and\n\n```\n$1 $2\n```"
            ),
            prose("| a | b |\n|---|---|\n| 1 | 2 |\n\n<details><summary>More</summary>x</details>"),
            code(
                "y", show("text/latex", r"$\sqrt{y}$"), show("application/javascript", "alert(1)")
            ),
        ],
    )
    main = soup.main
    assert [i["alt"] for i in main("img")] == ["mine", "his"]
    assert {i["src"] for i in main("img")} == {f"data:image/png;base64,{PNG64}"}
    assert len(main("math")) == 4
    assert len(main.select("math[display=block]")) == 2
    for said in ("gone none folder", "it costs $5 and $6", "$HOME", "$1 $2"):
        assert said in main.get_text()
    assert [text(main.table.td), text(main.details.summary)] == ["1", "More"]
    assert "alert" not in main.get_text()
