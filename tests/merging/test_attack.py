"""Whoever has two entries tries to use the one against the other; and a deletion is not undone by a merge."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.closing import reopen_account
from portal.audit import record_taking
from portal.db import db
from portal.joining.actions import approve, refuse
from portal.joining.models import Application, State
from portal.joining.policy import can_change_standing
from portal.joining.wishes import Wish
from portal.merging.actions import NotOnePerson, merge, part
from portal.mydata import corrections
from portal.mydata.deleting import ask_to_delete, carry_out, take_back
from portal.mydata.models import Mistake
from portal.mydata.policy import can_delete_for
from portal.orgs.models import Membership, Team
from portal.people.models import ALLIANCE, Person, Role
from portal.problems import DomainError, NotAllowed
from portal.teams import asking, invitations, lending
from portal.teams.models import Invitation
from portal.teams.models import Wish as Answer
from tests import factories
from tests.conftest import new_client
from tests.joining.steps import applied
from tests.pages import words
from tests.teams.test_lending import terms
from tests.volunteers import MONDAY, Cast

REASON = "本人当面确认，带了身份证"
LATER = MONDAY + timedelta(days=2)


@pytest.fixture
def aide(cast: Cast) -> Person:
    return factories.person("夏立春", grants=[(Role.WORKER, ALLIANCE)])


@pytest.fixture
def judge(cast: Cast) -> Person:
    """A worker who merges two entries of the other."""
    return factories.person("倪晚晴", grants=[(Role.WORKER, ALLIANCE)])


def second(of: Person, cast: Cast) -> Person:
    return factories.person(of.name, teams=[cast.team])


# ── one's own work, seen from the other entry ───────────────────────────────────────────────────────
def test_nobody_decides_on_the_wish_of_her_other_entry(cast: Cast, aide: Person) -> None:
    application = applied(wish=Wish(cast.organisation))
    aide.other_ids = str(application.person_id)
    db.session.flush()
    with pytest.raises(NotAllowed):
        approve(application, by=aide, at=MONDAY)
    with pytest.raises(NotAllowed):
        refuse(application, "不合适", by=aide, at=MONDAY)


def test_nobody_answers_the_correction_that_her_other_entry_asked_for(
    cast: Cast, aide: Person, judge: Person, app: Flask
) -> None:
    twin = second(aide, cast)
    correction = corrections.ask(twin, Mistake.NAME, "夏立秋", at=MONDAY)
    merge(twin, aide, by=judge, at=MONDAY, reason=REASON)
    with pytest.raises(DomainError):
        corrections.answer(correction, is_done=True, words="改好了", name="夏立秋", by=aide, at=MONDAY)
    corrections.answer(correction, is_done=True, words="改好了", by=judge, at=MONDAY)
    db.session.commit()
    assert "改好了" in words(new_client(app).sign_in(aide).get("/me/data"))


def test_nobody_changes_the_standing_of_her_other_entry_or_deletes_it_for_her(
    cast: Cast, aide: Person, judge: Person
) -> None:
    twin = second(aide, cast)
    merge(twin, aide, by=judge, at=MONDAY, reason=REASON)
    assert not can_change_standing(aide, twin, frozenset())
    assert not can_delete_for(aide, twin)
    assert can_change_standing(judge, twin, frozenset())


def test_nobody_agrees_as_an_organisation_to_the_loan_of_her_other_entry(cast: Cast, judge: Person) -> None:
    house = factories.organisation("潮声社会组织")
    team = factories.team("潮声助老队", of=house)
    admin = factories.person("宋知远", grants=[(Role.ORGANISATION_ADMIN, house.scope)])
    twin = factories.person("宋知远", teams=[cast.team])
    admin.other_ids = str(twin.id)
    db.session.flush()
    with pytest.raises(DomainError):
        lending.ask_for(twin, cast.organisation, team, terms(), by=admin, at=MONDAY)


# ── what the entry that is merged still does ────────────────────────────────────────────────────────
def test_what_the_other_entry_waited_for_is_taken_back(cast: Cast, aide: Person) -> None:
    twin = second(cast.member, cast)
    other = factories.team("夜归人服务队", of=cast.organisation)
    request = asking.ask(twin, other, words="", by=twin, at=MONDAY, invitation=_link(other, cast))
    application = applied(wish=Wish(cast.organisation))
    merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    merge(application.person, cast.other, by=aide, at=MONDAY, reason=REASON)
    db.session.refresh(request)
    assert request.status == Answer.WITHDRAWN.value
    state = select(Application.status).where(Application.id == application.id)
    assert db.session.scalar(state) == State.WITHDRAWN.value


def _link(team: Team, cast: Cast) -> Invitation:
    return invitations.make(team, days=3, most_uses=None, by=cast.lead, at=MONDAY)


def test_who_was_lent_to_a_team_is_no_member_for_good_afterwards(cast: Cast, aide: Person) -> None:
    kept = factories.person("沈桥")
    twin = second(kept, cast)
    lent = db.session.scalars(select(Membership).where(Membership.person_id == twin.id)).one()
    lent.until = LATER.date()
    merge(twin, kept, by=aide, at=MONDAY, reason=REASON)
    assert list(db.session.scalars(select(Membership.until).where(Membership.person_id == kept.id))) == [LATER.date()]


def test_an_administrator_opens_no_account_whose_data_was_deleted(cast: Cast, app: Flask) -> None:
    admin = factories.person("顾九思", grants=[(Role.ADMIN, ALLIANCE)])
    assert carry_out(ask_to_delete(cast.member, by=cast.member, at=MONDAY), at=LATER)
    db.session.commit()
    browser = new_client(app).sign_in(admin)
    answer = browser.post(f"/roles/people/{cast.member.id}/account/reopen", data={"reason": "再打开"})
    assert answer.status_code == 403
    assert not db.session.get_one(Person, cast.member.id).is_open


def test_a_merged_entry_is_not_opened_again_but_by_undoing(cast: Cast, aide: Person, judge: Person) -> None:
    """Opened, it would sign in as somebody else than she is and approve her own hours."""
    twin = second(cast.member, cast)
    merged = merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    with pytest.raises(DomainError):
        reopen_account(twin, by=judge, at=MONDAY, reason="再打开")
    assert not twin.is_open
    part(merged, by=aide, at=MONDAY, reason="是两个人")
    assert twin.is_open


def test_who_looks_at_the_merged_entry_is_seen_by_her(cast: Cast, aide: Person, app: Flask) -> None:
    twin = second(cast.member, cast)
    db.session.commit()
    record_taking("mydata.file.looked_at", twin, [twin.id], by=aide, at=MONDAY, reason="上门走访")
    merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    db.session.commit()
    assert "上门走访" in words(new_client(app).sign_in(cast.member).get("/me/looks"))


# ── deletions ───────────────────────────────────────────────────────────────────────────────────────
def test_no_merge_takes_data_away_from_a_deletion_that_waits(cast: Cast, aide: Person) -> None:
    twin = second(cast.member, cast)
    wish = ask_to_delete(twin, by=twin, at=MONDAY)
    for one, other in ((twin, cast.member), (cast.member, twin)):
        with pytest.raises(NotOnePerson, match="删除"):
            merge(one, other, by=aide, at=MONDAY, reason=REASON)
    take_back(wish, by=twin, at=MONDAY)
    merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)


def test_a_deleted_entry_is_nobodys_second_one(cast: Cast, aide: Person) -> None:
    twin = second(cast.member, cast)
    assert carry_out(ask_to_delete(twin, by=twin, at=MONDAY), at=LATER)
    with pytest.raises(NotOnePerson, match="删除"):
        merge(twin, cast.member, by=aide, at=LATER, reason=REASON)


def test_undoing_a_merge_brings_nobody_back_whose_data_was_deleted(cast: Cast, aide: Person) -> None:
    twin = second(cast.member, cast)
    merged = merge(twin, cast.member, by=aide, at=MONDAY, reason=REASON)
    assert carry_out(ask_to_delete(cast.member, by=cast.member, at=MONDAY), at=LATER)
    with pytest.raises(DomainError, match="删除"):
        part(merged, by=aide, at=LATER, reason="是两个人")
    assert not twin.is_open
