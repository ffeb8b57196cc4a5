"""Codes that prove an address of somebody who has no account. Whether the address is known here, nothing shows.

They are counted apart from the codes of accounts: else a stranger could tell by the counts whose address is known.
"""

from datetime import datetime

from sqlalchemy import func, select, update

from portal.contacts.codes import A_CONTACT, A_MINUTE, AN_HOUR, WrongCode, new_code, require_patience, same
from portal.contacts.letters import CHANNELS, code_words
from portal.contacts.reading import Address
from portal.db import DETACHED, db, dialect
from portal.joining.models import Draft
from portal.post import Channel, post
from portal.privacy import digest_of
from portal.web.throttle import Guesses, TooManyAttempts
from portal.words import _, _l


def send_code(draft: Draft, address: Address, *, purpose: str, network: str, at: datetime) -> None:
    """Send a code there; the one before is worth nothing any more. `purpose` in words. Raises TooManyAttempts."""
    _require_seldom(address, at=at)
    require_patience(network, at=at)
    code = new_code()
    draft.code_to, draft.code_digest = address.digest, _digest(draft.id, address.digest, code)
    draft.code_expires_at, draft.tries = at + Draft.CODE_GOOD_FOR, 0
    db.session.flush()
    text = code_words(code, purpose, at=at, expires_at=draft.code_expires_at)
    channel = CHANNELS[address.kind]
    subject = _("爱心联盟验证码") if channel is Channel.MAIL else ""
    post(channel, address.value, subject=subject, text=text, at=at, expires_at=draft.code_expires_at)


def spend_try(draft: Draft, address: Address, code: str, *, at: datetime) -> bool:
    """Spend one of five tries and tell whether it was the code. Keep that, whatever comes of the request: commit."""
    left = update(Draft).where(Draft.id == draft.id, Draft.code_to == address.digest, Draft.tries < Draft.TRIES)
    live = left.where(Draft.code_expires_at > at).values(tries=Draft.tries + 1)
    digest = db.session.scalar(live.returning(Draft.code_digest), execution_options=DETACHED)
    return same(digest, _digest(draft.id, address.digest, code))


def use_up(draft: Draft) -> None:
    """The code came back: it proves nothing a second time."""
    draft.code_to = draft.code_digest = draft.code_expires_at = None
    db.session.flush()


def wrong() -> WrongCode:
    return WrongCode(_l("验证码不对，或者过期了。输错 5 次要重新要一个。"), field="code")


def _require_seldom(address: Address, *, at: datetime) -> None:
    """Raise TooManyAttempts when a code went there a minute ago, or five in an hour; else count this one."""
    _wait_for_others(address)
    just_now = Guesses({f"join-code-to:{address.digest}": 1}, within=A_MINUTE)
    in_the_hour = Guesses({f"join-codes-to:{address.digest}": A_CONTACT}, within=AN_HOUR)
    try:
        just_now.check(at=at)
    except TooManyAttempts:
        raise TooManyAttempts(_l("验证码刚发出，请过一分钟再要。"), field="contact") from None
    try:
        in_the_hour.check(at=at)
    except TooManyAttempts:
        raise TooManyAttempts(_l("这个号码一小时里已经要了 5 次验证码，请过一小时再试。"), field="contact") from None
    for counted in (in_the_hour, just_now):
        counted.count_here(at=at)


def _wait_for_others(address: Address) -> None:
    """Of two that ask for the same address at once, the second finds the first one counted."""
    if dialect() == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(address.digest, 0))))


def _digest(draft_id: int, address: str, code: str) -> str:
    return digest_of(f"{draft_id}:{address}:{code}", purpose="joining code")
