"""An expense from hand to hand: each step another person's, nothing half-booked, nothing twice."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from portal import clock
from portal.audit.models import AuditLine
from portal.clock import CHINA
from portal.db import db
from portal.funds.spending import Spending
from portal.ledger.models import Entry
from portal.ledger.trace import rest_of, rows_for_leaf
from portal.notices.models import Notice
from portal.people.models import ALLIANCE, Person, Role
from portal.problems import AlreadyDone, ChangedMeanwhile, DomainError
from portal.spending import undoing
from portal.spending.actions import SamePerson, Wanted, approvals_needed, approve, end, enter, give_back, pay, post
from portal.spending.models import Approval, Expense, Stage
from tests.applications import Client
from tests.factories import person
from tests.giving import DAY, Giving
from tests.importing import check, count, refused, run, without

AT = datetime(2026, 11, 20, 10, tzinfo=CHINA)
WANTED: dict[str, Any] = {"fen": 4_000, "purpose": "定位手环", "voucher_no": "1120-01", "beneficiaries": 30}


@dataclass
class House:
    """Whoever has a hand in it, and a gift of 100 yuan."""

    giving: Giving
    worker: Person = field(init=False)
    council: Person = field(init=False)
    second: Person = field(init=False)
    other_accountant: Person = field(init=False)

    def __post_init__(self) -> None:
        scope = self.giving.fund.scope
        self.worker = person("夏立春", grants=[(Role.WORKER, ALLIANCE)])
        self.council = person("许望舒", grants=[(Role.COUNCIL, scope)])
        self.second = person("又一位委员", grants=[(Role.COUNCIL, scope)])
        self.other_accountant = person("另一位会计", grants=[(Role.ACCOUNTANT, scope)])
        self.gift = self.giving.gift(fen=10_000).gift
        db.session.commit()

    def entered(self, **more: Any) -> Expense:
        expense = enter(self.giving.fund, Wanted(**{**WANTED, **more}), by=self.worker, at=AT)
        db.session.commit()
        return expense

    def approved(self, **more: Any) -> Expense:
        expense = self.entered(**more)
        approve(expense, by=self.council, at=AT)
        db.session.commit()
        return expense

    def paid(self, **more: Any) -> Expense:
        expense = self.approved(**more)
        pay(expense, DAY, by=self.giving.cashier, at=AT)
        db.session.commit()
        return expense

    def posted(self, **more: Any) -> Expense:
        expense = self.paid(**more)
        post(expense, by=self.giving.accountant, at=AT)
        db.session.commit()
        return expense


@pytest.fixture
def house(giving: Giving) -> Iterator[House]:
    with clock.frozen(AT):
        yield House(giving)


def test_what_went_through_four_hands_is_a_public_payment_of_that_gift(house: House, client: Client) -> None:
    expense = house.posted()
    spent = db.session.scalars(select(Spending)).one()
    entry = db.session.get_one(Entry, expense.entry_id)
    assert (spent.entry_id, spent.fen, spent.voucher_no) == (entry.id, 4_000, "1120-01")
    assert (spent.handler_name, spent.approver_name) == ("夏立春", "许望舒")
    assert (entry.made_by_id, entry.checked_by_id) == (house.giving.cashier.id, house.giving.accountant.id)
    assert [fen for *_, fen in rows_for_leaf(entry.id)] == [4_000]
    assert rest_of(house.gift.entry_id) == 6_000
    assert client.get("/funds/919/spending/1120-01").status_code == 200
    deeds = select(AuditLine.action).where(AuditLine.action.startswith("spending.")).order_by(AuditLine.id)
    assert list(db.session.scalars(deeds)) == [
        f"spending.expense.{step}" for step in ("entered", "approved", "paid", "posted")
    ]
    check()


def test_each_step_tells_whoever_is_next(house: House) -> None:
    house.posted()
    told = select(Notice.person_id).where(Notice.kind.startswith("spending.")).order_by(Notice.id)
    people = list(db.session.scalars(told))
    assert set(people[:2]) == {house.council.id, house.second.id}
    assert people[2] == house.giving.cashier.id
    assert set(people[3:5]) == {house.giving.accountant.id, house.other_accountant.id}
    assert people[5:] == [house.worker.id]


# ── four eyes ───────────────────────────────────────────────────────────────────────────────────────
def test_whoever_enters_never_approves_whoever_pays_never_checks(house: House) -> None:
    fund = house.giving.fund
    both = person("两头都管", grants=[(role, fund.scope) for role in (Role.CASHIER, Role.COUNCIL)])
    own = enter(fund, Wanted(**WANTED), by=both, at=AT)
    with pytest.raises(SamePerson):
        approve(own, by=both, at=AT)
    approve(own, by=house.council, at=AT)
    pay(own, DAY, by=both, at=AT)
    with pytest.raises(SamePerson):
        post(own, by=both, at=AT)
    assert count(Spending) == 0
    other = enter(fund, Wanted(**WANTED | {"voucher_no": "1120-02"}), by=house.worker, at=AT)
    approve(other, by=both, at=AT)
    with pytest.raises(SamePerson):
        pay(other, DAY, by=both, at=AT)
    db.session.commit()
    check()


def test_a_large_amount_needs_two_and_a_larger_one_most_of_the_council(house: House) -> None:
    fund = house.giving.fund
    assert [approvals_needed(fund, fen, on=DAY) for fen in (499_999, 500_000, 4_999_999, 5_000_000)] == [
        *(1, 2, 2),
        fund.council_size // 2 + 1,
    ]
    expense = house.entered(fen=600_000)
    approve(expense, by=house.council, at=AT)
    assert expense.stage == Stage.ENTERED
    with pytest.raises(AlreadyDone):
        approve(expense, by=house.council, at=AT)
    approve(expense, by=house.second, at=AT)
    assert expense.stage == Stage.APPROVED
    db.session.commit()


# ── what does not go through ────────────────────────────────────────────────────────────────────────
def test_a_fund_with_too_little_pays_nothing_and_nothing_is_half_booked(house: House) -> None:
    expense = house.approved(fen=20_000)
    with pytest.raises(DomainError, match="余额不够"):
        pay(expense, DAY, by=house.giving.cashier, at=AT)
    db.session.rollback()
    first, second = house.paid(fen=9_000, voucher_no="1"), house.paid(fen=9_000, voucher_no="2")
    post(first, by=house.giving.accountant, at=AT)
    db.session.commit()
    with pytest.raises(DomainError, match="余额不足"):
        post(second, by=house.giving.accountant, at=AT)
    db.session.rollback()
    assert (second.stage, count(Spending)) == (Stage.PAID, 1)
    check()


def test_a_step_is_taken_once_and_none_is_left_out(house: House) -> None:
    expense = house.entered()
    for step in (
        lambda: pay(expense, DAY, by=house.giving.cashier, at=AT),
        lambda: post(expense, by=house.giving.accountant, at=AT),
    ):
        with pytest.raises(ChangedMeanwhile):
            step()
    done = house.posted(voucher_no="1120-02")
    with pytest.raises(ChangedMeanwhile):
        post(done, by=house.other_accountant, at=AT)
    with pytest.raises(ChangedMeanwhile):
        end(done, Stage.WITHDRAWN, "不要了", by=house.worker, at=AT)
    assert count(Spending) == 1


def test_a_voucher_number_is_used_once_but_again_after_it_was_sent_back(house: House) -> None:
    expense = house.entered()
    with pytest.raises(AlreadyDone):
        house.entered()
    end(expense, Stage.RETURNED, "金额写错", by=house.council, at=AT)
    house.posted()
    with pytest.raises(AlreadyDone):
        house.entered()
    check()


def test_the_accountant_gives_a_payment_back_and_it_is_paid_again(house: House) -> None:
    expense = house.paid()
    give_back(expense, "回单日期不对", by=house.giving.accountant, at=AT)
    assert (expense.stage, expense.paid_on, expense.note) == (Stage.APPROVED, None, "回单日期不对")
    pay(expense, DAY, by=house.giving.cashier, at=AT)
    post(expense, by=house.giving.accountant, at=AT)
    db.session.commit()
    check()


@pytest.mark.parametrize("wrong", [{"fen": 0}, {"purpose": " "}, {"voucher_no": "a/b"}, {"beneficiaries": 0}])
def test_what_makes_no_sense_is_refused_beside_its_field(house: House, wrong: dict[str, Any]) -> None:
    with pytest.raises(DomainError) as refusal:
        house.entered(**wrong)
    assert refusal.value.field in {"amount", "purpose", "voucher_no", "beneficiaries"}


@pytest.mark.parametrize("days", [-1, 1])
def test_a_payment_is_of_a_day_between_entering_and_today(house: House, days: int) -> None:
    expense = house.approved()
    with pytest.raises(DomainError, match="付款日期"):
        pay(expense, DAY + timedelta(days=days), by=house.giving.cashier, at=AT)


# ── taken back ──────────────────────────────────────────────────────────────────────────────────────
def test_two_people_take_a_payment_back_and_the_gift_has_its_money_again(house: House, client: Client) -> None:
    expense = house.posted()
    asked = undoing.ask(expense, "付重了", by=house.giving.cashier, at=AT)
    db.session.commit()
    with pytest.raises(SamePerson):
        undoing.confirm(asked, expense, by=house.giving.cashier, at=AT)
    with pytest.raises(ChangedMeanwhile):
        undoing.ask(expense, "再来一次", by=house.giving.accountant, at=AT)
    reversal = undoing.confirm(asked, expense, by=house.other_accountant, at=AT)
    db.session.commit()
    assert (reversal.reverses_id, reversal.reason) == (expense.entry_id, "付重了")
    assert rest_of(house.gift.entry_id) == 10_000
    assert "付重了" in client.get("/funds/919/spending/1120-01").get_data(as_text=True)
    check()


# ── what the database refuses itself ────────────────────────────────────────────────────────────────
REFUSED = {
    "another amount": ("UPDATE spending_expense SET fen = 1 WHERE stage = 'entered'", "never change"),
    "a step without approval": (
        "UPDATE spending_expense SET stage = 'approved' WHERE voucher_no = '1'",
        "nobody approved",
    ),
    "an approval of one's own": (
        "INSERT INTO spending_approval (id, expense_id, person_id, at) "
        "SELECT 99, id, entered_by_id, entered_at FROM spending_expense WHERE voucher_no = '1'",
        "does not approve",
    ),
    "a posted one begun again": (
        "UPDATE spending_expense SET stage = 'entered', entry_id = NULL, checked_by_id = NULL, paid_on = NULL, "
        "paid_by_id = NULL WHERE stage = 'posted'",
        "stays as it is",
    ),
    "a lost approval": ("DELETE FROM spending_approval", "append-only"),
    "a lost expense": ("DELETE FROM spending_expense", "append-only|FOREIGN KEY"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_database_refuses(house: House, what: str) -> None:
    house.posted()
    house.entered(voucher_no="1")
    statement, words = REFUSED[what]
    with refused(words):
        run(statement)


def test_without_its_guard_somebody_approves_what_she_entered(house: House) -> None:
    expense = house.entered(voucher_no="1")
    with without("spending_approval_by_another"):
        run(REFUSED["an approval of one's own"][0])
        own = select(Approval).where(Approval.person_id == expense.entered_by_id)
        assert db.session.scalars(own).one().expense_id == expense.id


def test_without_its_guard_a_posted_expense_says_another_amount_than_the_books(house: House) -> None:
    house.posted()
    guards = ("spending_expense_frozen", "spending_expense_stays_ended", "spending_expense_in_books")
    with ExitStack() as open_:
        for guard in guards:
            open_.enter_context(without(guard))
        run("UPDATE spending_expense SET fen = 1")
        books = "SELECT e.total_fen - x.fen FROM spending_expense x JOIN ledger_entry e ON e.id = x.entry_id"
        assert db.session.scalar(text(books)) == 3_999


# ── by the pages ────────────────────────────────────────────────────────────────────────────────────
def test_the_whole_way_by_the_pages_and_a_form_sent_twice_is_one_expense(house: House, client: Client) -> None:
    giving = house.giving
    form = {"fund": giving.fund.id, "amount": "40", "purpose": "手环", "voucher_no": "1120-09", "key": "k1"}
    answers = [client.sign_in(house.worker).post("/expenses", data=form) for _ in range(2)]
    address = answers[0].headers["Location"]
    assert [answer.headers["Location"] for answer in answers] == [address] * 2
    assert count(Expense) == 1
    for who, step, data in (
        (house.council, "approve", {}),
        (giving.cashier, "pay", {"paid_on": DAY.isoformat()}),
        (giving.accountant, "post", {}),
    ):
        browser = client.sign_in(who)
        assert browser.get(address).status_code == 200
        assert browser.post(f"{address}/{step}", data=data).status_code == 303
    assert "入账" in client.get(address).get_data(as_text=True)
    assert count(Spending) == 1


def test_a_reason_is_asked_for_beside_its_field(house: House, client: Client) -> None:
    expense = house.entered()
    answer = client.sign_in(house.council).post(f"/expenses/{expense.id}/refuse", data={"refused": " "})
    assert answer.status_code == 422
    assert 'id="refused-error"' in answer.get_data(as_text=True)
    assert client.post(f"/expenses/{expense.id}/refuse", data={"refused": "先用旧的"}).status_code == 303
    db.session.refresh(expense)
    assert (expense.stage, expense.reason) == (Stage.REFUSED, "先用旧的")


def test_bad_amounts_are_said_so_and_what_was_typed_stays(house: House, client: Client) -> None:
    form = {"fund": house.giving.fund.id, "amount": "十元", "purpose": "书", "voucher_no": "1", "beneficiaries": "-3"}
    answer = client.sign_in(house.worker).post("/expenses", data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="十元"' in page
    assert 'id="beneficiaries-error"' in page
