"""Print the report with Chromium, or take a picture of its first screen.

python -m helpers.report.chromium PAGE FILE, where FILE ends in .pdf or .png.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from helpers.core import artifacts

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# No call home, and no sandbox: it needs rights that containers and CI do not give.
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-quic"),
)
WIDTH, HEIGHT = 1280, 860
# The number of each page of a PDF.
FOOTER = {
    "display_header_footer": True,
    "header_template": "<span></span>",
    "footer_template": "<p style='width: 100%; margin: 0; font: 8px sans-serif; "
    "text-align: center'><span class='pageNumber'></span> / <span class='totalPages'></span></p>",
}


def find_chromium() -> str | None:
    """Return the path of an installed Chromium or Chrome, None without one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def launch(playwright: Playwright, executable: str) -> Browser:
    """Start a headless browser that opens no connection of its own."""
    return playwright.chromium.launch(executable_path=executable, args=list(OPTIONS))


def print_pdf(page: Page, file: Path) -> None:
    """Write the page as PDF with bookmarks, tagged for screen readers; its own style is for A4."""
    page.pdf(path=file, prefer_css_page_size=True, tagged=True, outline=True, **FOOTER)


def take_picture(page: Page, file: Path) -> None:
    """Write the first screen of the page as PNG."""
    page.screenshot(path=file)


WRITERS = {".pdf": print_pdf, ".png": take_picture}


def main(page_file: Path, file: Path) -> int:
    """Write `file` and return the exit code: 2 with one line when something is missing."""
    executable = find_chromium()
    error = None
    if executable is None:
        error = "no Chromium found; install chromium (`apt install chromium`) or Google Chrome"
    elif not page_file.exists():
        error = f"{page_file} is missing; run make report first"
    if error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    with sync_playwright() as playwright, artifacts.replacing(file) as temporary:
        browser = launch(playwright, executable)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(page_file.resolve().as_uri())
        WRITERS[file.suffix](page, temporary)
        browser.close()
    print(f"wrote {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
