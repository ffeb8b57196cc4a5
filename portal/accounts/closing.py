"""Closing an account: nobody signs in with it any more. The person stays as a record, for others' sake and the law's.

Hours, receipts and the trail name her: accounting vouchers are kept for thirty years (会计档案管理办法, 附表一),
and service records are the organisations' to keep (志愿服务条例, 第十九条). Her login stays taken, so that nobody comes
to sign under her name.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import or_, select

from portal.actor import Actor
from portal.audit import record
from portal.db import db
from portal.people.actions import NobodyLeft, end_all_sign_ins, end_grant, hold, require_reason
from portal.people.models import Grant, Person
from portal.people.queries import is_last_administrator, is_second_entry
from portal.problems import ChangedMeanwhile, DomainError
from portal.words import _l


def close_account(person: Person, *, by: Actor, at: datetime, reason: str) -> None:
    """She is signed out everywhere and signs in no more; her roles end with this day.

    Raises NobodyLeft for the last administrator, ChangedMeanwhile when it is closed already, DomainError (no reason).
    """
    require_reason(reason)
    hold(person.id)
    db.session.refresh(person)
    if not person.is_open:
        raise ChangedMeanwhile(_l("这个账号已经注销了。"))
    if is_last_administrator(person.id):
        raise NobodyLeft(_l("您是最后一位系统管理员。先让另一位上任，再注销自己的账号。"))
    for grant in _grants_after(person, at.date()):
        end_grant(grant, by=by, at=at, reason=reason, last_day=at.date())
    person.is_open = False
    end_all_sign_ins(person, at=at)
    record("accounts.account.closed", person, by=by, at=at, reason=reason)


def reopen_account(person: Person, *, by: Actor, at: datetime, reason: str) -> None:
    """She signs in as before, second step included; roles are given anew. Raises ChangedMeanwhile, DomainError."""
    require_reason(reason)
    hold(person.id)
    db.session.refresh(person)
    if is_second_entry(person.id):
        raise DomainError(_l("这份登记已经并进另一份了，要恢复请先撤销合并。"))
    if person.is_open:
        raise ChangedMeanwhile(_l("这个账号开着，不用恢复。"))
    # Closed today, her roles would count once more until midnight.
    for grant in _grants_after(person, at.date() - timedelta(days=1)):
        end_grant(grant, by=by, at=at, reason=reason)
    person.is_open = True
    record("accounts.account.reopened", person, by=by, at=at, reason=reason)


def _grants_after(person: Person, day: date) -> list[Grant]:
    """What would still count on a later day, a deputy's after the one that is stood in for."""
    still = or_(Grant.ends_on.is_(None), Grant.ends_on > day)
    return list(db.session.scalars(select(Grant).where(Grant.person_id == person.id, still).order_by(Grant.id)))
