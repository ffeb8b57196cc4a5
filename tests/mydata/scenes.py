"""Somebody of whom the portal knows all that it can know."""

from portal.accounts.models import RecoveryCode
from portal.activities.telling import PUBLISHED
from portal.badges.actions import issue_badges
from portal.db import db
from portal.files.actions import keep_picture
from portal.files.pictures import Picture
from portal.hours.actions import Service
from portal.hours.models import Evidence
from portal.hours.papers import enter
from portal.notices import tell
from portal.people.models import Person
from portal.post import Channel, post
from tests.mydata.test_file import filed
from tests.volunteers import MONDAY, Cast, published

PHOTO = Picture(b"\xff\xd8\xff\xe0 her own sheet", "sheet.jpg")


def full_life(cast: Cast) -> Person:
    """The member with a file, contacts, consents, hours with a photo, a card, notices and letters."""
    member = cast.member
    filed(member)
    activity = published(cast)
    service = Service(activity.starts_at, 90, activity.place)
    enter(member, activity, service, PHOTO, otherwise=Evidence.SELF, by=member, at=MONDAY)
    issue_badges([member], cast.team, by=cast.leader, at=MONDAY)
    tell([member.id], PUBLISHED, at=MONDAY, url="/hours", activity="办过的活动")
    post(Channel.SMS, "13812345678", text="明天有活动", at=MONDAY, person_id=member.id)
    db.session.add(RecoveryCode(person_id=member.id, digest="a" * 64, made_at=MONDAY))
    keep_picture(Picture(b"\xff\xd8\xff\xe0 somebody else's paper", "paper.jpg"), by=member, at=MONDAY)
    db.session.commit()
    return member
