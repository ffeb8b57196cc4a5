"""Who may see a list and do what with it, and what happens when two do it at the same moment."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.audit.models import AuditLine
from portal.db import db
from portal.jobs.models import Job
from portal.jobs.worker import work_one
from portal.lists.models import DonationImport
from portal.people.actions import grant
from portal.people.models import ALLIANCE, Person, Role
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import person
from tests.giving import Giving, opened
from tests.importing import AT, THREE, brought, count, gifts_and_receipts, handed, listed, newest, upload
from tests.pages import is_valid, words
from tests.volunteers import at_once


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def others(giving: Giving) -> dict[str, Person]:
    other = opened("gongyi", "公益公积金")
    return {
        "cashier": giving.cashier,
        "accountant": giving.accountant,
        "supervisor": person("顾清明", grants=[(Role.SUPERVISOR, ALLIANCE)]),
        "volunteer": person("林一禾"),
        "council": person("陆青川", grants=[(Role.COUNCIL, giving.fund.scope)]),
        "other cashier": other.cashier,
        "other accountant": other.accountant,
        "lapsed cashier": person("程野", grants=[(Role.CASHIER, giving.fund.scope)], until=AT.date().replace(month=2)),
    }


READS = {"cashier": 200, "accountant": 200, "supervisor": 200}
MAY: dict[str, dict[str, int]] = {
    "GET ": READS,
    "GET /progress": READS,
    "POST /columns": {"cashier": 422, "accountant": 403, "supervisor": 403},
    "POST /leave-out": {"cashier": 422, "accountant": 403, "supervisor": 403},
    "POST /take-back": {"cashier": 422, "accountant": 403, "supervisor": 403},
    "POST /leave-out-booked": {"cashier": 422, "accountant": 403, "supervisor": 403},
    "POST /hand-over": {"cashier": 422, "accountant": 403, "supervisor": 403},
    "POST /again": {"cashier": 422, "accountant": 403, "supervisor": 403},
    "POST /confirm": {"cashier": 403, "accountant": 303, "supervisor": 403},
    "POST /return": {"cashier": 403, "accountant": 422, "supervisor": 403},
    "POST /resume": {"cashier": 403, "accountant": 422, "supervisor": 403},
    "POST /read": {"cashier": 422, "accountant": 403, "supervisor": 403},
    "POST /withdraw": {"cashier": 303, "accountant": 403, "supervisor": 403},
}


@pytest.mark.parametrize("what", MAY)
def test_only_those_who_may_do_it(app: Flask, giving: Giving, others: dict[str, Person], what: str) -> None:
    """The list waits for its accountant; whoever has nothing to do with the fund does not learn that it exists."""
    imported = handed(giving, *THREE)
    method, path = what.split(" ")
    for name, who in others.items():
        answer = new_client(app).sign_in(who).open(f"/imports/{imported.id}{path}", method=method)
        assert (name, answer.status_code) == (name, MAY[what].get(name, 404))
        db.session.rollback()
        if answer.status_code == 303:
            imported = handed(giving, *[row.replace("2026-11-0", "2026-10-0") for row in THREE])


@pytest.mark.parametrize("id", ["0", "999", "99999999999999999999", "x"])
def test_a_list_that_is_not_there_is_not_found(cashier: Client, id: str) -> None:
    assert cashier.get(f"/imports/{id}").status_code == 404


@pytest.mark.parametrize("address", ["/imports", "/imports/new"])
def test_the_lists_of_all_funds_are_for_those_who_handle_them(
    app: Flask, others: dict[str, Person], address: str
) -> None:
    can_upload = {"cashier", "other cashier"}
    can_see = can_upload | {"accountant", "other accountant", "supervisor"}
    allowed = can_see if address == "/imports" else can_upload
    for name, who in others.items():
        status = new_client(app).sign_in(who).get(address).status_code
        assert (name, status) == (name, 200 if name in allowed else 403)


def test_nobody_sees_anything_without_an_account(client: Client, giving: Giving) -> None:
    imported = handed(giving, *THREE)
    for address in ("/imports", "/imports/new", f"/imports/{imported.id}"):
        assert client.get(address).headers["Location"].startswith("/login")
    assert client.post(f"/imports/{imported.id}/confirm").status_code == 302
    assert newest().status == "waiting"


def test_an_accountant_who_brought_the_list_cannot_confirm_it(app: Flask, giving: Giving) -> None:
    today = clock.today()
    both = person("陈志强", grants=[(Role.CASHIER, giving.fund.scope)], until=today)
    client = new_client(app).sign_in(both)
    address = upload(client, giving, listed(*THREE)).headers["Location"]
    assert client.post(f"{address}/hand-over").status_code == 303
    # The duties lie apart on every day, and still she is who brought it.
    tomorrow = clock.now() + timedelta(days=1)
    grant(
        both, Role.ACCOUNTANT, on=giving.fund.scope, by=None, at=clock.now(), reason="转岗", starts_on=tomorrow.date()
    )
    with clock.frozen(tomorrow):
        _is_refused_to_confirm(new_client(app).sign_in(both), address)


def _is_refused_to_confirm(client: Client, address: str) -> None:
    page = client.get(address)
    assert "移交和确认必须是两个人" in words(page)
    assert "/confirm" not in page.text
    answer = client.post(f"{address}/confirm")
    assert (answer.status_code, "必须是两个人" in words(answer)) == (403, True)
    assert newest().status == "waiting"


def test_a_cashier_of_one_fund_cannot_bring_a_list_into_another(cashier: Client, giving: Giving) -> None:
    other = opened("gongyi", "公益公积金")
    answer = upload(cashier, giving, listed(*THREE), fund=str(other.fund.id))
    assert answer.status_code == 422
    assert count(DonationImport) == 0


def test_the_list_of_lists_shows_only_ones_own_funds(app: Flask, cashier: Client, giving: Giving) -> None:
    other = opened("gongyi", "公益公积金")
    handed(giving, *THREE)
    handed(other, *THREE, name="别家.csv")
    assert "别家.csv" not in cashier.get("/imports").text
    theirs = new_client(app).sign_in(other.accountant).get("/imports?status=waiting")
    assert is_valid(theirs)
    assert "1 份名单等您确认" in words(theirs)
    assert "名单.csv" not in theirs.text.replace("别家.csv", "")


def test_whoever_reads_everything_is_told_how_many_lists_there_are(
    app: Flask, cashier: Client, giving: Giving, others: dict[str, Person]
) -> None:
    for row in ("2026-11-01,甲,1.00,,", "2026-11-01,乙,2.00,,"):
        upload(cashier, giving, listed(row))
    reader = new_client(app).sign_in(others["supervisor"])
    assert "共 2 份" in words(reader.get("/imports"))
    assert "共 2 份" in words(reader.get("/imports?status=preview"))
    assert "没有这种状态的名单" in words(reader.get("/imports?status=booked"))


def test_a_look_at_donors_by_others_leaves_a_trace(accountant: Client, cashier: Client, giving: Giving) -> None:
    imported = handed(giving, *THREE)
    looks = select(AuditLine.actor_name).where(AuditLine.action == "lists.list.looked_at")
    cashier.get(f"/imports/{imported.id}")
    assert list(db.session.scalars(looks)) == []
    accountant.get(f"/imports/{imported.id}")
    db.session.rollback()
    assert list(db.session.scalars(looks)) == ["罗予安"]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_an_answer_that_shows_the_donors_is_a_look_too(
    accountant: Client, giving: Giving, headers: dict[str, str]
) -> None:
    """A plain form that went well shows nothing by itself: it leads to the page, which counts."""
    imported = handed(giving, *THREE)
    address = f"/imports/{imported.id}"
    assert accountant.post(f"{address}/return", headers=headers).status_code == 422
    assert count_looks() == 1
    accountant.post(f"{address}/return", data={"reason": "金额不对"}, headers=headers)
    assert count_looks() == (2 if headers else 1)


def count_looks() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(AuditLine.id).where(AuditLine.action == "lists.list.looked_at")).all())


# ── at the same moment ──────────────────────────────────────────────────────────────────────────────
def test_of_two_accountants_at_the_same_moment_one_confirms(app: Flask, giving: Giving) -> None:
    imported_id = handed(giving, *THREE).id
    second = person("陈志强", grants=[(Role.ACCOUNTANT, giving.fund.scope)])
    db.session.commit()
    clients = [new_client(app).sign_in(who) for who in (giving.accountant, second)]
    calls = [lambda client=client: client.post(f"/imports/{imported_id}/confirm") for client in clients]
    answers = at_once(app, calls, at=AT)
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    loser = next(answer for answer in answers if answer.status_code == 422)
    assert "这份名单已经确认，正在入账" in words(loser)
    assert count(Job) == 1
    assert work_one()
    assert gifts_and_receipts() == (3, 3)


def test_of_two_hand_overs_at_the_same_moment_one_counts(app: Flask, giving: Giving) -> None:
    first, second = brought(giving, *THREE).id, brought(giving, *THREE).id
    clients = [new_client(app).sign_in(giving.cashier) for _ in range(2)]
    calls = [
        lambda client=client, id=id: client.post(f"/imports/{id}/hand-over")
        for client, id in zip(clients, (first, second), strict=True)
    ]
    answers = at_once(app, calls, at=AT)
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert "这份名单已经导入过" in words(next(answer for answer in answers if answer.status_code == 422))
