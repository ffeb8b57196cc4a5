"""Raw SQL against lists and gifts, on both engines: the database itself refuses. Controls show that it is the guard."""

import pytest
from sqlalchemy.exc import DBAPIError

from portal.db import db
from portal.invariants import run_all
from portal.ledger.actions import post
from portal.ledger.drafts import EntryDraft
from portal.ledger.models import EntryKind
from portal.ledger.patterns import interest_lines
from portal.lists import actions
from portal.lists.models import DonationImport
from tests.giving import Giving
from tests.importing import AT, BAD, THREE, booked, brought, confirmed, handed, refused, run, without

only_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)

CONFIRM = "UPDATE lists_import SET status = 'booking', confirmed_by_id = :who, confirmed_at = handed_at WHERE id = :id"


# ── two people ──────────────────────────────────────────────────────────────────────────────────────
def test_the_uploader_cannot_confirm_by_sql(giving: Giving) -> None:
    imported = brought(giving, *THREE)
    actions.hand_over(imported, by=giving.accountant, at=AT)
    db.session.commit()
    with refused("two_people_uploaded"):
        run(CONFIRM, who=giving.cashier.id, id=imported.id)


def test_whoever_handed_over_cannot_confirm_by_sql(giving: Giving) -> None:
    imported = brought(giving, *THREE)
    actions.hand_over(imported, by=giving.accountant, at=AT)
    db.session.commit()
    with refused("two_people_handed"):
        run(CONFIRM, who=giving.accountant.id, id=imported.id)


def test_somebody_else_can(giving: Giving) -> None:
    imported = handed(giving, *THREE)
    assert run(CONFIRM, who=giving.accountant.id, id=imported.id) == 1


@pytest.mark.parametrize("column", ["uploaded_by_id", "handed_by_id"])
def test_nobody_takes_their_name_off_to_confirm(giving: Giving, column: str) -> None:
    imported = handed(giving, *THREE)
    with refused("lists_import_handed"):
        run(f"UPDATE lists_import SET {column} = :other WHERE id = :id", other=giving.accountant.id, id=imported.id)


def test_a_list_is_not_booked_without_a_second_person(giving: Giving) -> None:
    imported = handed(giving, *THREE)
    with refused("booked_by_two"):
        run("UPDATE lists_import SET status = 'booking' WHERE id = :id", id=imported.id)


# ── the way ─────────────────────────────────────────────────────────────────────────────────────────
BACK = {
    "from waiting to preview": ("waiting", "UPDATE lists_import SET status = 'preview'"),
    "from booked to booking": ("booked", "UPDATE lists_import SET status = 'booking'"),
    "from booked to withdrawn": ("booked", "UPDATE lists_import SET status = 'withdrawn'"),
    "past the accountant": ("waiting", "UPDATE lists_import SET status = 'booked', confirmed_by_id = {accountant}"),
    "a list that is booked by halves": ("booking", "UPDATE lists_import SET status = 'booked'"),
    "a returned list without a reason": ("waiting", "UPDATE lists_import SET status = 'returned'"),
    "fewer rows booked": ("booked", "UPDATE lists_import SET booked = 1"),
    "rows booked before their time": ("waiting", "UPDATE lists_import SET booked = 1"),
    "another content": ("waiting", "UPDATE lists_import SET content_hash = 'x'"),
    "another total": ("waiting", "UPDATE lists_import SET total_fen = 1"),
    "another method": ("waiting", "UPDATE lists_import SET method = 'cash'"),
    "other columns": ("waiting", "UPDATE lists_import SET columns = '{{}}'"),
    "another fund": ("preview", "UPDATE lists_import SET fund_id = fund_id + 1"),
    "another uploader": ("preview", "UPDATE lists_import SET uploaded_by_id = {accountant}"),
    "another accountant": ("booked", "UPDATE lists_import SET confirmed_by_id = {stranger}"),
    "the list away": ("preview", "DELETE FROM lists_import"),
    "a row's amount": ("waiting", "UPDATE lists_row SET fen = 1 WHERE row_no = 2"),
    "a row left out late": ("booked", "UPDATE lists_row SET is_left_out = TRUE WHERE row_no = 2"),
    "a row away": ("booked", "DELETE FROM lists_row WHERE row_no = 2"),
    "a gift's amount": ("booked", "UPDATE funds_gift SET fen = fen + 1"),
    "a gift's donor": ("booked", "UPDATE funds_gift SET donor_name = '别人'"),
    "a gift's day": ("booked", "UPDATE funds_gift SET received_on = '2026-11-09'"),
    "a gift away": ("booked", "DELETE FROM funds_gift WHERE row_no = 2"),
}
STAGES = {"preview": brought, "waiting": handed, "booking": confirmed, "booked": booked}


@pytest.mark.parametrize("what", BACK)
def test_nothing_goes_back_or_changes(giving: Giving, what: str) -> None:
    stage, statement = BACK[what]
    STAGES[stage](giving, *THREE)
    with refused():
        run(statement.format(accountant=giving.accountant.id, stranger=giving.cashier.id))


def test_a_public_name_may_change(giving: Giving) -> None:
    booked(giving, *THREE)
    assert run("UPDATE funds_gift SET public_name = '王先生' WHERE row_no = 2") == 1


@only_postgresql
@pytest.mark.parametrize("table", ["lists_import", "lists_row", "funds_gift"])
def test_no_table_is_truncated(giving: Giving, table: str) -> None:
    booked(giving, *THREE)
    with refused():
        run(f"TRUNCATE {table} CASCADE")


@only_sqlite
@pytest.mark.parametrize("pragma", ["ON", "OFF"])
@pytest.mark.parametrize("table", ["lists_import", "lists_row", "funds_gift"])
def test_no_row_is_replaced(giving: Giving, table: str, pragma: str) -> None:
    booked(giving, *THREE)
    with refused():
        run(f"PRAGMA recursive_triggers = {pragma}")
        run(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    run("PRAGMA recursive_triggers = ON")


# ── what comes in ───────────────────────────────────────────────────────────────────────────────────
def test_a_list_with_a_problem_row_is_not_handed_over_by_sql(giving: Giving) -> None:
    imported = brought(giving, *THREE, BAD[0])
    with refused("lists_import_clean"):
        run(
            "UPDATE lists_import SET status = 'waiting', handed_by_id = uploaded_by_id, handed_at = uploaded_at "
            "WHERE id = :id",
            id=imported.id,
        )


def test_the_same_list_is_not_handed_over_twice_by_sql(giving: Giving) -> None:
    handed(giving, *THREE)
    again = brought(giving, *THREE)
    with refused("uq_lists_import_same_list|lists_import.content_hash"):
        run(
            "UPDATE lists_import SET status = 'waiting', handed_by_id = uploaded_by_id, handed_at = uploaded_at "
            "WHERE id = :id",
            id=again.id,
        )


COPY_ROW = """
INSERT INTO lists_row (import_id, row_no, received_on, donor_name, is_anonymous, fen, method, intention,
  order_no, memo, problem_words, is_bad, is_repeat, is_left_out)
SELECT import_id, 99, received_on, donor_name, is_anonymous, fen, method, intention, order_no, memo, problem_words,
  is_bad, is_repeat, is_left_out FROM lists_row WHERE row_no = 2
"""
COPY_GIFT = """
INSERT INTO funds_gift (fund_id, import_id, row_no, entry_id, received_on, donor_name, is_anonymous, fen, method,
  intention, memo, order_no, booked_at)
SELECT i.fund_id, r.import_id, r.row_no, e.id, r.received_on, r.donor_name, r.is_anonymous, r.fen + :more, r.method,
  r.intention, r.memo, r.order_no, e.created_at
FROM lists_row r JOIN lists_import i ON i.id = r.import_id, ledger_entry e
WHERE r.import_id = :id AND r.row_no = 2 AND e.id = (
  SELECT max(id) FROM ledger_entry f WHERE NOT EXISTS (SELECT 1 FROM funds_gift g WHERE g.entry_id = f.id)
)
"""


def test_no_row_comes_into_a_list_that_is_handed_over(giving: Giving) -> None:
    handed(giving, *THREE)
    with refused("lists_row_settled_insert"):
        run(COPY_ROW)


@pytest.mark.parametrize(("stage", "more"), [("waiting", 0), ("booking", 1)])
def test_no_gift_comes_in_but_as_its_row_says_while_it_is_booked(giving: Giving, stage: str, more: int) -> None:
    imported = STAGES[stage](giving, *THREE)
    _entry_without_gift(giving)
    with refused("funds_gift_of_list"):
        run(COPY_GIFT, id=imported.id, more=more)


def test_a_row_left_out_never_becomes_a_gift(giving: Giving) -> None:
    imported = brought(giving, *THREE)
    actions.leave_rows_out(imported, [2], by=giving.cashier, at=AT)
    actions.hand_over(imported, by=giving.cashier, at=AT)
    actions.confirm(imported, by=giving.accountant, at=AT)
    _entry_without_gift(giving)
    with refused("funds_gift_of_list"):
        run(COPY_GIFT, id=imported.id, more=0)


def _entry_without_gift(giving: Giving) -> None:
    draft = EntryDraft(on=AT.date(), kind=EntryKind.INTEREST, memo="利息", lines=interest_lines(giving.fund.pool, 100))
    post(draft, by=giving.cashier, checked_by=giving.accountant, at=AT)
    db.session.commit()


def test_a_list_does_not_begin_on_its_way(giving: Giving) -> None:
    imported = handed(giving, *THREE)
    columns = [c.name for c in DonationImport.__table__.c if c.name not in ("id", "content_hash")]
    names = ", ".join(columns)
    with refused("lists_import_begins"):
        run(
            f"INSERT INTO lists_import (content_hash, {names}) SELECT 'x', {names} FROM lists_import WHERE id = :id",
            id=imported.id,
        )


# ── controls ────────────────────────────────────────────────────────────────────────────────────────
CONTROLS = {
    "lists_import_handed": ("waiting", "UPDATE lists_import SET total_fen = 1"),
    "lists_import_way": ("waiting", "UPDATE lists_import SET status = 'preview'"),
    "lists_import_grows": ("waiting", "UPDATE lists_import SET booked = 1"),
    "lists_row_settled_update": ("waiting", "UPDATE lists_row SET fen = 1 WHERE row_no = 2"),
    "lists_row_settled_delete": ("waiting", "DELETE FROM lists_row WHERE row_no = 2"),
    "lists_row_settled_insert": ("waiting", COPY_ROW),
    "funds_gift_frozen": ("booked", "UPDATE funds_gift SET method = 'cash' WHERE row_no = 2"),
    "funds_gift_forgotten": ("booked", "UPDATE funds_gift SET donor_name = '别人' WHERE row_no = 2"),
}


@pytest.mark.parametrize("guard", CONTROLS)
def test_without_the_guard_it_would_happen(giving: Giving, guard: str) -> None:
    stage, statement = CONTROLS[guard]
    STAGES[stage](giving, *THREE)
    with without(guard):
        assert run(statement) >= 1


def test_without_its_guard_a_false_gift_comes_in_and_the_check_finds_it(giving: Giving) -> None:
    imported = confirmed(giving, *THREE)
    _entry_without_gift(giving)
    with without("funds_gift_of_list"):
        assert run(COPY_GIFT, id=imported.id, more=1) == 1
        found = {result.name: result.problems for result in run_all(db.session())}
        assert found["lists.gifts are as listed"]
        assert found["funds.gifts are posted"]


def test_an_attack_of_these_tests_reaches_the_table(giving: Giving) -> None:
    imported = brought(giving, *THREE)
    assert run("UPDATE lists_row SET is_left_out = TRUE WHERE import_id = :id", id=imported.id) == 3
    with pytest.raises(DBAPIError):
        run("UPDATE funds_nothing SET fen = 1")
    db.session.rollback()
