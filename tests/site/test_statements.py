"""How many statements a page may take, whole and as the piece that htmx asks for. Public pages: at most six."""

import pytest
from flask import Flask
from sqlalchemy.orm import scoped_session

from portal import clock
from portal.db import PortalSession, db
from portal.funds import public_gifts
from portal.hours.actions import approve_claim, return_claim
from portal.orgs.queries import teams_of
from portal.people.models import Person
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import person
from tests.giving import Giving
from tests.importing import booked, newest
from tests.pages import statements
from tests.volunteers import MONDAY, Cast, cast, claimed, drafted, published

HTMX = {"HX-Request": "true"}
MOST_OF_A_PUBLIC_PAGE = 6

PUBLIC = [
    # address, whole, piece
    ("/", 5, 5),
    ("/funds", 2, 2),
    ("/organisations", 3, 3),
    ("/organisations?q=星火", 3, 3),
    ("/funds/919", 5, 3),
    ("/funds/919?q=王伟", 6, 4),
    ("/funds/919?page=2&min=0.05", 5, 3),
    ("/funds/919/donations", 3, 3),
    ("/funds/919/donations?page=3", 3, 3),
    ("/funds/919/donations?page=3&sort=-amount", 3, 3),
    ("/funds/919/donations?q=王伟", 4, 4),
    ("/funds/919/donations?q=王", 4, 4),
    ("/funds/919/donations?from=2026-11-02&to=2026-11-20&method=bank", 3, 3),
    ("/funds/919/donations?min=0.03&max=0.44", 3, 3),
    ("/funds/919/donations?min=0.03&from=2026-11-02", 3, 3),
    ("/funds/919/spending", 3, 3),
    ("/funds/919/spending?q=油费", 4, 4),
    ("/funds/919/spending/1120-01", 6, 6),
    ("/books", 4, 4),
    ("/books/balances.json", 5, 5),
    ("/books/feed.atom", 2, 2),
    ("/activities", 3, 3),
    ("/activities?page=2", 3, 3),
    ("/activities?q=教室", 5, 5),
    ("/activities?from=2026-11-01", 3, 3),
    ("/verify", 0, 0),
    ("/log", 3, 3),
    ("/log/checkpoint", 2, 2),
    ("/log/key", 2, 2),
    ("/log/tile/0/000.p/9", 2, 2),
    ("/log/tile/entries/000.p/9", 6, 6),
]

SIGNED_IN = [
    # address, who, whole, piece
    ("/me", "member", 6, 6),
    ("/me", "lead", 10, 10),
    ("/me", "cashier", 7, 7),
    ("/organisations/manage", "lead", 4, 4),
    ("/hours", "member", 3, 3),
    ("/hours?q=教室", "member", 4, 4),
    ("/hours/queue", "lead", 6, 6),
    ("/hours/queue", "supervisor", 6, 6),
    ("/expenses", "cashier", 6, 6),
    ("/imports", "cashier", 3, 3),
    ("/imports/{list}", "cashier", 3, 3),
    ("/imports/{list}?q=王", "cashier", 4, 4),
    ("/activities/mine", "leader", 3, 3),
    ("/activities/review", "lead", 4, 4),
    ("/teams/{team}", "member", 10, 10),
    ("/teams/{team}", "leader", 10, 10),
    ("/teams", "member", 6, 6),
    ("/people/{person}", "leader", 10, 10),
    ("/applications", "lead", 7, 7),
    ("/rosters", "lead", 3, 3),
    ("/me/profile", "member", 13, 13),
    ("/me/data", "member", 72, 72),
    ("/find?q=志愿者", "lead", 8, 8),
    ("/find?q=zyz", "supervisor", 8, 8),
    ("/numbers", "lead", 9, 9),
    ("/numbers", "supervisor", 9, 9),
]


@pytest.fixture
def who(session: scoped_session[PortalSession], giving: Giving, monkeypatch: pytest.MonkeyPatch) -> dict[str, Person]:
    """Whoever looks at a portal with several pages of everything. Far pages begin at the third."""
    monkeypatch.setattr(public_gifts, "FAR", 50)
    with clock.frozen(MONDAY):
        people = cast()
        _service(people)
        _money(giving)
        db.session.commit()
    return {**people.__dict__, "cashier": giving.cashier, "accountant": giving.accountant}


def _service(people: Cast) -> None:
    activities = [published(people, f"爱心教室第{number}期") for number in range(30)]
    members = [people.member, people.other, *(person(f"志愿者{n}", teams=[people.team]) for n in range(4))]
    claims = [claimed(one, activity) for one in members for activity in activities[:10]]
    approve_claim(claims[0], seen=0, by=people.lead, at=MONDAY)
    return_claim(claims[1], "请补充地点", seen=0, by=people.lead, at=MONDAY)
    drafted(people, "还没写完的")


def _money(giving: Giving) -> None:
    rows = [f"2026-11-{1 + number % 20:02},王伟{number},{number + 1},," for number in range(30)]
    booked(giving, *rows)
    for number in range(60):
        giving.gift(public_name=f"王伟{number}", fen=number + 1, on=MONDAY.date().replace(day=1 + number % 15))
    for _number in range(3):
        giving.spend(1, "夜间搜寻油费")


def count(app: Flask, client: Client, address: str, **headers: str) -> list[str]:
    """The statements of the second visit: the first one may have things to learn once."""
    with clock.frozen(MONDAY):
        client.get(address, headers=headers)
        with statements(app) as seen:
            answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return seen


def test_public_pages_take_no_more_statements_than_they_may(app: Flask, client: Client, who: dict[str, Person]) -> None:
    taken = {address: (count(app, client, address), count(app, client, address, **HTMX)) for address, *_ in PUBLIC}
    _compare(taken, {address: (whole, piece) for address, whole, piece in PUBLIC})
    assert max(len(seen) for both in taken.values() for seen in both) <= MOST_OF_A_PUBLIC_PAGE


def test_signed_in_pages_take_no_more_statements_than_they_may(app: Flask, who: dict[str, Person]) -> None:
    member = who["member"]
    sample = {"list": newest().id, "team": teams_of(member)[0].slug, "person": member.id}
    taken, allowed = {}, {}
    for address, reader, whole, piece in SIGNED_IN:
        client, path = new_client(app).sign_in(who[reader]), address.format(**sample)
        key = f"{reader}: {path}"
        taken[key] = count(app, client, path), count(app, client, path, **HTMX)
        allowed[key] = whole, piece
    _compare(taken, allowed)


def _compare(taken: dict[str, tuple[list[str], list[str]]], allowed: dict[str, tuple[int, int]]) -> None:
    told = {key: (len(whole), len(piece)) for key, (whole, piece) in taken.items()}
    too_many = {key: (told[key], most) for key, most in allowed.items() if _is_more(told[key], most)}
    assert too_many == {}


def _is_more(taken: tuple[int, int], allowed: tuple[int, int]) -> bool:
    return taken[0] > allowed[0] or taken[1] > allowed[1]
