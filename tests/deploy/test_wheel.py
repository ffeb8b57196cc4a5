"""A wheel is all that a server needs: templates, front-end files, words and migrations are inside."""

import re
import tarfile
import tomllib
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener, urlopen
from zipfile import ZipFile

import pytest

from tests.deploy.wheels import built, installed, python, served, sources
from tests.live import ROOT

# The first building takes half a minute, more on a busy machine.
pytestmark = pytest.mark.timeout(400)

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')

RECEIPT = """
from portal.cli.application import application
from portal.db import db
from portal.receipts.codes import code_of
from portal.receipts.models import Receipt
from sqlalchemy import select
with application().app_context():
    receipt = db.session.scalars(select(Receipt).where(Receipt.voided_at.is_(None)).limit(1)).one()
    print(receipt.number, code_of(receipt))
"""


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Hundreds of megabytes, which are gone after these tests."""
    with TemporaryDirectory(prefix="portal-wheel-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def made(place: Path) -> tuple[Path, Path]:
    return built(sources(place / "source"), place / "dist")


@pytest.fixture(scope="module")
def wheel(made: tuple[Path, Path], place: Path) -> Path:
    return installed(made[1], place / "installed")


@pytest.fixture(scope="module")
def empty(place: Path) -> Path:
    folder = place / "empty"
    folder.mkdir()
    return folder


def test_building_writes_nothing_into_the_tree(made: tuple[Path, Path]) -> None:
    for name in ("dist", "build", "portal.egg-info"):
        assert not (ROOT / name / made[1].name).exists()


def test_the_version_stands_in_one_place(made: tuple[Path, Path], wheel: Path, empty: Path) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert [path.name for path in made] == [f"portal-{version}.tar.gz", f"portal-{version}-py3-none-any.whl"]
    asked = "from portal.backup.manifest import portal_version; print(portal_version())"
    assert python("-c", asked, cwd=empty, PYTHONPATH=str(wheel)) == f"{version}\n"
    told = [path for path in (ROOT / "portal").rglob("*.py") if f'"{version}"' in path.read_text()]
    assert told == []


def test_everything_a_page_needs_is_inside(made: tuple[Path, Path]) -> None:
    inside = set(ZipFile(made[1]).namelist())
    for folder in ("templates", "static", "migrations"):
        here = {path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts}
        assert {f"portal/_data/{path.relative_to(ROOT)}" for path in here} - inside == set()
    assert "portal/translations/en/LC_MESSAGES/messages.mo" in inside
    assert "portal/documents/fonts.conf" in inside


def test_nothing_private_is_inside(made: tuple[Path, Path]) -> None:
    with tarfile.open(made[0]) as sdist:
        names = [name.partition("/")[2] for name in sdist.getnames()]
    names += ZipFile(made[1]).namelist()
    for wrong in ("instance/", ".venv/", "node_modules/", ".git/", "portal/_data/instance", ".env/"):
        assert [name for name in names if name.startswith(wrong)] == []
    assert [name for name in names if name.endswith((".db", "_key.txt", ".backup", ".pyc"))] == []


def test_a_server_runs_from_an_empty_folder(wheel: Path, empty: Path) -> None:
    where = python("-c", "import portal; print(portal.__file__)", cwd=empty, PYTHONPATH=str(wheel))
    assert Path(where.strip()) == wheel / "portal" / "__init__.py"
    python("-m", "portal", "demo", cwd=empty, PYTHONPATH=str(wheel))
    number, code = python("-c", RECEIPT, cwd=empty, PYTHONPATH=str(wheel)).split()
    with served(wheel, empty) as live:
        url = live.url
        page = urlopen(f"{url}/funds").read().decode()
        assert "919爱心基金" in page
        vendor = urlopen(f"{url}/static/vendor/htmx.min.js")
        assert (vendor.status, b"htmx" in vendor.read()) == (200, True)
        browser = build_opener(HTTPCookieProcessor(CookieJar()))
        assert "Funds" in said(browser, f"{url}/preferences", lang="en", next="/funds")
        closed = browser.open(f"{url}/receipts/{number}").read().decode()
        said(browser, f"{url}/receipts/{number}", code=code, csrf_token=TOKEN.findall(closed)[0])
        pdf = browser.open(f"{url}/receipts/{number}/pdf")
        assert (pdf.headers["Content-Type"], pdf.read(5)) == ("application/pdf", b"%PDF-")
    assert "FAIL" not in python("-m", "portal", "check", cwd=empty, PYTHONPATH=str(wheel))


def said(browser: OpenerDirector, address: str, **fields: str) -> str:
    """The page that a form of the portal's own leads to."""
    request = Request(address, urlencode(fields).encode(), {"Sec-Fetch-Site": "same-origin"})
    return str(browser.open(request).read().decode())


def test_the_program_is_called_portal(made: tuple[Path, Path]) -> None:
    with ZipFile(made[1]) as inside:
        (points,) = (name for name in inside.namelist() if name.endswith("entry_points.txt"))
        assert "portal = portal.cli:main" in inside.read(points).decode()
