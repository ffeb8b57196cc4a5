from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, delete, select, update

from portal.bulk import insert_many, pieces
from portal.db import DETACHED, db, rows
from portal.jobs import enqueue
from portal.post.addresses import require_address, require_writing
from portal.post.models import Channel, Letter

SEND = "post.send"
HELD = timedelta(minutes=2)
"""As long as a job's lease: whoever is still at it after that is taken for dead."""

A_JOB = 100
"""Letters that one job sends, over one connection."""

CODES_KEPT = timedelta(days=1)
KEPT = timedelta(days=90)


class NewLetter(NamedTuple):
    """One of many letters."""

    to: str
    text: str
    subject: str = ""
    person_id: int | None = None
    unsubscribe: str | None = None


def post(
    channel: Channel,
    to: str,
    *,
    subject: str = "",
    text: str,
    at: datetime,
    person_id: int | None = None,
    expires_at: datetime | None = None,
    unsubscribe: str | None = None,
) -> Letter:
    """Have a letter sent once this transaction is committed. `expires_at`: later it must not go out (codes).

    Raises DomainError (an address no letter can go to, a line break in the subject, no text).
    """
    require_address(channel, to)
    require_writing(subject, text)
    letter = Letter(
        channel=channel.value,
        to=to,
        subject=subject,
        text=text,
        unsubscribe=unsubscribe,
        person_id=person_id,
        at=at,
        expires_at=expires_at,
    )
    db.session.add(letter)
    db.session.flush()
    enqueue(SEND, {"letters": [letter.id]}, at=at)
    return letter


def post_many(
    channel: Channel,
    letters: Sequence[NewLetter],
    *,
    at: datetime,
    expires_at: datetime | None = None,
    send_at: datetime | None = None,
) -> list[int]:
    """The same for many, in a few statements; their numbers. A job sends a hundred of them, not before `send_at`.

    Raises DomainError as soon as one of them cannot be sent: then none is.
    """
    for letter in letters:
        require_address(channel, letter.to)
        require_writing(letter.subject, letter.text)
    # `sent_to` is the column's name, `to` a word of SQL.
    given = [letter._asdict() for letter in letters]
    written = [{("sent_to" if name == "to" else name): value for name, value in one.items()} for one in given]
    common = {"channel": channel.value, "status": "waiting", "attempts": 0, "at": at, "expires_at": expires_at}
    ids = sorted(row.id for row in insert_many(Letter, written, common=common, returning=(Letter.id,)))
    for some in pieces(ids, A_JOB):
        enqueue(SEND, {"letters": list(some)}, at=send_at or at)
    return ids


# ── sending ─────────────────────────────────────────────────────────────────────────────────────────
_WAITING = update(Letter).where(Letter.id == bindparam("letter"), Letter.status == "waiting")
_BEGUN = (
    _WAITING.where((Letter.held_until.is_(None)) | (Letter.held_until < bindparam("now")))
    .where((Letter.expires_at.is_(None)) | (Letter.expires_at > bindparam("now")))
    .values(attempts=Letter.attempts + 1)
    .returning(Letter.attempts)
)
_THIS_TRY = _WAITING.where(Letter.attempts == bindparam("attempt")).returning(Letter.id)
_EXPIRED = _WAITING.where(Letter.expires_at <= bindparam("now")).returning(Letter.id)


def begin(letter_id: int, *, at: datetime) -> int | None:
    """Begin to send: the number of this try. None when it no longer waits, has expired, or another is at it."""
    attempt: int | None = rows(_BEGUN, {"letter": letter_id, "now": at, "held_until": at + HELD}).scalar()
    return attempt


def mark_sent(letter_id: int, attempt: int, *, at: datetime) -> bool:
    """It is out. False when another has begun since: then it may go out twice."""
    sent = {"letter": letter_id, "attempt": attempt, "status": "sent", "sent_at": at, "held_until": None}
    return rows(_THIS_TRY, sent).first() is not None


def mark_refused(letter_id: int, attempt: int) -> None:
    """There is nobody at this address, for good."""
    rows(_THIS_TRY, {"letter": letter_id, "attempt": attempt, "status": "refused", "held_until": None})


def let_go_of(letter_id: int, attempt: int) -> None:
    """It did not go out this time; the next try need not wait."""
    rows(_THIS_TRY, {"letter": letter_id, "attempt": attempt, "held_until": None})


def expire(letter_id: int, *, at: datetime) -> bool:
    """What has expired is never sent late. Whether it was so."""
    return rows(_EXPIRED, {"letter": letter_id, "now": at, "status": "expired"}).first() is not None


# ── forgetting ──────────────────────────────────────────────────────────────────────────────────────
def forget_codes(*, at: datetime, most: int) -> int:
    """Empty the letters that expire, a day after they were sent or could no longer be; how many."""
    over = (Letter.sent_at < at - CODES_KEPT) | (Letter.expires_at < at - CODES_KEPT)
    old = select(Letter.id).where(Letter.expires_at.is_not(None), Letter.forgotten_at.is_(None), over).limit(most)
    ids = list(db.session.scalars(old))
    empty = update(Letter).where(Letter.id.in_(ids)).values(subject="", text="", forgotten_at=at)
    db.session.execute(empty, execution_options=DETACHED)
    return len(ids)


def forget_old(*, at: datetime, most: int) -> int:
    """Delete the letters of three months ago; how many."""
    old = select(Letter.id).where(Letter.at < at - KEPT).order_by(Letter.at).limit(most)
    ids = list(db.session.scalars(old))
    db.session.execute(delete(Letter).where(Letter.id.in_(ids)), execution_options=DETACHED)
    return len(ids)
