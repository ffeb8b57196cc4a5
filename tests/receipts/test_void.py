"""Declaring confirmations void, and raw SQL against them on both engines."""

from datetime import datetime

import pytest
from sqlalchemy import select

from portal.audit.models import AuditLine
from portal.clock import CHINA
from portal.db import db
from portal.funds.actions import BookedGift, GiftDraft
from portal.problems import ChangedMeanwhile, DomainError
from portal.receipts.actions import issue_many, name_successor, void
from portal.receipts.change_models import Change, ChangeStatus
from portal.receipts.changing import Wish, ask
from portal.receipts.models import Receipt
from tests.giving import Giving
from tests.importing import refused, run, without

AT = datetime(2026, 11, 21, 9, tzinfo=CHINA)

only_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


def issued_again(giving: Giving, receipt: Receipt) -> Receipt:
    """Another confirmation of the same gift."""
    gift = receipt.gift
    draft = GiftDraft(received_on=gift.received_on, donor_name=gift.donor_name, fen=gift.fen)
    (number,) = issue_many(
        giving.fund, [BookedGift(gift.id, draft)], handler=giving.cashier, checker=giving.accountant, at=AT
    )
    return db.session.scalars(select(Receipt).where(Receipt.number == str(number))).one()


def wished(giving: Giving, receipt: Receipt) -> Receipt:
    """Two people wish it to be void; it is not yet."""
    change = ask(receipt, Wish(kind=Change.VOID, reason="抬头写错"), by=giving.cashier, at=AT)
    change.status, change.decided_by_id, change.decided_at = ChangeStatus.DONE.value, giving.accountant.id, AT
    db.session.flush()
    return receipt


def test_a_void_receipt_stays_with_its_reason_and_successor(giving: Giving) -> None:
    receipt = wished(giving, giving.gift())
    void(receipt, "抬头写错", by=giving.accountant, at=AT)
    successor = issued_again(giving, receipt)
    name_successor(receipt, successor, by=giving.accountant, at=AT)
    db.session.commit()
    assert (receipt.voided_at, receipt.void_reason, receipt.successor) == (AT, "抬头写错", successor)
    assert (receipt.serial, successor.serial) == (1, 2)
    actions = list(db.session.scalars(select(AuditLine.action).where(AuditLine.subject_kind == "receipts_receipt")))
    assert actions == ["receipts.receipt.voided", "receipts.receipt.succeeded"]


def test_a_receipt_becomes_void_only_with_a_reason_and_once(giving: Giving) -> None:
    receipt = wished(giving, giving.gift())
    with pytest.raises(DomainError, match="作废的原因"):
        void(receipt, " ", by=giving.accountant, at=AT)
    void(receipt, "抬头写错", by=giving.accountant, at=AT)
    with pytest.raises(ChangedMeanwhile, match="已经作废"):
        void(receipt, "再作废一次", by=giving.accountant, at=AT)


def test_a_valid_receipt_has_no_successor(giving: Giving) -> None:
    first, second = giving.gift("王建国"), giving.gift("李秀英")
    with pytest.raises(DomainError, match="接替"):
        name_successor(first, second, by=giving.accountant, at=AT)


def test_a_gift_has_one_valid_receipt(giving: Giving) -> None:
    receipt = giving.gift()
    with refused():
        issued_again(giving, receipt)


# ── raw SQL ─────────────────────────────────────────────────────────────────────────────────────────
FROZEN = {
    "gift_id": "gift_id + 1", "fund_id": "fund_id + 1", "year": "2025", "serial": "9", "number": "'919-2026-000009'",
    "issued_on": "'2026-01-01'", "donor_name": "'别人'", "fen": "1", "method": "'cash'", "intention": "'x'",
    "memo": "'x'", "received_on": "'2026-01-01'", "fund_full_name": "'x'", "authorised_by": "'x'",
    "handler_name": "'x'", "checker_name": "'x'", "state_receipt": "'waived'", "nonce": "'00'",
}  # fmt: skip


@pytest.mark.parametrize("column", FROZEN)
def test_what_a_receipt_says_never_changes(giving: Giving, column: str) -> None:
    giving.gift()
    with refused("receipts_receipt"):
        run(f"UPDATE receipts_receipt SET {column} = {FROZEN[column]}")


def test_every_column_is_frozen_or_about_being_void() -> None:
    named = {*FROZEN, "id", "voided_at", "void_reason", "successor_id"}
    assert named == {column.name for column in Receipt.__table__.c}


AFTERWARDS = {
    "another reason": "UPDATE receipts_receipt SET void_reason = 'y' WHERE serial = 1",
    "valid again": "UPDATE receipts_receipt SET voided_at = NULL, void_reason = NULL WHERE serial = 1",
    "a reason taken away": "UPDATE receipts_receipt SET void_reason = '' WHERE serial = 2",
    "void without a reason": "UPDATE receipts_receipt SET voided_at = '2026-11-21 01:00:00' WHERE serial = 2",
    "its own successor": "UPDATE receipts_receipt SET successor_id = id WHERE serial = 1",
    "a successor of a valid one": "UPDATE receipts_receipt SET successor_id = id - 1 WHERE serial = 2",
    "away": "DELETE FROM receipts_receipt WHERE serial = 1",
    "the last one away": "DELETE FROM receipts_receipt WHERE serial = 2",
}


@pytest.mark.parametrize("what", AFTERWARDS)
def test_void_is_said_once_and_nothing_goes_away(giving: Giving, what: str) -> None:
    giving.void(giving.gift("王建国"))
    giving.gift("李秀英")
    with refused():
        run(AFTERWARDS[what])


@only_postgresql
def test_the_table_is_not_truncated(giving: Giving) -> None:
    giving.gift()
    with refused("truncate"):
        run("TRUNCATE receipts_receipt CASCADE")


@only_sqlite
@pytest.mark.parametrize("pragma", ["ON", "OFF"])
def test_no_receipt_is_replaced(giving: Giving, pragma: str) -> None:
    giving.gift()
    run(f"PRAGMA recursive_triggers = {pragma}")
    with refused():
        run("INSERT OR REPLACE INTO receipts_receipt SELECT * FROM receipts_receipt")
    with refused("one_valid"):
        run(another(serial=2).replace("INSERT", "INSERT OR REPLACE", 1))
    run("PRAGMA recursive_triggers = ON")


def another(*, serial: int, fen: str = "fen", voided: bool = False) -> str:
    """SQL that issues one more confirmation of the first gift."""
    own = ("id", "serial", "number", "fen", "voided_at", "void_reason")
    same = [column.name for column in Receipt.__table__.c if column.name not in own]
    void_words = ", ".join(("'2026-11-21 01:00:00'", "'x'") if voided else ("NULL", "NULL"))
    return (
        f"INSERT INTO receipts_receipt (serial, number, fen, voided_at, void_reason, {', '.join(same)}) "
        f"SELECT {serial}, 'x-{serial}', {fen}, {void_words}, {', '.join(same)} FROM receipts_receipt WHERE serial = 1"
    )


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (another(serial=3), "receipts_receipt_gapless"),
        (another(serial=1), None),
        (another(serial=0), None),
        (another(serial=2, fen="fen + 1"), "receipts_receipt_of_gift"),
        (another(serial=2, voided=True), "receipts_receipt_of_gift"),
    ],
    ids=["a gap", "a number twice", "number nought", "another amount", "void from the start"],
)
def test_nothing_false_is_issued(giving: Giving, statement: str, words: str | None) -> None:
    giving.void(giving.gift())
    with refused(words):
        run(statement)


def test_the_next_number_of_a_void_one_may_be_issued(giving: Giving) -> None:
    giving.void(giving.gift())
    assert run(another(serial=2)) == 1


@pytest.mark.parametrize(
    ("guard", "statement"),
    [
        ("receipts_receipt_frozen", "UPDATE receipts_receipt SET fen = 1"),
        ("receipts_receipt_forgotten", "UPDATE receipts_receipt SET donor_name = '别人'"),
        ("receipts_receipt_void_once", AFTERWARDS["another reason"]),
        ("receipts_receipt_gapless", another(serial=3)),
        ("receipts_receipt_of_gift", another(serial=2, fen="fen + 1")),
        ("receipts_receipt_no_delete", "DELETE FROM receipts_receipt WHERE voided_at IS NULL"),
    ],
)
def test_without_the_guard_it_would_happen(giving: Giving, guard: str, statement: str) -> None:
    giving.void(giving.gift())
    if "DELETE" in statement:
        # Nothing else in the house knows of it yet.
        giving.gift()
    with without(guard):
        assert run(statement) == 1
