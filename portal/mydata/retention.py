"""What has lain here long enough goes, every day: row by row, in chunks, with a count of what went (§19).

Each duty deletes at most a chunk and says how many that were. It is done for the day when it finds no more; a process
that is killed goes on with what is left.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from portal import clock, rules
from portal.audit import record
from portal.clock import CHINA, in_china
from portal.db import DETACHED, db, dialect
from portal.holdings import HOLDINGS
from portal.jobs.actions import breathe, keep_lease
from portal.jobs.handlers import daily, handler
from portal.mydata.copies import forget_expired, forget_strays
from portal.mydata.deleting import NAMELESS, carry_out
from portal.mydata.models import Copy, Correction, Deletion, Kept, Sweep
from portal.mydata.rows import is_hers, table_of
from portal.people.models import Person
from portal.profiles.held import SENSITIVE
from portal.profiles.models import Profile, Status
from portal.rules.catalogue import COPY_DAYS, LEFT_DAYS, PROOF_YEARS, REFUSED_DAYS
from portal.rules.kinds import Rule, said
from portal.words import Words, _l

RETAIN = "mydata.retain"
CHUNK = 100


class Duty(NamedTuple):
    """One kind of what goes: `waiting` finds what is due, `work` deletes a chunk, `rule` says how long it stays."""

    kind: str
    words: Words
    rule: Rule[int] | None
    waiting: Callable[[datetime], Select[Any]]
    work: Callable[[datetime], int]


MORE: list[Duty] = []
"""What rooms above forget in their time, in the order in which they said so."""


def more_duties(duty: Duty) -> None:
    """Let the daily sweep do this too."""
    MORE.append(duty)


def duties() -> tuple[Duty, ...]:
    """In the order in which they are done."""
    return (
        Duty("copies", _l("下载过的资料副本"), COPY_DAYS, _old_copies, _forget_copies),
        Duty("deletions", _l("本人要求删除的资料"), None, _wishes_due, _carry_out_wishes),
        Duty("refused", _l("没有通过的申请里的资料"), REFUSED_DAYS, _refused, _forget_refused),
        Duty("left", _l("退出的人的证件、住址等资料"), LEFT_DAYS, _left, _forget_left),
        Duty("corrections", _l("办完的更正里写的内容"), PROOF_YEARS, _old_corrections, _forget_corrections),
        Duty("kept", _l("依法留到期的记录上的姓名"), None, _kept_due, _forget_kept),
        *MORE,
    )


daily(RETAIN)


@handler(RETAIN, words=_l("删除到期的个人资料"))
def retain(payload: dict[str, Any]) -> None:
    """All duties, a chunk a transaction."""
    forget_strays()
    db.session.rollback()
    for duty in duties():
        while count := duty.work(at := clock.now()):
            _note(duty.kind, count, at=at)
            keep_lease(payload["job_id"], at=at, got_on=True)
            db.session.commit()
            breathe()


def _note(kind: str, count: int, *, at: datetime) -> None:
    """Add to the day's count."""
    insert: Any = sqlite_insert(Sweep) if dialect() == "sqlite" else postgresql_insert(Sweep)
    put = insert.values(day=in_china(at).date(), kind=kind, count=count)
    more = put.on_conflict_do_update(index_elements=["day", "kind"], set_={"count": Sweep.count + put.excluded.count})
    db.session.execute(more, execution_options=DETACHED)


# ── copies ──────────────────────────────────────────────────────────────────────────────────────────
def _old_copies(at: datetime) -> Select[Any]:
    return select(Copy.id).where(Copy.gone_at.is_(None), Copy.expires_at <= at)


def _forget_copies(at: datetime) -> int:
    return forget_expired(at=at, most=CHUNK)


# ── wishes, should their own jobs have been lost ────────────────────────────────────────────────────
def _wishes_due(at: datetime) -> Select[Any]:
    waits = (Deletion.withdrawn_at.is_(None), Deletion.done_at.is_(None), Deletion.final_at <= at)
    return select(Deletion.id).where(*waits)


def _carry_out_wishes(at: datetime) -> int:
    """One a chunk: each touches many tables."""
    first = db.session.scalar(_wishes_due(at).order_by(Deletion.id).limit(1))
    return int(first is not None and carry_out(db.session.get_one(Deletion, first), at=at))


# ── personal files ──────────────────────────────────────────────────────────────────────────────────
def _refused(at: datetime) -> Select[Any]:
    return _files(Status.REFUSED, at - _days(REFUSED_DAYS, at))


def _left(at: datetime) -> Select[Any]:
    return _files(Status.LEFT, at - _days(LEFT_DAYS, at))


def _files(status: Status, before: datetime) -> Select[Any]:
    """Files that have stood like that since before a moment, and still say something."""
    says: ColumnElement[bool] = or_(*(getattr(Profile, name).is_not(None) for name in SENSITIVE))
    return select(Profile.person_id).where(Profile.status == status.value, Profile.status_at <= before, says)


def _forget_refused(at: datetime) -> int:
    return _forget_files(_refused(at), at=at)


def _forget_left(at: datetime) -> int:
    return _forget_files(_left(at), at=at)


def _forget_files(wanted: Select[Any], *, at: datetime) -> int:
    found = list(db.session.scalars(wanted.order_by(Profile.person_id).limit(CHUNK)))
    for profile in db.session.scalars(select(Profile).where(Profile.person_id.in_(found))):
        for name in SENSITIVE:
            setattr(profile, name, None)
        profile.updated_at = at
        db.session.flush()
        record("profiles.profile.forgotten", profile, by=None, at=at, person=profile.person_id)
    return len(found)


# ── corrections ─────────────────────────────────────────────────────────────────────────────────────
def _old_corrections(at: datetime) -> Select[Any]:
    before = _years_before(at, rules.value(PROOF_YEARS, on=in_china(at).date()))
    says = or_(Correction.wanted.is_not(None), Correction.answer.is_not(None))
    return select(Correction.id).where(Correction.answered_at <= before, says)


def _forget_corrections(at: datetime) -> int:
    old = list(db.session.scalars(_old_corrections(at).order_by(Correction.id).limit(CHUNK)))
    emptied = update(Correction).where(Correction.id.in_(old)).values(wanted=None, answer=None)
    db.session.execute(emptied, execution_options=DETACHED)
    return len(old)


# ── what the law kept ───────────────────────────────────────────────────────────────────────────────
def _kept_due(at: datetime) -> Select[Any]:
    return select(Kept.id).where(Kept.erased_at.is_(None), Kept.until <= in_china(at).date())


def _forget_kept(at: datetime) -> int:
    due = list(db.session.scalars(_kept_due(at).order_by(Kept.until, Kept.id).limit(CHUNK)))
    for kept in db.session.scalars(select(Kept).where(Kept.id.in_(due)).order_by(Kept.id)):
        _erase(kept, at=at)
    return len(due)


def _erase(kept: Kept, *, at: datetime) -> None:
    """Rows that may go, go; with the last record that had to name her, her name does."""
    holding = HOLDINGS.get(kept.holding)
    if holding is not None and holding.goes:
        rows = delete(table_of(holding)).where(is_hers(holding, db.session.get_one(Person, kept.person_id).selves))
        db.session.execute(rows, execution_options=DETACHED)
    kept.erased_at = at
    db.session.flush()
    record("mydata.kept.erased", kept, by=None, at=at, person=kept.person_id, kind=kept.holding)
    still = select(Kept.holding).where(Kept.person_id == kept.person_id, Kept.erased_at.is_(None))
    _forget_name(kept.person_id, set(db.session.scalars(still.where(Kept.until.is_not(None)))))


def _forget_name(person_id: int, still: set[str]) -> None:
    if not still:
        named = update(Deletion).where(Deletion.person_id == person_id, Deletion.done_at.is_not(None))
        db.session.execute(named.values(name=None), execution_options=DETACHED)
    if not any(name in HOLDINGS and HOLDINGS[name].is_named for name in still):
        selves = db.session.get_one(Person, person_id).selves
        db.session.execute(update(Person).where(Person.id.in_(selves)).values(name=NAMELESS))


# ── the overview ────────────────────────────────────────────────────────────────────────────────────
class Outlook(NamedTuple):
    """One duty on its page: how many are due now, and how many went in the last thirty days and ever."""

    duty: Duty
    due: int
    lately: int
    ever: int

    @property
    def stays(self) -> str:
        """How long what it deletes is kept now; empty where each record has a day of its own."""
        rule = self.duty.rule
        return said(rule, rules.value(rule, on=clock.today())) if rule else ""


def outlooks(*, at: datetime) -> list[Outlook]:
    since = in_china(at).date() - timedelta(days=30)
    summed = select(Sweep.kind, func.sum(Sweep.count)).group_by(Sweep.kind)
    ever, lately = _by_kind(summed), _by_kind(summed.where(Sweep.day >= since))
    return [
        Outlook(duty, _count(duty.waiting(at)), lately.get(duty.kind, 0), ever.get(duty.kind, 0)) for duty in duties()
    ]


def _by_kind(wanted: Select[str, int]) -> dict[str, int]:
    return {str(kind): int(count) for kind, count in db.session.execute(wanted)}


def kept_by_year() -> list[tuple[str, int, int]]:
    """What waits for its day: the table, the year, how many people's."""
    year = func.extract("year", Kept.until)
    waiting = select(Kept.holding, year, func.count()).where(Kept.erased_at.is_(None), Kept.until.is_not(None))
    found = db.session.execute(waiting.group_by(Kept.holding, year).order_by(year, Kept.holding))
    return [(str(name), int(number), int(count)) for name, number, count in found]


def _count(wanted: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0


def _days(rule: Rule[int], at: datetime) -> timedelta:
    return timedelta(days=rules.value(rule, on=in_china(at).date()))


def _years_before(at: datetime, years: int) -> datetime:
    day = in_china(at).date()
    return datetime.combine(day.replace(year=day.year - years, day=min(day.day, 28)), time(), CHINA)
