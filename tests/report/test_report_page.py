"""The page of a real run, in a real browser."""

import base64
import json
import re
import subprocess
import sys

import nbformat
import numpy as np
import onnxruntime
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

from helpers.core.artifacts import PROJECT
from helpers.core.stages import NOTEBOOKS
from helpers.data import mnist

pytestmark = pytest.mark.real
PRINT = (sys.executable, "-m", "helpers.report.chromium")


@pytest.fixture(scope="module")
def file(finished):
    return finished[0] / "report.html"


@pytest.fixture(scope="module")
def soup(file):
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def test_the_grader_reads_title_card_result_findings_and_requirements_first(soup):
    parts = [part.get_text(" ", strip=True) for part in soup.main(["h1", "h2"])][:5]
    assert parts == [
        "Lab03: TensorFlow and PyTorch",
        "The result",
        "Findings",
        "Draw a digit",
        "Requirements",
    ]
    rows = {row.td.get_text() for row in soup("tr") if row.td}
    assert {"TensorFlow tf.function", "PyTorch", "TFLite (LiteRT)", "ONNX Runtime"} <= rows
    findings = soup.find(id="05-findings").find_next("ol")("li")
    assert 3 <= len(findings) <= 5
    assert all(finding.a["href"].startswith("#05-") for finding in findings)
    appendices = [h.get_text().split(":")[0] for h in soup("h2")][-4:]
    assert appendices == [f"Appendix {letter}" for letter in "ABCD"]


def test_headings_images_tables_and_ids_are_in_order(soup):
    levels = [int(h.name[1]) for h in soup.main(re.compile("^h[1-6]$"))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    pictures = [image["src"] for image in soup("img")]
    assert len(set(pictures)) == len(pictures) > 15
    for image in soup("img"):
        assert len(image["alt"]) >= 40
        caption = image.find_parent("figure").figcaption.get_text()
        assert len(caption) > 20
        numbers = image.find_next("details", class_="data")
        assert len(numbers("tr")) >= 2
    assert not soup.select("th:not([scope])")
    ids = [element["id"] for element in soup.main.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert {name[:3] for name in ids} == {"01-", "02-", "03-", "04-", "05-"}


def test_nothing_of_the_machine_and_no_noise(finished, soup, file):
    html = file.read_text(encoding="utf-8")
    assert len(html.encode()) < 4_000_000
    for word in (str(PROJECT), str(finished[0]), "CurveZMQ", "WARNING", "VBox("):
        assert word not in html
    assert "Traceback" not in soup.body.get_text()
    for notebook in NOTEBOOKS:
        executed = nbformat.read(finished[0] / "notebooks" / f"{notebook}.ipynb", as_version=4)
        outputs = [o for cell in executed.cells for o in cell.get("outputs", [])]
        assert [o for o in outputs if o.get("name") == "stderr"] == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_no_violation(file, browser, width, scheme):
    # axe is injected as a script, which the page's own policy would refuse.
    tab = browser.new_page(
        viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True
    )
    tab.goto(file.as_uri())
    found = Axe().run(tab)
    tab.get_by_role("button", name="Expand all").click()
    unfolded = Axe().run(tab)
    tab.close()
    assert found.violations_count == 0, found.generate_report()
    assert unfolded.violations_count == 0, unfolded.generate_report()
    assert len(found.response["passes"]) > 20


def test_a_browser_loads_the_page_and_nothing_else(file, browser):
    tab = browser.new_page(viewport={"width": 390, "height": 844})
    requests = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.goto(file.as_uri())
    assert [url for url in requests if not url.startswith("data:")] == [file.as_uri()]
    assert tab.evaluate("document.scrollingElement.scrollWidth") <= 390
    broken = "[...document.images].filter(i => !(i.complete && i.naturalWidth)).length"
    assert tab.evaluate(broken) == 0
    tab.close()


def test_without_javascript_it_reads_the_same(file, browser):
    texts = []
    for scripts in (True, False):
        context = browser.new_context(java_script_enabled=scripts)
        tab = context.new_page()
        tab.goto(file.as_uri())
        surface = tab.locator(".draw").inner_text()
        assert ("needs JavaScript" in surface) != scripts
        texts.append(tab.inner_text("main").replace(surface, "").split())
        context.close()
    assert texts[0] == texts[1]
    assert len(texts[0]) > 5_000


def test_the_page_gives_every_test_image_the_class_that_onnx_runtime_gives_it(
    finished, soup, browser
):
    found = json.loads((finished[0] / "old_results.json").read_text(encoding="utf-8"))
    (row,) = found["drawing"]
    (export,) = (each for each in found["exports"] if each["id"] == row["export"])
    assert export["file"] in soup.find(id="05-draw-a-digit").find_next("p").get_text()
    images = mnist.load(found["run"]["dataset"]["name"]).test_images
    session = onnxruntime.InferenceSession(finished[0] / export["file"])
    (logits,) = session.run(["logits"], {"image": mnist.scale(images)[:, np.newaxis]})
    code = """async ([script, data, coded]) => {
        const draw = await import(`data:text/javascript;base64,${script}`);
        const layers = draw.layersOf(JSON.parse(data));
        const pixels = draw.bytes(coded);
        return Array.from({ length: pixels.length / 784 }, (_, place) => {
            const logits = draw.forward(layers, pixels.subarray(784 * place, 784 * (place + 1)));
            return logits.indexOf(Math.max(...logits));
        });
    }"""
    script = base64.b64encode(soup.select_one("script[type=module]").string.encode()).decode()
    data, coded = soup.select_one(".draw script").string, base64.b64encode(images.tobytes())
    tab = browser.new_page()
    answered = tab.evaluate(code, [script, data, coded.decode()])
    tab.close()
    assert len(answered) == found["run"]["dataset"]["test"]
    # Two logits that float32 cannot tell apart are the same in another order of summing.
    second, first = np.sort(logits, axis=1)[:, -2:].T
    clear = first - second > 1e-6
    assert clear.mean() > 0.999
    assert np.flatnonzero(clear & (answered != logits.argmax(axis=1))).tolist() == []


@pytest.mark.parametrize(("words", "least", "most"), [((), 10, 20), (("--full",), 30, 100)])
def test_it_prints_as_a4_with_bookmarks(file, tmp_path, words, least, most):
    command = [*PRINT, str(file), str(tmp_path / "report.pdf"), *words]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    content = (tmp_path / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}
    assert least < len(boxes) <= most
    for name in (b"/Outlines", b"/StructTreeRoot"):
        assert name in content


def test_without_a_report_it_says_what_to_run(tmp_path):
    command = [*PRINT, "none.html", str(tmp_path / "report.pdf")]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "error: none.html is missing; run make report first\n"
    assert list(tmp_path.iterdir()) == []
