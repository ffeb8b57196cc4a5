"""Fixtures for all tests. A test that asks for `app`, `client` or `session` runs on SQLite and on PostgreSQL."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy.session import Session
from hypothesis import settings
from sqlalchemy.orm import scoped_session

from portal import clock
from portal.db import db
from portal.web.rate_counters import InMemory
from tests import network, places, postgres, volunteers
from tests.applications import Client, application, migrate
from tests.engines import ENGINES, Engine, empty
from tests.giving import Giving, opened
from tests.required import left_out
from tests.scenes import Scenes
from tests.volunteers import MONDAY, Cast

pytest_plugins = ["tests.browsers"]

LONG = (
    "tests/site/test_crawl.py",
    "tests/faults/",
    "tests/lists/test_import_real_files.py",
    "tests/receipts/test_killed_imports.py",
    "tests/site/test_readme.py",
    "tests/browser/test_long_list.py",
    "tests/demo/",
)
"""Begun first: were one of them begun last, the other processor would have nothing to do meanwhile."""

# The machine may be busy with another worker: time is pytest-timeout's business.
settings.register_profile("portal", deadline=None, print_blob=True)
settings.load_profile("portal")

SERVER = pytest.StashKey[postgres.Server]()
FILES = pytest.StashKey[Path]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    # Whoever names a folder wants to look at the files afterwards.
    if not config.option.basetemp and (files := places.for_files()):
        config.stash[FILES] = files
        config.option.basetemp = str(files / "pytest")
    server = postgres.start()
    os.environ[postgres.VARIABLE] = str(server.folder) if server else ""
    if server:
        config.stash[SERVER] = server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """Whatever is there now stays to the end: looking it through for rubbish again and again takes a few per cent."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_unconfigure(config: pytest.Config) -> None:
    if server := config.stash.get(SERVER, None):
        server.stop()
    if files := config.stash.get(FILES, None):
        shutil.rmtree(files, ignore_errors=True)


def pytest_report_header() -> str:
    return "databases: SQLite and " + ("PostgreSQL" if postgres.folder_of_server() else "no PostgreSQL (not installed)")


@pytest.fixture(autouse=True, scope="session")
def closed_network() -> Iterator[None]:
    with network.closed():
        yield


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """A name for this process among xdist's workers."""
    workerinput = getattr(request.config, "workerinput", None)
    return str(workerinput["workerid"]) if workerinput else "main"


@pytest.fixture(scope="session")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for this process's files."""
    return tmp_path_factory.mktemp("portal")


@pytest.fixture(scope="session")
def applications(worker: str, memory: Path) -> Callable[[str], tuple[Flask, Engine]]:
    """The application and database of an engine, made when first asked for."""
    made: dict[str, tuple[Flask, Engine]] = {}

    def for_engine(name: str) -> tuple[Flask, Engine]:
        if name not in made:
            engine = empty(name, memory, f"{worker}_{name}")
            app = application(engine, memory / name)
            migrate(app)
            engine.keep()
            made[name] = app, engine
        return made[name]

    return for_engine


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each engine in turn; `@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)` takes one."""
    name = str(request.param)
    if name == "postgresql" and not postgres.folder_of_server():
        left_out("PostgreSQL")
    return name


@pytest.fixture
def engine(engine_name: str, applications: Callable[[str], tuple[Flask, Engine]]) -> Iterator[Engine]:
    """The database below `app`, put back as it was after the test; pages and counts of the test's own are forgotten."""
    app, engine = applications(engine_name)
    yield engine
    engine.restore()
    app.extensions["portal_kept"].forget()
    app.extensions["portal_rates"] = InMemory()


@pytest.fixture
def app(engine: Engine, applications: Callable[[str], tuple[Flask, Engine]]) -> Flask:
    """The portal on a migrated database, which is put back as it was after the test. Commits are real."""
    return applications(engine.name)[0]


@pytest.fixture
def session(app: Flask) -> Iterator[scoped_session[Session]]:
    """The portal's own session `db.session` in an application context. A request by `client` commits it first."""
    with app.app_context():
        yield db.session
        db.session.rollback()


@pytest.fixture
def scenes(session: scoped_session[Session], engine: Engine, all_scenes: dict[str, Scenes]) -> Scenes:
    """What the test's database keeps of scenes that many tests begin with."""
    return all_scenes.setdefault(engine.name, Scenes(engine)).begin()


@pytest.fixture(scope="session")
def all_scenes() -> dict[str, Scenes]:
    """By engine."""
    return {}


@pytest.fixture
def giving(scenes: Scenes) -> Giving:
    """An empty fund `919` with its cashier and accountant."""
    return scenes("giving", opened)


@pytest.fixture
def people(scenes: Scenes) -> Cast:
    """An organisation with its team, and who is who in it."""
    return scenes("people", volunteers.cast)


@pytest.fixture
def cast(people: Cast) -> Iterator[Cast]:
    """The same on a Monday morning."""
    with clock.frozen(MONDAY):
        yield people


@pytest.fixture
def client(app: Flask) -> Client:
    """A browser without JavaScript that nobody is signed in with; CSRF tokens are not asked for."""
    return new_client(app)


@pytest.fixture
def cashier(client: Client, giving: Giving) -> Client:
    """The fund's cashier, signed in."""
    return client.sign_in(giving.cashier)


@pytest.fixture
def accountant(app: Flask, giving: Giving) -> Client:
    """The fund's accountant, signed in in a browser of her own."""
    return new_client(app).sign_in(giving.accountant)


@pytest.fixture
def strict_client(app: Flask) -> Iterator[Client]:
    """A client of which CSRF tokens are asked."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield new_client(app)
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def empty_engine(engine_name: str, worker: str, tmp_path: Path) -> Engine:
    """A database of this test's own without tables, for tests of migrations and commands."""
    return empty(engine_name, tmp_path, f"{worker}_empty")


def new_client(app: Flask) -> Client:
    """One more browser, for a second person."""
    client = app.test_client()
    assert isinstance(client, Client)
    return client
