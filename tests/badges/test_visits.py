"""A member is in by card and PIN for a few minutes, does what is in the list, and nothing else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.accounts.models import Account, SignIn
from portal.audit import Via
from portal.audit.models import AuditLine
from portal.badges import bounds
from portal.badges.bounds import ALLOWED, INSTEAD
from portal.badges.models import Kiosk, Visit
from portal.db import db
from portal.hours.models import Claim
from portal.jobs.worker import work
from portal.orgs.models import Membership
from portal.people.actions import end_grant, grant
from portal.people.models import Person, Role
from portal.web.access import is_public_page
from tests import factories
from tests.applications import Client
from tests.badges.showing import PIN, badge_of, kiosk, show
from tests.conftest import new_client
from tests.pages import is_valid, words
from tests.volunteers import MONDAY, Cast, claimed, closed, lines, published

DENIED = "刷卡只能看自己的时长"

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""What is wrong with odd input is said before any database is asked."""


@pytest.fixture
def at_kiosk(client: Client, cast: Cast) -> Client:
    return kiosk(client, cast)


@pytest.fixture
def at_leader(client: Client, cast: Cast) -> Client:
    return client.sign_in(cast.leader)


def is_in(client: Client) -> bool:
    answer = client.get("/badges/visit")
    return answer.status_code == 200 and "您要办什么" in answer.text


# ── the way ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_member_logs_her_hours_at_a_kiosk_and_leaves(at_kiosk: Client, cast: Cast) -> None:
    activity, badge = published(cast), badge_of(cast.member, cast)
    desk = at_kiosk.get("/badges/desk")
    assert is_valid(desk)
    assert show(at_kiosk, badge) == 303
    assert is_valid(at_kiosk.get("/badges/visit"))
    assert activity.name in words(at_kiosk.get("/hours/new"))
    hours = {"activity": activity.id, "day": "2026-11-15", "start": "08:00", "hours": 3, "minutes": 0, "place": "广场"}
    assert at_kiosk.post("/hours/new", data={**hours, "key": "k1"}).status_code == 303
    claim = db.session.scalars(select(Claim)).one()
    assert (claim.person_id, claim.entered_by_id, claim.minutes) == (cast.member.id, cast.member.id, 180)
    assert at_kiosk.post("/badges/leave").headers["Location"] == "/badges/desk"
    assert "刷志愿者证" in words(at_kiosk.get("/badges/desk"))
    assert at_kiosk.get("/hours").status_code == 302


def test_every_line_of_a_visit_says_that_it_was_by_badge_and_where(at_leader: Client, cast: Cast) -> None:
    activity, badge = published(cast), badge_of(cast.member, cast)
    show(at_leader, badge)
    hours = {"activity": activity.id, "day": "2026-11-15", "start": "08:00", "hours": 3, "minutes": 0, "place": "广场"}
    at_leader.post("/hours/new", data={**hours, "key": "k2"})
    at_leader.post("/badges/leave")
    said = {line.action: line for line in db.session.scalars(select(AuditLine).where(AuditLine.via == Via.KIOSK.value))}
    assert {"badges.visit.began", "hours.claim.entered", "badges.visit.ended"} == said.keys()
    assert said["badges.visit.began"].detail == {"host": cast.leader.id}
    visit = db.session.scalars(select(Visit)).one()
    assert {line.sign_in_id for line in said.values()} == {visit.sign_in_id}
    assert {line.actor_id for line in said.values()} == {cast.member.id}


def test_leaving_gives_the_leader_her_own_session_back(at_leader: Client, cast: Cast) -> None:
    show(at_leader, badge_of(cast.member, cast))
    assert cast.member.name in words(at_leader.get("/badges/visit"))
    at_leader.post("/badges/leave")
    shown = words(at_leader.get("/me"))
    assert cast.leader.name in shown
    assert cast.member.name not in shown


def test_a_kiosk_holds_nothing_of_whoever_opened_it(at_kiosk: Client, cast: Cast) -> None:
    assert at_kiosk.get("/me").status_code == 302
    with at_kiosk.session_transaction(base_url="http://portal.test") as kept:
        assert set(kept) - {"_permanent", "_flashes", "csrf_token"} == {"kiosk"}
    assert db.session.scalars(select(SignIn).where(SignIn.person_id == cast.leader.id)).one().ended_at is not None


@pytest.mark.parametrize("typed", ["number", "spaced"])
def test_the_short_number_does_where_there_is_no_scanner(at_kiosk: Client, cast: Cast, typed: str) -> None:
    badge = badge_of(cast.member, cast)
    number = badge.number if typed == "number" else f"{badge.number[:4]} {badge.number[4:]}"
    assert show(at_kiosk, badge, card=number) == 303


# ── bounds ──────────────────────────────────────────────────────────────────────────────────────────
def _endpoints(app: Flask) -> dict[str, tuple[str, str]]:
    """Each endpoint with a method and an address; those of public pages are left out."""
    found = {}
    for rule in app.url_map.iter_rules():
        method = "GET" if "GET" in (rule.methods or set()) else "POST"
        address = rule.rule
        for argument in rule.arguments:
            address = _filled(address, argument)
        with app.test_request_context(address, method=method):
            if not is_public_page():
                found[rule.endpoint] = method, address
    return found


def _filled(address: str, argument: str) -> str:
    before, _, rest = address.partition("<")
    inside, _, after = rest.partition(">")
    value = "1" if inside.startswith("int:") else inside.partition("(")[2].partition(",")[0] or "a"
    return f"{before}{value}{after}"


def test_every_route_that_is_not_in_the_list_is_refused(app: Flask, at_kiosk: Client, cast: Cast) -> None:
    show(at_kiosk, badge_of(cast.member, cast))
    endpoints = _endpoints(app)
    assert endpoints.keys() >= ALLOWED | INSTEAD
    let_in = {}
    for endpoint, (method, address) in endpoints.items():
        if endpoint not in ALLOWED:
            answer = at_kiosk.open(address, method=method)
            refused = answer.status_code == 403 and DENIED in answer.text
            led_back = endpoint in INSTEAD and answer.headers.get("Location") == "/badges/visit"
            # The rooms of the first day are gone for everybody once the portal is set up.
            is_gone = endpoint.startswith("set_up.") and answer.status_code == 404
            if not (refused or led_back or is_gone):
                let_in[endpoint] = answer.status
    assert let_in == {}
    assert len(endpoints) > 60
    assert is_in(at_kiosk)


def test_every_other_method_of_such_a_route_is_refused_too(app: Flask, at_kiosk: Client, cast: Cast) -> None:
    show(at_kiosk, badge_of(cast.member, cast))
    for address in (
        "/me/account/password",
        "/badges/desk",
        "/login",
        "/reset",
        "/receipts",
        "/me/account/contacts/new",
    ):
        assert DENIED in at_kiosk.post(address, data={}).text


def test_without_the_list_a_visit_would_open_the_whole_account(
    at_kiosk: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(at_kiosk, badge_of(cast.member, cast))
    monkeypatch.setattr(bounds, "_refused", lambda: None)
    assert at_kiosk.get("/me/account").status_code == 200, "the harm that the list keeps away"


def test_a_leaders_badge_gives_none_of_her_rights(at_kiosk: Client, cast: Cast) -> None:
    claim = claimed(cast.member, closed(cast))
    show(at_kiosk, badge_of(cast.lead, cast))
    assert DENIED in at_kiosk.get("/hours/queue").text
    assert DENIED in at_kiosk.post(f"/hours/{claim.id}/approve", data={"seq": 0}).text
    assert DENIED in at_kiosk.get(f"/badges/teams/{cast.team.slug}").text


@pytest.mark.parametrize("who", ["leader", "reviewer", "supervisor"])
def test_by_badge_nobody_sees_anothers_hours_whatever_her_role(client: Client, cast: Cast, who: str) -> None:
    claim = claimed(cast.member, closed(cast))
    visitor: Person = getattr(cast, who)
    in_team(visitor, cast)
    assert client.sign_in(visitor).get(f"/hours/{claim.id}").status_code == 200, "what her own account shows"
    assert show(kiosk(client, cast), badge_of(visitor, cast)) == 303
    assert client.get(f"/hours/{claim.id}").status_code == 404
    assert client.get("/hours").status_code == 200


def test_who_owes_a_second_step_is_not_held_at_the_kiosk_by_it(at_kiosk: Client, cast: Cast) -> None:
    badge = badge_of(cast.member, cast)
    grant(cast.member, Role.WORKER, by=None, at=MONDAY, reason="新的社工")
    db.session.add(Account(person_id=cast.member.id, asked_at=MONDAY - timedelta(days=400)))
    show(at_kiosk, badge)
    assert is_in(at_kiosk)
    assert at_kiosk.post("/badges/leave").headers["Location"] == "/badges/desk"
    assert "刷志愿者证" in words(at_kiosk.get("/badges/desk"))


def in_team(person: Person, people: Cast) -> None:
    """A member of the team besides what she is otherwise."""
    already = select(Membership.id).where(Membership.person_id == person.id, Membership.team_id == people.team.id)
    if db.session.scalar(already) is None:
        db.session.add(Membership(person_id=person.id, team_id=people.team.id, joined_on=MONDAY.date()))


def test_somebody_elses_hours_stay_unknown(at_kiosk: Client, cast: Cast) -> None:
    claim = claimed(cast.other, closed(cast))
    show(at_kiosk, badge_of(cast.member, cast))
    assert at_kiosk.get(f"/hours/{claim.id}").status_code == 404


# ── time ────────────────────────────────────────────────────────────────────────────────────────────
def test_five_minutes_without_a_click_end_it(at_kiosk: Client, cast: Cast) -> None:
    show(at_kiosk, badge_of(cast.member, cast))
    with clock.frozen(MONDAY + timedelta(minutes=4, seconds=59)):
        assert at_kiosk.get("/hours").status_code == 200
    with clock.frozen(MONDAY + timedelta(minutes=9, seconds=59)):
        answer = at_kiosk.get("/hours")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/badges/desk")
        assert "时间到了" in words(at_kiosk.get("/badges/desk"))
        assert at_kiosk.get("/hours").status_code == 302
    assert db.session.scalars(select(Visit)).one().ended_at is not None


def test_ten_minutes_end_it_however_busy_she_is(at_leader: Client, cast: Cast) -> None:
    show(at_leader, badge_of(cast.member, cast))
    for minute in (3, 6, 9):
        with clock.frozen(MONDAY + timedelta(minutes=minute)):
            assert at_leader.get("/hours").status_code == 200
    with clock.frozen(MONDAY + timedelta(minutes=10)):
        assert at_leader.get("/hours").headers["Location"] == "/badges/desk"
        assert cast.leader.name in words(at_leader.get("/me"))


def test_the_browser_goes_on_by_itself_when_she_walks_away(at_kiosk: Client, cast: Cast) -> None:
    show(at_kiosk, badge_of(cast.member, cast))
    answer = at_kiosk.get("/hours")
    assert answer.headers["Refresh"] == "301; url=/badges/visit"
    assert answer.headers["Cache-Control"] == "no-store"
    with clock.frozen(MONDAY + timedelta(minutes=4)):
        at_kiosk.get("/hours")
    with clock.frozen(MONDAY + timedelta(minutes=8)):
        assert at_kiosk.get("/hours").headers["Refresh"] == "121; url=/badges/visit"
    at_kiosk.post("/badges/leave")
    assert "Refresh" not in at_kiosk.get("/badges/desk").headers


def test_a_copied_cookie_is_worth_nothing_after_ten_minutes(app: Flask, at_kiosk: Client, cast: Cast) -> None:
    show(at_kiosk, badge_of(cast.member, cast))
    cookie = at_kiosk.get_cookie("session", domain="portal.test")
    assert cookie is not None
    copy = new_client(app)
    copy.set_cookie("session", cookie.value, domain="portal.test")
    with clock.frozen(MONDAY + timedelta(minutes=10)):
        assert work(once=True) == 1
        assert copy.get("/hours").status_code in (302, 303)
    assert db.session.scalars(select(SignIn).where(SignIn.person_id == cast.member.id)).one().ended_at is not None


def test_a_password_reset_ends_a_visit_without_a_dead_end(at_kiosk: Client, cast: Cast) -> None:
    show(at_kiosk, badge_of(cast.member, cast))
    cast.member.signed_out_at = MONDAY + timedelta(seconds=1)
    assert at_kiosk.get("/hours").status_code == 302
    assert at_kiosk.get("/login").headers["Location"] == "/badges/desk"
    assert at_kiosk.get("/badges/desk").status_code == 200


# ── who is let in ───────────────────────────────────────────────────────────────────────────────────
def _without_pin(cast: Cast) -> tuple[Person, bool]:
    return cast.member, False


def _left(cast: Cast) -> tuple[Person, bool]:
    membership = db.session.scalars(select(Membership).where(Membership.person_id == cast.member.id)).one()
    membership.left_on = MONDAY.date()
    return cast.member, True


def _closed(cast: Cast) -> tuple[Person, bool]:
    cast.member.is_open = False
    return cast.member, True


def _of_another_team(cast: Cast) -> tuple[Person, bool]:
    other = factories.team("听潮服务队", of=factories.organisation("听潮社会组织"))
    return factories.person("许望舒", teams=[other]), True


@pytest.mark.parametrize("case", [_without_pin, _left, _closed, _of_another_team])
@pytest.mark.parametrize("desk", ["at_kiosk", "at_leader"])
def test_some_cards_open_nothing(
    request: pytest.FixtureRequest, cast: Cast, desk: str, case: Callable[[Cast], tuple[Person, bool]]
) -> None:
    browser: Client = request.getfixturevalue(desk)
    person, has_pin = case(cast)
    assert show(browser, badge_of(person, cast, pin=has_pin)) == 422
    assert lines("badges.pin_refused") == 1
    assert lines("badges.visit.began") == 0


def test_another_cards_token_does_not_fit(at_kiosk: Client, cast: Cast) -> None:
    first, second = badge_of(cast.member, cast), badge_of(cast.other, cast)
    from portal.badges.cards import token_of

    assert show(at_kiosk, first, card=f"AX{first.number}{token_of(second)}") == 422


def test_wrong_pins_slow_a_card_down_at_that_device_alone_and_not_for_ever(
    app: Flask, at_kiosk: Client, cast: Cast
) -> None:
    badge = badge_of(cast.member, cast)
    assert [show(at_kiosk, badge, pin="9999") for _ in range(5)] == [422] * 5
    answer = at_kiosk.post("/badges/desk", data={"card": badge.number, "pin": PIN})
    assert "尝试次数太多" in words(answer)
    assert f'value="{PIN}"' not in answer.text
    assert show(new_client(app).sign_in(cast.leader), badge) == 303
    with clock.frozen(MONDAY + timedelta(minutes=16)):
        assert show(at_kiosk, badge) == 303


@ONE_ENGINE
@pytest.mark.parametrize(("card", "pin"), [("", ""), ("\x00", "\x00"), ("x" * 5_000, "1"), ("12345678", "9" * 5_000)])
def test_odd_cards_get_a_sentence(at_kiosk: Client, cast: Cast, card: str, pin: str) -> None:
    answer = at_kiosk.post("/badges/desk", data={"card": card, "pin": pin})
    assert answer.status_code == 422
    assert is_valid(answer)


def test_no_card_is_shown_where_nobody_watches(client: Client, app: Flask, cast: Cast) -> None:
    badge = badge_of(cast.member, cast)
    assert client.get("/badges/desk").status_code == 302
    assert client.post("/badges/desk", data={"card": badge.number, "pin": PIN}).status_code == 302
    member = new_client(app).sign_in(cast.other)
    assert member.post("/badges/desk", data={"card": badge.number, "pin": PIN}).status_code == 403


# ── kiosks ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_kiosk_closes_after_twelve_hours_or_from_elsewhere(app: Flask, at_kiosk: Client, cast: Cast) -> None:
    with clock.frozen(MONDAY + timedelta(hours=11, minutes=59)):
        assert at_kiosk.get("/badges/desk").status_code == 200
    with clock.frozen(MONDAY + timedelta(hours=12)):
        assert at_kiosk.get("/badges/desk").status_code == 302
    lead = new_client(app).sign_in(cast.lead)
    assert "关掉" in words(lead.get("/badges"))
    number = db.session.scalars(select(Kiosk.id)).one()
    for _ in range(2):
        assert lead.post(f"/badges/kiosks/{number}/end").status_code == 303
    assert at_kiosk.get("/badges/desk").status_code == 302
    assert lines("badges.kiosk.ended") == 1


def test_closing_a_kiosk_ends_the_visit_there(app: Flask, at_kiosk: Client, cast: Cast) -> None:
    show(at_kiosk, badge_of(cast.member, cast))
    number = db.session.scalars(select(Kiosk.id)).one()
    new_client(app).sign_in(cast.leader).post(f"/badges/kiosks/{number}/end")
    assert at_kiosk.get("/hours").status_code in (302, 303)


def test_a_kiosk_ends_with_the_role_of_whoever_opened_it(at_kiosk: Client, cast: Cast) -> None:
    assert at_kiosk.get("/badges/desk").status_code == 200
    for held in list(cast.leader.grants):
        end_grant(held, by=cast.lead, at=MONDAY, reason="换届")
    with clock.frozen(MONDAY + timedelta(hours=1)):
        assert at_kiosk.get("/badges/desk").status_code == 302


def test_a_stranger_closes_no_kiosk(app: Flask, at_kiosk: Client, cast: Cast) -> None:
    number = db.session.scalars(select(Kiosk.id)).one()
    assert new_client(app).sign_in(cast.member).post(f"/badges/kiosks/{number}/end").status_code == 404
    assert at_kiosk.get("/badges/desk").status_code == 200
