"""Take a picture of the first screen of the report with Chromium: PAGE PICTURE."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

from helpers import artifacts

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# No call home, and no sandbox: it needs rights that containers and CI do not give.
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-quic"),
)
WIDTH, HEIGHT = 1280, 860


def find_chromium() -> str | None:
    """Return the path of an installed Chromium or Chrome, None without one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def launch(playwright: Playwright, executable: str) -> Browser:
    """Start a headless browser that opens no connection of its own."""
    return playwright.chromium.launch(executable_path=executable, args=list(OPTIONS))


def main(page_file: Path, picture: Path) -> int:
    """Write the picture and return the exit code: 2 with one line when no browser is installed."""
    executable = find_chromium()
    if executable is None:
        print("error: no Chromium found; install chromium or Google Chrome", file=sys.stderr)
        return 2
    with sync_playwright() as playwright, artifacts.replacing(picture) as temporary:
        browser = launch(playwright, executable)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(page_file.resolve().as_uri())
        page.screenshot(path=temporary)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
