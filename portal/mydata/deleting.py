"""A person has her data deleted (个人信息保护法 §47). She says so, and may take it back until the next day is over.

Then sensitive data, contacts and letters go, the account is closed, and her name leaves all pages. What the law keeps
stays, each with its day: service records (志愿服务条例, 民政部令第 67 号), vouchers (会计档案管理办法), logs
of sign-ins (网络安全法), proofs of her consents. Their processing stops with her account.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.accounts.closing import close_account
from portal.actor import Actor
from portal.audit import record
from portal.clock import CHINA, in_china
from portal.consents.actions import withdraw
from portal.consents.queries import purposes_agreed
from portal.db import DETACHED, Base, db
from portal.files import StoredFile
from portal.holdings import ENDINGS, HOLDINGS, Holding, Then
from portal.jobs.actions import enqueue
from portal.jobs.handlers import handler
from portal.mydata.copies import forget
from portal.mydata.keeping import until
from portal.mydata.models import Copy, Deletion, Kept
from portal.mydata.rows import Selves, count_of, is_hers, table_of
from portal.orgs.models import Membership
from portal.people.actions import NobodyLeft, hold
from portal.people.models import Person
from portal.people.queries import is_last_administrator
from portal.problems import ChangedMeanwhile, DomainError
from portal.profiles.actions import move
from portal.profiles.models import LEADS_TO, Status
from portal.profiles.queries import profile_of
from portal.words import _l

CARRY_OUT = "mydata.delete"
NAMELESS = "已注销志愿者"
"""Whoever had her data deleted, on pages and in files; the same for everybody, in Chinese as names are."""
REASON = "本人要求删除资料"


def final_moment(at: datetime) -> datetime:
    """When the next day is over."""
    return datetime.combine(in_china(at).date() + timedelta(days=2), time(), CHINA)


def last_day_to_undo(at: datetime) -> date:
    """Who says so at this moment may take it back until this day is over."""
    return final_moment(at).date() - timedelta(days=1)


def ask_to_delete(person: Person, *, by: Actor, at: datetime, paper: StoredFile | None = None) -> Deletion:
    """She wishes it, herself or on paper. Raises NobodyLeft, ChangedMeanwhile, DomainError (no paper)."""
    if by.id != person.id and paper is None:
        raise DomainError(_l("替别人办理，要拍下本人签字的申请。"), field="photo")
    if is_last_administrator(person.id):
        raise NobodyLeft(_l("您是最后一位系统管理员。先让另一位上任，再删除自己的资料。"))
    wish = Deletion(
        person_id=person.id,
        asked_at=at,
        asked_by_id=by.id,
        paper_id=paper.id if paper else None,
        final_at=final_moment(at),
    )
    try:
        with db.session.begin_nested():
            db.session.add(wish)
    except IntegrityError as twice:
        raise ChangedMeanwhile(_l("已经申请过删除了。")) from twice
    record("mydata.deletion.asked", wish, by=by, at=at, person=person.id, to=wish.final_at)
    enqueue(CARRY_OUT, {"deletion": wish.id}, at=wish.final_at, key=f"deletion:{wish.id}")
    return wish


def take_back(wish: Deletion, *, by: Actor, at: datetime) -> None:
    """All stays as it was. Raises ChangedMeanwhile when it is carried out, or was taken back."""
    db.session.refresh(wish, with_for_update=True)
    if wish.done_at is not None or wish.withdrawn_at is not None:
        raise ChangedMeanwhile(_l("来不及了，已经办完；或者已经撤回过。"))
    wish.withdrawn_at, wish.withdrawn_by_id = at, by.id
    db.session.flush()
    record("mydata.deletion.withdrawn", wish, by=by, at=at, person=wish.person_id)


def carry_out(wish: Deletion, *, at: datetime) -> bool:
    """Delete what may go and give what stays its day, in this transaction. False when it is not due or done already."""
    db.session.refresh(wish, with_for_update=True)
    if wish.done_at is not None or wish.withdrawn_at is not None or wish.final_at > at:
        return False
    person = db.session.get_one(Person, wish.person_id)
    if is_last_administrator(person.id):
        raise NobodyLeft(_l("这是最后一位系统管理员，先让另一位上任再结束。"))
    hold(person.id)
    today = in_china(at).date()
    kept = list(_what_stays(person, today))
    _end_all(person, at=at)
    _empty_all(person, at=at)
    db.session.add_all(kept)
    _forget_name(person, wish, kept)
    wish.done_at = at
    db.session.flush()
    record("mydata.deletion.done", wish, by=None, at=at, person=person.id, count=len(kept))
    return True


def _what_stays(person: Person, today: date) -> Iterator[Kept]:
    """A row for each table of which something stays, counted before anything goes."""
    for holding in HOLDINGS.values():
        is_kept = holding.then is Then.STAYS or holding.rule
        if is_kept and (holding.is_hers or holding.is_named) and (count := count_of(holding, person.selves)):
            yield Kept(person_id=person.id, holding=holding.table, until=until(holding, on=today), count=count)


def _end_all(person: Person, *, at: datetime) -> None:
    """Nothing goes on: consents, membership, cards, roles, sign-ins."""
    for purpose in purposes_agreed(person.id):
        withdraw(person, purpose, by=person, at=at)
    profile = profile_of(person.id)
    if profile is not None and Status.LEFT in LEADS_TO[profile.state]:
        move(profile, Status.LEFT, by=person, at=at, reason=REASON)
    today = in_china(at).date()
    hers = update(Membership).where(Membership.person_id == person.id, Membership.left_on.is_(None))
    db.session.execute(hers.values(left_on=today), execution_options=DETACHED)
    for ending in ENDINGS:
        ending(person, person, at)
    if person.is_open:
        close_account(person, by=person, at=at, reason=REASON)
    db.session.flush()


def _empty_all(person: Person, *, at: datetime) -> None:
    """Rows that point to others go before those."""
    for copy in db.session.scalars(select(Copy).where(Copy.person_id == person.id, Copy.gone_at.is_(None))):
        forget(copy, at=at)
    db.session.flush()
    for table in reversed(Base.metadata.sorted_tables):
        holding = HOLDINGS.get(table.name)
        if holding is None or holding.then is Then.STAYS:
            continue
        mine = is_hers(holding, person.selves) if holding.is_hers else _machinery(holding, person.selves)
        if holding.then is Then.DELETED:
            db.session.execute(delete(table).where(mine), execution_options=DETACHED)
        else:
            emptied = dict.fromkeys(holding.emptied)
            db.session.execute(update(table).where(mine).values(emptied), execution_options=DETACHED)
    db.session.expire_all()


def _machinery(holding: Holding, selves: Selves) -> Any:
    table = table_of(holding)
    (column,) = holding.machinery
    return table.c[column].in_(selves)


def _forget_name(person: Person, wish: Deletion, kept: list[Kept]) -> None:
    """Her name goes from all pages, unless she answers for money: then vouchers name her for as long as they must.

    What her own records must say lies sealed with her wish.
    """
    wish.name = person.name
    if not any(HOLDINGS[one.holding].is_named for one in kept):
        nameless = update(Person).where(Person.id.in_(person.selves)).values(name=NAMELESS)
        db.session.execute(nameless)
    db.session.flush()


@handler(CARRY_OUT, words=_l("删除本人要求删除的资料"))
def _carry_out(payload: dict[str, Any]) -> None:
    carry_out(db.session.get_one(Deletion, payload["deletion"]), at=clock.now())
    db.session.commit()
