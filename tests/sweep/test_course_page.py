"""The index of a course in a real browser."""

from dataclasses import replace

import made_up_course
import pytest
from axe_playwright_python.sync_playwright import Axe

from helpers.core import artifacts
from helpers.sweep import course_page
from helpers.sweep.course_page import FAILED, FINISHED, WAITING

LONG = replace(made_up_course.PEOPLE[0], name="Müller, Änne " + "von und zu " * 20)
PEOPLE = [LONG, *made_up_course.PEOPLE[1:]]


@pytest.fixture
def index(tmp_path):
    results = {
        "models": [
            {"framework": name, "architecture": "mlp", "test_accuracy": accuracy}
            for name, accuracy in (("tensorflow", 0.9), ("pytorch", 0.875))
        ],
        "goals": [{"verdict": each} for each in ("reached", "missed", "not testable")],
    }
    artifacts.write_json(tmp_path / "m1" / "old_results.json", results)
    for who in ("m1", "m2"):
        artifacts.write_text(tmp_path / who / "report.html", "<title>the report</title>")
    status = {"m1": FINISHED, "m2": FAILED, "m3": WAITING}
    course_page.write(
        tmp_path, PEOPLE, status, {"m2": made_up_course.FAILURE}, "2026-01-01T00:00:00Z"
    )
    return tmp_path / "index.html"


@pytest.mark.real
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_no_violation_and_nothing_is_wider_than_the_screen(index, browser, scheme, width):
    # axe is injected as a script, which the page's own policy would refuse.
    tab = browser.new_page(
        viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True
    )
    tab.goto(index.as_uri())
    found = Axe().run(tab)
    wide = tab.evaluate("document.scrollingElement.scrollWidth")
    tab.get_by_role("link", name="Müller").click()
    assert tab.title() == "the report"
    tab.close()
    assert found.violations_count == 0, found.generate_report()
    assert wide <= width
