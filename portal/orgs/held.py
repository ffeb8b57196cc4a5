"""What organisations and teams hold of a person."""

from portal.holdings import SERVICE_RECORDS, Group, holds
from portal.words import _l

_REGISTRY = _l("组织的登记资料由谁写的，要查得清")

holds(
    "orgs_membership",
    _l("您参加过的服务队"),
    Group.TEAMS,
    own=("person_id",),
    rule=SERVICE_RECORDS,
    why=_l("志愿服务条例：服务记录要写明是哪支队伍"),
)
for _table, _words, _deeds in (
    ("orgs_branch", _l("组织的党支部"), ("added_by_id",)),
    ("orgs_contact", _l("组织的联系人"), ("changed_by_id",)),
    ("orgs_cross_post", _l("组织的交叉任职"), ("added_by_id",)),
    ("orgs_legal_change", _l("组织的法人变更"), ("added_by_id",)),
    ("orgs_member_unit", _l("成员单位"), ("added_by_id",)),
    ("orgs_merge", _l("组织的合并"), ("merged_by_id", "undone_by_id")),
    ("orgs_stage", _l("组织的培育阶段"), ("added_by_id",)),
    ("orgs_term", _l("组织的换届"), ("added_by_id",)),
):
    holds(_table, _words, Group.WORK, deeds=_deeds, why=_REGISTRY)
