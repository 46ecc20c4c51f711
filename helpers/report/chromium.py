"""Print the report with Chromium, or take a picture of its first screen.

python -m helpers.report.chromium PAGE FILE [--full], where FILE ends in .pdf or .png. A PDF is
what is handed in: the report, and of its appendices the code that is done by hand. With --full it
is the whole page.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from helpers.core import artifacts

TEMPLATE = Path(__file__).with_name("template")
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


def shorten(page: Page) -> None:
    """Leave in the page what is handed in on paper, and set it closer."""
    page.evaluate((TEMPLATE / "paper.js").read_text(encoding="utf-8"))
    page.add_style_tag(path=TEMPLATE / "paper.css")


def print_pdf(page: Page, file: Path) -> None:
    """Write the page as PDF with bookmarks, tagged for screen readers; its own style is for A4."""
    page.pdf(path=file, prefer_css_page_size=True, tagged=True, outline=True, **FOOTER)


def take_picture(page: Page, file: Path) -> None:
    """Write the first screen of the page as PNG."""
    page.screenshot(path=file)


WRITERS = {".pdf": print_pdf, ".png": take_picture}


def main(page_file: Path, file: Path, *, full: bool = False) -> int:
    """Write `file` and return the exit code: 2 with one line when something is missing.

    Without `full` a PDF is shortened to what is handed in.
    """
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
        # The page's own policy would refuse the style for paper.
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, bypass_csp=True)
        page.goto(page_file.resolve().as_uri())
        if file.suffix == ".pdf" and not full:
            shorten(page)
        WRITERS[file.suffix](page, temporary)
        browser.close()
    print(f"wrote {file}")
    return 0


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--full"]
    sys.exit(main(*map(Path, words), full="--full" in sys.argv))
