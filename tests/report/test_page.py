import base64
import io
import re
from pathlib import Path
from urllib.parse import unquote

import matplotlib
import nbformat
import pandas
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from papermill.exceptions import PapermillExecutionError
from papermill.execute import raise_for_execution_errors

from helpers.core import artifacts
from helpers.report import page

BANNER = "This run used the sample."
TRACEBACK = ["\x1b[31mLabError\x1b[39m: 61.2 % agree", "run 01 again"]


def figure(kind: str) -> bytes:
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    chart, axes = plt.subplots(figsize=(7, 3))
    axes.plot([1, 2, 3], [3, 2, 1])
    file = io.BytesIO()
    chart.savefig(file, format=kind)
    plt.close(chart)
    return file.getvalue()


PNG, SVG = figure("png"), figure("svg")


def show(mime: str, content: str, **about: str):
    return new_output(
        "display_data",
        data={mime: content, "text/plain": "<object>"},
        metadata={mime: about} if about else {},
    )


def stream(text: str, name: str = "stdout"):
    return new_output("stream", name=name, text=text)


def code(source: str, *outputs, tags: tuple = ()):
    return new_code_cell(
        source, outputs=list(outputs), execution_count=3, metadata={"tags": list(tags)}
    )


def report_cells() -> list:
    alt = new_output(
        "display_data",
        data={"image/png": base64.b64encode(PNG).decode()},
        metadata={"alt": "Line chart."},
    )
    return [
        new_markdown_cell("# For students", metadata={"tags": [page.NOTEBOOK_ONLY_TAG]}),
        code("import secret_of_the_report", tags=("parameters",)),
        code(
            "title_block()",
            show("text/markdown", "# MNIST in two frameworks"),
            show("text/html", '<dl class="facts"><dt>Author</dt><dd>A. Student</dd></dl>'),
        ),
        new_markdown_cell(
            "## Introduction\n\nSee the [training](01_tensorflow_tflite.ipynb#Train)."
        ),
        code(
            "results()",
            show(
                "text/markdown",
                "## Results\n\n| Runtime | Median | Interval |\n|---|--:|---|\n"
                "| TFLite | 9.1 µs | [8.9, 9.4] |\n| PyTorch | 41 µs | – |",
            ),
            alt,
            stream("a warning nobody needs\n", "stderr"),
        ),
        new_markdown_cell(
            "#### By seed\n\n[top](#results), [nowhere](#missing), [02](./02_pytorch_onnx.ipynb), "
            "[source](../helpers/page.py), [issue](https://github.com/a/b/issues/1)"
        ),
    ]


def appendix_cells() -> list:
    frame = pandas.DataFrame({"seed": [1, 2], "accuracy": [0.97, 0.98]}, index=["mlp", "cnn"])
    wide = pandas.DataFrame([range(10_000, 10_030)], index=["train"])
    styled = frame.style.hide(axis="index").highlight_max().set_caption("By seed")
    svg = show("image/svg+xml", SVG.decode(), alt='Falling "line".', caption="Loss <by> epoch.")
    return [
        new_markdown_cell("# TensorFlow and `TFLite`\n\nGo to [the checks](#Check-the-export)."),
        code("EPOCHS = 5  # passes\n\nSEED = 1", tags=("parameters",)),
        code("# Parameters\nEPOCHS = 1\n", tags=("injected-parameters",)),
        new_markdown_cell("## Train\n\n#### Too deep\n\n![chart](figures/chart.png)"),
        code(
            "# Train both networks\nfit(model)\nprint('done')",
            stream("10%\r50%\r"),
            stream("epoch 1 \x1b[32mdone\x1b[0m\n"),
            stream("loud warning\n", "stderr"),
            stream(f"{artifacts.PROJECT}/artifacts and {Path.home()}/x\n"),
        ),
        code("frame.describe(percentiles=[0.25, 0.5, 0.75], include='all', exclude=None).round(3)",
             show("text/html", frame._repr_html_()), show("text/html", styled.to_html())),
        code("wide", show("text/html", wide._repr_html_())),
        code("plot()", show("image/png", base64.b64encode(PNG).decode(), alt="A PNG."), svg),
        code("widget()", new_output("display_data", data={
            "application/vnd.jupyter.widget-view+json": {"model_id": "1"},
            "application/javascript": "alert(1)", "text/plain": "progress bar"})),
        code("html()", show("text/html",
             '<b>kept</b><script src="https://example.org/x.js"></script>'
             '<link href="https://example.org/x.css" rel="stylesheet">'
             '<img src="https://example.org/x.png" alt="remote">')),
        new_markdown_cell("## Train\n\nThe same heading again.\n\n## Check the export"),
        code("# Check\ncheck()", stream("last words\n", "stderr"), new_output(
            "error", ename="LabError", evalue="61.2 % agree", traceback=TRACEBACK)),
    ]  # fmt: skip


def save(path: Path, cells: list) -> Path:
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory) -> dict[str, Path]:
    """The report, an appendix that papermill marked as failed, and one that ran."""
    folder = tmp_path_factory.mktemp("notebooks")
    failed = save(folder / "01_tensorflow_tflite.ipynb", appendix_cells())
    with pytest.raises(PapermillExecutionError):
        raise_for_execution_errors(nbformat.read(failed, as_version=4), str(failed))
    ran = [new_markdown_cell("# PyTorch\n\n## Train"), code("export()", stream("exported\n"))]
    return {
        "report": save(folder / "04_lab_report.ipynb", report_cells()),
        "01": failed,
        "02": save(folder / "02_pytorch_onnx.ipynb", ran),
    }


@pytest.fixture(scope="module")
def built(notebooks) -> Path:
    output = notebooks["report"].parent / "report.html"
    page.build(
        notebooks["report"],
        [notebooks["01"], notebooks["02"]],
        output,
        title="Lab report",
        banners=[
            page.Banner(
                "failure",
                "01 stopped.",
                "01-cell-12",
                "See where",
                {"Not run": "02", "Resume with": "make report FROM=01"},
            ),
            page.Banner("images", BANNER),
        ],
    )
    return output


@pytest.fixture(scope="module")
def soup(built) -> BeautifulSoup:
    return BeautifulSoup(built.read_text(encoding="utf-8"), "html.parser")


def by_id(soup, name: str):
    found = soup.find_all(id=name)
    assert len(found) == 1, name
    return found[0]


def text(tag) -> str:
    return " ".join(tag.get_text().split())


def test_the_page_has_a_language_a_title_and_one_h1(soup):
    assert soup.html["lang"] == "en"
    assert soup.title.string == "MNIST in two frameworks"
    assert [text(h) for h in soup("h1")] == ["MNIST in two frameworks"]
    assert soup.find("meta", attrs={"name": "viewport"})
    assert text(soup.header.dd) == "A. Student"


def test_banners_stand_between_the_title_and_the_text(soup):
    order = [t.name for t in soup.main.find_all(["header", "aside", "h2"])][:4]
    assert order == ["header", "aside", "aside", "h2"]
    assert [text(b) for b in soup("aside")] == [
        "01 stopped. See where Not run 02 Resume with make report FROM=01",
        BANNER,
    ]


def test_no_heading_level_is_skipped(soup):
    headings = [(int(h.name[1]), text(h)) for h in soup.main(re.compile("^h[1-6]$"))]
    assert headings == [
        (1, "MNIST in two frameworks"),
        (2, "Introduction"),
        (2, "Results"),
        (3, "By seed"),
        (2, "Appendix A: TensorFlow and TFLite"),
        (3, "Train"),
        (4, "Too deep"),
        (3, "Train"),
        (3, "Check the export"),
        (2, "Appendix B: PyTorch"),
        (3, "Train"),
    ]


def test_ids_are_unique_and_begin_with_the_number_of_the_notebook(soup):
    ids = [element["id"] for element in soup.main.find_all(id=True)]
    assert len(ids) == len(set(ids)) > 20
    assert all(re.match(r"0[124]-", name) for name in ids)
    assert [h["id"] for h in soup("h3") if text(h) == "Train"] == [
        "01-train",
        "01-train-2",
        "02-train",
    ]


def test_links_lead_into_the_page_or_are_text(soup):
    links = {text(a): a["href"] for a in soup.main("a")}
    assert links == {
        "See where": "#01-cell-12",
        "training": "#01-train",
        "top": "#04-results",
        "02": "#02-pytorch",
        "issue": "https://github.com/a/b/issues/1",
        "Line chart": "#04-cell-5-picture",
        "the checks": "#01-check-the-export",
    }
    for link in soup("a", href=re.compile("^#")):
        by_id(soup, link["href"][1:])
    assert "nowhere" in soup.main.get_text()
    assert "source" in soup.main.get_text()


def test_contents_have_two_levels(soup):
    entries = {
        text(item.a): [text(a) for a in item("a")[1:]]
        for item in soup.nav.ol("li", recursive=False)
    }
    assert entries == {
        "Introduction": [],
        "Results": ["By seed"],
        "Appendix A: TensorFlow and TFLite": ["Train", "Train", "Check the export"],
        "Appendix B: PyTorch": ["Train"],
    }
    assert soup.nav["aria-label"] == "Contents"
    assert soup.find("a", class_="skip")["href"] == "#" + soup.main["id"]


def test_code_folds_under_what_it_does(soup):
    folds = [(text(d.summary), d.has_attr("open")) for d in soup("details", class_="code")]
    assert folds == [
        ("Parameters: the defaults 2 lines", True),
        ("Parameters that were set 2 lines", True),
        ("Train both networks 3 lines", False),
        ("frame.describe(percentiles=[0.25, 0.5, 0.75], include='all',... 1 line", False),
        ("wide 1 line", False),
        ("plot() 1 line", False),
        ("widget() 1 line", False),
        ("html() 1 line", False),
        ("Check 2 lines", True),
        ("export() 1 line", False),
    ]
    assert "fit(model)" in by_id(soup, "01-cell-5").find(class_="highlight").get_text()
    assert "secret_of_the_report" not in soup.get_text()
    assert "For students" not in soup.get_text()
    assert "In [" not in soup.get_text()
    assert "Out[" not in soup.get_text()


def test_streams_read_as_on_a_terminal(soup):
    lines = by_id(soup, "01-cell-5").find(class_="output").pre.get_text().splitlines()
    assert lines == ["epoch 1 done", "project/artifacts and ~/x"]
    for hidden in ("loud warning", "a warning nobody needs", "\x1b", str(artifacts.PROJECT)):
        assert hidden not in str(soup)


def test_the_failing_cell_is_marked(soup):
    assert [cell["id"] for cell in soup(class_="failed")] == ["01-cell-12"]
    outputs = [pre.get_text() for pre in by_id(soup, "01-cell-12").select(".output pre")]
    assert outputs == ["last words", "LabError: 61.2 % agree\nrun 01 again"]
    assert "papermill" not in soup.main.get_text()


def test_tables_say_what_each_header_heads(soup):
    tables = soup("table")
    assert len(tables) == 4
    assert all(table.parent["class"] == ["table"] for table in tables)
    assert not soup.select("table[border], table[style], th:not([scope]), table [id]")
    frame = tables[1]
    assert [(text(h), h["scope"]) for h in frame("th")] == [
        ("seed", "col"),
        ("accuracy", "col"),
        ("mlp", "row"),
        ("cnn", "row"),
    ]
    assert text(tables[2].caption) == "By seed"


def test_figures_keep_their_bytes_alt_text_and_caption(soup):
    images = soup("img")
    assert [image["alt"] for image in images] == ["Line chart.", 'Falling "line".']
    assert base64.b64decode(images[0]["src"].partition(",")[2]) == PNG
    address, _, content = images[1]["src"].partition(",")
    assert address == "data:image/svg+xml"
    assert unquote(content).split() == SVG.decode().split()
    assert [text(c) for c in soup("figcaption")] == ["Loss <by> epoch."]
    assert not soup("svg")


def plotted(picture: str, caption: str, numbers: str) -> str:
    return (
        f'<figure><img alt="Bar chart of s. {picture} is fast." src="data:image/svg+xml,<svg '
        f"xmlns='http://www.w3.org/2000/svg'><title>{picture}</title></svg>\">"
        f"<figcaption>{caption}</figcaption></figure>"
        f'<details class="data"><summary>The numbers</summary>{numbers}</details>'
    )


@pytest.fixture
def drawn_again(tmp_path):
    """The report, which draws A, an appendix with A and B, and one with A, with B and with B."""
    shown = {
        "05_report": [plotted("A", "Less is faster.", "1")],
        "01_one": [plotted("A", "Less is faster.", "1"), plotted("B", "More is slower.", "2")],
        "02_two": [plotted("A", "Of two.", "3"), *2 * [plotted("B", "More is slower.", "2")]],
    }
    return [
        save(
            tmp_path / f"{name}.ipynb",
            [new_markdown_cell("# A part"), *(code("plot()", show("text/html", h)) for h in html)],
        )
        for name, html in shown.items()
    ]


def lines_of_links(made) -> list[tuple[str, str]]:
    lines = [link.parent for link in made.main("a", href=re.compile("-picture$"))]
    return [(text(line), line.a["href"]) for line in lines]


def test_a_picture_stands_once_and_other_parts_link_to_it(drawn_again, tmp_path):
    report, *appendices = drawn_again
    page.build(report, appendices, tmp_path / "r.html", title="Lab", banners=[])
    made = BeautifulSoup((tmp_path / "r.html").read_text(encoding="utf-8"), "html.parser")
    a = "The same figure stands in the report: Figure 1: A is fast."
    b = "The same figure stands in Appendix A: Figure 2: B is fast."
    in_the_report, in_a = "#05-cell-2-picture", "#01-cell-3-picture"
    assert lines_of_links(made) == [
        (a, in_the_report),
        (f"{a} Of two.", in_the_report),
        *2 * [(b, in_a)],
    ]
    assert [image["id"] for image in made("img")] == [in_the_report[1:], in_a[1:]]
    # The numbers go with their figure, others stay.
    assert [text(d) for d in made("details", "data")] == [f"The numbers{n}" for n in (1, 2, 3)]


def test_the_same_inputs_give_the_same_bytes(built, notebooks, tmp_path):
    arguments = {"title": "Lab report", "banners": [page.Banner("images", BANNER)]}
    for name in ("a.html", "b.html"):
        page.build(notebooks["report"], [notebooks["01"]], tmp_path / name, **arguments)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.html", "b.html", "logs"]
