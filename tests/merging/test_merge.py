"""Two entries of one person become one: what goes over, what stays, and that undoing gives each its own again."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal.accounts.closing import close_account
from portal.badges.actions import issue_badges
from portal.badges.models import Badge
from portal.clock import now
from portal.consents.actions import give
from portal.consents.models import Purpose
from portal.consents.queries import purposes_agreed
from portal.contacts.actions import add_contact
from portal.contacts.queries import contacts_of
from portal.contacts.reading import read_address
from portal.db import db
from portal.hours.actions import AlreadyClaimed
from portal.hours.policy import can_decide
from portal.hours.queries import hours_summary
from portal.identity import Gender, Paper
from portal.invariants import INVARIANTS
from portal.merging.actions import NotOnePerson, merge, part, problems, tell_apart
from portal.merging.models import Merge
from portal.merging.queries import suggestions
from portal.notices.models import Notice
from portal.orgs.queries import teams_of
from portal.people.actions import grant
from portal.people.models import ALLIANCE, Person, Role
from portal.problems import ChangedMeanwhile, DomainError
from portal.profiles.actions import open_file
from portal.profiles.details import Details
from portal.profiles.models import Status
from portal.profiles.queries import choices_of, profile_of
from tests import factories
from tests.volunteers import MONDAY, Cast, at_once, claimed, lines, published

HER_ID = "11010519491231002X"
REASON = "本人当面确认，带了身份证"


@pytest.fixture
def aide(cast: Cast) -> Person:
    return factories.person("夏立春", grants=[(Role.WORKER, ALLIANCE)])


@pytest.fixture
def twin(cast: Cast) -> Person:
    """The other entry of 林一禾: in another team, with what the first one lacks."""
    other = factories.team("夜归人服务队", of=cast.organisation)
    made = factories.person("林一禾", teams=[cast.team, other], grants=[(Role.VOLUNTEER, ALLIANCE)])
    give(made, Purpose.IDENTITY, by=made, at=MONDAY)
    add_contact(made, read_address("13800138000"), at=MONDAY)
    details = Details(paper=Paper.RESIDENT, number=HER_ID, area="双桥", health="怕高", skills=("理发",))
    open_file(made, details, status=Status.PAUSED, by=made, at=MONDAY)
    open_file(cast.member, Details(area="望湖", skills=("量血压",)), status=Status.ACTIVE, by=made, at=MONDAY)
    return made


def selves_are_right() -> list[str]:
    return list(INVARIANTS["merging.selves"](db.session())[1])


# ── what goes over ──────────────────────────────────────────────────────────────────────────────────
def test_hours_of_both_entries_count_together_and_none_is_changed(cast: Cast, twin: Person, aide: Person) -> None:
    walk, river = published(cast), published(cast, "巡河")
    mine, hers = claimed(cast.member, walk, minutes=60), claimed(twin, river, minutes=90)
    before = {one.id: one.person_id for one in (mine, hers)}
    merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    assert hours_summary(cast.member).waiting == 150
    assert {one.id: one.person_id for one in (mine, hers)} == before
    with pytest.raises(AlreadyClaimed):
        claimed(cast.member, river)
    assert selves_are_right() == []


def test_what_her_entry_lacks_comes_over_and_what_it_has_stays(cast: Cast, twin: Person, aide: Person) -> None:
    merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    profile = profile_of(cast.member.id)
    assert profile and (profile.id_number, profile.birthday) == (HER_ID, date(1949, 12, 31))
    assert (profile.area, profile.health, profile.gender) == ("望湖", "怕高", Gender.FEMALE)
    assert {team.name for team in teams_of(cast.member)} == {cast.team.name, "夜归人服务队"}
    assert [contact.value for contact in contacts_of(cast.member.id)] == ["13800138000"]
    assert purposes_agreed(cast.member.id) == {Purpose.IDENTITY}
    assert sorted(word for words in choices_of(cast.member.id).values() for word in words) == ["理发", "量血压"]


def test_the_other_entry_opens_nothing_any_more(cast: Cast, twin: Person, aide: Person) -> None:
    grant(aide, Role.TEAM_LEADER, on=cast.team.scopes[0], by=None, at=MONDAY, reason="测试")
    issue_badges([twin], cast.team, by=aide, at=MONDAY)
    merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    assert not twin.is_open
    assert teams_of(twin) == []
    assert db.session.scalars(select(Badge.revoked_at)).one() is not None
    assert (her := profile_of(twin.id)) and her.state is Status.LEFT


def test_her_login_goes_over_to_an_entry_without_one(cast: Cast, twin: Person, aide: Person) -> None:
    twin.login, twin.password_hash = "lin", "hash"
    merged = merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    assert cast.member.login == "lin"
    part(merged, by=aide, at=MONDAY, reason="是两个人")
    assert (twin.login, cast.member.password_hash) == ("lin", None)


def test_she_is_told_and_the_trail_says_who_and_why(cast: Cast, twin: Person, aide: Person) -> None:
    merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    told = db.session.scalars(select(Notice.kind).where(Notice.person_id == cast.member.id)).all()
    assert "merging.merged" in told
    assert lines("merging.merge.done") == 1


# ── and back ────────────────────────────────────────────────────────────────────────────────────────
def test_undoing_gives_each_entry_its_own_again(cast: Cast, twin: Person, aide: Person) -> None:
    claimed(twin, published(cast), minutes=90)
    merged = merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    part(merged, by=aide, at=MONDAY, reason="姐妹俩，共用手机")
    theirs, hers = profile_of(cast.member.id), profile_of(twin.id)
    assert theirs and hers
    assert (theirs.id_number, theirs.health, theirs.area) == (None, None, "望湖")
    assert (hers.id_number, hers.health, hers.state) == (HER_ID, "怕高", Status.PAUSED)
    assert twin.is_open and contacts_of(cast.member.id) == [] and len(contacts_of(twin.id)) == 1
    assert [team.name for team in teams_of(cast.member)] == [cast.team.name]
    assert {team.name for team in teams_of(twin)} == {cast.team.name, "夜归人服务队"}
    assert (hours_summary(cast.member).waiting, hours_summary(twin).waiting) == (0, 90)
    assert purposes_agreed(cast.member.id) == frozenset()
    assert any(grant.role == Role.VOLUNTEER and grant.ends_on is None for grant in twin.grants)
    assert selves_are_right() == []


def test_what_was_written_after_the_merge_stays_with_the_entry_that_was_kept(
    cast: Cast, twin: Person, aide: Person
) -> None:
    merged = merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    claimed(cast.member, published(cast), minutes=45)
    add_contact(cast.member, read_address("13900139000"), at=MONDAY)
    part(merged, by=aide, at=MONDAY, reason="是两个人")
    assert hours_summary(cast.member).waiting == 45
    assert [contact.value for contact in contacts_of(cast.member.id)] == ["13900139000"]


def test_an_entry_without_a_file_has_none_again(cast: Cast, twin: Person, aide: Person) -> None:
    merged = merge(twin, cast.other, by=aide, at=MONDAY, reason=REASON)
    assert (given := profile_of(cast.other.id)) and given.id_number == HER_ID
    part(merged, by=aide, at=MONDAY, reason="是两个人")
    assert profile_of(cast.other.id) is None
    assert (hers := profile_of(twin.id)) and hers.id_number == HER_ID


def test_a_merge_is_undone_once(cast: Cast, twin: Person, aide: Person) -> None:
    merged = merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    part(merged, by=aide, at=MONDAY, reason="是两个人")
    with pytest.raises(ChangedMeanwhile):
        part(merged, by=aide, at=MONDAY, reason="再来一次")
    merge(twin, cast.member, by=aide, at=MONDAY, reason="到底是同一个人")
    assert cast.member.selves == (cast.member.id, twin.id)


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────
def test_two_papers_of_one_kind_are_two_people(cast: Cast, twin: Person, aide: Person) -> None:
    theirs = profile_of(cast.member.id)
    assert theirs
    theirs.id_kind, theirs.id_number, theirs.id_digest = "resident", "440524198001010013", "f" * 64
    with pytest.raises(NotOnePerson, match="证件号码不同"):
        merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    assert twin.is_open and db.session.query(Merge).count() == 0


def test_nobody_merges_her_own_entries_nor_one_with_itself(cast: Cast, twin: Person, aide: Person) -> None:
    for one, other, by in ((twin, cast.member, twin), (twin, aide, aide), (twin, twin, aide)):
        with pytest.raises(NotOnePerson):
            merge(one, other, by=by, at=MONDAY, reason=REASON)


def test_an_entry_with_another_role_is_not_merged_away(cast: Cast, twin: Person, aide: Person) -> None:
    assert list(problems(cast.leader, twin, by=aide)) != []
    assert list(problems(twin, cast.leader, by=aide)) == []


def test_there_are_no_chains(cast: Cast, twin: Person, aide: Person) -> None:
    merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    for one, other in ((cast.member, cast.other), (cast.other, twin), (twin, cast.other)):
        with pytest.raises(NotOnePerson):
            merge(one, other, by=aide, at=MONDAY, reason=REASON)


def test_a_closed_entry_can_be_merged_and_stays_closed_when_parted(cast: Cast, twin: Person, aide: Person) -> None:
    close_account(twin, by=aide, at=MONDAY, reason="登记了两次")
    part(
        merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON),
        by=aide,
        at=MONDAY,
        reason="是两个人",
    )
    assert not twin.is_open


def test_a_reason_is_asked_for(cast: Cast, twin: Person, aide: Person) -> None:
    with pytest.raises(DomainError) as asked:
        merge(twin, cast.member, by=aide, at=MONDAY, reason=" ")
    assert asked.value.field == "reason"


def test_nobody_approves_hours_that_are_hers_under_her_other_number(cast: Cast, twin: Person, aide: Person) -> None:
    claim = claimed(twin, published(cast))
    assert can_decide(cast.lead, claim)
    merge(twin, cast.lead, by=aide, at=MONDAY, reason=REASON)
    assert not can_decide(cast.lead, claim)
    assert can_decide(cast.reviewer, claim)


# ── at the same moment, and past the rules ──────────────────────────────────────────────────────────
def test_of_two_who_merge_both_ways_at_once_one_succeeds(cast: Cast, twin: Person, aide: Person, app: Flask) -> None:
    ids = (twin.id, cast.member.id, aide.id)
    db.session.commit()

    def merging(one: int, other: int) -> bool:
        with app.app_context():
            people = [db.session.get_one(Person, number) for number in (one, other, ids[2])]
            try:
                merge(people[0], people[1], by=people[2], at=MONDAY, reason=REASON)
                db.session.commit()
            except (NotOnePerson, DBAPIError):
                db.session.rollback()
                return False
            return True

    assert sorted(at_once(app, [lambda: merging(ids[0], ids[1]), lambda: merging(ids[1], ids[0])])) == [False, True]


def test_the_database_refuses_a_chain_and_without_its_guard_takes_one(cast: Cast, twin: Person, aide: Person) -> None:
    merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    chain = {
        "twin_id": cast.member.id,
        "into_id": cast.other.id,
        "by_id": aide.id,
        "at": now(),
        "reason": "绕过",
    }
    with pytest.raises(DBAPIError, match="merging_merge_no_chain"), db.session.begin_nested():
        db.session.add(Merge(**chain, moved={}))
        db.session.flush()
    db.session.expunge_all()
    engine = db.session.connection().dialect.name
    db.session.execute(text(f"DROP TRIGGER merging_merge_no_chain{' ON merging_merge' if engine != 'sqlite' else ''}"))
    db.session.add(Merge(**chain, moved={}))
    db.session.flush()


def test_an_entry_is_a_part_of_one_other_only(cast: Cast, twin: Person, aide: Person) -> None:
    merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    again = Merge(twin_id=twin.id, into_id=cast.other.id, by_id=aide.id, at=now(), reason="绕过", moved={})
    with pytest.raises((IntegrityError, DBAPIError)), db.session.begin_nested():
        db.session.add(again)
        db.session.flush()


def test_check_notices_a_person_whose_other_entries_were_forgotten(cast: Cast, twin: Person, aide: Person) -> None:
    merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    cast.member.other_ids, twin.is_open = None, True
    db.session.flush()
    assert len(selves_are_right()) == 2


# ── who may be one person ───────────────────────────────────────────────────────────────────────────
def test_namesakes_are_suggested_by_paper_by_contact_and_by_birth_and_place(cast: Cast, aide: Person) -> None:
    people = [factories.person("周小满") for _ in range(6)]
    for one in people[:2]:
        open_file(one, Details(paper=Paper.PASSPORT, number="E1234567"), status=Status.APPLIED, by=one, at=MONDAY)
    for one in people[2:4]:
        add_contact(one, read_address("13800138000"), at=MONDAY)
    for one in people[4:]:
        details = Details(gender=Gender.FEMALE, born_on=date(1949, 12, 31), area="双桥")
        open_file(one, details, status=Status.ACTIVE, by=one, at=MONDAY)
    pairs = [(one.one, one.other) for one in suggestions()]
    assert pairs == [(people[0], people[1]), (people[2], people[3]), (people[4], people[5])]


def test_two_who_are_told_apart_are_suggested_no_more(cast: Cast, aide: Person) -> None:
    one, other = factories.person("周小满"), factories.person("周小满")
    for twin in (one, other):
        add_contact(twin, read_address("13800138000"), at=MONDAY)
    assert len(suggestions()) == 1
    tell_apart(other, one, by=aide, at=MONDAY)
    tell_apart(one, other, by=aide, at=MONDAY)
    assert suggestions() == []
    assert lines("merging.apart.said") == 1


def test_different_people_with_one_mobile_are_no_twins(cast: Cast) -> None:
    for name in ("周小满", "周小寒"):
        add_contact(factories.person(name), read_address("13800138000"), at=MONDAY)
    assert suggestions() == []
