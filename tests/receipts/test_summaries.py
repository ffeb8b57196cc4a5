"""Confirmations put together: by their donor, for a household, for a company."""

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import func, select

from portal.clock import CHINA
from portal.db import db
from portal.log.leaves import KINDS
from portal.log.models import Leaf
from portal.people.models import Person, Role
from portal.problems import ChangedMeanwhile, DomainError
from portal.receipts.donors import keep_receipt
from portal.receipts.models import Receipt
from portal.receipts.queries import checked
from portal.receipts.summary_models import Summary
from portal.receipts.summary_pages import context_of
from portal.receipts.summing import put_together
from tests.applications import Client
from tests.factories import person
from tests.giving import Giving, opened
from tests.importing import refused, run, without
from tests.pages import cells, is_valid, words

AT = datetime(2026, 11, 21, 9, tzinfo=CHINA)
JANUARY, JUNE = date(2026, 1, 5), date(2026, 6, 5)


@pytest.fixture
def three(giving: Giving) -> list[Receipt]:
    """Two of Wang Jianguo's and one of Li Xiuying's."""
    return [
        giving.gift("王建国", 10_000, on=JANUARY),
        giving.gift("王建国", 20_050, on=JUNE),
        giving.gift("李秀英", 30_000, on=JUNE),
    ]


@pytest.fixture
def donor(three: list[Receipt]) -> Person:
    keeper = person("王建国")
    for receipt in three:
        keep_receipt(receipt, by=keeper, at=AT)
    db.session.commit()
    return keeper


def test_a_summary_lists_what_it_adds_up_and_has_a_number_of_its_own(giving: Giving, three: list[Receipt]) -> None:
    summary = put_together(three[:2], by=giving.cashier, at=AT)
    db.session.commit()
    assert (summary.number, summary.kind, summary.title) == ("919-2026-H000001", "period", "王建国")
    assert (summary.count, summary.fen, summary.starts_on, summary.ends_on) == (2, 30_050, JANUARY, JUNE)
    assert [(one.number, one.fen) for one in summary.members] == [
        ("919-2026-000001", 10_000),
        ("919-2026-000002", 20_050),
    ]
    assert giving.gift().number == "919-2026-000004"


@pytest.mark.parametrize(
    ("which", "more", "kind", "title"),
    [
        ((0, 1), {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}, "year", "王建国"),
        ((0, 2), {}, "household", "王建国、李秀英"),
        ((0, 1), {"for_company": True}, "company", "王建国"),
    ],
)
def test_what_it_puts_together_says_its_kind(
    giving: Giving, three: list[Receipt], which: tuple[int, ...], more: dict[str, date], kind: str, title: str
) -> None:
    summary = put_together([three[at] for at in which], by=None, at=AT, **more)  # type: ignore[arg-type]
    assert (summary.kind, summary.title) == (kind, title)


def test_an_anonymous_donor_stays_so_on_it(giving: Giving) -> None:
    summary = put_together([giving.gift("王建国", is_anonymous=True)], by=None, at=AT)
    assert summary.title == "匿名（爱心人士）"
    assert context_of(summary, base_url="")["lines"][0]["donor"] is None  # type: ignore[index,call-overload]


def test_the_same_once_more_is_the_first_one(giving: Giving, three: list[Receipt]) -> None:
    first = put_together(three, by=None, at=AT)
    assert put_together(list(reversed(three)), by=giving.cashier, at=AT).id == first.id
    assert put_together(three[:1], by=None, at=AT).serial == 2


def test_what_rolls_back_leaves_no_gap(three: list[Receipt]) -> None:
    put_together(three, by=None, at=AT)
    db.session.rollback()
    assert put_together(three[:1], by=None, at=AT).serial == 1


def test_nothing_false_is_put_together(giving: Giving, three: list[Receipt]) -> None:
    other = opened("gongyi", "公益公积金").gift()
    with pytest.raises(DomainError, match="勾选"):
        put_together([], by=None, at=AT)
    with pytest.raises(DomainError, match="一个基金"):
        put_together([three[0], other], by=None, at=AT)
    with pytest.raises(DomainError, match="不在这段日子"):
        put_together(three, by=None, at=AT, starts_on=JUNE)
    giving.void(three[0])
    with pytest.raises(ChangedMeanwhile, match="已经作废"):
        put_together(three, by=None, at=AT)


def test_it_counts_no_more_when_one_of_them_is_void(giving: Giving, three: list[Receipt]) -> None:
    number = put_together(three, by=None, at=AT).number
    db.session.commit()
    assert checked(number) == (number, "genuine", None, True)
    giving.void(three[1])
    assert checked(number).state == "void"
    assert checked(number.replace("H000001", "H000002")).state == "unknown"
    assert checked(number.lower()).number == number


def test_its_leaf_hides_the_name_and_stands_for_the_numbers(three: list[Receipt]) -> None:
    summary = put_together(three, by=None, at=AT)
    db.session.commit()
    assert db.session.scalar(select(Leaf.ref).where(Leaf.kind == "summary")) == summary.id
    (body,) = KINDS["summary"](db.session(), [summary.id])
    numbers = json.dumps([one.number for one in three], separators=(",", ":")).encode()
    assert body.public["members"] == hashlib.sha256(numbers).hexdigest()
    assert body.private == {"title": "王建国、李秀英"}
    assert "王建国" not in str(body.public)


# ── raw SQL ─────────────────────────────────────────────────────────────────────────────────────────
HARM = {
    "receipts_summary_frozen": "UPDATE receipts_summary SET fen = fen + 1",
    "receipts_summary_forgotten": "UPDATE receipts_summary SET title = '别人'",
    "receipts_summary_no_delete": "DELETE FROM receipts_summary WHERE id > 1000",
    "receipts_summary_member_frozen": "UPDATE receipts_summary_member SET fen = 1",
    "receipts_summary_member_forgotten": "UPDATE receipts_summary_member SET donor_name = '别人'",
    "receipts_summary_member_no_delete": "DELETE FROM receipts_summary_member",
}


@pytest.mark.parametrize("guard", [name for name in HARM if name != "receipts_summary_no_delete"])
def test_what_a_summary_says_never_changes(three: list[Receipt], guard: str) -> None:
    put_together(three, by=None, at=AT)
    db.session.commit()
    with refused("receipts_summary"):
        run(HARM[guard])
    with without(guard):
        assert run(HARM[guard]) > 0


def test_no_line_is_forged_or_added(giving: Giving, three: list[Receipt]) -> None:
    put_together(three[:2], by=None, at=AT)
    db.session.commit()
    line = (
        "INSERT INTO receipts_summary_member (summary_id, position, receipt_id, number, donor_name, received_on, fen) "
        "SELECT 1, {position}, id, number, donor_name, received_on, {fen} FROM receipts_receipt "
        f"WHERE id = {three[2].id}"
    )
    for position, fen in (("3", "fen"), ("2", "fen + 1")):
        with refused():
            run(line.format(position=position, fen=fen))
    with without("receipts_summary_member_true"):
        assert run(line.format(position="3", fen="fen")) == 1


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────
def test_a_donor_puts_hers_together_and_sees_it(client: Client, donor: Person, three: list[Receipt]) -> None:
    page = client.sign_in(donor).get("/summaries/new")
    assert is_valid(page)
    assert len(cells(page)) == 3
    sent = client.post("/summaries/new", data={"receipt": [str(one.id) for one in three]})
    address = sent.headers["Location"]
    shown = client.get(address)
    assert is_valid(shown)
    assert "3 张确认单，一共 ¥600.50" in words(shown)
    assert "陆佰元零伍角整" in words(shown)
    assert "919-2026-H000001" in words(client.get("/summaries"))
    assert client.get("/verify/919-2026-H000001").status_code == 200


def test_days_narrow_what_is_offered(client: Client, donor: Person) -> None:
    client.sign_in(donor)
    assert len(cells(client.get("/summaries/new?from=2026-06-01&to=2026-06-30"))) == 2
    assert "这段日子里没有" in words(client.get("/summaries/new?from=2025-01-01&to=2025-12-31"))
    assert "没有「昨天」这一天" in words(client.get("/summaries/new?from=昨天"))


@pytest.mark.parametrize("forged", ["999999", "-1", "abc", "1' OR 1=1", "", "9" * 30])
def test_other_peoples_are_not_put_together(client: Client, giving: Giving, three: list[Receipt], forged: str) -> None:
    mine = person("别人")
    keep_receipt(three[0], by=mine, at=AT)
    db.session.commit()
    client.sign_in(mine)
    sent = client.post("/summaries/new", data={"receipt": [str(three[0].id), str(three[2].id), forged]})
    assert sent.status_code == 422
    assert "只能汇总您收存的" in words(sent)
    assert "李秀英" not in sent.text
    assert db.session.scalar(select(func.count(Summary.id))) == 0


def test_nobody_else_finds_it(client: Client, giving: Giving, donor: Person, three: list[Receipt]) -> None:
    number = put_together(three, by=donor, at=AT).number
    db.session.commit()
    other = opened("gongyi", "公益公积金")
    for stranger in (person("路人"), other.cashier, person("顾清和", grants=[(Role.SUPERVISOR, giving.fund.scope)])):
        assert client.sign_in(stranger).get(f"/summaries/{number}").status_code == 404
        assert client.get(f"/summaries/{number}/pdf").status_code == 404
    for handles in (giving.cashier, giving.accountant):
        assert client.sign_in(handles).get(f"/summaries/{number}").status_code == 200


def test_without_an_account_the_opened_ones_are_put_together(
    client: Client, three: list[Receipt], show_code: Callable[[Receipt], str]
) -> None:
    for receipt in three[:2]:
        show_code(receipt)
    sent = client.post("/summaries/new", data={"receipt": [str(one.id) for one in three[:2]]})
    assert client.get(sent.headers["Location"]).status_code == 200
    client.post(f"/receipts/{three[0].number}/close")
    assert client.get(sent.headers["Location"]).status_code == 404


def test_the_cashier_puts_a_companys_together_by_its_recorded_name(client: Client, giving: Giving) -> None:
    ones = [giving.gift("海宁某某公司", 100 * number) for number in (1, 2)]
    giving.gift("海宁某某公司分公司")
    page = client.sign_in(giving.cashier).get("/summaries/company?q=海宁某某公司")
    assert is_valid(page)
    assert len(cells(page)) == 2
    form = {"fund": str(giving.fund.id), "name": "海宁某某公司", "receipt": [str(one.id) for one in ones]}
    sent = client.post("/summaries/company", data=form)
    assert "一个单位" in words(client.get(sent.headers["Location"]))
    assert client.sign_in(person("路人")).get("/summaries/company").status_code == 403


def test_a_void_one_is_said_on_its_page(client: Client, giving: Giving, donor: Person, three: list[Receipt]) -> None:
    number = put_together(three, by=donor, at=AT).number
    db.session.commit()
    giving.void(three[0])
    page = client.sign_in(donor).get(f"/summaries/{number}")
    assert "这张汇总已经失效" in words(page)
    assert f"{three[0].number} 作废了" in words(page)
    assert "已失效" in words(client.get("/summaries"))
