"""What this room holds of a person: her wishes about her own data."""

from portal.holdings import PROOFS, Group, Then, holds
from portal.words import _l

_PROOF = _l("证明办过您的要求；民法典：诉讼时效三年")

holds(
    "mydata_copy",
    _l("您下载过的资料副本"),
    Group.ACCOUNT,
    own=("person_id",),
    then=Then.DELETED,
    why=_l("下载之后七天删除"),
    hidden=("place",),
)
holds(
    "mydata_correction",
    _l("您请求过的更正"),
    Group.FILE,
    own=("person_id",),
    deeds=("answered_by_id",),
    then=Then.EMPTIED,
    rule=PROOFS,
    why=_PROOF,
    emptied=("wanted", "answer"),
)
holds(
    "mydata_deletion",
    _l("您删除资料的要求"),
    Group.ACCOUNT,
    own=("person_id",),
    deeds=("asked_by_id", "withdrawn_by_id"),
    rule=PROOFS,
    why=_PROOF,
)
holds("mydata_kept", _l("删除后留下的记录"), Group.ACCOUNT, own=("person_id",), why=_l("到期由它提醒删除"))
