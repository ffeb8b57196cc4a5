"""Kept public pages: always right, and answered without Flask."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, Response, make_response, session

from portal import clock, public
from portal.activities.actions import close_activity
from portal.db import db
from portal.hours.actions import approve_claim
from portal.receipts.donors import agree_to_public_name, withdraw_from_public
from portal.web.access import kept_names
from portal.web.kept import KeptPages
from tests import factories
from tests.conftest import new_client
from tests.giving import Giving
from tests.keeping import as_kept, flask_requests, headers, view
from tests.pages import statements, words
from tests.volunteers import MONDAY, SUNDAY, Cast, claimed, published


def test_a_page_seen_before_is_answered_without_flask(app: Flask, addresses: list[str]) -> None:
    first = [view(app, address) for address in addresses]
    with flask_requests(app) as asked, statements(app) as sent:
        # `statements` begins with nothing kept: the second view is a first one again.
        again = [view(app, address) for address in addresses]
        assert len(asked) == len(addresses)
        asked.clear()
        sent.clear()
        third = [view(app, address) for address in addresses]
    assert (asked, sent) == ([], [])
    assert [page.status_code for page in third] == [200] * len(addresses)
    assert [page.data for page in third] == [page.data for page in first] == [page.data for page in again]
    assert [headers(page) for page in third] == [headers(page) for page in first]


def test_every_public_page_that_is_no_file_is_kept(app: Flask) -> None:
    """Whoever adds one decides: `kept` with what it reads, or here."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    views = {rule.rule: app.view_functions[rule.endpoint] for rule in rules}
    unkept = {rule for rule, view in views.items() if getattr(view, "is_public", False) and kept_names(view) is None}
    ends = (".json", ".csv")
    files = {rule for rule in unkept if "kind" in rule or rule.endswith(ends) or "/logos/" in rule or "/log/" in rule}
    # What a donor shares is opened by the chance in its address: such a page is not to lie in anyone's memory.
    assert unkept - files <= {"/healthz", "/readyz", "/metrics", "/shared/<number>/<key>"}


@pytest.mark.parametrize("what", ["gift", "consent", "withdrawn", "spending", "void", "published", "closed", "hours"])
def test_the_next_view_after_a_change_is_right(app: Flask, giving: Giving, people: Cast, what: str) -> None:
    receipt = giving.gift("王建国", 140_950, public_name=None if what == "consent" else "海宁王女士")
    activity = published(people)
    this_morning = published(people, "晨扫", starts_at=MONDAY - timedelta(hours=4), minutes=60)
    claim = claimed(people.member, activity)
    by_donor: dict[str, Any] = {"by": None, "at": MONDAY}
    changes: dict[str, tuple[str, str, Callable[[], object], str]] = {
        "gift": ("/funds/919", "¥1,409.50", lambda: giving.gift(fen=50), "¥1,410.00"),
        "consent": ("/", "爱心人士", lambda: agree_to_public_name(receipt, "林先生", **by_donor), "林先生"),
        "withdrawn": ("/", "海宁王女士", lambda: withdraw_from_public(receipt, **by_donor), "爱心人士"),
        "spending": ("/funds/919/spending", "还没有支出", lambda: giving.spend(900, "油费"), "油费"),
        "void": (
            f"/verify/{receipt.number}",
            "真的，有效",
            lambda: giving.void(receipt, "抬头写错", at=MONDAY),
            "已作废",
        ),
        "published": ("/activities", "文明海宁", lambda: published(people, "爱心教室"), "爱心教室"),
        "closed": (
            "/activities",
            "接下来有 1 场活动",
            lambda: close_activity(this_morning, seen=this_morning.seq, by=people.leader, at=MONDAY),
            "近期没有安排活动",
        ),
        "hours": ("/", "0 小时", lambda: approve_claim(claim, seen=claim.seq, by=people.lead, at=MONDAY), "3 小时"),
    }
    address, before, change, after = changes[what]
    db.session.commit()
    for _ in range(2):
        seen = words(view(app, address))
        assert before in seen
        assert after not in seen
    change()
    db.session.commit()
    assert after in words(view(app, address))


def test_without_the_raising_the_stale_page_would_be_seen(
    app: Flask, giving: Giving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    assert "还没有支出" in words(view(app, "/funds/919/spending"))
    with monkeypatch.context() as patch:
        patch.setattr(public, "SHOWN", set())
        giving.gift(fen=50_000)
        giving.spend(900, "油费")
    assert "油费" not in words(view(app, "/funds/919/spending"))
    giving.gift(fen=1)
    assert "油费" in words(view(app, "/funds/919/spending"))


def test_a_new_organisation_and_a_new_volunteer_are_counted(app: Flask, people: Cast) -> None:
    assert "1 家社会组织、1 支服务队、7 名志愿者" in words(view(app, "/"))
    factories.team("蓝天队", of=factories.organisation("蓝天社会组织"))
    factories.person("新来的")
    db.session.commit()
    assert "2 家社会组织、2 支服务队、8 名志愿者" in words(view(app, "/"))


def test_another_day_is_another_page(app: Flask, people: Cast) -> None:
    published(people, starts_at=SUNDAY + timedelta(days=1))
    db.session.commit()
    pages = []
    for days in (0, 1, 0):
        with clock.frozen(MONDAY + timedelta(days=days)):
            pages.append(words(new_client(app).get("/")))
    assert pages[0] == pages[2] != pages[1]


def test_no_kept_page_knows_the_hour(app: Flask, addresses: list[str], layer: KeptPages) -> None:
    for address in addresses:
        seen = set()
        for hour in (0, 9, 12, 23):
            layer.forget()
            with clock.frozen(MONDAY.replace(hour=hour, minute=59)):
                seen.add(new_client(app).get(address).data)
        assert len(seen) == 1, address


def test_a_waiting_claim_throws_nothing_away(app: Flask, people: Cast) -> None:
    activity = published(people)
    db.session.commit()
    view(app, "/")
    claimed(people.member, activity)
    db.session.commit()
    with flask_requests(app) as asked:
        view(app, "/")
    assert asked == []


# ── what is not kept ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "answer",
    [
        lambda: make_response("not found", 404),
        lambda: Response("x", headers={"Set-Cookie": "a=b"}),
        lambda: Response("x", headers={"Cache-Control": "no-store"}),
        lambda: Response("x", headers={"Vary": "Cookie"}),
        lambda: Response(part for part in ("a", "b")),
        lambda: Response(b"x" * 5_000_000),
        lambda: str(session.get("anything", "nobody")),
    ],
)
def test_what_is_personal_streamed_huge_or_no_page_is_not_kept(
    app: Flask, layer: KeptPages, monkeypatch: pytest.MonkeyPatch, answer: Callable[[], Any]
) -> None:
    monkeypatch.setitem(app.view_functions, "home.index", as_kept(answer))
    with flask_requests(app) as asked:
        for _ in range(2):
            assert new_client(app).get("/").data
    assert len(asked) == 2
    assert len(layer.store) == 0


@pytest.mark.parametrize(
    "address", ["/login", "/funds/no-such-fund", "/funds/919/donations.csv", "/no-such-page", "/me"]
)
def test_other_pages_go_to_flask(app: Flask, giving: Giving, layer: KeptPages, address: str) -> None:
    with flask_requests(app) as asked:
        for _ in range(2):
            assert "ETag" not in view(app, address).headers
    assert len(asked) == 2
    assert len(layer.store) == 0


def test_forms_go_to_flask(app: Flask, giving: Giving) -> None:
    view(app, "/verify")
    assert new_client(app).post("/verify", data={"number": "nonsense"}).status_code == 422
    assert new_client(app).open("/verify", method="OPTIONS").headers["Allow"]


def test_an_error_while_a_page_is_made_stops_nobody_else(
    app: Flask, giving: Giving, layer: KeptPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Any:
        raise ZeroDivisionError

    started = time.monotonic()
    with monkeypatch.context() as patch:
        patch.setattr(layer, "_inner", broken)
        with pytest.raises(ZeroDivisionError):
            view(app, "/funds")
    with monkeypatch.context() as patch:
        patch.setitem(app.view_functions, "funds.index", as_kept(broken))
        assert view(app, "/funds").status_code == 500
    assert view(app, "/funds").status_code == 200
    assert time.monotonic() - started < 5, "somebody waited for a page that will not come"
