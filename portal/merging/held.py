"""What merging holds of a person."""

from portal.holdings import SERVICE_RECORDS, Group, holds
from portal.words import _l

_WHY = _l("两份登记合成一份，要能退回去")

holds(
    "merging_merge",
    _l("两份登记的合并"),
    Group.FILE,
    own=("twin_id", "into_id"),
    deeds=("by_id", "undone_by_id"),
    rule=SERVICE_RECORDS,
    why=_WHY,
    hidden=("moved",),
)
holds("merging_apart", _l("不是同一个人"), Group.WORK, machinery=("one_id", "other_id"), deeds=("by_id",), why=_WHY)
