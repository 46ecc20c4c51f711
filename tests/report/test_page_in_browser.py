"""The page of a real run, in a real browser."""

import re
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.core.artifacts import PROJECT
from helpers.core.console import LabError
from helpers.report import browser as report_browser
from helpers.report import page, title

pytestmark = pytest.mark.real
PRINT = (sys.executable, "-m", "helpers.report.browser")
# What a reader reads, and how much of it is open.
SHOWN = """() => {
    const shown = [...document.querySelectorAll("#report :is(table, img)")];
    return {
        words: document.querySelector("#report").innerText.split(/\\s+/).length,
        tables_and_figures: shown.filter((element) => element.checkVisibility()).length,
        appendices: document.querySelectorAll("section.appendix").length,
    };
}"""


@pytest.fixture(scope="module")
def file(finished):
    return finished[0] / "report.html"


def opened(browser, file, width=1280, scheme="light", **more):
    tab = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme, **more)
    tab.goto(file.as_uri())
    return tab


def unfold(tab) -> None:
    tab.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")


def test_it_is_read_in_five_minutes(file, browser):
    tab = opened(browser, file)
    shown = tab.evaluate(SHOWN)
    tab.close()
    assert shown["words"] <= 2_700
    assert shown["tables_and_figures"] <= 14
    assert shown["appendices"] == 4
    assert file.stat().st_size <= 2_500_000


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_axe_finds_no_violation(file, browser, width, scheme):
    # axe is injected as a script, which the page's own policy would refuse.
    tab = opened(browser, file, width, scheme, bypass_csp=True)
    found = Axe().run(tab)
    unfold(tab)
    unfolded = Axe().run(tab)
    tab.close()
    assert found.violations_count == 0, found.generate_report()
    assert unfolded.violations_count == 0, unfolded.generate_report()
    assert len(found.response["passes"]) > 20


def test_a_browser_loads_the_page_and_nothing_else_and_a_phone_scrolls_down_only(file, browser):
    tab = browser.new_page(viewport={"width": 390, "height": 844})
    requests, errors = [], []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("console", lambda message: errors.append(message.text))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(file.as_uri())
    unfold(tab)
    assert [url for url in requests if not url.startswith("data:")] == [file.as_uri()]
    assert errors == []
    assert tab.evaluate("document.scrollingElement.scrollWidth") <= 390
    broken = "[...document.images].filter(i => !(i.complete && i.naturalWidth)).length"
    assert tab.evaluate(broken) == 0
    tab.close()


def test_without_javascript_it_reads_the_same(file, browser):
    texts = []
    for scripts in (True, False):
        tab = opened(browser, file, java_script_enabled=scripts)
        text = tab.inner_text("#report")
        for surface in tab.locator(".draw").all_inner_texts():
            text = text.replace(surface, "")
        texts.append(text.split())
        tab.close()
    assert texts[0] == texts[1]
    assert len(texts[0]) > 1_000


def test_it_prints_on_ten_pages_without_the_appendices(file, tmp_path):
    command = [*PRINT, str(file), str(tmp_path / "report.pdf")]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    content = (tmp_path / "report.pdf").read_bytes()
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}
    assert 4 <= len(boxes) <= 10
    for name in (b"/Outlines", b"/StructTreeRoot"):
        assert name in content


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_what_a_student_types_stays_in_the_page(tmp_path, browser, width, scheme):
    long = 90 * "W"
    lab = {"title": f"Lab {long}", "author": long, "course": "محمد 🦉"}
    table = f"| {' | '.join('abcdefgh')} |\n{9 * '|---'}|\n| {' | '.join(8 * ['0123456789'])} |"
    cells = [
        new_code_cell("x", outputs=[new_output("display_data", data={"text/html": html})])
        for html in (title.title_block(lab, "2026-01-02"), f"<p>{long}</p><pre>{long}</pre>")
    ]
    cells += [new_markdown_cell(f"## {long}\n\n`{long}`\n\n{table}\n\n$$a^2 + b^2$$")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "05_lab_report.ipynb")
    banner = page.Banner("failure", f"{long}.", facts={"Resume with": long})
    file = tmp_path / "r.html"
    page.build(tmp_path / "05_lab_report.ipynb", [], file, head="", banners=[banner])
    tab = opened(browser, file, width, scheme, bypass_csp=True)
    assert tab.evaluate("document.scrollingElement.scrollWidth") <= width
    found = Axe().run(tab)
    tab.close()
    assert found.violations_count == 0, found.generate_report()


def test_without_a_report_it_is_one_line(tmp_path):
    command = [*PRINT, str(tmp_path / "none.html"), str(tmp_path / "report.pdf")]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "none.html is missing; run make report" in done.stderr
    assert done.stderr.count("\n") == 1


def test_chrome_is_tried_off_the_path_too_and_no_browser_is_one_line(monkeypatch):
    tried = []

    def launch(channel=None, **_):
        tried.append(channel)
        raise report_browser.Error("install the snap")

    monkeypatch.setattr(report_browser.shutil, "which", str)
    with pytest.raises(LabError, match="chrome did not start; install chromium"):
        report_browser.launch(SimpleNamespace(chromium=SimpleNamespace(launch=launch)))
    assert tried == [None] * 4 + ["chrome"]
