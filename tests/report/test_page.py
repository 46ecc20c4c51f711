"""The page made of small notebooks: parts, links, failures, and what a notebook may bring."""

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
PNG = b"\x89PNG, as far as the page looks"
PNG64 = base64.b64encode(PNG).decode()


def show(mime: str, content: str, **about: str):
    return new_output("display_data", data={mime: content}, metadata={mime: about})


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


def built(report: Path | None, *appendices: Path, banners: tuple = ()) -> BeautifulSoup:
    file = (report or appendices[0]).with_name("report.html")
    page.build(report, list(appendices), file, head=HEAD, banners=list(banners))
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


@pytest.fixture(scope="module")
def soup(tmp_path_factory) -> BeautifulSoup:
    """A report with a table, a figure and links, an appendix with code, and another one."""
    folder = tmp_path_factory.mktemp("page")
    frame = pandas.DataFrame({"seed": [1, 2], "accuracy": [0.97, 0.98]}, index=["mlp", "cnn"])
    report = save(
        folder / "05_lab_report.ipynb",
        prose("# For students", "notebook-only"),
        code("import secret_of_the_report", tags=("parameters",)),
        code("title_block()", show("text/html", HEAD)),
        prose("## Summary\n\nSee the [training](01_tensorflow_tflite.ipynb#Train)."),
        code(
            "table()",
            show("text/markdown", "## Time\n\n| Runtime |\n|---|\n| TFLite |"),
            show("image/png", PNG64, alt="A red one."),
            stream("a warning nobody needs\n", "stderr"),
        ),
        prose(
            "### By seed\n\n[top](#Summary), [nowhere](#missing), [02](./02_pytorch_onnx.ipynb), "
            "[source](../helpers/page.py), [issue](https://github.com/a/b/issues/1)"
        ),
    )
    first = save(
        folder / "01_tensorflow_tflite.ipynb",
        prose("# TensorFlow and `TFLite`\n\nGo to [the checks](#Check-the-export)."),
        code("EPOCHS = 1\n", tags=("injected-parameters",)),
        code(
            "# Train both networks\nfit(model)\nprint('done')",
            stream("10%\r50%\r"),
            stream("epoch 1 \x1b[32mdone\x1b[0m\n"),
            stream("loud warning\n", "stderr"),
        ),
        code("frame", show("text/html", frame._repr_html_())),
        prose("## Train\n\n### Deeper\n\n## Train\n\nThe same again.\n\n## Check the export"),
    )
    second = save(folder / "02_pytorch_onnx.ipynb", prose("# PyTorch\n\n## Train\n\nText."))
    return built(report, first, second)


def text(tag) -> str:
    return " ".join(tag.get_text().split())


def test_the_main_part_is_the_report_and_each_appendix_is_folded_behind_it(soup):
    assert soup.title.string == text(soup.header.h1) == "Lab report"
    assert [text(h) for h in soup.find(id="report")("h2")] == ["Summary", "Time"]
    folds = [a.find("details", recursive=False) for a in soup.select("body section.appendix")]
    appendices = [text(fold.summary.h2) for fold in folds]
    assert appendices == ["Appendix A: TensorFlow and TFLite", "Appendix B: PyTorch"]
    assert not any(fold.has_attr("open") for fold in folds)
    assert [text(a) for a in soup.nav("a")] == ["Summary", "Time", *appendices]
    for hidden in ("secret_of_the_report", "For students", "a warning nobody needs"):
        assert hidden not in soup.get_text()
    told = page.main_text(str(soup))
    assert list(told) == ["c2", "c3", "c4", "c5"]
    assert told["c4"] == "Time Runtime TFLite A red one."


def test_ids_are_unique_and_links_lead_into_the_page_or_are_text(soup):
    ids = [element["id"] for element in soup(id=True)]
    assert len(ids) == len(set(ids)) > 15
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
    folds = [text(fold.summary) for fold in soup("details", class_="code")]
    assert folds[:2] == ["Parameters that were set 1 line", "Train both networks 3 lines"]
    cell = soup.find(id="01-cell-c2")
    assert "fit(model)" in cell.find(class_="highlight").get_text()
    assert text(cell.find(class_="output")) == "epoch 1 done"
    assert text(soup.find(id="01-cell-c3").thead) == "seed accuracy"


def test_where_the_run_stopped_the_banner_leads_to_the_cell_and_the_report_has_its_title(tmp_path):
    failure = new_output("error", ename="E", evalue="61 %", traceback=["\x1b[31mE\x1b[39m: 61 %"])
    file = save(
        tmp_path / "01_tensorflow_tflite.ipynb",
        code("check()", stream("last words\n", "stderr"), failure, tags=("notebook-only",)),
    )
    ran = nbformat.read(file, as_version=4)
    ran.cells[0].metadata["papermill"] = {"exception": True}
    nbformat.write(ran, file)
    with pytest.raises(PapermillExecutionError):  # it puts in cells of its own
        raise_for_execution_errors(ran, str(file))
    banner = page.Banner("failure", "01 stopped.", "01-cell-c0", {"Not run": "02"})
    soup = built(None, file, banners=(banner, page.Banner("images", "A sample.", "nowhere")))
    told = ["01 stopped. Go to the cell Not run 02", "A sample."]
    assert [text(aside) for aside in soup("aside")] == told
    cell = soup.find(id=soup.aside.a["href"][1:])
    assert cell["class"] == ["nb-cell", "failed"]
    assert cell.details.has_attr("open")
    assert [pre.get_text() for pre in cell.select(".output pre")] == ["last words", "E: 61 %"]
    assert text(soup.main.h1) == "Lab report"
    assert "papermill" not in soup.get_text()


HOSTILE = [
    "<script>alert(1)",
    "<img src=x onerror='alert(1)'>",
    "<img src='//example.org/x.png' srcset='https://example.org/y.png 2x' alt='remote'>",
    "<a href='java\tscript:alert(1)'>a</a>",
    "<svg onload='alert(1)'><a href='javascript:alert(1)'><text>t</text></a></svg>",
    "<iframe src='https://example.org'></iframe><object data='x'></object><embed src='x'>",
    "<meta http-equiv='refresh' content='0; url=https://example.org'><base href='//example.org'>",
    "<link rel='stylesheet' href='https://example.org/x.css'><p style='background: url(x)'>p</p>",
    "<style>p { background: url(https://example.org/x.png) }</style>",
    "<form action='https://example.org'><input name='a'></form><video src='https://example.org'>",
    "<div></div></div></div></main></section><p>outside</p>",
    "<div class='draw'></script><script>alert(1)</script></div>",
]


def test_nothing_that_a_notebook_brings_runs_or_loads(tmp_path):
    cells = [prose(f"Before\n\n{html}\n") for html in HOSTILE]
    cells += [code("x", show("text/html", f"<b>kept</b>{html}")) for html in HOSTILE]
    soup = built(save(tmp_path / "05_lab_report.ipynb", *cells))
    assert len(soup.main("b")) == len(HOSTILE)
    assert len(soup(["script", "style"], type=lambda kind: kind != "application/json")) == 3
    assert len(soup("meta")) == 3
    unwanted = "iframe, object, embed, form, input, video, base, svg, [style], [srcset]"
    assert not soup.select(f"{unwanted}, link[rel=stylesheet]")
    for element in soup.main(True):
        assert not [name for name in element.attrs if name.startswith(("on", "xlink"))]
        assert re.match("#|$", element.get("href", ""))
        assert element.get("src", "data:image/").startswith("data:image/")
    assert "alert" not in soup.main.get_text()
    assert all(cell.parent is soup.main for cell in soup.main(class_="nb-cell"))


def test_what_a_student_adds_is_shown(tmp_path, monkeypatch):
    monkeypatch.setattr(page.files, "NOTEBOOKS", tmp_path)
    (tmp_path / "chart.png").write_bytes(PNG)
    pictures = "![mine](chart.png) ![his](attachment:a.png) ![none](none.png)"
    file = save(
        tmp_path / "05_lab_report.ipynb",
        prose(pictures, attachments={"a.png": {"image/png": PNG64}}),
        prose(r"With $\alpha < \frac{1}{2}$, $$x^2$$ and $\foo{$; it costs $5 and $6."),
        prose("`$HOME$` and\n\n```\n$1$ $2\n```"),
        prose("| a | b |\n|---|---|\n| 1 | 2 |\n\n<details><summary>More</summary>x</details>"),
    )
    main = built(file).main
    assert [image["alt"] for image in main("img")] == ["mine", "his"]
    assert {image["src"] for image in main("img")} == {f"data:image/png;base64,{PNG64}"}
    assert [formula["display"] for formula in main("math")] == ["inline", "block"]
    for said in ("none", r"$\foo{$; it costs $5 and $6.", "$HOME$", "$1$ $2"):
        assert said in main.get_text()
    assert [text(main.table.td), text(main.details.summary)] == ["1", "More"]


def test_a_file_that_cannot_be_shown_is_one_line(tmp_path):
    file = save(tmp_path / "01_a.ipynb", prose("![gone](attachment:b.png)"))
    with pytest.raises(LabError, match=r"^01_a.ipynb cannot be shown: missing attachment: b.png$"):
        built(None, file)
    file.write_text("{")
    with pytest.raises(LabError, match=r"^01_a.ipynb cannot be shown: .*[^\n]$"):
        built(None, file)
    assert not (tmp_path / "report.html").exists()
