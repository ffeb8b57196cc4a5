"""How a kept page is answered: tags, 304, HEAD, compressed."""

import gzip

import pytest
from flask import Flask

from portal.db import db
from portal.web.kept import KeptPages, is_known, takes_gzip
from tests import factories
from tests.conftest import new_client
from tests.giving import Giving
from tests.keeping import headers, view


def test_who_has_the_page_is_told_so(app: Flask, addresses: list[str]) -> None:
    for address in addresses:
        page = view(app, address)
        tag = page.headers["ETag"]
        assert tag.startswith('"')
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            answer = view(app, address, **{"If-None-Match": known})
            assert (answer.status_code, answer.data) == (304, b"")
            assert answer.headers["ETag"] == tag
            assert answer.headers["Content-Security-Policy"] == page.headers["Content-Security-Policy"]
            assert "Content-Type" not in answer.headers
        assert view(app, address, **{"If-None-Match": '"other"'}).status_code == 200


def test_a_page_that_changed_is_sent_again(app: Flask, giving: Giving) -> None:
    tag = view(app, "/funds/919").headers["ETag"]
    factories.organisation("与基金无关")
    db.session.commit()
    assert view(app, "/funds/919", **{"If-None-Match": tag}).status_code == 304
    giving.gift(fen=100)
    assert view(app, "/funds/919", **{"If-None-Match": tag}).status_code == 200


def test_a_head_is_a_get_without_its_body(app: Flask, addresses: list[str], layer: KeptPages) -> None:
    for address in [*addresses, "/funds/no-such-fund"]:
        for _ in range(2):
            head = new_client(app).head(address)
            get = new_client(app).get(address)
            assert head.data == b""
            assert (head.status_code, headers(head)) == (get.status_code, headers(get))
            layer.forget()


def test_the_length_is_said_and_browsers_must_ask(app: Flask, giving: Giving) -> None:
    for _ in range(2):
        page = view(app, "/funds/919")
        assert int(page.headers["Content-Length"]) == len(page.data)
        assert page.headers["Cache-Control"] == "no-cache"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "same-origin"


def test_a_page_is_pressed_for_whom_it_may_be(app: Flask, giving: Giving) -> None:
    plain = view(app, "/funds/919")
    for _ in range(2):
        pressed = view(app, "/funds/919", **{"Accept-Encoding": "br, gzip"})
        assert pressed.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in pressed.headers["Vary"]
        assert int(pressed.headers["Content-Length"]) == len(pressed.data) < len(plain.data) / 2
        assert gzip.decompress(pressed.data) == plain.data
    assert pressed.headers["ETag"] != plain.headers["ETag"]
    known = {"If-None-Match": pressed.headers["ETag"]}
    assert view(app, "/funds/919", **known, **{"Accept-Encoding": "gzip"}).status_code == 304
    assert view(app, "/funds/919", **known).status_code == 200


@pytest.mark.parametrize(
    ("encodings", "taken"),
    [("gzip", True), ("br;q=1, GZIP ; q=0.5", True), ("gzip;q=0", False), ("gzip; q=0.00", False), ("br, *", False)],
)
def test_gzip_is_taken_by_whom_it_says(encodings: str, taken: bool) -> None:
    assert takes_gzip(encodings) is taken


def test_what_visitors_send_is_not_remembered_at_any_length(app: Flask, giving: Giving) -> None:
    before = takes_gzip.cache_info().currsize
    for n in range(3):
        answer = view(app, "/funds/919", **{"Accept-Encoding": f"gzip, {n}{'x' * 10_000}"})
        assert "Content-Encoding" not in answer.headers
    assert takes_gzip.cache_info().currsize == before


def test_tags_are_compared_whole() -> None:
    assert is_known('"a", W/"b"', '"b"')
    assert is_known(" * ", '"b"')
    assert not is_known('"ab"', '"b"')
    assert not is_known("b", '"b"')
