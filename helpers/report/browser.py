"""Print the report with Chromium, or take a picture of its first screen or of one element.

python -m helpers.report.browser PAGE FILE [SELECTOR], where FILE ends in .pdf or .png.
"""

import contextlib
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from helpers.core import files
from helpers.core.console import LabError, exit_code


def launch(playwright: Playwright) -> Browser:
    """Start the first Chromium or Chrome that works, without a window, or raise LabError."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    programs = [{"executable_path": found} for name in names if (found := shutil.which(name))]
    # Chrome installs itself where no PATH leads to on macOS and Windows.
    for program in [*programs, {"channel": "chrome"}]:
        with contextlib.suppress(Error):  # a stub that says how to install it
            return playwright.chromium.launch(**program)
    raise LabError("no Chromium starts; install chromium (`apt install chromium`) or Google Chrome")


def write(page_file: Path, file: Path, selector: str = "") -> int:
    """Write `file`, with a `selector` of the first element that it finds, and return 0.

    Raises LabError when the page or a browser is missing.
    """
    if not page_file.exists():
        raise LabError(f"{page_file} is missing; run make report first")
    with sync_playwright() as playwright, files.replacing(file) as temporary:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 860}, device_scale_factor=2)
        page.goto(page_file.resolve().as_uri())
        if file.suffix == ".pdf":  # tagged for screen readers, with bookmarks
            page.pdf(path=temporary, prefer_css_page_size=True, tagged=True, outline=True)
        else:
            (page.locator(selector).first if selector else page).screenshot(path=temporary)
        browser.close()
    print(f"wrote {file}")
    return 0


if __name__ == "__main__":
    sys.exit(exit_code(lambda: write(*map(Path, sys.argv[1:3]), *sys.argv[3:])))
