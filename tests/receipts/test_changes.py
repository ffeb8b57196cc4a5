"""Two people change a confirmation: void it, issue it anew, give the gift back."""

from datetime import datetime

import pytest
from sqlalchemy import func, select

from portal.audit.models import AuditLine
from portal.clock import CHINA
from portal.db import db
from portal.ledger.models import Entry, Pool
from portal.log.models import Leaf
from portal.notices.models import Notice
from portal.people.models import Person, Role
from portal.problems import ChangedMeanwhile, DomainError
from portal.receipts.change_models import Change, ReceiptChange
from portal.receipts.changing import TwoPeople, Wish, ask, confirm, send_back, withdraw
from portal.receipts.codes import code_of
from portal.receipts.donors import agree_to_public_name, keep_receipt
from portal.receipts.models import KeptReceipt, Receipt
from portal.receipts.particulars import Particulars, said
from portal.receipts.queries import checked
from portal.receipts.refunds import NotRefundable
from portal.receipts.summing import put_together
from tests.factories import person
from tests.giving import Giving
from tests.importing import check, refused, run, without

AT = datetime(2026, 11, 21, 9, tzinfo=CHINA)
VOID = Wish(kind=Change.VOID, reason="重复录入")
REFUND = Wish(kind=Change.REFUND, reason="捐错了基金，退回")


@pytest.fixture
def other(giving: Giving) -> Person:
    """Another accountant of the fund."""
    return person("何其信", grants=[(Role.ACCOUNTANT, giving.fund.scope)])


def reissue(receipt: Receipt, **more: str) -> Wish:
    return Wish(kind=Change.REISSUE, reason="抬头少一个字", says=Particulars(**{**said(receipt).values(), **more}))


# ── a reissue ───────────────────────────────────────────────────────────────────────────────────────
def test_a_reissue_is_void_and_new_at_once_with_the_next_number(giving: Giving) -> None:
    old = giving.gift("王建", 140_950, intention="爱心椅", memo="单位代转")
    giving.gift("李秀英")
    change = ask(old, reissue(old, donor_name="王建国", memo=""), by=giving.cashier, at=AT)
    assert checked(old.number).state == "genuine"
    new = confirm(change, by=giving.accountant, at=AT)
    db.session.commit()
    assert new is not None
    assert (old.voided_at, old.void_reason, old.successor) == (AT, "抬头少一个字", new)
    assert (new.serial, new.number, new.issued_on) == (3, "919-2026-000003", AT.date())
    assert (new.donor_name, new.intention, new.memo, new.fen) == ("王建国", "爱心椅", "", 140_950)
    assert (new.handler_name, new.checker_name) == (giving.cashier.name, giving.accountant.name)
    assert code_of(new) != code_of(old)
    assert checked(old.number)[1:3] == ("void", new.number)
    assert checked(new.number).state == "genuine"


def test_two_entries_of_one_person_are_not_two_people(giving: Giving, other: Person) -> None:
    """Merged, or not yet taken apart: whoever asked as one of them does not confirm as the other."""
    change = ask(giving.gift(), VOID, by=giving.cashier, at=AT)
    other.other_ids = str(giving.cashier.id)
    with pytest.raises(TwoPeople):
        confirm(change, by=other, at=AT)
    with pytest.raises(TwoPeople):
        send_back(change, "不对", by=other, at=AT)
    other.other_ids = None
    confirm(change, by=other, at=AT)


def test_a_reissue_is_three_leaves(giving: Giving) -> None:
    old = giving.gift("王建")
    new = giving.reissued(old, donor_name="王建国")
    leaves = select(Leaf.kind, Leaf.ref).order_by(Leaf.idx.desc()).limit(3)
    assert {tuple(row) for row in db.session.execute(leaves)} == {
        ("receipt", new.id), ("void", old.id), ("successor", old.id),
    }  # fmt: skip


def test_who_keeps_the_old_one_keeps_the_new_one_and_is_told(giving: Giving) -> None:
    donor, old = person("王建国"), giving.gift("王建")
    keep_receipt(old, by=donor, at=AT)
    new = giving.reissued(old, donor_name="王建国")
    assert db.session.get(KeptReceipt, (donor.id, new.id)) is not None
    told = db.session.scalars(select(Notice).where(Notice.person_id == donor.id)).all()
    assert [(one.kind, one.url) for one in told] == [("receipts.reissued", f"/receipts/{new.number}")]


def test_another_donor_does_not_come_with_the_old_ones_keeper_nor_public_name(giving: Giving) -> None:
    donor, old = person("王建国"), giving.gift("王建国")
    keep_receipt(old, by=donor, at=AT)
    agree_to_public_name(old, "老王", by=donor, at=AT)
    new = giving.reissued(old, donor_name="李秀英", same_donor=False)
    assert db.session.get(KeptReceipt, (donor.id, new.id)) is None
    assert new.gift.public_name is None
    (told,) = db.session.scalars(select(Notice).where(Notice.person_id == donor.id))
    assert (told.kind, new.number in str(told.values)) == ("receipts.voided", False)


def test_a_donor_who_becomes_anonymous_leaves_the_public_list(giving: Giving) -> None:
    old = giving.gift("王建国", public_name="王建国")
    new = giving.reissued(old, donor_name="", state_receipt="anonymous")
    assert (new.state_receipt, new.donor_name, new.gift.public_name) == ("anonymous", "", None)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({}, "donor_name"),
        ({"donor_name": ""}, "donor_name"),
        ({"memo": "长" * 201}, "memo"),
        ({"state_receipt": "maybe"}, "state_receipt"),
    ],
    ids=["nothing changed", "nobody", "too long", "an unknown wish"],
)
def test_nonsense_is_not_asked_for(giving: Giving, more: dict[str, str], field: str) -> None:
    receipt = giving.gift()
    with pytest.raises(DomainError) as refusal:
        ask(receipt, reissue(receipt, **more), by=giving.cashier, at=AT)
    assert refusal.value.field == field


# ── a refund ────────────────────────────────────────────────────────────────────────────────────────
def test_a_refund_takes_the_gift_out_of_the_books(giving: Giving) -> None:
    receipt = giving.gift(fen=30_000)
    pool = giving.fund.pool
    giving.changed(receipt, REFUND, at=AT)
    entry = db.session.scalars(select(Entry).where(Entry.reverses_id == receipt.gift.entry_id)).one()
    assert (entry.reason, entry.made_by_id, entry.checked_by_id) == (
        REFUND.reason, giving.cashier.id, giving.accountant.id,
    )  # fmt: skip
    assert db.session.get_one(Pool, pool.id, populate_existing=True).balance_fen == 0
    assert checked(receipt.number)[1:3] == ("void", None)


def test_what_is_spent_is_not_refunded_and_the_sentence_says_why(giving: Giving) -> None:
    receipt = giving.gift(fen=30_000)
    change = ask(receipt, REFUND, by=giving.cashier, at=AT)
    db.session.commit()
    giving.spend(12_000)
    with pytest.raises(NotRefundable, match=r"已经用掉 ¥120\.00，只剩 ¥180\.00"):
        confirm(change, by=giving.accountant, at=AT)
    db.session.rollback()
    assert checked(receipt.number).state == "genuine"


# ── two people, once ────────────────────────────────────────────────────────────────────────────────
def test_nobody_confirms_or_returns_her_own(giving: Giving, other: Person) -> None:
    change = ask(giving.gift(), VOID, by=giving.accountant, at=AT)
    with pytest.raises(TwoPeople):
        confirm(change, by=giving.accountant, at=AT)
    with pytest.raises(TwoPeople):
        send_back(change, "不对", by=giving.accountant, at=AT)
    confirm(change, by=other, at=AT)
    assert change.receipt.voided_at == AT


def test_a_receipt_changes_once(giving: Giving, other: Person) -> None:
    receipt = giving.gift()
    change = ask(receipt, VOID, by=giving.cashier, at=AT)
    with pytest.raises(ChangedMeanwhile, match="已经有人提出"):
        ask(receipt, REFUND, by=giving.accountant, at=AT)
    confirm(change, by=giving.accountant, at=AT)
    for again in (
        lambda: confirm(change, by=other, at=AT),
        lambda: send_back(change, "晚了", by=other, at=AT),
        lambda: withdraw(change, by=giving.cashier, at=AT),
        lambda: ask(receipt, VOID, by=other, at=AT),
    ):
        with pytest.raises(ChangedMeanwhile):
            again()


def test_what_was_returned_or_withdrawn_changes_nothing_and_may_be_asked_again(giving: Giving) -> None:
    receipt = giving.gift()
    first = ask(receipt, VOID, by=giving.cashier, at=AT)
    with pytest.raises(DomainError, match="退回的原因"):
        send_back(first, " ", by=giving.accountant, at=AT)
    send_back(first, "请写清楚", by=giving.accountant, at=AT)
    second = ask(receipt, VOID, by=giving.cashier, at=AT)
    withdraw(second, by=giving.cashier, at=AT)
    ask(receipt, VOID, by=giving.cashier, at=AT)
    db.session.commit()
    assert (receipt.voided_at, first.answer, second.status) == (None, "请写清楚", "withdrawn")


def test_each_step_is_written_down_and_told_to_who_is_next(giving: Giving) -> None:
    giving.changed(giving.gift(), VOID)
    lines = select(AuditLine.action).where(AuditLine.subject_kind == "receipts_change").order_by(AuditLine.id)
    assert list(db.session.scalars(lines)) == ["receipts.change.asked", "receipts.change.done"]
    told = db.session.execute(select(Notice.kind, Notice.person_id).order_by(Notice.id)).all()
    assert [tuple(one) for one in told] == [
        ("receipts.change_asked", giving.accountant.id), ("receipts.change_decided", giving.cashier.id),
    ]  # fmt: skip


def test_what_breaks_off_half_way_leaves_nothing_and_no_gap(giving: Giving, monkeypatch: pytest.MonkeyPatch) -> None:
    old = giving.gift("王建")
    change = ask(old, reissue(old, donor_name="王建国"), by=giving.cashier, at=AT)
    db.session.commit()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr("portal.receipts.changing.name_successor", broken)
        confirm(change, by=giving.accountant, at=AT)
    db.session.rollback()
    assert (change.status, old.voided_at, db.session.scalar(select(func.count(Receipt.id)))) == ("asked", None, 1)
    new = confirm(change, by=giving.accountant, at=AT)
    db.session.commit()
    assert new is not None
    assert new.serial == 2


# ── the database ────────────────────────────────────────────────────────────────────────────────────
VOIDED = "UPDATE receipts_receipt SET voided_at = '2026-11-21 01:00:00', void_reason = 'x' WHERE serial = 1"
DONE = "UPDATE receipts_change SET status = 'done', decided_at = '2026-11-21 01:00:00', decided_by_id = {by}"


@pytest.fixture
def asked(giving: Giving) -> ReceiptChange:
    change = ask(giving.gift(), VOID, by=giving.cashier, at=AT)
    db.session.commit()
    return change


def done(by: int) -> str:
    return DONE.format(by=by)


def test_the_database_lets_no_single_person_void(giving: Giving, asked: ReceiptChange) -> None:
    with refused("void_by_two"):
        run(VOIDED)
    with refused("two_people"):
        run(done(giving.cashier.id))
    run(done(giving.accountant.id))
    assert run(VOIDED) == 1


AFTERWARDS: dict[str, str] = {
    "receipts_change_decided_once": "UPDATE receipts_change SET status = 'withdrawn'",
    "receipts_change_frozen": "UPDATE receipts_change SET reason = 'y'",
    "receipts_change_no_delete": "DELETE FROM receipts_change",
}


@pytest.mark.parametrize("guard", AFTERWARDS)
def test_a_decided_change_stays(giving: Giving, asked: ReceiptChange, guard: str) -> None:
    confirm(asked, by=giving.accountant, at=AT)
    db.session.commit()
    with refused("receipts_change"):
        run(AFTERWARDS[guard])
    with without(guard):
        assert run(AFTERWARDS[guard]) == 1


def test_without_the_guard_one_person_would_void(giving: Giving) -> None:
    giving.gift()
    with without("receipts_receipt_void_by_two"):
        assert run(VOIDED) == 1


def test_a_refund_without_reversal_is_refused(giving: Giving) -> None:
    ask(giving.gift(), REFUND, by=giving.cashier, at=AT)
    db.session.commit()
    with refused("receipts_change_refunded"):
        run(done(giving.accountant.id))
    with without("receipts_change_refunded"):
        assert run(done(giving.accountant.id)) == 1


def test_a_successor_is_of_the_same_gift(giving: Giving) -> None:
    first, second = giving.gift("王建国"), giving.gift("李秀英")
    giving.void(first)
    wrong = f"UPDATE receipts_receipt SET successor_id = {second.id} WHERE id = {first.id}"
    with refused("receipts_receipt_successor"):
        run(wrong)
    with without("receipts_receipt_successor"):
        assert run(wrong) == 1


def test_the_checks_know_what_was_corrected_and_what_was_not_carried_out(giving: Giving) -> None:
    new = giving.reissued(giving.gift("王建"), donor_name="王建国")
    giving.changed(giving.gift("李秀英"), REFUND)
    put_together([new], by=None, at=AT)
    db.session.commit()
    check()
    left = giving.gift("何远志")
    ask(left, VOID, by=giving.cashier, at=AT)
    run(f"{DONE.format(by=giving.accountant.id)} WHERE receipt_id = {left.id}")
    with pytest.raises(AssertionError, match="is not carried out whole"):
        check()
    db.session.rollback()
