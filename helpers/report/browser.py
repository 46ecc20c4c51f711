"""Print the report with Chromium, or take a picture of its first screen.

python -m helpers.report.browser PAGE FILE, where FILE ends in .pdf or .png.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from helpers.core import artifacts
from helpers.core.console import LabError, exit_code

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# No call home, and no sandbox: it needs rights that containers and CI do not give.
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-quic"),
)
WIDTH, HEIGHT = 1280, 860


def launch(playwright: Playwright) -> Browser:
    """Start the first Chromium or Chrome that works, without a window, or raise LabError."""
    tried = list(filter(None, map(shutil.which, NAMES)))
    # Chrome installs itself where no PATH leads to on macOS and Windows.
    for where in [*({"executable_path": program} for program in tried), {"channel": "chrome"}]:
        try:
            return playwright.chromium.launch(**where, args=OPTIONS)
        except Error:  # a stub that says how to install it, a browser without its libraries
            continue
    found = f"{', '.join(tried)} did not start" if tried else "no Chromium found"
    raise LabError(f"{found}; install chromium (`apt install chromium`) or Google Chrome")


def write(page_file: Path, file: Path) -> int:
    """Write `file`, return 0. Raises LabError when the page or a browser is missing."""
    if not page_file.exists():
        raise LabError(f"{page_file} is missing; run make report first")
    with sync_playwright() as playwright, artifacts.replacing(file) as temporary:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(page_file.resolve().as_uri())
        if file.suffix == ".pdf":  # tagged for screen readers, with bookmarks
            page.pdf(path=temporary, prefer_css_page_size=True, tagged=True, outline=True)
        else:
            page.screenshot(path=temporary)
        browser.close()
    print(f"wrote {file}")
    return 0


if __name__ == "__main__":
    sys.exit(exit_code(lambda: write(Path(sys.argv[1]), Path(sys.argv[2]))))
