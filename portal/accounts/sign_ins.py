"""Signing in and out: what a browser is known by, and how that ends wherever the browser may be."""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, func, select, update

from portal import clock, rules
from portal.accounts.browsers import device
from portal.accounts.models import SignIn
from portal.accounts.telling import News, tell_owner
from portal.audit import record, signed_in_by
from portal.chance import digest_of_token, new_token
from portal.db import DETACHED, db
from portal.jobs.handlers import daily, handler
from portal.people.models import Person
from portal.problems import ChangedMeanwhile
from portal.rules.catalogue import FORGET_SIGN_INS_DAYS
from portal.words import _l

LONGEST_BROWSER = 300
FORGET = "accounts.forget_sign_ins"


class PasswordChange(NamedTuple):
    """Two hashes. They are made before, since hashing takes long and a transaction that writes keeps others waiting."""

    was: str | None
    becomes: str


def begin(person: Person, *, address: str, browser: str, at: datetime) -> str:
    """A new sign-in; gives the token that the browser is to keep, of 256 bits. She is told of a device never seen."""
    is_new = _is_new_device(person, browser)
    token, number = new_sign_in(person.id, address=address, browser=browser, at=at)
    signed_in_by(number)
    # Not from where: this table forgets in half a year, the audit never.
    record("accounts.signed_in", person, by=person, at=at, sign_in=number)
    if is_new:
        tell_owner(person.id, News.NEW_DEVICE, at=at, device=device(browser))
    return token


def new_sign_in(person_id: int, *, address: str, browser: str, at: datetime) -> tuple[str, int]:
    """The bare row of a sign-in: its token, and its number. Whoever calls it says in the audit what it was."""
    token = new_token()
    sign_in = SignIn(
        person_id=person_id,
        token_digest=digest_of_token(token),
        at=at,
        address=address,
        browser=browser[:LONGEST_BROWSER],
    )
    db.session.add(sign_in)
    db.session.flush()
    return token, sign_in.id


def end(person: Person, token: str | None, *, at: datetime) -> None:
    """She signs out in this browser; a copy of its token is worth nothing any more."""
    _end(person, SignIn.token_digest == digest_of_token(token or ""), at=at)
    record("accounts.signed_out", person, by=person, at=at)


def end_one(person: Person, sign_in: SignIn, *, at: datetime) -> None:
    """End one of her own from elsewhere; twice is as good as once."""
    _end_from_elsewhere(person, SignIn.id == sign_in.id, at=at)


def end_others(person: Person, token: str | None, *, at: datetime) -> int:
    """End all of hers but this one; how many there were."""
    return _end_from_elsewhere(person, SignIn.token_digest != digest_of_token(token or ""), at=at)


def set_password(person: Person, change: PasswordChange, *, token: str | None, at: datetime) -> int:
    """Another password from now on; every other browser is signed out, and how many those were is given.

    Raises ChangedMeanwhile when the password is no longer the one that was asked for.
    """
    still = update(Person).where(Person.id == person.id, Person.password_hash == change.was)
    if db.session.scalar(still.values(password_hash=change.becomes).returning(Person.id)) is None:
        raise ChangedMeanwhile(_l("密码刚刚在别处改过了，请用新的密码再试。"), field="old")
    record("accounts.password.changed", person, by=person, at=at)
    tell_owner(person.id, News.PASSWORD_CHANGED, at=at)
    return end_others(person, token, at=at)


def _is_new_device(person: Person, browser: str) -> bool:
    """Whether others of hers are known, but none like it. A newer version of a program is the same device."""
    known = set(db.session.scalars(select(SignIn.browser).where(SignIn.person_id == person.id).distinct()))
    return bool(known) and device(browser) not in {device(one) for one in known}


def _end_from_elsewhere(person: Person, which: Any, *, at: datetime) -> int:
    ended = _end(person, which, at=at)
    if ended:
        record("accounts.sign_in.ended", person, by=person, at=at, sign_ins=ended)
    return len(ended)


def _end(person: Person, which: Any, *, at: datetime) -> list[int]:
    ended = update(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None), which)
    return list(db.session.scalars(ended.values(ended_at=at).returning(SignIn.id), execution_options=DETACHED))


# ── forgetting ──────────────────────────────────────────────────────────────────────────────────────
daily(FORGET)
# The newest stays whatever its age: SQLite would give its number again, and the trail names sign-ins by their numbers.
_NEWEST = select(func.max(SignIn.id)).scalar_subquery()
_OLD = delete(SignIn).where(SignIn.at < bindparam("before"), SignIn.id < _NEWEST)


def kept(*, on: date) -> timedelta:
    """For how long it is known where somebody signed in."""
    return timedelta(days=rules.value(FORGET_SIGN_INS_DAYS, on=on))


@handler(FORGET, words=_l("忘掉旧的登录"))
def forget(payload: dict[str, Any]) -> None:
    """Where somebody signed in long ago is nobody's business any more."""
    before = clock.now() - kept(on=clock.today())
    db.session.execute(_OLD, {"before": before}, execution_options=DETACHED)
    db.session.commit()
