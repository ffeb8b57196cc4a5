"""Asking to join a team, and the leader's answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal.audit import record
from portal.db import db
from portal.orgs.actions import AlreadyMember
from portal.orgs.models import Team
from portal.orgs.queries import is_member
from portal.people.actions import require_reason
from portal.people.models import Person
from portal.problems import ChangedMeanwhile, DomainError
from portal.teams.admitting import admit, hold_open, require_may_belong
from portal.teams.models import Invitation, JoinRequest, Wish
from portal.teams.queries import card_of
from portal.teams.telling import ANSWERED, ASKED, leaders, tell_of_team
from portal.words import _, _l

LONGEST_WORDS = 200
MOST_WAITING = 5
"""Requests of one person that wait at the same time."""

AGAIN_AFTER = timedelta(days=7)
"""Whoever was refused asks the same team again when this time has passed."""


def ask(
    person: Person, team: Team, *, words: str, by: Person, at: datetime, invitation: Invitation | None = None
) -> JoinRequest:
    """Ask to join; by a link also where the team is not open to everybody. Who asked already keeps her place.

    Raises DomainError, and what `admit` raises.
    """
    hold_open(team)
    if invitation is None and not card_of(team).is_open_to_join:
        raise DomainError(_l("这个队现在不接受申请，请向队长要邀请。"))
    require_may_belong(person, team, today=at.date())
    if is_member(person, team):
        raise AlreadyMember(_l("%(name)s已经是这个队的队员。", name=person.name))
    if (there := waiting_of(person, team)) is not None:
        return there
    _require_patience(person, team, at=at)
    request = JoinRequest(
        team_id=team.id,
        person_id=person.id,
        invitation_id=invitation.id if invitation else None,
        words=words[:LONGEST_WORDS],
        asked_at=at,
    )
    try:
        with db.session.begin_nested():
            db.session.add(request)
    except IntegrityError:
        # Asked twice at the same moment: the other one waits.
        return waiting_of(person, team) or request
    record("teams.request.asked", request, by=by, at=at, person=person.id, team=team.id)
    tell_of_team(leaders(team), ASKED, team, at=at, url=f"/teams/{team.slug}/requests", name=person.name)
    return request


def waiting_of(person: Person, team: Team) -> JoinRequest | None:
    """Her request to this team that waits."""
    hers = (JoinRequest.person_id == person.id, JoinRequest.team_id == team.id)
    return db.session.scalar(select(JoinRequest).where(*hers, JoinRequest.status == Wish.WAITING.value))


def _require_patience(person: Person, team: Team, *, at: datetime) -> None:
    """Raises DomainError: nobody is asked by the same person again and again."""
    hers = select(func.count()).select_from(JoinRequest).where(JoinRequest.person_id == person.id)
    if (db.session.scalar(hers.where(JoinRequest.status == Wish.WAITING.value)) or 0) >= MOST_WAITING:
        raise DomainError(_l("您已经有 %(most)d 个申请在等答复，等有了结果再申请。", most=MOST_WAITING))
    lately = hers.where(JoinRequest.team_id == team.id, JoinRequest.status != Wish.APPROVED.value)
    refused = lately.where(JoinRequest.status == Wish.REFUSED.value, JoinRequest.decided_at > at - AGAIN_AFTER)
    if db.session.scalar(refused):
        raise DomainError(_l("这个队前几天没有同意，过 %(days)d 天再申请。", days=AGAIN_AFTER.days))
    if (db.session.scalar(lately.where(JoinRequest.asked_at > at - timedelta(days=1))) or 0) >= 3:
        raise DomainError(_l("今天申请的次数太多了，明天再来。"))


def withdraw(request: JoinRequest, *, by: Person, at: datetime) -> None:
    """She takes it back. Raises ChangedMeanwhile."""
    _decide(request, Wish.WITHDRAWN, by=by, at=at)


def approve(requests: Sequence[JoinRequest], *, by: Person, at: datetime) -> list[str]:
    """Take them in; gives a sentence for each that could not be. Raises nothing."""
    problems = []
    for request in requests:
        try:
            with db.session.begin_nested():
                _approve(request, by=by, at=at)
        except DomainError as problem:
            problems.append(_("%(name)s：%(problem)s", name=request.person.name, problem=problem.sentence))
    return problems


def _approve(request: JoinRequest, *, by: Person, at: datetime) -> None:
    _decide(request, Wish.APPROVED, by=by, at=at)
    admit(request.person, request.team, by=by, at=at)
    if request.invitation_id is not None:
        _count_link(request.invitation_id)
    _answer(request, at=at)


def refuse(requests: Sequence[JoinRequest], reason: str, *, by: Person, at: datetime) -> int:
    """Say no, with a reason that each is told; gives how many. Raises DomainError."""
    require_reason(reason)
    for request in requests:
        _decide(request, Wish.REFUSED, by=by, at=at, reason=reason)
        _answer(request, at=at)
    return len(requests)


def _decide(request: JoinRequest, wish: Wish, *, by: Person, at: datetime, reason: str | None = None) -> None:
    db.session.refresh(request, with_for_update=True)
    if request.status != Wish.WAITING.value:
        raise ChangedMeanwhile(_l("这个申请刚刚有人处理过了。"))
    if wish is not Wish.WITHDRAWN and request.person_id in by.selves:
        raise DomainError(_l("自己的申请要由别人答复。"))
    request.status, request.decided_at, request.decided_by_id, request.reason = wish.value, at, by.id, reason
    db.session.flush()
    told = {"reason": reason} if reason else {}
    deeds = {
        Wish.APPROVED: "teams.request.approved",
        Wish.REFUSED: "teams.request.refused",
        Wish.WITHDRAWN: "teams.request.withdrawn",
    }
    record(deeds[wish], request, by=by, at=at, person=request.person_id, team=request.team_id, **told)


def _answer(request: JoinRequest, *, at: datetime) -> None:
    values = {"answer": str(request.state.label), "reason": request.reason or ""}
    url = f"/teams/{request.team.slug}" if request.state is Wish.APPROVED else "/teams"
    tell_of_team([request.person_id], ANSWERED, request.team, at=at, url=url, **values)


def _count_link(invitation_id: int) -> None:
    """Somebody came by the link after all. A link that has run out meanwhile is not counted above what it may."""
    invitation = db.session.get(Invitation, invitation_id, with_for_update=True)
    if invitation and (invitation.most_uses is None or invitation.uses < invitation.most_uses):
        invitation.uses += 1
        db.session.flush()
