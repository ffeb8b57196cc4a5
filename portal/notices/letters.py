"""What leaves the house: one letter for one notice at once, or one a day for all of them.

Letters are in Chinese: nobody knows in which language the receiver reads.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, Protocol

from flask import current_app

from portal.notices.kinds import Channel, Kind, Way, sentence_of
from portal.notices.models import Notice
from portal.notices.queries import Ways, addresses_of
from portal.notices.tokens import ALL, Unsubscribe, token_of
from portal.post import Channel as Post
from portal.post import NewLetter, post_many
from portal.settings import current_settings
from portal.words import SOURCE, _, ngettext, spoken

POST = {Channel.MAIL: Post.MAIL, Channel.SMS: Post.SMS}

MESSAGE_HOURS = ((time(13), time(14, 30)), (time(18, 30), time(19, 30)))
"""When the community writes to its grid groups: after lunch and after supper. Telephones ring at no other time."""

DIGEST_AT = time(18, 30)


class ToOne(Protocol):
    """What one person is told."""

    @property
    def person_id(self) -> int: ...
    @property
    def url(self) -> str: ...
    @property
    def values(self) -> Any: ...


def send_now(kind: Kind, told: Sequence[ToOne], ways: Ways, *, at: datetime) -> None:
    """Letters to those who are told at once by mail or message, and whose contact is proved."""
    for channel in POST:
        wanted = [one for one in told if ways.of(one.person_id, channel) is Way.NOW]
        if not wanted:
            continue
        addresses = addresses_of({one.person_id for one in wanted}, channel)
        reached = [(one, addresses[one.person_id]) for one in wanted if one.person_id in addresses]
        if reached:
            with spoken(SOURCE):
                letters = [_letter(kind, one, to, channel) for one, to in reached]
            hour = at if kind.is_needed or channel is Channel.MAIL else message_hour(at)
            post_many(POST[channel], letters, at=at, send_at=hour)


def digest_letter(person_id: int, notices: Sequence[Notice], to: str) -> NewLetter:
    """The day's letter."""
    with spoken(SOURCE):
        count = len(notices)
        subject = ngettext("您有 %(num)d 条新通知", "您有 %(num)d 条新通知", count)
        lines = [(sentence_of(one.kind, one.values), whole(one.url), one.at) for one in notices]
        unsubscribe = _unsubscribe(person_id, ALL)
        text = _template("email/digest.txt", subject=subject, lines=lines, unsubscribe=unsubscribe)
    return NewLetter(to, text, subject, person_id, unsubscribe)


def message_hour(at: datetime) -> datetime:
    """The moment itself when it lies in the message hours, else the beginning of the next ones."""
    for start, end in MESSAGE_HOURS:
        if at.time() <= end:
            return max(at, at.replace(hour=start.hour, minute=start.minute, second=0, microsecond=0))
    first = MESSAGE_HOURS[0][0]
    tomorrow = at + timedelta(days=1)
    return tomorrow.replace(hour=first.hour, minute=first.minute, second=0, microsecond=0)


def whole(path: str) -> str:
    """The path as an address that works outside the portal."""
    settings = current_settings()
    return settings.base_url + path


def _letter(kind: Kind, one: ToOne, to: str, channel: Channel) -> NewLetter:
    sentence, link = kind.sentence(one.values), whole(one.url)
    if channel is Channel.SMS:
        return NewLetter(to, _("【爱心联盟】%(what)s", what=f"{sentence} {link}"), "", one.person_id)
    unsubscribe = None if kind.is_needed else _unsubscribe(one.person_id, kind.name)
    text = _template("email/notice.txt", sentence=sentence, link=link, unsubscribe=unsubscribe)
    return NewLetter(to, text, str(kind.words), one.person_id, unsubscribe)


def _unsubscribe(person_id: int, kind: str) -> str:
    return whole(f"/notices/off/{token_of(Unsubscribe(person_id, kind))}")


def _template(name: str, **context: Any) -> str:
    return current_app.jinja_env.get_template(name).render(**context)
