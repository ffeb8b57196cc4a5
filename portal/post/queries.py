from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from portal.db import db
from portal.post.models import Channel, Letter
from portal.settings import Settings

NEWEST = 50


def letter_by_id(letter_id: int) -> Letter | None:
    return db.session.get(Letter, letter_id, populate_existing=True)


def channels_of(ids: Sequence[int]) -> dict[Channel, list[int]]:
    """The letters among these that wait, by how they travel."""
    found: dict[Channel, list[int]] = {}
    waiting = select(Letter.id, Letter.channel).where(Letter.id.in_(ids), Letter.status == "waiting")
    for letter_id, channel in db.session.execute(waiting.order_by(Letter.id)):
        found.setdefault(Channel(channel), []).append(letter_id)
    return found


def newest_letters() -> list[Letter]:
    """The latest letters, whoever they go to: for the demo mailbox alone."""
    return list(db.session.scalars(select(Letter).order_by(Letter.id.desc()).limit(NEWEST)))


def not_set_up(settings: Settings) -> list[Channel]:
    """The channels by which nothing can leave: in development all go to the demo mailbox."""
    urls = {Channel.MAIL: settings.mail_url, Channel.SMS: settings.sms_url}
    return [channel for channel, url in urls.items() if settings.is_production and not url]


def count_waiting(channels: Sequence[Channel], *, at: datetime) -> int:
    """How many letters wait there and can still go out."""
    waits = (Letter.status == "waiting", Letter.channel.in_([channel.value for channel in channels]))
    still = (Letter.expires_at.is_(None)) | (Letter.expires_at > at)
    return db.session.scalar(select(func.count()).select_from(Letter).where(*waits, still)) or 0
