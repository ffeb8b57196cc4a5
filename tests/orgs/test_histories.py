"""Stages, branches, cross-posts, terms and changes of the legal representative: dated rows that nobody rewrites."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from portal import clock
from portal.db import db
from portal.notices.models import Notice
from portal.orgs.chapters import CHAPTERS, add_entry, entries_of, terms_running_out, void_entry
from portal.orgs.histories import HISTORIES, CrossPost, LegalChange, Stage, Term
from portal.orgs.terms import remind
from portal.people.models import Person
from portal.problems import ChangedMeanwhile, DomainError
from tests import factories
from tests.applications import Client
from tests.conftest import new_client
from tests.files.test_pictures import photo
from tests.pages import is_valid, links, words
from tests.volunteers import MONDAY, Cast

STAGE = {"stage": "applied", "happened_on": date(2024, 3, 1), "place": "三楼东", "note": None}
TERM = {"number": 3, "starts_on": date(2022, 1, 1), "ends_on": date(2026, 12, 31), "head": "许南星", "board_size": 7}


def test_a_worker_writes_a_chapter_with_its_paper(cast: Cast, staff: Client, app: Flask, client: Client) -> None:
    base = f"/organisations/manage/{cast.organisation.id}"
    for key in CHAPTERS:
        assert is_valid(staff.get(f"{base}/history/{key}/new"))
    wrong = staff.post(
        f"{base}/history/terms/new", data={"number": "三", "starts_on": "2022-01-01", "ends_on": "2021-01-01"}
    )
    assert wrong.status_code == 422
    sent = {"number": "３", "starts_on": "2022-01-01", "ends_on": "2026-12-31", "head": "许南星", "board_size": "7"}
    data = {**sent, "photo": (BytesIO(photo()), "决议.jpg")}
    assert staff.post(f"{base}/history/terms/new", data=data).status_code == 303
    page = staff.get(base)
    assert is_valid(page)
    assert "第 3 届" in words(page)
    assert "许南星" in words(page)
    assert "请准备换届" in words(page)
    (paper,) = [address for address in links(page) if "/papers/" in address]
    assert staff.get(paper).status_code == 200
    assert new_client(app).sign_in(cast.member).get(paper).status_code == 404
    public = client.get(f"/organisations/{cast.organisation.slug}")
    assert "第 3 届， 2022-01-01 到 2026-12-31" in words(public)
    assert "许南星" not in public.text


def test_each_chapter_takes_a_row_and_shows_it(cast: Cast, staff: Client) -> None:
    base = f"/organisations/manage/{cast.organisation.id}"
    rows: dict[str, dict[str, str]] = {
        "stages": {"stage": "moved_in", "happened_on": "2024-05-01", "place": "三楼东", "note": "先把章程定下来。"},
        "branches": {
            "coverage": "work",
            "kind": "instructor",
            "name": "西山社区党委",
            "members": "0",
            "starts_on": "2024-05-01",
        },
        "posts": {"person": "许南星", "post_there": "支部委员", "post_here": "副会长", "starts_on": "2024-05-01"},
        "changes": {"old_name": "许南星", "new_name": "何远帆", "changed_on": "2025-01-01", "state": "waiting"},
    }
    for key, row in rows.items():
        assert staff.post(f"{base}/history/{key}/new", data=row).status_code == 303, key
    page = staff.get(base)
    assert is_valid(page)
    for said in (
        "先把章程定下来。",
        "工作覆盖 · 党建指导员",
        "党员 0 名",
        "党组织：支部委员 · 本组织：副会长",
        "待报批",
    ):
        assert said in words(page)


def test_filed_without_a_day_is_refused(cast: Cast, staff: Client) -> None:
    sent = {"old_name": "甲", "new_name": "乙", "changed_on": "2025-01-01", "state": "filed"}
    answer = staff.post(f"/organisations/manage/{cast.organisation.id}/history/changes/new", data=sent)
    assert answer.status_code == 422
    assert "请填备案日期" in words(answer)


def test_a_correction_stands_in_the_place_of_the_row_and_both_stay(cast: Cast, worker_person: Person) -> None:
    chapter = CHAPTERS["stages"]
    first = add_entry(cast.organisation, chapter, STAGE, by=worker_person, at=MONDAY)
    second = add_entry(
        cast.organisation, chapter, {**STAGE, "place": "四楼"}, replaces=first, by=worker_person, at=MONDAY
    )
    assert entries_of(cast.organisation, chapter) == [second]
    assert db.session.scalars(select(Stage)).all() == [first, second]
    with pytest.raises(ChangedMeanwhile):
        add_entry(cast.organisation, chapter, STAGE, replaces=first, by=worker_person, at=MONDAY)
    void_entry(cast.organisation, chapter, second, reason="不是这个组织", by=worker_person, at=MONDAY)
    assert entries_of(cast.organisation, chapter) == []


def test_a_void_row_repeats_no_name(cast: Cast, worker_person: Person) -> None:
    values = {
        "person": "许南星",
        "post_there": "委员",
        "post_here": "会长",
        "starts_on": date(2024, 1, 1),
        "ends_on": None,
    }
    first = add_entry(cast.organisation, CHAPTERS["posts"], values, by=worker_person, at=MONDAY)
    void_entry(cast.organisation, CHAPTERS["posts"], first, reason="记错了", by=worker_person, at=MONDAY)
    assert [one.person for one in db.session.scalars(select(CrossPost).order_by(CrossPost.id))] == ["许南星", None]
    assert "许南星" not in str(db.session.execute(text("SELECT person FROM orgs_cross_post")).all())


def test_a_row_of_another_organisation_is_not_found_here(cast: Cast, staff: Client, worker_person: Person) -> None:
    other = factories.organisation("另一个社会组织")
    entry = add_entry(other, CHAPTERS["stages"], STAGE, by=worker_person, at=MONDAY)
    base = f"/organisations/manage/{cast.organisation.id}/history/stages"
    assert staff.get(f"{base}/{entry.id}").status_code == 404
    assert staff.post(f"{base}/{entry.id}/void", data={"reason": "不是"}).status_code == 404


def test_the_database_lets_no_row_be_rewritten(cast: Cast, worker_person: Person) -> None:
    add_entry(cast.organisation, CHAPTERS["stages"], STAGE, by=worker_person, at=MONDAY)
    add_entry(cast.organisation, CHAPTERS["terms"], TERM, by=worker_person, at=MONDAY)
    db.session.commit()
    for statement in ("UPDATE orgs_stage SET note = 'x'", "DELETE FROM orgs_term"):
        with pytest.raises(DatabaseError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()


@pytest.mark.parametrize(("days", "kinds"), [(120, []), (30, ["orgs.term_running_out"]), (-1, ["orgs.term_overdue"])])
def test_terms_that_run_out_are_told_once(cast: Cast, worker_person: Person, days: int, kinds: list[str]) -> None:
    ends = MONDAY.date() + timedelta(days=days)
    add_entry(cast.organisation, CHAPTERS["terms"], {**TERM, "ends_on": ends}, by=worker_person, at=MONDAY)
    remind({})
    remind({})
    told = select(Notice.kind).where(Notice.person_id == cast.lead.id, Notice.kind.like("orgs.term%"))
    assert list(db.session.scalars(told)) == kinds


def test_the_next_term_ends_the_reminder(cast: Cast, worker_person: Person) -> None:
    chapter, ends = CHAPTERS["terms"], MONDAY.date() - timedelta(days=1)
    add_entry(cast.organisation, chapter, {**TERM, "ends_on": ends}, by=worker_person, at=MONDAY)
    assert [term.number for _, term in terms_running_out(MONDAY.date())] == [3]
    following = {**TERM, "number": 4, "starts_on": ends, "ends_on": ends + timedelta(days=1500)}
    add_entry(cast.organisation, chapter, following, by=worker_person, at=MONDAY)
    assert terms_running_out(MONDAY.date()) == []


def test_what_has_happened_is_not_ahead(cast: Cast, worker_person: Person) -> None:
    with pytest.raises(DomainError) as refused, clock.frozen(MONDAY):
        ahead = {**STAGE, "happened_on": MONDAY.date() + timedelta(days=1)}
        add_entry(cast.organisation, CHAPTERS["stages"], ahead, by=worker_person, at=MONDAY)
    assert refused.value.field == "happened_on"


def test_every_history_is_a_chapter() -> None:
    assert {chapter.model for chapter in CHAPTERS.values()} == set(HISTORIES)
    assert {Term, LegalChange} <= set(HISTORIES)
