from datetime import datetime

from portal.notices import Way, kind, tell
from portal.people.models import Person
from portal.words import _l

MERGED = kind(
    "merging.merged",
    words=_l("两份登记并成一份"),
    detail=_l("您的另一份登记 %(number)s 并进了这一份，时长、服务队和联系方式都在这里了。不对的话，请告诉社工。"),
    mail=Way.NOW,
)
PARTED = kind(
    "merging.parted",
    words=_l("两份登记又分开"),
    detail=_l("登记 %(number)s 从您的登记里分出去了：它是另一位的。原因：%(reason)s"),
    mail=Way.NOW,
)


def tell_merged(twin: Person, into: Person, *, at: datetime) -> None:
    tell([into.id], MERGED, at=at, url="/me", number=twin.volunteer_no or twin.name)


def tell_parted(twin: Person, into: Person, *, reason: str, at: datetime) -> None:
    tell([into.id, twin.id], PARTED, at=at, url="/me", number=twin.volunteer_no or twin.name, reason=reason)
