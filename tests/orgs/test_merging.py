"""Two entries of one organisation become one, and two again."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from portal import clock
from portal.db import Base, db
from portal.hours.actions import Ticket, approve_claims
from portal.hours.policy import can_decide
from portal.invariants import run_all
from portal.notices.models import Notice
from portal.orgs.alliance import Belonging, join_alliance, unit_of
from portal.orgs.duplicates import alike
from portal.orgs.merging import merge, preview, undo, why_not_undone
from portal.orgs.models import Organisation
from portal.orgs.registering import close, register
from portal.orgs.units import Merge
from portal.people.actions import grant
from portal.people.models import Grant, Person, Role
from portal.problems import DomainError
from tests import factories, harm
from tests.applications import Client
from tests.orgs.codes import code
from tests.orgs.test_registry import details
from tests.pages import is_valid, links, words
from tests.volunteers import MONDAY, Cast, at_once, claimed, published

EARLY = date(2025, 1, 1)


@pytest.fixture
def kept(cast: Cast) -> Organisation:
    """The first entry, which stays; the cast's own organisation goes into it."""
    return factories.organisation("海宁市星火社会组织")


def tables() -> dict[str, list[Any]]:
    """Everything that a merge may touch, but what says that there was one."""
    wanted = ("orgs_organisation", "orgs_team", "orgs_membership", "orgs_member_unit", "hours_claim", "hours_tally")
    db.session.commit()
    found = {}
    for name in wanted:
        columns = [column for column in Base.metadata.tables[name].columns if column.name != "seq"]
        found[name] = sorted(map(repr, db.session.execute(select(*columns)).all()))
    return found


def counting(person_id: int) -> list[tuple[str, int]]:
    """The roles that a person holds today, and for which organisation."""
    today = clock.today()
    held = db.session.scalars(select(Grant).where(Grant.person_id == person_id, Grant.scope_kind == "organisation"))
    return sorted((one.role, one.scope_id) for one in held if one.counts_on(today))


def holds_all() -> bool:
    return all(result.holds for result in run_all(db.session(), prefix="orgs."))


def test_a_merge_moves_teams_and_units_and_undoing_puts_each_row_back(
    cast: Cast, kept: Organisation, worker_person: Person
) -> None:
    earlier = factories.organisation("更早的星火")
    merge(cast.organisation, earlier, reason="早先重复", by=worker_person, at=MONDAY)
    for one in (kept, cast.organisation):
        join_alliance(one, Belonging(EARLY), by=worker_person, at=MONDAY)
    published(cast)
    before, held = tables(), counting(cast.lead.id)
    merged = merge(kept, cast.organisation, reason="登记了两次", by=worker_person, at=MONDAY)
    assert cast.team.organisation_id == kept.id
    assert (cast.organisation.closed_on, cast.organisation.merged_into_id) == (MONDAY.date(), kept.id)
    assert earlier.merged_into_id == kept.id
    assert unit_of(cast.organisation) is None
    assert counting(cast.lead.id) == sorted([*held, (Role.ORGANISATION_ADMIN.value, kept.id)])
    assert holds_all()
    undo(merged, by=worker_person, at=MONDAY)
    assert tables() == before
    assert counting(cast.lead.id) == held
    assert holds_all()


def test_a_unit_of_one_alone_goes_over_and_back(cast: Cast, kept: Organisation, worker_person: Person) -> None:
    unit = join_alliance(cast.organisation, Belonging(EARLY), by=worker_person, at=MONDAY)
    merged = merge(kept, cast.organisation, reason="登记了两次", by=worker_person, at=MONDAY)
    assert unit_of(kept) == unit
    undo(merged, by=worker_person, at=MONDAY)
    assert unit_of(cast.organisation) == unit


def test_hours_that_waited_are_decided_by_either_side(cast: Cast, kept: Organisation, worker_person: Person) -> None:
    chief = factories.person("程向晚", grants=[(Role.ORGANISATION_ADMIN, kept.scope)])
    claim = claimed(cast.member, published(cast))
    assert not can_decide(chief, claim)
    merge(kept, cast.organisation, reason="登记了两次", by=worker_person, at=MONDAY)
    db.session.commit()
    db.session.expire_all()
    assert claim.organisation_id == cast.organisation.id
    assert can_decide(chief, claim)
    assert can_decide(cast.reviewer, claim)


def test_hours_entered_since_keep_the_two_together(cast: Cast, kept: Organisation, worker_person: Person) -> None:
    activity = published(cast)
    merged = merge(kept, cast.organisation, reason="登记了两次", by=worker_person, at=MONDAY)
    claim = claimed(cast.member, activity)
    assert claim.organisation_id == kept.id
    with pytest.raises(DomainError, match="1 条时长"):
        undo(merged, by=worker_person, at=MONDAY)


def test_totals_of_both_count_on_the_page_that_stays(
    cast: Cast, kept: Organisation, worker_person: Person, client: Client
) -> None:
    claim = claimed(cast.member, published(cast), minutes=600 // 5)
    approve_claims([Ticket(claim.id, claim.seq)], by=cast.reviewer, at=MONDAY)
    assert "0 小时" in words(client.get(f"/organisations/{kept.slug}"))
    merge(kept, cast.organisation, reason="登记了两次", by=worker_person, at=MONDAY)
    page = client.get(f"/organisations/{kept.slug}")
    assert "服务时长合计 2 小时" in words(page)
    assert cast.team.name in words(page)
    gone = client.get(f"/organisations/{cast.organisation.slug}")
    assert (gone.status_code, gone.location) == (302, f"/organisations/{kept.slug}")


@pytest.mark.parametrize("what", ["itself", "gone twice", "closed", "chain"])
def test_what_cannot_become_one(cast: Cast, kept: Organisation, worker_person: Person, what: str) -> None:
    into, gone = kept, cast.organisation
    if what == "itself":
        into = gone
    elif what == "closed":
        close(kept, on=MONDAY.date(), reason="不办了", by=worker_person, at=MONDAY)
    else:
        merge(kept, gone, reason="登记了两次", by=worker_person, at=MONDAY)
        into, gone = (kept, gone) if what == "gone twice" else (gone, kept)
    with pytest.raises(DomainError):
        merge(into, gone, reason="登记了两次", by=worker_person, at=MONDAY)


def test_merges_are_undone_in_their_order(cast: Cast, kept: Organisation, worker_person: Person) -> None:
    last = factories.organisation("星火总会")
    first = merge(kept, cast.organisation, reason="登记了两次", by=worker_person, at=MONDAY)
    second = merge(last, kept, reason="又登记了一次", by=worker_person, at=MONDAY)
    assert why_not_undone(first) is not None
    undo(second, by=worker_person, at=MONDAY)
    undo(first, by=worker_person, at=MONDAY)
    assert cast.team.organisation_id == cast.organisation.id
    with pytest.raises(DomainError):
        undo(first, by=worker_person, at=MONDAY)


def test_one_that_was_closed_before_is_closed_again_after_undoing(
    cast: Cast, kept: Organisation, worker_person: Person
) -> None:
    close(cast.organisation, on=date(2026, 10, 1), reason="搬走了", by=worker_person, at=MONDAY)
    before = tables()
    merged = merge(kept, cast.organisation, reason="登记了两次", by=worker_person, at=MONDAY)
    assert cast.organisation.closed_on == date(2026, 10, 1)
    undo(merged, by=worker_person, at=MONDAY)
    assert tables() == before


def test_nobody_gives_herself_a_role_by_merging(cast: Cast, kept: Organisation, worker_person: Person) -> None:
    grant(worker_person, Role.REVIEWER, on=cast.organisation.scope, by=None, at=MONDAY, reason="测试")
    plan = preview(kept, cast.organisation, by=worker_person)
    assert [one.person_id for one in plan.skipped] == [worker_person.id]
    merge(kept, cast.organisation, reason="登记了两次", by=worker_person, at=MONDAY)
    assert (Role.REVIEWER.value, kept.id) not in counting(worker_person.id)


def test_those_who_run_either_are_told(cast: Cast, kept: Organisation, worker_person: Person) -> None:
    merge(kept, cast.organisation, reason="登记了两次", by=worker_person, at=MONDAY)
    told = set(db.session.scalars(select(Notice.person_id).where(Notice.kind == "orgs.merged")))
    assert {cast.lead.id, cast.reviewer.id} <= told


def test_two_who_merge_at_once_merge_once(app: Flask, cast: Cast, kept: Organisation, worker_person: Person) -> None:
    ids = kept.id, cast.organisation.id, worker_person.id

    def once() -> str:
        with app.app_context():
            into, gone = (db.session.get_one(Organisation, number) for number in ids[:2])
            try:
                merge(into, gone, reason="登记了两次", by=db.session.get_one(Person, ids[2]), at=MONDAY)
                db.session.commit()
            except DomainError:
                db.session.rollback()
                return "refused"
            return "merged"

    assert sorted(at_once(app, [once, once])) == ["merged", "refused"]


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────
def test_a_worker_sees_what_would_come_of_it_merges_and_undoes(
    cast: Cast, kept: Organisation, staff: Client, lead: Client
) -> None:
    index = staff.get("/organisations/duplicates")
    assert is_valid(index)
    (address,) = [one for one in links(index) if "/merge?into=" in one]
    number = cast.organisation.id if f"/{cast.organisation.id}/" in address else kept.id
    assert number == max(cast.organisation.id, kept.id)
    base = f"/organisations/manage/{cast.organisation.id}/merge"
    look = staff.get(f"{base}?into={kept.id}")
    assert is_valid(look)
    assert "1 支服务队连同队员转过去：晨星志愿服务队" in words(look)
    assert lead.get(base).status_code == 403
    assert staff.post(base, data={"other": str(kept.id)}).status_code == 422
    assert staff.post(base, data={"other": str(kept.id), "reason": "登记了两次"}).status_code == 303
    merged = db.session.scalars(select(Merge)).one()
    page = staff.get(f"/organisations/merges/{merged.id}")
    assert is_valid(page)
    assert is_valid(staff.get(f"/organisations/manage/{cast.organisation.id}"))
    assert lead.post(f"/organisations/merges/{merged.id}/undo").status_code == 403
    assert staff.post(f"/organisations/merges/{merged.id}/undo").status_code == 303
    assert staff.post(f"/organisations/merges/{merged.id}/undo").status_code == 422
    db.session.expire_all()
    assert cast.team.organisation_id == cast.organisation.id


def test_likely_twins_are_found_and_others_are_not(cast: Cast, worker_person: Person) -> None:
    register(details(name="暖巷 服务社（海宁）"), by=worker_person, at=MONDAY)
    register(details(name="暖巷服务社(海宁)", credit_code=code("52", 2)), by=worker_person, at=MONDAY)
    register(details(name="青禾助学社", credit_code=code("52", 3)), by=worker_person, at=MONDAY)
    assert [(pair.first[1], pair.second[1]) for pair in alike()] == [("暖巷 服务社（海宁）", "暖巷服务社(海宁)")]


# ── the database, and what `portal check` finds ─────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "change",
    [
        "merged_into_id = {kept}",
        "merged_into_id = {gone}, closed_on = '2026-11-16'",
    ],
)
def test_the_database_refuses_open_seconds_and_circles(cast: Cast, kept: Organisation, change: str) -> None:
    numbers = {"kept": kept.id, "gone": cast.organisation.id}
    with pytest.raises(DatabaseError, match="a second entry is closed"):
        db.session.execute(
            text(f"UPDATE orgs_organisation SET {change.format(**numbers)} WHERE id = {numbers['gone']}")
        )


def test_the_check_finds_a_circle_and_a_code_used_twice(cast: Cast, kept: Organisation) -> None:
    one, other = kept.id, cast.organisation.id
    points = f"merged_into_id = CASE id WHEN {one} THEN {other} ELSE {one} END"
    circle = f"UPDATE orgs_organisation SET closed_on = '2026-11-16', {points}"
    with harm.done("orgs_organisation", f"{circle} WHERE id IN ({one}, {other})"):
        assert len(harm.found("orgs.merged ones point")) == 2
        assert len(harm.found("orgs.merged ones went")) == 2
    wrong = f"UPDATE orgs_organisation SET kind = 'service', credit_code = '{code('51')}' WHERE id = {one}"
    with harm.done("orgs_organisation", wrong):
        assert harm.found("orgs.credit codes") == [f"organisation {one}: code {code('51')} does not hold"]


def test_the_check_finds_a_unit_that_belongs_twice(cast: Cast, worker_person: Person) -> None:
    join_alliance(cast.organisation, Belonging(EARLY), by=worker_person, at=MONDAY)
    again = (
        "INSERT INTO orgs_member_unit (organisation_id, joined_on, left_on, added_at) "
        f"VALUES ({cast.organisation.id}, '2025-06-01', '2025-07-01', '2025-06-01 00:00:00')"
    )
    with harm.done("orgs_member_unit", again):
        assert len(harm.found("orgs.member units")) == 1
