"""Somebody of each role follows every link and sends every form on a copy full of secrets: 0 leaks, 0 crashes.

In `make test` on the small demo data; `make soak` does it on ten years of them (PORTAL_CRAWL=full).
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.people.models import Person
from tests.live import portal
from tests.site.access_table import ROLES, TABLE
from tests.site.conftest import undoing
from tests.site.crawling import Crawl, keys_in, secrets_in
from tests.site.planting import Planted, keys, plant, unclassified
from tests.site.private import PRIVATE, SHOWN_ON
from tests.site.records import Examples
from tests.site.seeing import World, world

IS_FULL = os.environ.get("PORTAL_CRAWL") == "full"


@dataclass
class Findings:
    """What the answers to one role held that they must not hold."""

    planted: dict[str, Planted]
    keys: set[str]
    world: World
    wrong: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def look(self, crawl: Crawl, address: str, answer: TestResponse) -> None:
        say = self.wrong.append
        if answer.status_code >= 500 and not (address == "/readyz" and answer.status_code == 503):
            say(f"{address}: {answer.status_code}")
        if "Content-Security-Policy" not in answer.headers or "X-Content-Type-Options" not in answer.headers:
            say(f"{address}: without its headers")
        if crawl.is_public(address) and "session=" in (answer.headers.get("Set-Cookie") or ""):
            say(f"{address}: a cookie on a public page")
        for key in keys_in(answer) & self.keys:
            say(f"{address}: the key {key[:12]}…")
        for secret in secrets_in(answer) & self.planted.keys():
            self._judge(crawl, address, self.planted[secret])

    def _judge(self, crawl: Crawl, address: str, found: Planted) -> None:
        self.seen.add(f"{found.table}.{found.column}")
        is_meant = PRIVATE[found.table][found.column](self.world, crawl.role, found.row)
        if not is_meant and crawl.endpoint(address) not in SHOWN_ON.get(f"{found.table}.{found.column}", ()):
            self.wrong.append(f"{address}: {found}")


@pytest.fixture(scope="module")
def demo_copy(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("crawl") / "instance"
    if IS_FULL:
        portal("demo", "--scale", "full", instance=copy)
    else:
        shutil.copytree(demo_data, copy)
    return copy


@pytest.fixture(scope="module")
def planted(demo_app: Flask, houses: dict[str, Examples]) -> Findings:
    """The copy with a secret in each private text; what is found is compared with this."""
    with demo_app.app_context():
        lies = world()
        return Findings(plant(), keys(), lies)


@pytest.fixture(scope="module")
def put_back(demo_app: Flask, planted: Findings) -> Callable[[], None]:
    """Ten years of data are copied by nobody: there, forms leave what they did."""
    return (lambda: None) if IS_FULL else undoing(demo_app)


def test_every_column_of_text_is_open_or_private() -> None:
    assert unclassified() == []


@pytest.mark.timeout(7200 if IS_FULL else 900)
def test_nobody_sees_what_is_not_for_them(
    demo_app: Flask,
    people: dict[str, Person],
    houses: dict[str, Examples],
    planted: Findings,
    put_back: Callable[[], None],
) -> None:
    wrong: dict[str, list[str]] = {}
    hostile: set[str] = set()
    for role in ROLES:
        found = Findings(planted.planted, planted.keys, planted.world)
        crawl = Crawl(demo_app, role, people.get(role), found.look, put_back, hostile)
        crawl.go(beginnings(houses))
        wrong |= {role: sorted(set(found.wrong))} if found.wrong else {}
        assert len(crawl.opened) > 40, role
    assert wrong == {}
    assert len(hostile) > 30


@pytest.mark.parametrize("status", [200, 500])
def test_the_look_would_notice(demo_app: Flask, planted: Findings, status: int) -> None:
    """A control: a donor's name on a public page, in a header, an error, a missing policy, a key."""
    secret = next(name for name, lies in planted.planted.items() if (lies.table, lies.column) == ("funds_gift", "memo"))
    found = Findings(planted.planted, planted.keys, planted.world)
    crawl = Crawl(demo_app, "volunteer", None, found.look, lambda: None, set())
    body = f"<p>{secret}</p> {next(iter(planted.keys))}"
    answer = demo_app.response_class(body, status, {"X-Note": secret, "Set-Cookie": "session=a"}, mimetype="text/html")
    asked = crawl.client.get("/").request
    found.look(crawl, "/", TestResponse([answer.get_data()], str(status), answer.headers, asked))
    assert any("funds_gift.memo" in words for words in found.wrong)
    assert any("the key" in words for words in found.wrong)
    assert any("without its headers" in words for words in found.wrong)
    assert any("a cookie on a public page" in words for words in found.wrong)
    assert any(words.endswith(": 500") for words in found.wrong) is (status == 500)


def beginnings(houses: dict[str, Examples]) -> list[str]:
    """The first page, one's own, and every other page as it is and about everybody's records."""
    pages = []
    for route in TABLE:
        if route.startswith("GET "):
            for examples in houses.values():
                address = route.removeprefix("GET ")
                for variable, value in examples.items():
                    address = address.replace(variable, value)
                pages.append(address)
    return [*dict.fromkeys(pages), "/me", "/"]
