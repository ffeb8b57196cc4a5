"""What personal files hold of a person."""

from portal.holdings import SERVICE_RECORDS, Group, Then, holds
from portal.words import _l

SENSITIVE = (
    *("gender", "birth_year", "born_on", "id_kind", "id_number", "id_digest", "area", "address", "health", "ethnic"),
    *("party", "guardian_name", "guardian_mobile", "guardian_relation", "status_reason"),
)
"""All that a file says of somebody but where she stands."""

holds(
    "profiles_profile",
    _l("出生日期、证件、住址、健康、民族、政治面貌、监护人"),
    Group.FILE,
    own=("person_id",),
    deeds=("entered_by_id",),
    then=Then.EMPTIED,
    why=_l("登记志愿者、安排合适的服务、办理保险；您另外同意过的才有"),
    hidden=("id_digest",),
    emptied=SENSITIVE,
)
holds(
    "profiles_choice",
    _l("技能、服务类别和时间"),
    Group.FILE,
    own=("person_id",),
    then=Then.DELETED,
    why=_l("安排合适的服务"),
)
holds(
    "profiles_document",
    _l("证书和保险"),
    Group.FILE,
    own=("person_id",),
    deeds=("added_by_id",),
    then=Then.DELETED,
    why=_l("有些服务要有资格或保险"),
)
holds(
    "profiles_move",
    _l("从申请到退出的每一步"),
    Group.FILE,
    own=("person_id",),
    deeds=("by_id",),
    rule=SERVICE_RECORDS,
    why=_l("志愿服务条例：如实记录志愿者的个人基本信息和服务情况"),
)
