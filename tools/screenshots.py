"""A picture of every page of the console, on three screens: ``python -m tools.screenshots [name …]``.

The pages are the samples of the browser tests, served with the headers of a real node.
"""

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from tests.web.sample_server import CHROMIUM, FLAGS, served
from tests.web.sample_views import all_samples

from tools.tree import ROOT

FOLDER = ROOT / "screenshots"
SCREENS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1360, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}},
    "dark": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "dark"},
}


def take(browser: Browser, address: str, names: list[str]) -> list[str]:
    """Take every picture; returns what pages said on the browser's console, which should be nothing."""
    said: list[str] = []
    for screen, options in SCREENS.items():
        context = browser.new_context(**options)
        for name in names:
            page = context.new_page()
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(str(error)))
            page.goto(f"{address}/sample/{name}")
            page.evaluate("document.fonts.ready")
            page.screenshot(path=str(FOLDER / f"{name}-{screen}.png"), full_page=True)
            page.close()
        context.close()
    return said


def main() -> int:
    if not Path(CHROMIUM).is_file():
        print(f"There is no {CHROMIUM}. Install it with: apt-get install chromium", file=sys.stderr)
        return 1
    names = sys.argv[1:] or [sample.name for sample in all_samples()]
    FOLDER.mkdir(exist_ok=True)
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        said = take(browser, address, names)
        browser.close()
    print(f"{len(names) * len(SCREENS)} pictures in {FOLDER.relative_to(ROOT)}/.")
    for line in said:
        print(f"The browser's console said: {line}", file=sys.stderr)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
