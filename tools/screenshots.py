"""Pictures of the main pages, on a phone and on a desktop, by light, by dark and for elders: `make screenshots`.

They go to screenshots/; git keeps only the one that the README shows.
"""

import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browsers import SWITCHES, WIDTHS, font_settings, sign_in
from tests.live import ROOT, Live, demo_instance, serving

OUT = ROOT / "screenshots"
MODES = ("light", "dark", "elder")
PUBLIC = {"home": "/", "funds": "/funds", "fund": "/funds/919", "activities": "/activities", "verify": "/verify"}
SIGNED_IN = {"volunteer": "/me", "lead": "/me", "cashier": "/me", "accountant": "/me"}


def main() -> int:
    chromium = which("chromium")
    if chromium is None:
        sys.stderr.write("Chromium is not installed.\n")
        return 1
    OUT.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        scratch = Path(folder)
        settings = font_settings(scratch)
        browser = playwright.chromium.launch(executable_path=chromium, args=list(SWITCHES), env=settings)
        with serving(demo_instance(scratch), scratch / "instance") as live:
            for picture in pictures(browser, live):
                sys.stdout.write(f"{picture.relative_to(ROOT)}\n")
    return 0


def pictures(browser: Browser, live: Live) -> Iterator[Path]:
    """Take all pictures and name each file."""
    for width, mode in product(WIDTHS, MODES):
        context = prepared(browser, live, width, mode)
        page = context.new_page()
        for name, path in PUBLIC.items():
            page.goto(path)
            yield taken(page, f"{name}_{WIDTHS[width][0]}_{mode}")
        context.close()
    for width, (login, path) in product(WIDTHS, SIGNED_IN.items()):
        context = prepared(browser, live, width, "light")
        page = context.new_page()
        sign_in(page, login)
        page.goto(path)
        yield taken(page, f"{login}_{WIDTHS[width][0]}_light")
        context.close()


def prepared(browser: Browser, live: Live, width: str, mode: str) -> BrowserContext:
    across, down = WIDTHS[width]
    context = browser.new_context(
        base_url=live.url,
        viewport={"width": across, "height": down},
        locale="zh-CN",
        color_scheme="dark" if mode == "dark" else "light",
        device_scale_factor=2 if width == "phone" else 1,
    )
    if mode == "elder":
        context.add_cookies([{"name": "mode", "value": "elder", "url": live.url}])
    return context


def taken(page: Page, name: str) -> Path:
    file = OUT / f"{name}.png"
    page.screenshot(path=file, full_page=True)
    return file


if __name__ == "__main__":
    raise SystemExit(main())
