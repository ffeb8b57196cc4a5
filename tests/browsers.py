"""Fixtures for tests that drive a real browser against a real server.

The portal's Content-Security-Policy stays on. Each page is watched: an error in the console, an uncaught exception or
a request to another machine fails the test at its end.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, expect

from tests.live import ROOT, Live, Standing, demo_instance
from tests.required import program

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = {"phone": (390, 844), "desktop": (1280, 900)}
PATIENCE = 10_000
"""Milliseconds that a page may take to be as it shall, on a machine that is busy with other tests besides."""
OF_STYLE = ("color-contrast", "link-in-text-block", "scrollable-region-focusable")
"""What axe-core asks of colours and sizes."""
HOW = "reporter: 'no-passes', resultTypes: ['violations'], preload: {assets: ['media']}"
"""Only what is wrong is described, and no style sheet fetched again, which no rule in use looks at."""
LOOK = """
async ([modes, rules]) => {
  const root = document.documentElement, standard = root.dataset.mode, found = [];
  for (const [mode, only] of modes) {
    if (mode === "elder") root.dataset.mode = mode;
    const {violations} = await axe.run(document, {HOW, ...(only ? {runOnly: rules} : {})});
    root.dataset.mode = standard;
    const why = ({any, all, none}) => [...any, ...all, ...none].map(({message}) => message).join(" ");
    for (const {id, nodes} of violations)
      found.push(...nodes.map((node) => `${mode}: ${id}: ${node.target} ${why(node)}`));
  }
  return found;
}""".replace("HOW", HOW)
"""What is wrong in each mode; those marked are asked by some rules only."""
SWITCHES = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # The last such list counts, so Playwright's own is in it. Added: no process for a page that may never come.
    "--disable-features=AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,"
    "AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,NetworkTimeServiceQuerying,PreconnectToSearch,"
    "SpareRendererForSitePerProcess",
)
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Chromium without its windows comes first: it takes a third of the time to show the same pages."""
# Documents' fonts serve pages too, so that Chinese is drawn on a machine that has no Chinese font.
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{fonts}</dir>
<cachedir>{cache}</cachedir></fontconfig>
"""


class OpenPage(Protocol):
    """Open a page of a fresh browser profile; `more` goes to Playwright's new_context."""

    def __call__(self, live: Live, *, width: str = "desktop", **more: Any) -> Page: ...


@pytest.fixture(scope="session")
def browser_type_launch_args(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """How Playwright starts Debian's Chromium."""
    return {
        "executable_path": program(*PROGRAMS, called="Chromium"),
        "args": list(SWITCHES),
        "env": font_settings(tmp_path_factory.mktemp("fonts")),
    }


def font_settings(folder: Path) -> dict[str, str | float | bool]:
    """This process's environment, in which a browser finds the portal's Chinese fonts as well."""
    config = folder / "fonts.conf"
    config.write_text(FONTS.format(fonts=ROOT / "static" / "vendor" / "fonts", cache=folder / "cache"))
    return {**os.environ, "FONTCONFIG_FILE": str(config)}


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory, worker: str) -> Path:
    """An instance with demo data, the same for all workers; `serving` copies it."""
    own = tmp_path_factory.getbasetemp()
    return demo_instance(own if worker == "main" else own.parent)


@pytest.fixture(scope="session")
def standing(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """This process's server, with a job worker."""
    standing = Standing(demo_data, tmp_path_factory.mktemp("live"))
    yield standing
    standing.stop()


@pytest.fixture
def live(standing: Standing) -> Live:
    """A server, with a job worker, on fresh demo data: a test may change all of it, and kill what hangs on it."""
    return standing.fresh()


@pytest.fixture
def live_to_read(live: Live) -> Live:
    """The same, for tests that only look."""
    return live


@pytest.fixture(params=WIDTHS)
def width(request: pytest.FixtureRequest) -> str:
    """phone, then desktop; `@pytest.mark.parametrize("width", ["phone"], indirect=True)` takes one."""
    return str(request.param)


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext]) -> Iterator[OpenPage]:
    """A function that opens pages, each with a profile of its own, and watches them."""
    complaints: list[str] = []
    expect.set_options(timeout=PATIENCE)

    def opened(live: Live, *, width: str = "desktop", **more: Any) -> Page:
        across, down = WIDTHS[width]
        manners: dict[str, Any] = {
            "base_url": live.url,
            "viewport": {"width": across, "height": down},
            "locale": "zh-CN",
            "timezone_id": "Asia/Shanghai",
            "reduced_motion": "reduce",
            "has_touch": width == "phone",
        }
        page = new_context(**manners | more).new_page()
        page.set_default_timeout(PATIENCE)
        _watch(page, live, complaints)
        return page

    yield opened
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def page(open_page: OpenPage, live: Live, width: str) -> Page:
    """A page on fresh data, once as wide as a phone and once as wide as a desktop."""
    return open_page(live, width=width)


@pytest.fixture
def visitor(open_page: OpenPage, live_to_read: Live, width: str) -> Page:
    """A page for tests that only look."""
    return open_page(live_to_read, width=width)


@pytest.fixture
def no_javascript(open_page: OpenPage, live: Live, width: str) -> Page:
    """A page on fresh data in a browser that runs no JavaScript."""
    return open_page(live, width=width, java_script_enabled=False)


def sign_in(page: Page, login: str) -> None:
    """Sign in as one of the demo cast, e.g. `cashier`, and be where that leads.

    The form is asked for and sent without being shown: that takes a tenth of the time.
    """
    from portal.demo.cast import PASSWORD

    token = re.search(r'name="csrf_token" value="([^"]+)"', page.request.get("/login").text())
    assert token is not None
    typed: dict[str, str | float | bool] = {"csrf_token": token[1], "login": login, "password": PASSWORD}
    answer = page.request.post("/login", form=typed, headers={"Sec-Fetch-Site": "same-origin"}, max_redirects=0)
    assert "location" in answer.headers, answer.text()
    page.goto(answer.headers["location"])


def axe(page: Page, *, modes: tuple[str, ...] = ("light", "dark", "elder")) -> None:
    """Assert that axe-core finds nothing on the page as it stands, in each mode.

    Modes differ in colours and sizes only, so after the first one only rules about these are asked again. The script is
    evaluated through the debugger, which a page's Content-Security-Policy does not concern.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    looks = [(mode, place > 0) for place, mode in enumerate(modes)]
    found = page.evaluate(LOOK, [[look for look in looks if look[0] != "dark"], OF_STYLE])
    if "dark" in modes:
        page.emulate_media(color_scheme="dark")
        found += page.evaluate(LOOK, [[look for look in looks if look[0] == "dark"], OF_STYLE])
        page.emulate_media(color_scheme="light")
    assert not found, f"{page.url} {page.viewport_size}\n" + "\n".join(found)


def _watch(page: Page, live: Live, complaints: list[str]) -> None:
    def on_console(message: ConsoleMessage) -> None:
        # Chromium logs every such answer as an error; a refused form, or being asked to come again, is none.
        if message.type == "error" and not re.search("responded with a status of (4|503)", message.text):
            complaints.append(f"console on {page.url}: {message.text}")

    def on_request(request: Request) -> None:
        if not request.url.startswith((live.url, "data:", "blob:", "about:")):
            complaints.append(f"{page.url} asked another machine: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(f"exception on {page.url}: {error}"))
    page.on("request", on_request)
