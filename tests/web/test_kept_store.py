"""Many readers at once, and how much memory they may take."""

import threading
import tracemalloc
from typing import Any

import pytest
from flask import Flask

from portal.db import db
from portal.web import kept
from portal.web.kept import KeptPages
from portal.web.kept_store import Page, Store
from tests.applications import HOST, Client
from tests.conftest import new_client
from tests.giving import Giving
from tests.keeping import flask_requests, view
from tests.pages import words
from tests.volunteers import MONDAY


def test_many_threads_that_miss_a_page_make_it_once(app: Flask, giving: Giving) -> None:
    pages: list[bytes] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        pages.append(new_client(app).get("/funds/919").data)

    db.session.commit()
    with flask_requests(app) as asked:
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    assert len(pages) == 8
    assert len(set(pages)) == 1
    assert len(asked) == 1


def test_readers_and_a_writer_at_once_see_nothing_older_than_what_was_committed(app: Flask, giving: Giving) -> None:
    """Whoever asks after a commit sees it: 40 gifts of ¥1, and four readers all the while."""
    committed, wrong, done = [0], list[tuple[int, int]](), threading.Event()
    db.session.commit()

    def read() -> None:
        while not done.is_set():
            least = committed[0]
            text = words(new_client(app).get("/funds/919/donations"))
            count = int(text.split("共 ")[1].split(" ")[0]) if "共 " in text else 0
            if count < least:
                wrong.append((count, least))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(40):
        giving.gift(fen=100)
        committed[0] = number + 1
    done.set()
    for thread in threads:
        thread.join(timeout=30)
    assert wrong == []
    assert "共 40 笔" in words(view(app, "/funds/919/donations"))


def test_ten_thousand_addresses_take_no_more_than_the_store_may() -> None:
    store, stamp = Store(most=2_000_000), (1, MONDAY.date())
    tracemalloc.start()
    for number in range(10_000):
        page = Page(stamp, [("Content-Type", "text/html")], f"{number}".encode() * 3_000)
        store.put(("http", HOST, "", "/funds/919", f"q={number}", False, "zh", "standard"), page)
        assert store.size <= store.most
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 50 < len(store) < 200
    assert taken < 1.5 * store.most
    assert store.get(("http", HOST, "", "/funds/919", "q=9999", False, "zh", "standard"), stamp) is not None


def test_ten_thousand_queries_keep_the_layer_small(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def whole(_: object, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "9000")])
        return [b"x" * 9000]

    layer = KeptPages(app, app.extensions["portal_kept"]._versions, Store(most=300_000))
    monkeypatch.setattr(layer, "_inner", whole)
    for number in range(10_000):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": f"/verify/{number}", "wsgi.url_scheme": "http"}
        assert layer(environ, lambda *_: lambda _: None)
        assert layer.store.size <= 300_000
    assert layer._names_of.cache_info().currsize <= kept.PATHS_KNOWN


def test_the_page_longest_unseen_goes_first() -> None:
    store, stamp = Store(most=20_000), (1, MONDAY.date())
    for name in "abcd":
        store.put((name,), Page(stamp, [], b"x" * 100))
    assert store.get(("a",), stamp)
    store.put(("e",), Page(stamp, [], b"x" * 100))
    assert store.get(("a",), stamp)
    assert store.get(("b",), stamp) is None


def test_a_pressed_page_weighs_more_and_an_old_one_makes_room() -> None:
    store, stamp = Store(), (1, MONDAY.date())
    page = Page(stamp, [], bytes(range(256)) * 20)
    store.put(("a",), page)
    before = store.size
    page.press()
    store.put(("a",), page)
    assert store.size > before
    store.put(("a",), Page((2, MONDAY.date()), [], b""))
    assert store.get(("a",), stamp) is None
    assert (len(store), store.size < before) == (1, True)
    store.clear()
    assert (len(store), store.size) == (0, 0)


def test_without_a_version_pages_are_made_as_ever(
    app: Flask, giving: Giving, layer: KeptPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layer._versions, "now", lambda: None)
    with flask_requests(app) as asked:
        for _ in range(2):
            assert view(app, "/funds/919").status_code == 200
            assert new_client(app).head("/funds/919").data == b""
    assert len(asked) == 4
    assert len(layer.store) == 0


def test_a_client_of_the_tests_goes_through_the_layer(client: Client, layer: KeptPages) -> None:
    client.get("/funds")
    assert len(layer.store) == 1
