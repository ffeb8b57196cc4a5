"""What people hold of a person."""

from portal.holdings import SERVICE_RECORDS, Group, Then, holds
from portal.words import _l

holds(
    "people_person",
    _l("姓名、登录名、志愿者编号"),
    Group.WHO,
    own=("id",),
    then=Then.EMPTIED,
    why=_l("登记志愿者、登录"),
    hidden=("password_hash", "other_ids"),
    # The name is emptied apart: records that must keep it say so.
    emptied=("login", "password_hash"),
)
holds(
    "people_grant",
    _l("您有过的身份"),
    Group.ACCOUNT,
    own=("person_id",),
    deeds=("given_by_id", "ended_by_id"),
    rule=SERVICE_RECORDS,
    why=_l("谁在什么时候凭什么身份办过事，要查得清"),
)
