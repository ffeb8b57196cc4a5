"""The job that sends letters: none of them inside a transaction, for a server may take its time."""

import logging
from pathlib import Path
from typing import Any, NoReturn

from portal import clock
from portal.db import db
from portal.jobs import daily, handler
from portal.jobs.actions import breathe, keep_lease
from portal.jobs.problems import Away
from portal.post import actions
from portal.post.carriers import NOT_SET_UP, UNDER_WAY, Carrier, Deliver, DemoMailbox, Folder, Parcel, Refused, as_json
from portal.post.gateway import gateway_at
from portal.post.mail import as_mail, number_of, sender_of, smtp_at
from portal.post.models import Channel, Letter
from portal.post.queries import channels_of, letter_by_id
from portal.settings import Settings, current_settings
from portal.words import _l

FORGET = "post.forget"
CHUNK = 500
log = logging.getLogger(__name__)

daily(FORGET)


@handler(actions.SEND, words=_l("发信"))
def send(payload: dict[str, Any]) -> None:
    """Send the letters that still wait. Raises Away when one could not go out now; what went out, went out once."""
    settings = current_settings()
    by_channel, problems = channels_of(payload["letters"]), list[Away]()
    db.session.rollback()
    for channel, ids in by_channel.items():
        try:
            with carrier_of(channel, settings).open() as deliver:
                for letter_id in ids:
                    breathe()
                    _send_one(letter_id, deliver, payload["job_id"])
        except Away as problem:
            # The next letter would not go out either.
            problems.append(problem)
    if problems:
        raise problems[0]


@handler(FORGET, words=_l("忘掉旧的信"))
def forget(payload: dict[str, Any]) -> None:
    """Codes after a day, everything after three months; chunk by chunk."""
    for forgotten in (actions.forget_codes, actions.forget_old):
        while True:
            at = clock.now()
            count = forgotten(at=at, most=CHUNK)
            keep_lease(payload["job_id"], at=at)
            db.session.commit()
            if count < CHUNK:
                break
            breathe()


def carrier_of(channel: Channel, settings: Settings) -> Carrier:
    """Who takes letters of this channel."""
    url = settings.mail_url if channel is Channel.MAIL else settings.sms_url
    if not url:
        return NotSetUp() if settings.is_production else DemoMailbox()
    if url.startswith("folder:"):
        path = Path(url.removeprefix("folder:"))
        if channel is Channel.SMS:
            return Folder(path, ".json", as_json)
        sender = sender_of("", base_url=settings.base_url)
        return Folder(path, ".eml", lambda parcel: as_mail(parcel, sender))
    return smtp_at(url, base_url=settings.base_url) if channel is Channel.MAIL else gateway_at(url)


class NotSetUp:
    """Nobody yet: letters wait, and the administrator is told."""

    def open(self) -> NoReturn:
        raise Away(NOT_SET_UP)


def _send_one(letter_id: int, deliver: Deliver, job_id: int) -> None:
    parcel, attempt = _begun(letter_id, job_id)
    if parcel is None:
        return
    try:
        deliver(parcel)
    except Refused:
        log.warning("letter %d refused: no such address", letter_id)
        actions.mark_refused(letter_id, attempt)
    except BaseException:
        actions.let_go_of(letter_id, attempt)
        db.session.commit()
        raise
    else:
        if not actions.mark_sent(letter_id, attempt, at=clock.now()):
            log.warning("letter %d was begun by another meanwhile: it may go out twice", letter_id)
    db.session.commit()


def _begun(letter_id: int, job_id: int) -> tuple[Parcel | None, int]:
    """The letter as it goes out, and the number of this try; none when there is nothing (any more) to send."""
    at = clock.now()
    keep_lease(job_id, at=at)
    attempt = actions.begin(letter_id, at=at)
    letter = letter_by_id(letter_id)
    parcel = _packed(letter) if letter and attempt else None
    waits = letter is not None and letter.status == "waiting"
    if attempt is None and waits and not actions.expire(letter_id, at=at):
        db.session.rollback()
        raise Away(UNDER_WAY)
    db.session.commit()
    return parcel, attempt or 0


def _packed(letter: Letter) -> Parcel:
    settings = current_settings()
    number = number_of(letter.id, settings.data_key)
    return Parcel(number, letter.to, letter.subject, letter.text, letter.at, letter.unsubscribe)
