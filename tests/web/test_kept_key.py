"""What a kept page may depend on: nothing of one reader, nothing that the view does not read."""

import re
import time
from typing import Any

import pytest
from flask import Flask, request, session
from werkzeug.datastructures import ImmutableMultiDict

from portal import clock
from portal.db import db
from portal.public import SHOWN
from portal.settings import Settings
from portal.web import kept
from portal.web.access import kept_names
from portal.web.kept import KeptPages, canonical, choices
from portal.web.libs import is_fragment
from portal.web.preferences import language, mode
from tests.applications import HOST, application
from tests.conftest import new_client
from tests.engines import Engine
from tests.giving import Giving
from tests.keeping import HTMX, as_kept, flask_requests, view
from tests.pages import statements
from tests.volunteers import MONDAY, Cast

KEPT_BY_OTHERS = {
    "funds_tally": "funds_gift",
    "ledger_balance": "ledger_entry",
    "hours_claim": "hours_event",
    "hours_tally": "hours_event",
    "activities_tally": "activities_activity",
    "people_tally": "people_person",
}
"""Tables of which public pages show only what changes together with another: by a trigger, or as a guard demands."""


def test_what_public_pages_read_raises_the_version(app: Flask, addresses: list[str]) -> None:
    with statements(app) as sent:
        for address in addresses:
            assert view(app, f"{address}?q=王&method=bank&min=1").status_code == 200
    words_sent = {word for sql in sent for word in re.findall(r"\w+", sql)}
    read = words_sent & db.metadata.tables.keys()
    assert read - SHOWN - KEPT_BY_OTHERS.keys() - {"public_version"} == set()
    assert set(KEPT_BY_OTHERS.values()) <= SHOWN


def test_views_read_no_parameter_that_they_do_not_name(
    app: Flask, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: set[str] = set()

    class Spy(ImmutableMultiDict[str, str]):
        def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
            read.add(key)
            return super().get(key, *args, **kwargs)

        def getlist(self, key: str, *args: Any, **kwargs: Any) -> Any:
            raise AssertionError(f"of {key} only the first value reaches a kept page")

    monkeypatch.setattr(app.request_class, "parameter_storage_class", Spy)
    for address in addresses:
        read.clear()
        path = address.partition("?")[0]
        endpoint, _ = app.url_map.bind("").match(path)
        assert view(app, f"{address}?page=2").status_code == 200
        assert read <= (kept_names(app.view_functions[endpoint]) or set()), address


def test_a_signed_in_person_gets_and_leaves_the_same_page(app: Flask, addresses: list[str], people: Cast) -> None:
    signed_in = new_client(app).sign_in(people.lead)
    for address in addresses:
        app.extensions["portal_kept"].forget()
        with clock.frozen(MONDAY):
            hers = signed_in.get(address)
        others = view(app, address)
        assert hers.data == others.data
        for page in (hers, others):
            assert "Set-Cookie" not in page.headers
            assert "csrf_token" not in page.text
            assert "沈知秋" not in page.text


def test_a_view_that_looks_for_the_session_finds_none(
    app: Flask, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: dict[str, Any] = {}

    def nosy() -> str:
        found.update(session=dict(session), cookies=dict(request.cookies), args=dict(request.args), form=request.form)
        found.update(headers={name for name, _ in request.headers} - {"Host"})
        return "x"

    monkeypatch.setitem(app.view_functions, "home.index", as_kept(nosy))
    answer = new_client(app).sign_in(people.lead).get("/?who=me", headers={"User-Agent": "x", "Authorization": "y"})
    assert answer.text == "x"
    assert found == {
        "session": {},
        "cookies": {"lang": "zh", "mode": "standard"},
        "args": {},
        "form": {},
        "headers": {"Cookie"},
    }


@pytest.mark.parametrize(
    ("cookies", "lang", "size"),
    [
        ("lang=en; mode=elder", "en", "elder"),
        ("lang=en", "en", "standard"),
        ("mode=elder; lang=xx", "zh-CN", "elder"),
        ("lang=en; lang=zh", "en", "standard"),
        ('lang="en"; session=lang=zh', "en", "standard"),
        ("language=en; model=elder", "zh-CN", "standard"),
        ("lang=\xe9; mode=elder", "zh-CN", "elder"),
        ('lang="\xe9"; mode=elder', "zh-CN", "standard"),
        ("a=b lang=en; mode = elder ;lang", "zh-CN", "elder"),
        ("", "zh-CN", "standard"),
    ],
)
def test_language_and_mode_are_the_readers(app: Flask, cookies: str, lang: str, size: str) -> None:
    for _ in range(2):
        answer = app.test_client(use_cookies=False).get("/funds", headers={"Cookie": cookies})
        assert f'<html lang="{lang}" data-mode="{size}">' in answer.text
    if cookies.isascii():
        with app.test_request_context(headers={"Cookie": cookies}):
            assert choices(cookies) == (language(), mode())


@pytest.mark.parametrize("address", ["/funds", "/login"])
def test_a_cookie_full_of_gaps_is_read_quickly(app: Flask, address: str) -> None:
    cookies = "mode=elder; lang=" + " " * 20_000 + "x y; lang=en"
    began = time.thread_time()
    answer = app.test_client(use_cookies=False).get(address, headers={"Cookie": cookies})
    assert time.thread_time() - began < 1
    assert '<html lang="en" data-mode="elder">' in answer.text


@pytest.mark.parametrize("request_header", ["true", "True", "false", "", None])
@pytest.mark.parametrize("boosted", ["true", "false", None])
@pytest.mark.parametrize("restored", ["true", None])
def test_the_piece_goes_to_whom_flask_would_give_it(
    app: Flask, request_header: str | None, boosted: str | None, restored: str | None
) -> None:
    given = {"HX-Request": request_header, "HX-Boosted": boosted, "HX-History-Restore-Request": restored}
    headers = {name: value for name, value in given.items() if value is not None}
    with app.test_request_context("/funds", headers=headers):
        assert kept.asks_for_piece(request.environ) is is_fragment(request)


def test_piece_and_page_are_kept_apart(app: Flask, addresses: list[str]) -> None:
    whole, piece = view(app, "/funds/919/donations"), view(app, "/funds/919/donations", **HTMX)
    boosted = view(app, "/funds/919/donations", **HTMX, **{"HX-Boosted": "true"})
    with flask_requests(app) as asked:
        assert view(app, "/funds/919/donations", **HTMX).data == piece.data
        assert view(app, "/funds/919/donations").data == whole.data
    assert asked == []
    assert whole.text.startswith("<!doctype")
    assert not piece.text.startswith("<!doctype")
    assert boosted.data == whole.data
    assert piece.headers["HX-Push-Url"] == "/funds/919/donations"
    assert "HX-Request" in whole.headers["Vary"]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("b=2&a=1", "a=1&b=2"),
        ("a=1&a=2", "a=1"),
        ("a=&a=2", ""),
        ("a=&b=2", "b=2"),
        ("junk=1&a=1&fbclid=x", "a=1"),
        ("a=%E7%8E%8B+%26", "a=%E7%8E%8B+%26"),
        ("a=%ff", "a=%25FF"),
        ("&&=&a", ""),
    ],
)
def test_the_query_is_read_as_flask_reads_it(app: Flask, query: str, left: str) -> None:
    assert canonical(query, frozenset("ab")) == left
    with app.test_request_context(f"/?{query}"):
        first = {name: request.args[name] for name in "ab" if request.args.get(name)}
    with app.test_request_context(f"/?{left}"):
        assert {name: request.args[name] for name in "ab" if name in request.args} == first


def test_junk_in_the_address_is_no_other_page(app: Flask, giving: Giving, layer: KeptPages) -> None:
    view(app, "/funds/919?sort=amount")
    count = len(layer.store)
    with flask_requests(app) as asked:
        for number in range(20):
            assert "junk" not in view(app, f"/funds/919?junk{number}=1&sort=amount&q=&sort=-date").text
    assert (asked, len(layer.store)) == ([], count)


# ── hosts and schemes ───────────────────────────────────────────────────────────────────────────────
def test_a_host_that_is_not_ours_gets_no_kept_page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", [HOST])
    for _ in range(2):
        assert new_client(app).get("/funds").status_code == 200
        assert new_client(app).get("/funds", headers={"Host": "evil.example"}).status_code == 400


def test_what_a_known_proxy_says_of_the_scheme_counts(engine: Engine, app: Flask) -> None:
    settings: Settings = app.extensions["portal_settings"]
    behind = application(engine, settings.instance, PORTAL_PROXIES="1")
    for _ in range(2):
        secure = new_client(behind).get("/funds", headers={"X-Forwarded-Proto": "https"})
        assert "Strict-Transport-Security" in secure.headers
        assert "Strict-Transport-Security" not in new_client(behind).get("/funds").headers
        # Nobody else may say it.
        assert "Strict-Transport-Security" not in view(app, "/funds", **{"X-Forwarded-Proto": "https"}).headers
