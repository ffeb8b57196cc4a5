"""What exports hold of a person."""

from portal.holdings import PROOFS, Group, holds
from portal.words import _l

holds(
    "exports_export",
    _l("您导出过的名单"),
    Group.WORK,
    own=("person_id",),
    rule=PROOFS,
    why=_l("谁把别人的资料拿去做什么，要查得清"),
)
