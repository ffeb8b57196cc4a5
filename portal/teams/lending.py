"""Lending volunteers between organisations: both organisations say yes, and she does; it ends by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.actor import Actor
from portal.audit import record
from portal.db import db
from portal.files.models import StoredFile
from portal.jobs import daily, handler
from portal.notices import Kind
from portal.orgs.models import Membership, Organisation, Team
from portal.orgs.queries import is_member
from portal.people.actions import require_reason
from portal.people.models import Person
from portal.problems import ChangedMeanwhile, DomainError, NotAllowed
from portal.teams.admitting import admit, hold_open, require_may_belong
from portal.teams.loans import Side, belongs_to, parties_of, sides_of, speaks_for
from portal.teams.models import Leaving, Loan, LoanStatus
from portal.teams.telling import LOAN_AGREED, LOAN_ASKED, LOAN_ENDED, LOAN_OFF, admins, tell_of_team
from portal.words import _l

LONGEST_DAYS = 366
LOANS = "teams.loans"
UNDER_WAY = (LoanStatus.ASKED, LoanStatus.AGREED)


@dataclass(frozen=True)
class Terms:
    """From when until when, both days included, and what for."""

    starts_on: date
    until: date
    purpose: str


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────
def ask_for(person: Person, lender: Organisation, team: Team, terms: Terms, *, by: Person, at: datetime) -> Loan:
    """Ask for somebody, or offer her: `by` runs one of the two organisations and says its yes. Raises DomainError."""
    sides = sides_of(by, lender.id, team.organisation_id)
    if not sides:
        raise NotAllowed
    _require_sense(person, lender, team, terms, at=at)
    loan = Loan(
        person_id=person.id,
        lender_id=lender.id,
        team_id=team.id,
        starts_on=terms.starts_on,
        until=terms.until,
        purpose=terms.purpose,
        asked_by_id=by.id,
        asked_at=at,
    )
    for side in sides:
        _sign(loan, side, by=by, at=at)
    try:
        with db.session.begin_nested():
            db.session.add(loan)
    except DBAPIError as refused:
        if "teams_loan_twice" not in str(refused.orig):
            raise
        raise DomainError(_l("这几天已经有一份借调到这个队的安排了。"), field="starts_on") from refused
    record("teams.loan.asked", loan, by=by, at=at, person=person.id, team=team.id, organisation=lender.id)
    _tell_who_must_answer(loan, at=at)
    return loan


def _require_sense(person: Person, lender: Organisation, team: Team, terms: Terms, *, at: datetime) -> None:
    """Raises DomainError."""
    if terms.until < terms.starts_on:
        raise DomainError(_l("结束不能早于开始。"), field="until")
    if terms.starts_on < at.date():
        raise DomainError(_l("开始不能早于今天。"), field="starts_on")
    if terms.until - terms.starts_on > timedelta(days=LONGEST_DAYS):
        raise DomainError(_l("一次借调最多 %(days)d 天。", days=LONGEST_DAYS), field="until")
    if team.organisation_id == lender.id:
        raise DomainError(_l("同一个组织里不用借调，直接入队就行。"), field="team")
    if not belongs_to(person.id, lender.id):
        raise DomainError(_l("编号、姓名和所在组织对不上，请核对。"), field="number")
    hold_open(team)
    require_may_belong(person, team, today=at.date())
    if is_member(person, team):
        raise DomainError(_l("%(name)s已经是这个队的队员。", name=person.name), field="number")


# ── three times yes ─────────────────────────────────────────────────────────────────────────────────
def agree(loan: Loan, side: Side, *, by: Person, at: datetime) -> None:
    """One of the two organisations says yes. Nobody speaks for one that she does not run. Raises DomainError."""
    if not speaks_for(by, loan, side):
        raise NotAllowed
    _hold(loan, LoanStatus.ASKED)
    _sign(loan, side, by=by, at=at)
    record("teams.loan.agreed", loan, by=by, at=at, person=loan.person_id, side=side.value)
    _settle(loan, by=by, at=at)


def _sign(loan: Loan, side: Side, *, by: Person, at: datetime) -> None:
    if loan.person_id in by.selves:
        raise DomainError(_l("借调的是您本人：要由这个组织的另一位管理员同意。"))
    if side is Side.HOST:
        loan.host_yes_by_id, loan.host_yes_at = by.id, at
    else:
        loan.lender_yes_by_id, loan.lender_yes_at = by.id, at


def say_yes(loan: Loan, *, by: Person, at: datetime, paper: StoredFile | None = None) -> None:
    """She says yes herself; without a phone, on paper that a leader of hers holds. Raises DomainError."""
    if by.id != loan.person_id and paper is None:
        raise DomainError(_l("替别人办理，要拍下本人签字的同意书。"), field="photo")
    _hold(loan, LoanStatus.ASKED)
    loan.said_by_id, loan.said_at, loan.paper_id = by.id, at, paper.id if paper else None
    on_paper = {"paper": paper.id} if paper else {}
    record("teams.loan.accepted", loan, by=by, at=at, person=loan.person_id, **on_paper)
    _settle(loan, by=by, at=at)


def _settle(loan: Loan, *, by: Person, at: datetime) -> None:
    """When all three have said yes it is settled, and begins on its day."""
    db.session.flush()
    if None in (loan.host_yes_at, loan.lender_yes_at, loan.said_at):
        return
    if loan.until < at.date():
        raise DomainError(_l("借调的日子已经过了，请重新提出。"))
    loan.status = LoanStatus.AGREED.value
    db.session.flush()
    _tell(loan, LOAN_AGREED, _everybody(loan), at=at)
    if loan.starts_on <= at.date():
        begin(loan, by=by, at=at)


def begin(loan: Loan, *, by: Actor, at: datetime) -> None:
    """She belongs to the host's team from now on. Raises what `admit` raises."""
    membership = admit(loan.person, loan.team, by=by, at=at, until=loan.until)
    loan.membership_id, loan.status = membership.id, LoanStatus.RUNNING.value
    db.session.flush()
    record("teams.loan.began", loan, by=by, at=at, person=loan.person_id, team=loan.team_id)


# ── ending ──────────────────────────────────────────────────────────────────────────────────────────
def refuse(loan: Loan, reason: str, *, by: Person, at: datetime) -> None:
    """Any of the three says no before it has begun; whoever asked takes it back so. Raises DomainError."""
    require_reason(reason)
    _hold(loan, *UNDER_WAY)
    is_own = by.id == loan.asked_by_id
    _over(loan, LoanStatus.WITHDRAWN if is_own else LoanStatus.REFUSED, reason, by=by, at=at)
    record("teams.loan.refused", loan, by=by, at=at, person=loan.person_id, reason=reason)
    _tell(loan, LOAN_OFF, [one for one in _everybody(loan) if one != by.id], at=at, reason=reason)


def end_early(loan: Loan, reason: str, *, by: Person, at: datetime) -> None:
    """Any of the three ends it from today on; what she served stays the host's. Raises DomainError."""
    require_reason(reason)
    _hold(loan, LoanStatus.RUNNING)
    _end(loan, at.date(), reason, by=by, at=at)
    _tell(loan, LOAN_ENDED, [one for one in _everybody(loan) if one != by.id], at=at, reason=reason)


def _end(loan: Loan, last_day: date, reason: str, *, by: Person | None, at: datetime) -> None:
    membership = db.session.get_one(Membership, loan.membership_id)
    if membership.left_on is None:
        membership.left_on = max(last_day, membership.joined_on)
    if db.session.get(Leaving, membership.id) is None:
        by_id = by.id if by else None
        db.session.add(Leaving(membership_id=membership.id, was_removed=False, reason=None, at=at, by_id=by_id))
    loan.ended_on = max(min(last_day, loan.until), loan.starts_on)
    _over(loan, LoanStatus.ENDED, reason, by=by, at=at)
    told = {"reason": reason} if reason else {}
    record("teams.loan.ended", loan, by=by, at=at, person=loan.person_id, team=loan.team_id, **told)


def _over(loan: Loan, status: LoanStatus, reason: str, *, by: Person | None, at: datetime) -> None:
    loan.status, loan.ended_at, loan.end_reason = status.value, at, reason
    loan.ended_by_id = by.id if by else None
    db.session.flush()


def _hold(loan: Loan, *wanted: LoanStatus) -> None:
    """Raises ChangedMeanwhile when it is no longer where the page showed it."""
    db.session.refresh(loan, with_for_update=True)
    if loan.state not in wanted:
        raise ChangedMeanwhile(_l("这份借调刚刚变了：%(now)s。", now=loan.state.label))


# ── telling ─────────────────────────────────────────────────────────────────────────────────────────
def _everybody(loan: Loan) -> list[int]:
    """Herself and the admins of both sides."""
    return list(dict.fromkeys([loan.person_id, *admins(loan.lender_id), *admins(loan.team.organisation_id)]))


def _tell_who_must_answer(loan: Loan, *, at: datetime) -> None:
    waits = [loan.person_id]
    waits += admins(loan.team.organisation_id) if loan.host_yes_at is None else []
    waits += admins(loan.lender_id) if loan.lender_yes_at is None else []
    waits += parties_of(loan).leaders
    _tell(loan, LOAN_ASKED, list(dict.fromkeys(waits)), at=at)


def _tell(loan: Loan, what: Kind, people: list[int], *, at: datetime, reason: str = "") -> None:
    days = {"day": f"{loan.starts_on}", "last": f"{loan.until}"}
    url = f"/loans/{loan.id}"
    tell_of_team(people, what, loan.team, at=at, url=url, name=loan.person.name, reason=reason, **days)


# ── the day's work ──────────────────────────────────────────────────────────────────────────────────
@handler(LOANS, words=_l("开始和结束借调"))
def keep_days(payload: dict[str, Any]) -> None:
    """Begin loans whose first day has come, end those whose last is over; each in a transaction of its own."""
    at = clock.now()
    over = (Loan.status == LoanStatus.RUNNING.value, Loan.until < at.date())
    missed = (Loan.status.in_([one.value for one in UNDER_WAY]), Loan.until < at.date())
    due = (Loan.status == LoanStatus.AGREED.value, Loan.starts_on <= at.date(), Loan.until >= at.date())
    for which, deed in ((over, _end_in_time), (missed, _let_go), (due, _begin_in_time)):
        _each(which, deed, at=at)


daily(LOANS)


def _each(which: tuple[Any, ...], deed: Callable[[Loan, datetime], None], *, at: datetime) -> None:
    ids = list(db.session.scalars(select(Loan.id).where(*which).order_by(Loan.id)))
    db.session.rollback()
    for number in ids:
        loan = db.session.scalar(select(Loan).where(Loan.id == number, *which).with_for_update())
        if loan is not None:
            deed(loan, at)
        db.session.commit()


def _end_in_time(loan: Loan, at: datetime) -> None:
    _end(loan, loan.until, "", by=None, at=at)
    _tell(loan, LOAN_ENDED, _everybody(loan), at=at)


def _let_go(loan: Loan, at: datetime) -> None:
    """Its days went by before it could begin."""
    _over(loan, LoanStatus.WITHDRAWN, "", by=None, at=at)


def _begin_in_time(loan: Loan, at: datetime) -> None:
    asker = db.session.get_one(Person, loan.asked_by_id)
    try:
        with db.session.begin_nested():
            begin(loan, by=asker, at=at)
    except DomainError as problem:
        _over(loan, LoanStatus.REFUSED, str(problem.sentence), by=None, at=at)
        _tell(loan, LOAN_OFF, _everybody(loan), at=at, reason=str(problem.sentence))
