"""What requests hold of a person."""

from portal.holdings import Group, Then, holds
from portal.words import _l

holds(
    "web_once",
    _l("刚提交的表单"),
    Group.ACCOUNT,
    machinery=("person_id",),
    then=Then.DELETED,
    why=_l("同一张表单点两次，只算一次"),
)
