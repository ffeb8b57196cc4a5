"""Rates: what is expensive or guessable has its share by address and by account; nobody is ever locked out."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask

from portal import clock
from portal.clock import CHINA
from portal.settings import Settings, SettingsError
from portal.web import rates
from portal.web.rate_counters import MOST_BUCKETS, Counter, InDatabase, InMemory, InRedis, redis_step
from tests.applications import Client, environment
from tests.conftest import new_client
from tests.engines import Engine
from tests.live import free_port
from tests.required import program
from tests.volunteers import Cast

AT = datetime(2026, 11, 20, 9, tzinfo=CHINA)
SPAN = timedelta(minutes=5)


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of this module's own, which writes nothing to the disk."""
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    options = ("--bind", "127.0.0.1", "--save", "", "--dir", str(folder))
    server = subprocess.Popen(
        [program("redis-server", called="Redis"), "--port", str(port), *options], stdout=subprocess.DEVNULL
    )
    try:
        url = f"redis://127.0.0.1:{port}/0"
        _wait(url)
        yield url
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(folder)


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            redis_step(url)("ping", 1)
        except Exception:
            time.sleep(0.02)
        else:
            return
    pytest.fail("Redis does not answer")


@pytest.fixture(params=["memory", "database", "redis"])
def counter(request: pytest.FixtureRequest, session: object) -> Counter:
    """Each place where counts may lie; the database on both engines."""
    if request.param == "redis":
        return InRedis(redis_step(request.getfixturevalue("redis_url")), InMemory())
    return InDatabase() if request.param == "database" else InMemory()


def test_each_place_counts_and_begins_anew(counter: Counter, request: pytest.FixtureRequest) -> None:
    bucket, span = request.node.name, timedelta(seconds=0.2)
    counts = [counter.add(bucket, within=span, at=AT) for _ in range(3)]
    assert [count for count, _ in counts] == [1, 2, 3]
    assert all(AT < ends_at <= AT + span for _, ends_at in counts)
    assert counter.add(f"{bucket} of another", within=span, at=AT)[0] == 1
    if isinstance(counter, InRedis):
        time.sleep(0.25)
    assert counter.add(bucket, within=span, at=AT + span)[0] == 1


def test_what_comes_meanwhile_makes_no_window_longer(counter: Counter, request: pytest.FixtureRequest) -> None:
    first = counter.add(request.node.name, within=SPAN, at=AT)[1]
    last = counter.add(request.node.name, within=SPAN, at=AT)[1]
    assert last <= first


def test_a_full_memory_forgets_what_is_over_first() -> None:
    memory = InMemory()
    memory.add("standing", within=timedelta(days=1), at=AT)
    for number in range(MOST_BUCKETS - 1):
        memory.add(str(number), within=SPAN, at=AT)
    memory.add("one more", within=SPAN, at=AT + SPAN)
    assert memory.add("standing", within=timedelta(days=1), at=AT + SPAN)[0] == 2


def test_redis_away_lets_each_process_count_for_itself(caplog: pytest.LogCaptureFixture) -> None:
    away = InRedis(redis_step(f"redis://127.0.0.1:{free_port()}/0"), InMemory())
    assert [away.add("a", within=SPAN, at=AT)[0] for _ in range(2)] == [1, 2]
    assert "Redis does not answer" in caplog.text


# ── requests ────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def narrow(app: Flask) -> Iterator[Flask]:
    """Three of each kind from an address, two from an account."""
    kinds = (rates.GUESSES, rates.EXPORTS, rates.SEARCHES)
    wide = [(rate, rate.an_address, rate.an_account) for rate in kinds]
    for rate in kinds:
        _let_through(rate, 3, 2)
    yield app
    for rate, an_address, an_account in wide:
        _let_through(rate, an_address, an_account)


def _let_through(rate: rates.Rate, an_address: int, an_account: int) -> None:
    """Views hold the rate itself, which nothing but a test ever changes."""
    object.__setattr__(rate, "an_address", an_address)
    object.__setattr__(rate, "an_account", an_account)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    kept = [(rate, rate.an_address, rate.an_account) for rate in (rates.GUESSES, rates.EXPORTS, rates.SEARCHES)]
    yield
    for rate, an_address, an_account in kept:
        object.__setattr__(rate, "an_address", an_address)
        object.__setattr__(rate, "an_account", an_account)


def test_too_much_is_answered_429_with_a_time_and_a_sentence(narrow: Flask, client: Client) -> None:
    data = {"login": "x", "password": ""}
    with clock.frozen(AT):
        statuses = [client.post("/login", data=data).status_code for _ in range(4)]
        answer = client.post("/login", data=data)
    assert statuses == [422, 422, 422, 429]
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")
    assert "请 10 分钟后再试" in answer.text
    assert answer.headers["Content-Security-Policy"]


def test_the_span_over_all_is_open_again_and_another_address_never_was_shut(narrow: Flask, client: Client) -> None:
    with clock.frozen(AT):
        for _ in range(9):
            client.post("/verify", data={"number": "x"})
        assert client.post("/verify", data={"number": "x"}).status_code == 429
        elsewhere = client.post("/verify", data={"number": "x"}, environ_base={"REMOTE_ADDR": "192.0.2.9"})
        assert elsewhere.status_code != 429
    with clock.frozen(AT + timedelta(minutes=10)):
        assert client.post("/verify", data={"number": "x"}).status_code != 429


def test_an_account_has_its_share_wherever_it_is(narrow: Flask, cast: Cast) -> None:
    client = new_client(narrow).sign_in(cast.supervisor)
    places = [{"REMOTE_ADDR": f"192.0.2.{number}"} for number in range(3)]
    with clock.frozen(AT):
        assert [client.get("/audit.csv", environ_base=place).status_code for place in places] == [200, 200, 429]


def test_a_kept_page_is_free_and_a_list_without_a_search_is_too(narrow: Flask, client: Client) -> None:
    with clock.frozen(AT):
        assert {client.get("/activities?q=教室").status_code for _ in range(9)} == {200}
        assert {client.get(f"/activities?page={number}").status_code for number in range(9)} == {200}
        assert [client.get(f"/activities?q={number}").status_code for number in range(4)] == [200, 200, 429, 429]


def test_only_what_carries_a_file_is_an_upload(app: Flask) -> None:
    """A whole hall logs its hours behind one address."""
    view = app.view_functions["hours.enter"]
    assert getattr(view, "rate", None) is rates.UPLOADS
    with app.test_request_context("/hours/new", method="POST", data={"place": "东门" * 500}):
        assert not rates._counts(rates.UPLOADS)
    with app.test_request_context("/hours/new", method="POST", data={"photo": (BytesIO(b"\0" * 20_000), "a.jpg")}):
        assert rates._counts(rates.UPLOADS)


def test_counts_name_no_address(narrow: Flask, client: Client) -> None:
    client.post("/verify", data={"number": "x"}, environ_base={"REMOTE_ADDR": "192.0.2.77"})
    buckets = narrow.extensions["portal_rates"]._windows
    assert buckets
    assert "192.0.2" not in str(buckets)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"PORTAL_RATES": "disk"}, "memory"),
        ({"PORTAL_RATES": "redis"}, "REDIS_URL"),
        ({"PORTAL_RATES": "redis", "REDIS_URL": "http://x"}, "REDIS_URL"),
    ],
)
def test_a_wrong_setting_is_named(engine: Engine, tmp_path: Path, given: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        Settings.from_environment(environment(engine, tmp_path) | given)
