from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.actor import Actor
from portal.audit import record
from portal.chance import new_letters
from portal.db import db
from portal.orgs.actions import add_team
from portal.orgs.models import Membership, Organisation, Team
from portal.orgs.registering import require_open_at
from portal.people.actions import end_grant, grant, require_reason
from portal.people.models import Grant, Person, Role
from portal.people.names import strange_in
from portal.problems import DomainError
from portal.teams.admitting import NotAsked, admit, must_be_asked
from portal.teams.models import Deputy, Leaving, Loan, LoanStatus, TeamCard, TeamKind
from portal.teams.queries import card_of, is_closed, leaders_of, membership_of
from portal.teams.telling import JOINED, REMOVED, tell_of_team
from portal.words import _l

LONGEST_ABOUT = 600
MOST_DEPUTIES = 5


@dataclass(frozen=True)
class About:
    """What a team says of itself."""

    kind: TeamKind
    about: str
    is_open_to_join: bool
    asks_approval: bool


# ── the team ────────────────────────────────────────────────────────────────────────────────────────
def found_team(organisation: Organisation, name: str, about: About, *, by: Person, at: datetime) -> Team:
    """A new team of an organisation, with a card; its address is made by chance. Raises DomainError."""
    same = select(Team.id).where(Team.organisation_id == organisation.id, Team.name == name)
    if db.session.scalar(same):
        raise DomainError(_l("这个组织已经有叫「%(name)s」的队了。", name=name), field="name")
    team = add_team(organisation, name, slug=f"t-{new_letters(8).lower()}", by=by, at=at)
    write_card(team, about, by=by, at=at)
    return team


def write_card(team: Team, about: About, *, by: Actor, at: datetime) -> None:
    """Say what the team is and who may come."""
    card = _card(team, at=at)
    before = {name: getattr(card, name) for name in ("kind", "is_open_to_join", "asks_approval")}
    card.kind, card.about, card.updated_at = about.kind.value, about.about, at
    card.is_open_to_join, card.asks_approval = about.is_open_to_join, about.asks_approval
    db.session.flush()
    after = {name: getattr(card, name) for name in before}
    changed = sorted(name for name in before if before[name] != after[name])
    record("teams.card.written", team, by=by, at=at, fields=changed)


def close_team(team: Team, reason: str, *, by: Actor, at: datetime) -> None:
    """It takes no new members and no new activities; what was stays. Raises DomainError."""
    require_reason(reason)
    # Whoever comes in at this moment is in before, or finds it closed.
    db.session.execute(select(Team.id).where(Team.id == team.id).with_for_update())
    if is_closed(team.id):
        raise DomainError(_l("这个队已经停办了。"))
    if _is_lent_to(team, at=at):
        raise DomainError(_l("还有借调到这个队的志愿者，先把借调结束。"))
    card = _card(team, at=at)
    card.closed_on, card.close_reason, card.updated_at = at.date(), reason, at
    db.session.flush()
    record("teams.team.closed", team, by=by, at=at, reason=reason)


def reopen_team(team: Team, *, by: Actor, at: datetime) -> None:
    """As before; twice is as good as once."""
    card = _card(team, at=at)
    if card.closed_on is None:
        return
    card.closed_on, card.close_reason, card.updated_at = None, None, at
    db.session.flush()
    record("teams.team.reopened", team, by=by, at=at)


def _card(team: Team, *, at: datetime) -> TeamCard:
    card = card_of(team)
    if card not in db.session:
        card.updated_at = at
        db.session.add(card)
    return card


def _is_lent_to(team: Team, *, at: datetime) -> bool:
    under_way = (LoanStatus.ASKED.value, LoanStatus.AGREED.value, LoanStatus.RUNNING.value)
    lent = select(Loan.id).where(Loan.team_id == team.id, Loan.status.in_(under_way), Loan.until >= at.date())
    return db.session.scalar(lent.limit(1)) is not None


# ── members ─────────────────────────────────────────────────────────────────────────────────────────
def add_member(person: Person, team: Team, *, by: Person, at: datetime) -> Membership:
    """A leader enters a volunteer, who is told. Raises NotAsked and what `admit` raises."""
    if must_be_asked([person.id], team, today=at.date()):
        raise NotAsked(
            _l("%(name)s不在本组织的任何一支队里，要本人点头：请把邀请链接发给她，或请她自己申请。", name=person.name),
            field="number",
        )
    membership = admit(person, team, by=by, at=at)
    if person.id != by.id:
        tell_of_team([person.id], JOINED, team, at=at, name=by.name)
    return membership


def leave_team(person: Person, team: Team, *, at: datetime) -> None:
    """She goes by herself; her hours stay. Raises DomainError."""
    membership = membership_of(person.id, team.id)
    if membership is None:
        raise DomainError(_l("您不是这个队的队员。"))
    if any(one.person_id == person.id for one in leaders_of(team)):
        raise DomainError(_l("您还带着这个队：先请组织管理员把队长交给别人，再退出。"))
    _end(membership, by=person, at=at)


def remove_member(membership: Membership, reason: str, *, by: Person, at: datetime) -> None:
    """Take somebody out, who is told why. She comes back only when a leader says so. Raises DomainError."""
    require_reason(reason)
    if membership.person_id == by.id:
        raise DomainError(_l("要自己退出，请在服务队的页面上点「退出这个队」。"))
    if any(one.person_id == membership.person_id for one in leaders_of(membership.team)):
        raise DomainError(_l("先结束队长或副队长的身份，再移出这个队。"))
    _end(membership, by=by, at=at, reason=reason)
    tell_of_team([membership.person_id], REMOVED, membership.team, at=at, url="/me", reason=reason)


def _end(membership: Membership, *, by: Person, at: datetime, reason: str | None = None) -> None:
    if membership.until is not None:
        raise DomainError(_l("这是借调来的志愿者，请在「借调」里结束。"))
    # Somebody else may have ended it just now.
    db.session.refresh(membership, with_for_update=True)
    if membership.left_on is not None:
        raise DomainError(_l("已经不是队员了。"))
    membership.left_on = max(at.date(), membership.joined_on)
    left = Leaving(membership_id=membership.id, was_removed=reason is not None, reason=reason, at=at, by_id=by.id)
    db.session.add(left)
    db.session.flush()
    told = {"reason": reason} if reason else {}
    about = {"person": membership.person_id, "team": membership.team_id}
    record("teams.membership.ended", membership, by=by, at=at, **about, **told)


# ── deputies ────────────────────────────────────────────────────────────────────────────────────────
def name_deputy(person: Person, team: Team, reason: str, *, by: Person, at: datetime) -> Grant:
    """A member leads the team beside the leader. Raises DomainError."""
    if membership_of(person.id, team.id) is None:
        raise DomainError(_l("副队长要从队员里选。"), field="number")
    if not person.is_open:
        raise DomainError(_l("这个账号已经停用。"), field="number")
    if why := strange_in(person.name):
        raise DomainError(_l("%(why)s，先核对本人、改正姓名，再授权。", why=why), field="number")
    leaders = leaders_of(team)
    if any(one.person_id == person.id for one in leaders):
        raise DomainError(_l("%(name)s已经是队长或副队长。", name=person.name), field="number")
    if sum(one.is_deputy for one in leaders) >= MOST_DEPUTIES:
        raise DomainError(_l("一个队最多 %(most)d 名副队长。", most=MOST_DEPUTIES))
    require_open_at(team.scopes[0])
    given = grant(person, Role.TEAM_LEADER, on=team.scopes[0], by=by, at=at, reason=reason)
    db.session.add(Deputy(grant_id=given.id))
    db.session.flush()
    record("teams.deputy.named", team, by=by, at=at, person=person.id)
    return given


def end_deputy(given: Grant, reason: str, *, by: Person, at: datetime) -> None:
    """She leads no more; a member she stays. Raises DomainError."""
    end_grant(given, by=by, at=at, reason=reason)
