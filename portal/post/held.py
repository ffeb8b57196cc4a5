"""What letters hold of a person."""

from portal.holdings import Group, Then, holds
from portal.words import _l

holds(
    "post_letter",
    _l("发给您的邮件和短信"),
    Group.NEWS,
    own=("person_id",),
    then=Then.DELETED,
    why=_l("送不到时再发；送到后内容很快删掉"),
    hidden=("unsubscribe",),
)
