"""What notices hold of a person."""

from portal.holdings import Group, Then, holds
from portal.words import _l

holds(
    "notices_notice",
    _l("通知"),
    Group.NEWS,
    own=("person_id",),
    then=Then.DELETED,
    why=_l("告诉您和您有关的事；读过的会定期删掉"),
    hidden=("for_digest",),
)
holds(
    "notices_preference",
    _l("通知怎么发"),
    Group.NEWS,
    own=("person_id",),
    then=Then.DELETED,
    why=_l("照您选的办"),
)
