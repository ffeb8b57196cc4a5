"""What hours hold of a person."""

from portal.holdings import SERVICE_RECORDS, Group, holds
from portal.words import _l

_RECORDS = _l("志愿服务条例、志愿服务记录与证明出具办法（民政部令第 67 号）：如实记录、妥善保存")

holds(
    "hours_claim",
    _l("每一次服务的时间、地点和内容"),
    Group.SERVICE,
    own=("person_id",),
    deeds=("entered_by_id",),
    rule=SERVICE_RECORDS,
    why=_RECORDS,
)
holds(
    "hours_event",
    _l("时长的审核"),
    Group.SERVICE,
    own=("person_id",),
    deeds=("by_id",),
    rule=SERVICE_RECORDS,
    why=_RECORDS,
)
holds(
    "hours_paper",
    _l("签到表的照片"),
    Group.SERVICE,
    through=("claim_id", "hours_claim"),
    rule=SERVICE_RECORDS,
    why=_RECORDS,
)
holds("hours_person_tally", _l("时长的合计"), Group.SERVICE, machinery=("person_id",), why=_l("合计"))
