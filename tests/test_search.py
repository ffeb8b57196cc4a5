"""What is found by index is what is found by reading everything."""

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import scoped_session

from portal import search
from portal.activities.models import Activity
from portal.activities.public_list import ACTIVITIES
from portal.db import PortalSession, db
from portal.funds.actions import GiftDraft, agree_public_name, withdraw_public_name
from portal.funds.models import Gift
from portal.funds.public_gifts import GIFTS
from portal.invariants import run_all
from portal.search import LONGEST_CUT, holds, like
from tests.applications import Client
from tests.engines import Engine
from tests.giving import DAY, Giving, opened
from tests.pages import cells
from tests.volunteers import cast, drafted

# Names and words, capitals of two alphabets, rare characters, what LIKE, tsquery and full text take for their own.
LETTERS = "王伟伟芳丽aAbBÄä𠮷㛃·%_\\'\"&|!():*- 　😀é9"
WORDS = st.text(st.sampled_from(LETTERS), min_size=1, max_size=4)
TEXTS = st.text(st.sampled_from(LETTERS), max_size=7)


def by_index(q: str, within: int) -> set[int]:
    few = GIFTS.candidates(Gift, q, within=within)
    return set(
        db.session.scalars(select(few.id).where(few.fund_id == within, holds(q, few.public_name, few.intention)))
    )


def by_reading(q: str, within: int) -> set[int]:
    wanted = Gift.fund_id == within, holds(q, Gift.public_name, Gift.intention)
    return set(db.session.scalars(select(Gift.id).where(*wanted)))


def problems() -> list[str]:
    return [problem for result in run_all(db.session(), prefix="database.search") for problem in result.problems]


def given_with(giving: Giving, *texts: tuple[str | None, str]) -> None:
    giving.gifts(
        [
            GiftDraft(received_on=DAY, donor_name="某人", fen=100, public_name=name, intention=words)
            for name, words in texts
        ]
    )


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.one_of(st.none(), TEXTS.filter(bool)), TEXTS), min_size=1, max_size=8),
    asked=st.lists(WORDS, min_size=1, max_size=12),
)
@example(
    rows=[("王伟", "助学"), ("伟王", ""), (None, "王"), ("%_\\", "a_b")],
    asked=["王伟", "伟", "王", "%", "_", "\\", "A_"],
)
@example(rows=[("😀𠮷㛃", "é"), ("Ä", "ä"), ("'", '"')], asked=["𠮷㛃", "㛃", "ä", "Ä", "É", "'", '"', "😀"])
def test_search_by_index_finds_what_reading_finds(
    app: Flask, engine: Engine, rows: list[tuple[str | None, str]], asked: list[str]
) -> None:
    with app.app_context():
        giving, other = opened(), opened("gongyi", "公益公积金")
        given_with(giving, *rows)
        given_with(other, *rows[:1])
        for q in asked:
            assert by_index(q, giving.fund.id) == by_reading(q, giving.fund.id), q
            assert by_index(q, other.fund.id) == by_reading(q, other.fund.id), q
        assert problems() == []
        db.session.rollback()
    engine.restore()


def test_a_withdrawn_name_is_found_no_more_at_once(client: Client, giving: Giving) -> None:
    gift = giving.gift(public_name="王小明", intention="爱心椅").gift
    assert by_index("小明", giving.fund.id) == {gift.id}
    withdraw_public_name(gift, by=None, at=gift.booked_at)
    everybody = GIFTS.candidates(Gift, "小明", within=giving.fund.id)
    assert db.session.scalars(select(everybody.id)).all() == []
    assert by_index("爱心", giving.fund.id) == {gift.id}
    agree_public_name(gift, "小明的妈妈", by=None, at=gift.booked_at)
    assert by_index("小明", giving.fund.id) == {gift.id}
    assert len(cells(client.get("/funds/919/donations?q=妈妈"))) == 1
    assert problems() == []


def test_what_is_rolled_back_is_not_found(giving: Giving) -> None:
    gift = giving.gift(public_name="王小明").gift
    withdraw_public_name(gift, by=None, at=gift.booked_at)
    db.session.rollback()
    assert by_index("小明", giving.fund.id) == {gift.id}
    assert problems() == []


def test_a_very_long_text_is_found_to_its_end(giving: Giving) -> None:
    long = "助" * (LONGEST_CUT + 5) + "李雷韩梅梅"
    given_with(giving, ("王伟", long), ("王芳", "李雷"))
    assert len(by_index("韩梅", giving.fund.id)) == 1
    assert len(by_index("李雷", giving.fund.id)) == 2
    assert problems() == []


def test_an_activity_is_found_by_what_it_is_called_now(session: scoped_session[PortalSession]) -> None:
    activity = drafted(cast(), "爱心教室")
    session.execute(update(Activity).values(name="防溺水巡河"))
    assert session.scalars(select(ACTIVITIES.candidates(Activity, "教室").id)).all() == []
    assert session.scalars(select(ACTIVITIES.candidates(Activity, "巡河").id)).all() == [activity.id]
    assert problems() == []
    session.execute(delete(Activity))
    assert problems() == []
    session.rollback()


def test_more_candidates_than_are_looked_at_are_not_rare(giving: Giving, monkeypatch: pytest.MonkeyPatch) -> None:
    given_with(giving, *[("王伟", "")] * 4)
    monkeypatch.setattr(search, "MOST_CANDIDATES", 3)
    assert db.session.scalar(select(GIFTS.is_rare("王伟", within=giving.fund.id))) in (False, 0)
    assert db.session.scalar(select(GIFTS.is_rare("王芳", within=giving.fund.id))) in (True, 1)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_without_the_trigger_a_name_would_stay_in_the_index(giving: Giving) -> None:
    gift = giving.gift(public_name="王小明").gift
    db.session.execute(text("DROP TRIGGER funds_gift_search_update"))
    withdraw_public_name(gift, by=None, at=gift.booked_at)
    assert db.session.scalars(select(GIFTS.candidates(Gift, "小明", within=giving.fund.id).id)).all() == [gift.id]
    assert {problem.split(": ")[1] for problem in problems()} == {f"a pair of row {gift.id} is too many"}
    db.session.rollback()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_pair_that_is_missing_is_named(giving: Giving) -> None:
    gift = giving.gift(public_name="王小明").gift
    db.session.execute(text("INSERT INTO funds_gift_search (funds_gift_search) VALUES ('delete-all')"))
    assert {problem.split(": ")[1] for problem in problems()} == {f"a pair of row {gift.id} is missing"}
    db.session.rollback()


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_an_index_that_is_gone_or_another_function_is_named(session: scoped_session[PortalSession]) -> None:
    session.execute(text("DROP INDEX funds_gift_search"))
    assert problems() == ["funds_gift_search is not what it must be"]
    other = "RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT ''\\:\\:tsquery $$"
    session.execute(text(f"CREATE OR REPLACE FUNCTION search_asked(q text, mark text) {other}"))
    assert len(problems()) == 2
    session.rollback()


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_postgresql_can_go_by_its_index(giving: Giving) -> None:
    given_with(giving, ("王伟", ""))
    # So small a table is read through whatever there is: what is asked here is whether the question fits the index.
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    few = GIFTS.candidates(Gift, "王伟", within=giving.fund.id)
    asked = select(func.count()).select_from(few).compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = "\n".join(db.session.scalars(text(f"EXPLAIN {asked}".replace(":", "\\:"))))
    assert "funds_gift_search" in plan


def test_wildcards_of_like_are_taken_literally() -> None:
    assert like("50%_\\") == "%50\\%\\_\\\\%"


def test_the_search_of_one_fund_finds_nothing_of_another(giving: Giving) -> None:
    given_with(giving, ("王伟", ""))
    assert by_index("王伟", giving.fund.id + 1) == set()
