"""What rosters hold of a person."""

from portal.holdings import PROOFS, Group, holds
from portal.words import _l

_WHY = _l("名单是谁导入的、改了什么，要查得清")

holds(
    "rosters_row",
    _l("导入名单里您的一行"),
    Group.FILE,
    own=("person_id",),
    rule=PROOFS,
    why=_WHY,
    hidden=("paper_digest", "reach_digest", "candidates"),
)
holds("rosters_roster", _l("导入的志愿者名单"), Group.WORK, deeds=("brought_by_id", "confirmed_by_id"), why=_WHY)
holds("rosters_mapping", _l("名单各列的对应"), Group.WORK, deeds=("kept_by_id",), why=_WHY)
