"""The second step: a telephone that knows a secret, and ten codes on paper for the day it is lost.

Each code opens once, also when it comes twice at the same moment: it is taken by one statement that says so.
"""

import re
import unicodedata
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, text, update

from portal.accounts import totp
from portal.accounts.models import Account, RecoveryCode
from portal.actor import Actor
from portal.audit import record
from portal.chance import LETTERS, new_letters
from portal.contacts.letters import named, tell
from portal.db import DETACHED, db
from portal.people.actions import end_all_sign_ins, require_reason
from portal.people.models import Person
from portal.privacy import digest_of
from portal.problems import AlreadyDone, ChangedMeanwhile, DomainError
from portal.words import _, _l

RECOVERY_CODES = 10
_GROUPS, _GROUP = 3, 4
"""Twelve letters: 59 bits."""

_ENSURE = text("INSERT INTO accounts_account (person_id) VALUES (:person) ON CONFLICT DO NOTHING")


class WrongCode(DomainError):
    """Wrong, used before or somebody else's: the same sentence for all three."""


# ── codes of the telephone ──────────────────────────────────────────────────────────────────────────
def digits_of(typed: str | None) -> str:
    """Six digits as people write them: "123 456", １２３４５６, with marks that nobody sees. Raises DomainError."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", (typed or "")[:60]) if sign.isalnum())
    if not re.fullmatch(rf"[0-9]{{{totp.DIGITS}}}", plain):
        raise DomainError(_l("验证码是 %(count)d 位数字，请看手机上的验证器。", count=totp.DIGITS), field="code")
    return plain


def is_on(person: Person) -> bool:
    account = db.session.get(Account, person.id)
    return account is not None and account.since is not None


def turn_on(person: Person, secret: str, code: str, *, at: datetime) -> list[str]:
    """From now on a code of this secret is asked for; another one before is worth nothing any more.

    Gives ten recovery codes, which nobody can show again. Raises WrongCode, and AlreadyDone for this secret twice.
    """
    counter = totp.matching_counter(secret, code, at=at)
    if counter is None:
        raise WrongCode(_l("验证码不对。请看手机上最新的 6 位数字，并检查手机的时间是否自动校准。"), field="code")
    account = _row_to_change(person)
    if account.secret == secret:
        raise AlreadyDone(_l("两步验证已经开好了。没看到恢复码的话，请换一组新的。"))
    deed = "accounts.factor.on" if account.since is None else "accounts.factor.replaced"
    account.secret, account.since, account.last_counter = secret, at, counter
    record(deed, person, by=person, at=at)
    tell(person.id, _("%(who)s 开启了两步验证，或者换了验证器。", who=named(person)), at=at)
    return new_recovery_codes(person, at=at)


def turn_off(person: Person, *, by: Actor, at: datetime, reason: str = "") -> None:
    """The password alone opens again. Whoever must have a second step is led to set up another (`required`).

    By somebody else it needs a reason, and ends the person's sign-ins. Raises ChangedMeanwhile when there is none.
    """
    account = _row_to_change(person)
    if account.since is None:
        raise ChangedMeanwhile(_l("两步验证没有开启。"))
    if by.id != person.id:
        require_reason(reason)
        end_all_sign_ins(person, at=at)
    account.secret = account.since = account.last_counter = None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id), execution_options=DETACHED)
    record("accounts.factor.off", person, by=by, at=at, **({"reason": reason} if reason else {}))
    tell(person.id, _("%(who)s 的两步验证关掉了。", who=named(person)), at=at)


def take_code(person: Person, code: str, *, at: datetime) -> bool:
    """Whether the code is hers and fresh; it is used up by that."""
    known = select(Account.secret).where(Account.person_id == person.id)
    secret = db.session.scalar(known)
    counter = totp.matching_counter(secret, code, at=at) if secret else None
    if counter is None:
        return False
    unused = (Account.person_id == person.id, Account.last_counter < counter)
    taken = update(Account).where(*unused).values(last_counter=counter).returning(Account.person_id)
    return db.session.scalar(taken, execution_options=DETACHED) is not None


def begin_grace(person: Person, *, at: datetime) -> None:
    """She was told for the first time that she needs a second step; later times change nothing."""
    db.session.execute(_ENSURE, {"person": person.id})
    first = update(Account).where(Account.person_id == person.id, Account.asked_at.is_(None)).values(asked_at=at)
    db.session.execute(first, execution_options=DETACHED)


def _row_to_change(person: Person) -> Account:
    """Her row, which nobody else changes meanwhile; made if there was none."""
    db.session.execute(_ENSURE, {"person": person.id})
    return db.session.get_one(Account, person.id, with_for_update=True, populate_existing=True)


# ── codes on paper ──────────────────────────────────────────────────────────────────────────────────
def new_recovery_codes(person: Person, *, at: datetime) -> list[str]:
    """Ten new ones, to be shown now and never again; those before are worth nothing any more."""
    # Of two who ask at once, the second waits: else both papers would be good.
    _row_to_change(person)
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id), execution_options=DETACHED)
    rows = [{"person_id": person.id, "digest": _digest(person, plain_of(code)), "made_at": at} for code in codes]
    db.session.execute(insert(RecoveryCode), rows)
    record("accounts.recovery.made", person, by=person, at=at, count=len(codes))
    return codes


def take_recovery_code(person: Person, typed: str | None, *, at: datetime) -> bool:
    """Whether it is one of hers that has not been used; it is by that."""
    digest = _digest(person, plain_of(typed))
    unused = (RecoveryCode.person_id == person.id, RecoveryCode.digest == digest, RecoveryCode.used_at.is_(None))
    taken = update(RecoveryCode).where(*unused).values(used_at=at).returning(RecoveryCode.id)
    if db.session.scalar(taken, execution_options=DETACHED) is None:
        return False
    record("accounts.recovery.used", person, by=person, at=at, left=recovery_codes_left(person))
    tell(person.id, _("%(who)s 用掉了一个恢复码。", who=named(person)), at=at)
    return True


_LEFT = select(func.count()).where(RecoveryCode.person_id == bindparam("person"), RecoveryCode.used_at.is_(None))


def recovery_codes_left(person: Person) -> int:
    return db.session.scalar(_LEFT, {"person": person.id}) or 0


def plain_of(typed: str | None) -> str:
    """A recovery code as people write it: capitals, blanks, hyphens of all kinds and full-width letters are nothing."""
    signs = unicodedata.normalize("NFKC", (typed or "")[:100]).upper()
    return "".join(sign for sign in signs if sign in LETTERS).lower()


def _recovery_code() -> str:
    return "-".join(new_letters(_GROUP).lower() for _ in range(_GROUPS))


def _digest(person: Person, plain: str) -> str:
    return digest_of(f"{person.id}:{plain}", purpose="recovery code")
