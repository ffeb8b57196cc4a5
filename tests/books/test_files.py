"""Other people's programs add the ledger up, whatever stands in it, and come to the same sums to the fen."""

import csv
import gzip
import re
from datetime import datetime, time
from pathlib import Path

import pytest
from beancount.core.data import Balance as Assertion
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.books.accounts import Accounts
from portal.books.beancount import ROOTS
from portal.books.files import Kind, parts_of
from portal.books.queries import Bounds, Place, for_reading, opened
from portal.clock import CHINA
from portal.db import db
from portal.funds import spending
from portal.funds.spending import UNTOLD
from portal.ledger.actions import reverse
from portal.ledger.models import Balance, Entry, Pool
from portal.log.queries import written
from tests.applications import Client
from tests.books import programs
from tests.books.nasty import MEMOS
from tests.giving import DAY, Giving
from tests.ledger.books import Books, check

AT = datetime.combine(DAY, time(18), CHINA)


def test_beancount_and_hledger_accept_the_nastiest_ledger(nasty: Books, tmp_path: Path) -> None:
    check()
    bean, journal = programs.accepted(tmp_path)
    printed = programs.hledger(journal, "print", "-O", "csv")
    assert printed.returncode == 0
    count = db.session.scalar(select(func.count()).select_from(Entry))
    months = len(re.findall("月末余额", journal.read_text()))
    assert len({row["txnidx"] for row in csv.DictReader(printed.stdout.splitlines())}) == (count or 0) + months
    assert len(list(programs.transactions(programs.read(bean)))) == count


def test_beancounts_reader_comes_to_the_sums_that_the_portal_keeps(nasty: Books, tmp_path: Path) -> None:
    read = programs.sums(programs.read(programs.file_of(tmp_path, Kind.BEANCOUNT)))
    fen = func.sum(Balance.debit_fen - Balance.credit_fen)
    place = (Balance.entity_id, Balance.account_id, Balance.pool_id)
    with opened(for_reading()) as ledger:
        name = Accounts(ledger, ROOTS).name
    kept = {name(Place(*at)): int(sum) for *at, sum in db.session.execute(select(*place, fen).group_by(*place))}
    assert {at: sum for at, sum in read.items() if sum} == {at: sum for at, sum in kept.items() if sum}
    assert len(kept) == len({Place(*at) for *at, _ in db.session.execute(select(*place, fen).group_by(*place))})


def test_hledger_comes_to_the_same_balance_of_each_pool(nasty: Books, tmp_path: Path) -> None:
    _, journal = programs.accepted(tmp_path)
    told = programs.hledger(journal, "balance", "-N", "--flat", "-E", "-O", "csv", "type:AL").stdout
    found: dict[str, int] = {}
    for row in csv.DictReader(told.splitlines()):
        pool = row["account"].rpartition(":")[2]
        found[pool] = found.get(pool, 0) + round(float(row["balance"].split()[0]) * 100)
    for pool in db.session.scalars(select(Pool).where(Pool.code.in_(["919", "919/chairs", "gongyi"]))):
        part = f"{pool.code.replace('/', '-').capitalize()}-{pool.name}"
        assert found[part] == pool.balance_fen, part


def test_each_months_end_is_asserted_closing_entries_under_their_own_day(nasty: Books, tmp_path: Path) -> None:
    asserted = [one for one in programs.read(programs.file_of(tmp_path, Kind.BEANCOUNT)) if isinstance(one, Assertion)]
    days = {str(one.date) for one in asserted}
    assert {"2024-03-01", "2026-03-01", "2026-04-01", "2027-01-01", "2027-04-01", "2028-01-01"} <= days
    with opened(for_reading()) as ledger:
        places = len(ledger.places())
    assert len({one.account for one in asserted if str(one.date) == "2028-01-01"}) == places
    assert all(one.tolerance == 0 for one in asserted)


def test_memos_come_through_on_one_line(nasty: Books, tmp_path: Path) -> None:
    bean = programs.file_of(tmp_path, Kind.BEANCOUNT)
    told = {one.narration for one in programs.transactions(programs.read(bean))}
    assert {MEMOS[0], MEMOS[1], MEMOS[3], MEMOS[4], MEMOS[8]} <= told
    assert "two lines and more tabs null [31m end" in told
    assert "עברית العربية turned" in told
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b]", bean.read_text())


@pytest.mark.parametrize("kind", [Kind.BEANCOUNT, Kind.HLEDGER])
@pytest.mark.parametrize("changed", ["one side", "both sides"])
def test_one_fen_more_makes_the_programs_complain(nasty: Books, tmp_path: Path, kind: Kind, changed: str) -> None:
    file = programs.file_of(tmp_path, kind)
    text = file.read_text()
    assert text.count("  10000.01 CNY\n") == text.count("  -10000.01 CNY\n") == len(MEMOS)
    text = text.replace("  10000.01 CNY\n", "  10000.02 CNY\n", 1)
    if changed == "both sides":
        text = text.replace("  -10000.01 CNY\n", "  -10000.02 CNY\n", 1)
    file.write_text(text)
    checked = programs.bean_check(file) if kind is Kind.BEANCOUNT else programs.hledger(file, "check", "-s")
    assert checked.returncode != 0


def test_an_entry_left_out_makes_the_programs_complain(nasty: Books, tmp_path: Path) -> None:
    file = programs.file_of(tmp_path, Kind.BEANCOUNT)
    entries = file.read_text().split("\n\n")
    file.write_text("\n\n".join(one for one in entries if "^1-2024-1\n" not in one))
    assert "Balance failed" in programs.bean_check(file).stderr


def test_a_funds_part_holds_the_fund_and_the_projects_inside_it(nasty: Books, tmp_path: Path) -> None:
    bean, _ = programs.accepted(tmp_path, Bounds("919", "919爱心基金"))
    accounts = programs.sums(programs.read(bean))
    pools = {name.rpartition(":")[2] for name in accounts}
    assert pools == {"919-919爱心基金", "919-chairs-爱心椅", "0-其他专项资金"}
    inside = sum(fen for name, fen in accounts.items() if name.startswith(("Assets", "Liabilities")))
    assert inside == sum(db.session.scalars(select(Pool.balance_fen).where(Pool.code.in_(["919", "919/chairs"]))))


def test_empty_books_are_a_file_too(session: object, tmp_path: Path) -> None:
    programs.accepted(tmp_path)
    assert len(b"".join(parts_of(Kind.CSV)).decode().splitlines()) == 1


def test_nobody_who_handled_money_and_no_small_groups_purpose_is_told(
    giving: Giving, monkeypatch: pytest.MonkeyPatch
) -> None:
    giving.gift("只有她自己知道的名字", 100_000, memo="备注里的秘密")
    giving.spend(1_000, "给五个人的救助金", beneficiaries=5)
    giving.spend(1_000, "给某某某的救助金", beneficiaries=4)
    logged = b"".join(one.text or b"" for one in written(0, 100)).decode()
    assert "某某某" not in logged
    assert "给五个人的救助金" in logged
    with monkeypatch.context() as before:
        # As entries were written before the books were open: the purpose stands in the memo.
        before.setattr(spending, "FEWEST_TO_TELL", 0)
        old = db.session.get_one(Entry, giving.spend(1_000, "给某某某的助学金", beneficiaries=1).entry_id)
    assert "某某某" in old.memo
    reverse(old, reason="记错了", by=giving.cashier, checked_by=giving.accountant, at=AT)
    db.session.commit()
    for kind in Kind:
        text = b"".join(parts_of(kind)).decode()
        assert "捐赠到账" in text
        for secret in ("只有她自己知道的名字", "备注里的秘密", giving.cashier.name, giving.accountant.name, "某某某"):
            assert secret not in text
        assert text.count(UNTOLD) == 3 * (2 if kind is Kind.CSV else 1)
        assert "给五个人的救助金" in text


def test_the_files_come_whole_compressed_or_not_and_are_not_sent_twice(client: Client, nasty: Books) -> None:
    for kind in Kind:
        address, whole = f"/books/ledger.{kind}", b"".join(parts_of(kind))
        plain = client.get(address)
        assert (plain.status_code, plain.data) == (200, whole)
        assert plain.headers["Content-Disposition"] == f'attachment; filename="ledger.{kind}"'
        pressed = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert pressed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(pressed.data) == whole
        assert "Accept-Encoding" in pressed.headers["Vary"]
        tag = plain.headers["ETag"]
        again = client.get(address, headers={"If-None-Match": tag})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    before = client.get("/books/ledger.csv").headers["ETag"]
    nasty.gift("1.00")
    db.session.commit()
    assert _tag(client) != before
    before = _tag(client)
    nasty.love.name = "改了名的基金"
    db.session.commit()
    assert _tag(client) != before


@pytest.mark.parametrize("kind", [Kind.BEANCOUNT, Kind.HLEDGER])
def test_what_is_booked_while_the_file_is_read_does_not_tear_it(nasty: Books, tmp_path: Path, kind: Kind) -> None:
    parts, file = parts_of(kind), tmp_path / f"ledger.{kind}"
    begun = next(parts)
    nasty.gift("919191.91")
    db.session.commit()
    file.write_bytes(begun + b"".join(parts))
    assert "919191.91" not in file.read_text()
    checked = programs.bean_check(file) if kind is Kind.BEANCOUNT else programs.hledger(file, "check", "-s")
    assert (checked.returncode, checked.stderr[:500]) == (0, "")
    assert "919191.91" in programs.file_of(tmp_path, kind).read_text()


def _tag(client: FlaskClient) -> str:
    return client.get("/books/ledger.csv").headers["ETag"]


def test_the_table_adds_up(nasty: Books) -> None:
    lines = list(csv.DictReader(b"".join(parts_of(Kind.CSV)).decode("utf-8-sig").splitlines()))
    debit, credit = (sum(round(float(row[side] or 0) * 100) for row in lines) for side in ("借方(元)", "贷方(元)"))
    assert debit == credit == db.session.scalar(select(func.sum(Entry.total_fen)))
    assert any(row["冲销的凭证"] and row["冲销原因"].startswith("重复入账") for row in lines)
