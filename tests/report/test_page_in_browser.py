"""The pages of a real run and of the committed one, in a real browser."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers import PROJECT
from helpers.core.console import LabError
from helpers.report import browser as report_browser
from helpers.report import page, tables, title

pytestmark = pytest.mark.real
# What a reader reads, how much of it is open, and what is broken.
SHOWN = """() => {
    const shown = [...document.querySelectorAll("#report :is(table, img)")];
    return {
        words: document.querySelector("#report").innerText.split(/\\s+/).length,
        tables_and_figures: shown.filter((element) => element.checkVisibility()).length,
        appendices: document.querySelectorAll("section.appendix").length,
        broken: [...document.images].filter((image) => !image.naturalWidth).length,
        dead: [...document.querySelectorAll("a[href^='#']")].map((link) => link.hash.slice(1))
            .filter((id) => !document.getElementById(id)),
    };
}"""
UNFOLD = "document.querySelectorAll('{}').forEach((fold) => fold.setAttribute('open', ''))"


@pytest.fixture(scope="module", params=["quick", "reference"])
def file(finished, request):
    folder = finished[0] if request.param == "quick" else PROJECT / "artifacts" / "reference"
    return folder / "report.html"


def violations(tab) -> str:
    """What axe finds in a page; it is a script of its own, so the page must not have its policy."""
    found = Axe().run(tab)
    assert len(found.response["passes"]) > 10
    return found.generate_report() if found.violations_count else ""


def test_it_is_read_in_five_minutes_loads_nothing_and_reads_the_same_without_scripts(file, browser):
    tab = browser.new_page(viewport={"width": 1280, "height": 844})
    requests, errors = [], []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("console", lambda message: errors.append(message.text))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(file.as_uri())
    shown = tab.evaluate(SHOWN)
    assert shown.pop("words") <= 2_700
    assert shown.pop("tables_and_figures") <= 14
    assert shown == {"appendices": 4, "broken": 0, "dead": []}
    assert [url for url in requests if not url.startswith("data:")] == [file.as_uri()]
    assert errors == []
    text = tab.inner_text("#report").replace(tab.inner_text(".draw"), "")
    tab.evaluate(UNFOLD.format("details"))
    tab.set_viewport_size({"width": 390, "height": 844})
    assert tab.evaluate("document.scrollingElement.scrollWidth") <= 390
    tab.close()
    without = browser.new_page(java_script_enabled=False)
    without.goto(file.as_uri())
    read = without.inner_text("#report").replace(without.inner_text(".draw"), "")
    without.close()
    assert read.split() == text.split()
    assert file.stat().st_size <= 2_500_000


def test_axe_finds_no_violation(file, browser):
    tab = browser.new_page(viewport={"width": 390, "height": 844}, bypass_csp=True)
    tab.goto(file.as_uri())
    tab.evaluate(UNFOLD.format("details:not(.code)"))  # code takes long, and has its own test below
    assert violations(tab) == ""
    tab.close()


def test_it_prints_on_ten_pages_without_the_appendices(file, tmp_path):
    command = [sys.executable, "-m", "helpers.report.browser", file, tmp_path / "report.pdf"]
    subprocess.run(command, cwd=PROJECT, check=True)
    content = (tmp_path / "report.pdf").read_bytes()
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}
    assert 4 <= len(boxes) <= 10
    for name in (b"/Outlines", b"/StructTreeRoot"):
        assert name in content
    with pytest.raises(LabError, match=r"none.html is missing; run make report"):
        report_browser.write(tmp_path / "none.html", tmp_path / "report.pdf")


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_what_a_student_types_stays_in_the_page(tmp_path, browser, width, scheme):
    long = 90 * "W"
    lab = {"title": f"Lab {long}", "author": long, "course": "محمد 🦉"}
    table = f"| {' | '.join('abcdefgh')} |\n{9 * '|---'}|\n| {' | '.join(8 * ['0123456789'])} |"
    said = "".join(map(tables.verdict, ("confirmed", "refuted", "no longer true", "not testable")))
    cells = [
        new_code_cell("x", outputs=[new_output("display_data", data={"text/html": html})])
        for html in (title.title_block(lab, "2026-01-02"), f"<p>{long}</p><pre>{long}</pre>{said}")
    ]
    cells += [new_markdown_cell(f"## {long}\n\n`{long}`\n\n{table}\n\n$$a^2 + b^2$$")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "05_lab_report.ipynb")
    code = Path(page.__file__).read_text(encoding="utf-8")
    cells = [new_markdown_cell("# Code"), new_code_cell(code)]
    nbformat.write(new_notebook(cells=cells), tmp_path / "01_code.ipynb")
    banner = page.Banner("failure", f"{long}.", facts={"Resume with": long})
    file = tmp_path / "r.html"
    report, appendix = tmp_path / "05_lab_report.ipynb", tmp_path / "01_code.ipynb"
    page.build(report, [appendix], file, head="", banners=[banner])
    size = {"width": width, "height": 844}
    tab = browser.new_page(viewport=size, color_scheme=scheme, bypass_csp=True)
    tab.goto(file.as_uri())
    tab.evaluate(UNFOLD.format("details"))
    assert tab.evaluate("document.scrollingElement.scrollWidth") <= width
    assert violations(tab) == ""
    tab.close()
