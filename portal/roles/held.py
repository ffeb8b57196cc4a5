"""What roles hold of a person."""

from portal.holdings import SERVICE_RECORDS, Group, holds
from portal.words import _l

holds(
    "roles_deputy_wish",
    _l("代班"),
    Group.ACCOUNT,
    own=("person_id",),
    deeds=("wished_by_id", "answered_by_id"),
    rule=SERVICE_RECORDS,
    why=_l("谁在什么时候凭什么身份办过事，要查得清"),
)
