"""Another password for whoever has forgotten hers: by a code to her contact, or by one that an administrator printed.

Whose the typed name is, no request asks: a job does, after the answer. So known, unknown and closed look alike.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update

from portal import clock
from portal.accounts.policy import can_help_in
from portal.accounts.telling import News, listen
from portal.audit import record
from portal.chance import new_letters, new_token
from portal.contacts.codes import new_code, require_patience, require_seldom, same
from portal.contacts.letters import named, send_code, tell
from portal.contacts.models import Contact
from portal.db import DETACHED, db
from portal.jobs import daily, enqueue, handler
from portal.people.actions import end_all_sign_ins
from portal.people.models import Person
from portal.privacy import digest_of
from portal.problems import DomainError, NotAllowed
from portal.resets.models import Reset
from portal.resets.queries import (
    asked_for,
    digest_of_code,
    digest_of_printed,
    printed_by_code,
    reset_by_nonce,
)
from portal.words import _, _l

SEND = "resets.send_code"
FORGET = "resets.forget"
KEPT = timedelta(days=7)
PRINTED_LENGTH = 12
"""59 bits: no number of tries finds one within a week."""


class CodeRefused(DomainError):
    """Wrong, expired, used, or another browser's: the same sentence for all."""


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────
def ask(who: str, *, nonce: str | None, address: str, at: datetime) -> str:
    """Write down that somebody asked, and have it looked into; the nonce that the browser is to keep.

    Who asks the same again in the same browser keeps the nonce: the code under way stays good. Raises TooManyAttempts.
    """
    require_patience(address, at=at)
    before = reset_by_nonce(nonce)
    if nonce and before and before.asked == who and before.proven_at is None and before.expires_at > at:
        enqueue(SEND, {"reset": before.id}, at=at)
        return nonce
    nonce = new_token()
    digest = digest_of(nonce, purpose="reset nonce")
    reset = Reset(nonce_digest=digest, asked=who, asked_at=at, expires_at=at + Reset.GOOD_FOR)
    db.session.add(reset)
    db.session.flush()
    enqueue(SEND, {"reset": reset.id}, at=at)
    return nonce


@handler(SEND, words=_l("发重设密码的验证码"))
def send(payload: dict[str, Any]) -> None:
    """Send a code to whom the asking names, if there is such a person and she can be reached."""
    at = clock.now()
    reset = db.session.get(Reset, payload["reset"])
    if reset is None or reset.proven_at is not None or reset.expires_at <= at:
        return
    found = asked_for(reset.asked or "")
    if found is not None:
        try:
            _send(reset, *found, at=at)
        except DomainError:
            db.session.rollback()
            return
    db.session.commit()


def _send(reset: Reset, person: Person, contact: Contact, *, at: datetime) -> None:
    require_seldom(contact, "reset", at=at)
    code = new_code()
    reset.person_id, reset.code_digest = person.id, digest_of_code(reset.id, code)
    reset.expires_at, reset.tries = at + Reset.GOOD_FOR, 0
    record("resets.reset.sent", person, by=None, at=at, contact=contact.kind)
    purpose = _("给 %(who)s 重设密码", who=named(person))
    send_code(contact, code, purpose, at=at, expires_at=reset.expires_at)


# ── the code comes back ─────────────────────────────────────────────────────────────────────────────
def spend_try(nonce: str | None, code: str, *, at: datetime) -> bool:
    """Spend one of five tries and tell whether it was this browser's code. To be kept whatever comes: commit."""
    digest = digest_of(nonce or "", purpose="reset nonce")
    left = update(Reset).where(Reset.nonce_digest == digest, Reset.tries < Reset.TRIES, Reset.expires_at > at)
    live = left.where(Reset.proven_at.is_(None)).values(tries=Reset.tries + 1)
    row = db.session.execute(live.returning(Reset.id, Reset.code_digest), execution_options=DETACHED).first()
    id_, kept = row if row else (0, None)
    if not same(kept, digest_of_code(id_, code)):
        return False
    prove = update(Reset).where(Reset.id == id_).values(proven_at=at, expires_at=at + Reset.GOOD_FOR)
    db.session.execute(prove, execution_options=DETACHED)
    return True


def bring_printed(who: str, code: str, *, at: datetime) -> str:
    """Somebody brings the code that was printed for her; the nonce that her browser is to keep. Raises CodeRefused."""
    reset = printed_by_code(code, at=at)
    person = reset.person if reset else None
    if reset is None or person is None or who.strip().upper() not in _names(person):
        raise refusal()
    nonce = new_token()
    reset.nonce_digest, reset.proven_at = digest_of(nonce, purpose="reset nonce"), at
    reset.expires_at = at + Reset.GOOD_FOR
    return nonce


def _names(person: Person) -> set[str]:
    return {name.upper() for name in (person.login, person.volunteer_no) if name}


def reset_password(reset: Reset, password_hash: str, *, at: datetime) -> Person:
    """Another password; she is signed out everywhere and told at all her contacts. Raises CodeRefused."""
    use = update(Reset).where(Reset.id == reset.id, Reset.used_at.is_(None), Reset.proven_at > at - Reset.GOOD_FOR)
    use = use.where(Reset.expires_at > at)
    used = db.session.scalar(use.values(used_at=at).returning(Reset.id), execution_options=DETACHED)
    person = reset.person
    if used is None or person is None or not person.is_open:
        raise refusal()
    if person.login is None:
        _give_login(person)
    person.password_hash = password_hash
    void_all(person.id, at=at)
    end_all_sign_ins(person, at=at)
    db.session.flush()
    record("accounts.password.reset", person, by=person, at=at)
    tell(person.id, _("%(who)s 的密码刚刚重设了。", who=named(person)), at=at)
    return person


def void_all(person_id: int, *, at: datetime) -> None:
    """Whatever else was asked, proven or printed for her opens nothing any more."""
    good = (Reset.person_id == person_id, Reset.used_at.is_(None), Reset.expires_at > at)
    db.session.execute(update(Reset).where(*good).values(expires_at=at), execution_options=DETACHED)


@listen
def _void_what_is_left(person_id: int, news: News, *, at: datetime, **_values: Any) -> None:
    """She knows her password, and has another one now: a paper that lies about must not open her account."""
    if news is News.PASSWORD_CHANGED:
        void_all(person_id, at=at)


def _give_login(person: Person) -> None:
    """Whoever never signed in does so by her volunteer number."""
    if person.volunteer_no is None:
        raise refusal()
    person.login = person.volunteer_no.lower()


def refusal() -> CodeRefused:
    return CodeRefused(_l("验证码不对、过期了，或者用过了。请重新要一个。"), field="code")


# ── printed codes ───────────────────────────────────────────────────────────────────────────────────
def issue_reset_code(person: Person, *, by: Person, at: datetime) -> str:
    """A code of twelve letters to hand over on paper, good once within a week; one before it is void.

    Raises NotAllowed unless `by` is an administrator and another person; DomainError when she cannot sign in at all.
    """
    if not can_help_in(by, person):
        raise NotAllowed
    if not person.is_open or not (person.login or person.volunteer_no):
        raise DomainError(_l("%(name)s的账号已停用，或者没有登录名和志愿者编号，不能重设密码。", name=person.name))
    code = new_letters(PRINTED_LENGTH)
    void_all(person.id, at=at)
    reset = Reset(
        person_id=person.id,
        issued_by_id=by.id,
        code_digest=digest_of_printed(code),
        asked_at=at,
        expires_at=at + Reset.PRINTED_GOOD_FOR,
    )
    db.session.add(reset)
    db.session.flush()
    record("resets.reset.issued", person, by=by, at=at)
    tell(person.id, _("系统管理员给 %(who)s 打印了一个重设密码的代码。", who=named(person)), at=at)
    return code


# ── forgetting ──────────────────────────────────────────────────────────────────────────────────────
daily(FORGET)


@handler(FORGET, words=_l("忘掉过期的重设密码"))
def forget(payload: dict[str, Any]) -> None:
    """What somebody typed who had forgotten a password is nobody's business a week later."""
    db.session.execute(delete(Reset).where(Reset.expires_at < clock.now() - KEPT), execution_options=DETACHED)
    db.session.commit()
