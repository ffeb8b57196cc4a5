"""One organisation under two names: the second entry becomes part of the first, and can be taken apart again.

Teams, with their members, and the times as a member unit go over. Hours and activities keep the organisation they were
entered for; whoever decided for either entry decides for both, so that nothing waits for nobody. Each row that changes
is written down, and undoing puts exactly these back, as long as nothing new rests on them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import or_, select

from portal import clock
from portal.actor import Actor
from portal.audit import record
from portal.db import db
from portal.notices import Kind as NoticeKind
from portal.notices import Way, kind, tell
from portal.orgs.models import Organisation, Team
from portal.orgs.registering import require_open, require_reason
from portal.orgs.registry import hold_organisation, taken_by
from portal.orgs.units import MemberUnit, Merge, MergeMove, Moved
from portal.people.actions import end_grant, grant
from portal.people.models import Grant, Person, Role
from portal.people.queries import holders_of
from portal.problems import DomainError
from portal.words import Words, _l

DECIDES = (Role.ORGANISATION_ADMIN, Role.REVIEWER)

MERGED = kind(
    "orgs.merged",
    words=_l("组织合并"),
    detail=_l("「%(gone)s」并入了「%(kept)s」，两边的管理员和审核人现在都能管两边的记录。"),
    mail=Way.DAILY,
    roles=DECIDES,
)
PARTED = kind(
    "orgs.parted",
    words=_l("撤销组织合并"),
    detail=_l("「%(gone)s」和「%(kept)s」又分开了，各管各的记录。"),
    mail=Way.DAILY,
    roles=DECIDES,
)

Depends = Callable[[Merge, list[int]], Words | None]
"""Given a merge and the teams that went over: a sentence when something new rests on it."""

DEPENDS: list[Depends] = []


def depends(look: Depends) -> Depends:
    """For rooms above: say what would be torn apart by undoing a merge."""
    DEPENDS.append(look)
    return look


@dataclass(frozen=True)
class Preview:
    """What a merge would do."""

    kept: Organisation
    gone: Organisation
    teams: list[Team]
    grants: list[tuple[Grant, Organisation]]
    units: list[MemberUnit]
    ended: MemberUnit | None
    earlier: list[Organisation]
    skipped: list[Grant] = field(default_factory=list)
    """Roles of whoever merges: nobody gives herself anything."""


def preview(kept: Organisation, gone: Organisation, *, by: Actor) -> Preview:
    """Raises DomainError when these two cannot become one."""
    if kept.id == gone.id:
        raise DomainError(_l("请选另一个组织，不能并入自己。"), field="other")
    require_open(kept)
    if gone.merged_into_id:
        raise DomainError(_l("「%(name)s」已经并入另一个组织了。", name=gone.name), field="other")
    units = list(db.session.scalars(select(MemberUnit).where(MemberUnit.organisation_id == gone.id)))
    both = _current_unit(kept) is not None
    ended = next((unit for unit in units if both and unit.left_on is None), None)
    wanted = list(_grants_missing(kept, gone))
    return Preview(
        kept=kept,
        gone=gone,
        teams=list(db.session.scalars(select(Team).where(Team.organisation_id == gone.id).order_by(Team.name))),
        grants=[(one, place) for one, place in wanted if one.person_id != by.id],
        units=[unit for unit in units if unit is not ended],
        ended=ended,
        earlier=list(db.session.scalars(select(Organisation).where(Organisation.merged_into_id == gone.id))),
        skipped=[one for one, _ in wanted if one.person_id == by.id],
    )


def merge(kept: Organisation, gone: Organisation, *, reason: str, by: Person, at: datetime) -> Merge:
    """Let `gone` become part of `kept`. Raises DomainError."""
    require_reason(reason)
    hold_organisation(kept, gone)
    plan = preview(kept, gone, by=by)
    merged = Merge(
        kept_id=kept.id,
        gone_id=gone.id,
        reason=reason,
        was_closed_on=gone.closed_on,
        was_closed_reason=gone.closed_reason,
        merged_by_id=by.id,
        merged_at=at,
    )
    db.session.add(merged)
    db.session.flush()
    moves = [*_grant_both(plan, by=by, at=at), *_hand_over(plan, at.date())]
    _end_second(kept, gone, reason, at.date())
    db.session.add_all([MergeMove(merge_id=merged.id, kind=what.value, record_id=number) for what, number in moves])
    db.session.flush()
    record("orgs.organisation.merged", gone, by=by, at=at, into=kept.id, reason=reason, count=len(moves))
    _tell(MERGED, kept, gone, at=at)
    return merged


def undo(merged: Merge, *, by: Person, at: datetime) -> None:
    """Two organisations again, each with what it had. Raises DomainError when something new rests on the merge."""
    kept, gone = merged.kept, merged.gone
    hold_organisation(kept, gone)
    db.session.refresh(merged)
    if problem := why_not_undone(merged):
        raise DomainError(problem)
    # Teams come back to an open organisation only; one that was closed before is closed again at the end.
    gone.merged_into_id, gone.closed_on, gone.closed_reason = None, None, merged.was_closed_reason
    gone.seq, kept.seq = gone.seq + 1, kept.seq + 1
    db.session.flush()
    for move in merged.moves:
        _put_back(move, kept, gone, by=by, at=at)
    gone.closed_on = merged.was_closed_on
    merged.undone_at, merged.undone_by_id = at, by.id
    db.session.flush()
    record("orgs.organisation.parted", gone, by=by, at=at, into=kept.id)
    _tell(PARTED, kept, gone, at=at)


def why_not_undone(merged: Merge) -> Words | None:
    """What stands in the way of undoing; None when nothing does."""
    kept, gone = merged.kept, merged.gone
    if merged.undone_at is not None:
        return _l("这次合并已经撤销了。")
    if kept.merged_into_id is not None or gone.merged_into_id != kept.id:
        return _l("「%(name)s」后来又并入了别的组织，请先撤销那一次。", name=kept.name)
    if not kept.is_open:
        return _l("「%(name)s」后来注销了，请先恢复它。", name=kept.name)
    code = None if merged.was_closed_on else gone.credit_code
    if code and (other := taken_by("credit_code", code, but=gone.id)):
        return _l("「%(name)s」现在用着「%(gone)s」的统一社会信用代码，请先改过来。", name=other.name, gone=gone.name)
    if any(not _is_as_left(move, kept, gone) for move in merged.moves):
        return _l("合并以后有服务队或成员单位的记录又改动了，不能原样分开。")
    teams = [move.record_id for move in merged.moves if move.deed is Moved.TEAM]
    return next((problem for look in DEPENDS if (problem := look(merged, teams))), None)


# ── what goes over ──────────────────────────────────────────────────────────────────────────────────
def _grants_missing(kept: Organisation, gone: Organisation) -> Iterable[tuple[Grant, Organisation]]:
    """The roles of each side that the other side lacks; a closed organisation gets none."""
    today = clock.today()
    still = or_(Grant.ends_on.is_(None), Grant.ends_on >= today)
    there = (Grant.scope_kind == "organisation", Grant.scope_id.in_([kept.id, gone.id]), Grant.role.in_(DECIDES))
    found = db.session.scalars(select(Grant).where(*there, still).order_by(Grant.id))
    held = [one for one in found if one.person.is_open]
    has = {(one.person_id, one.role, one.scope_id) for one in held}
    for one in held:
        other = gone if one.scope_id == kept.id else kept
        if other.is_open and one.deputy_of_id is None and (one.person_id, one.role, other.id) not in has:
            has.add((one.person_id, one.role, other.id))
            yield one, other


def _grant_both(plan: Preview, *, by: Person, at: datetime) -> list[tuple[Moved, int]]:
    made = []
    for one, place in plan.grants:
        starts = max(one.starts_on, at.date())
        reason = str(_l("组织合并：「%(gone)s」并入「%(kept)s」", gone=plan.gone.name, kept=plan.kept.name))
        on, role = place.scope, Role(one.role)
        given = grant(one.person, role, on=on, by=by, at=at, reason=reason[:200], starts_on=starts, ends_on=one.ends_on)
        made.append((Moved.GRANTED, given.id))
    return made


def _hand_over(plan: Preview, day: date) -> list[tuple[Moved, int]]:
    """Teams, times as a member unit, and what had become part of the second entry before."""
    moves: list[tuple[Moved, int]] = []
    for team in plan.teams:
        team.organisation = plan.kept
        moves.append((Moved.TEAM, team.id))
    if plan.ended:
        plan.ended.left_on = day
        moves.append((Moved.UNIT_ENDED, plan.ended.id))
    for unit in plan.units:
        unit.organisation_id = plan.kept.id
        moves.append((Moved.UNIT, unit.id))
    for earlier in plan.earlier:
        earlier.merged_into_id = plan.kept.id
        moves.append((Moved.EARLIER, earlier.id))
    db.session.flush()
    return moves


def _end_second(kept: Organisation, gone: Organisation, reason: str, day: date) -> None:
    gone.closed_on, gone.closed_reason = gone.closed_on or day, gone.closed_reason or reason
    gone.merged_into_id = kept.id
    gone.seq, kept.seq = gone.seq + 1, kept.seq + 1
    db.session.flush()


def _current_unit(organisation: Organisation) -> MemberUnit | None:
    mine = (MemberUnit.organisation_id == organisation.id, MemberUnit.left_on.is_(None))
    return db.session.scalar(select(MemberUnit).where(*mine))


# ── and back ────────────────────────────────────────────────────────────────────────────────────────
def _is_as_left(move: MergeMove, kept: Organisation, gone: Organisation) -> bool:
    """Whether a row stands as the merge left it."""
    if move.deed is Moved.TEAM:
        team = db.session.get(Team, move.record_id)
        return team is not None and team.organisation_id == kept.id
    if move.deed is Moved.EARLIER:
        earlier = db.session.get(Organisation, move.record_id)
        return earlier is not None and earlier.merged_into_id == kept.id
    if move.deed in (Moved.UNIT, Moved.UNIT_ENDED):
        unit = db.session.get(MemberUnit, move.record_id)
        home = kept.id if move.deed is Moved.UNIT else gone.id
        return unit is not None and unit.organisation_id == home
    return True


def _put_back(move: MergeMove, kept: Organisation, gone: Organisation, *, by: Person, at: datetime) -> None:
    if move.deed is Moved.GRANTED:
        given = db.session.get_one(Grant, move.record_id)
        if given.ends_on is None or given.ends_on >= at.date():
            end_grant(given, by=by, at=at, reason=str(_l("撤销组织合并")))
    elif move.deed is Moved.TEAM:
        db.session.get_one(Team, move.record_id).organisation = gone
    elif move.deed is Moved.EARLIER:
        db.session.get_one(Organisation, move.record_id).merged_into_id = gone.id
    elif move.deed is Moved.UNIT_ENDED:
        db.session.get_one(MemberUnit, move.record_id).left_on = None
    else:
        db.session.get_one(MemberUnit, move.record_id).organisation_id = gone.id
    db.session.flush()


def _tell(what: NoticeKind, kept: Organisation, gone: Organisation, *, at: datetime) -> None:
    """Everybody who decides for one of the two."""
    places = (kept.scope, gone.scope)
    people = [one for role in DECIDES for on in places for one in holders_of(role, on=on, day=at.date())]
    tell(people, what, at=at, url=f"/organisations/{kept.slug}", kept=kept.name, gone=gone.name)
