"""What the trail's other short names mean: ways, kinds of records, details. One that is not here is shown as it is."""

from portal.audit import Via
from portal.contacts.models import KIND_NAMES
from portal.funds.models import METHOD_NAMES
from portal.hours.models import EVIDENCE_NAMES
from portal.lists.models import STATUS_NAMES
from portal.mydata.fields import Field
from portal.mydata.models import Mistake
from portal.people.models import ROLE_NAMES
from portal.profiles.models import STATUS_NAMES as STANDINGS
from portal.rules.catalogue import RULES
from portal.trail.deeds import DEEDS
from portal.web.libs import _l
from portal.words import Words

VIAS: dict[str, Words] = {
    Via.WEB.value: _l("网页"),
    Via.KIOSK.value: _l("志愿者证"),
    Via.COMMAND.value: _l("命令行"),
    Via.JOB.value: _l("后台工作"),
}
"""By which way a deed came."""

SYSTEM = _l("系统或命令行")
VISITOR = _l("没有登录的人")

KINDS: dict[str, Words] = {
    "people_person": _l("人员"),
    "people_grant": _l("授权"),
    "consents_consent": _l("同意书"),
    "merging_merge": _l("合并的登记"),
    "joining_draft": _l("没填完的志愿者申请"),
    "joining_application": _l("志愿者的申请"),
    "profiles_move": _l("志愿者状态的变更"),
    "profiles_document": _l("证书和保险"),
    "roles_deputy_wish": _l("代班的请求"),
    "accounts_sign_in": _l("登录的设备"),
    "contacts_contact": _l("联系方式"),
    "resets_reset": _l("重设密码"),
    "accounts_recovery_code": _l("恢复码"),
    "badges_badge": _l("志愿者证"),
    "badges_kiosk": _l("刷卡机"),
    "badges_visit": _l("刷卡"),
    "orgs_organisation": _l("组织"),
    "orgs_stage": _l("孵化阶段"),
    "orgs_branch": _l("党组织"),
    "orgs_cross_post": _l("交叉任职"),
    "orgs_term": _l("届"),
    "orgs_legal_change": _l("法人变更"),
    "orgs_member_unit": _l("成员单位"),
    "orgs_merge": _l("组织的合并"),
    "orgs_merge_move": _l("合并改动的一行"),
    "orgs_team": _l("服务队"),
    "orgs_membership": _l("队员身份"),
    "teams_invitation": _l("入队的邀请"),
    "teams_join_request": _l("入队的申请"),
    "teams_message": _l("服务队消息"),
    "teams_loan": _l("借调"),
    "activities_activity": _l("活动记录"),
    "hours_claim": _l("时长记录"),
    "hours_event": _l("时长的审核"),
    "ledger_entity": _l("法人"),
    "ledger_account": _l("会计科目"),
    "ledger_pool": _l("资金池"),
    "ledger_entry": _l("凭证"),
    "funds_fund": _l("基金"),
    "funds_gift": _l("捐款"),
    "funds_spending": _l("支出"),
    "spending_expense": _l("用款"),
    "spending_approval": _l("用款的审批"),
    "spending_undoing": _l("付款的冲销"),
    "ledger_source": _l("来款"),
    "lists_import": _l("捐赠名单"),
    "lists_row": _l("名单的行"),
    "rosters_roster": _l("志愿者名册"),
    "rosters_row": _l("名册的行"),
    "rosters_mapping": _l("名册的版式"),
    "receipts_receipt": _l("确认单"),
    "receipts_change": _l("确认单的更正"),
    "receipts_summary": _l("确认单的汇总"),
    "receipts_wish": _l("要不要票据"),
    "files_file": _l("文件"),
    "post_letter": _l("发出的信"),
    "notices_notice": _l("通知"),
    "notices_preference": _l("通知怎么发"),
    "jobs_job": _l("后台工作"),
    "jobs_attempt": _l("后台工作的尝试"),
    "rules_value": _l("规则的改动"),
    "administration_set_up": _l("门户设立"),
    "audit_line": _l("操作记录"),
    "exports_export": _l("导出的名单"),
    "mydata_copy": _l("资料副本"),
    "mydata_correction": _l("更正的请求"),
    "mydata_deletion": _l("删除资料的要求"),
    "mydata_kept": _l("依法留下的记录"),
}
"""Tables whose rows have a number of their own."""

FIELDS: dict[str, Words] = {
    "accepted": _l("可以入账的行"),
    "action": _l("做了什么"),
    "activities": _l("活动编号"),
    "activity": _l("活动编号"),
    "approved": _l("通过"),
    "applies_from": _l("从哪天起"),
    "approver": _l("审批人编号"),
    "badge": _l("证的编号"),
    "booked": _l("已入账的笔数"),
    "change": _l("怎么更正"),
    "channel": _l("怎么发"),
    "chosen": _l("选了什么"),
    "closed": _l("已办结"),
    "code": _l("代码"),
    "columns": _l("各列"),
    "contact": _l("联系方式"),
    "content": _l("做什么"),
    "days": _l("有效几天"),
    "day": _l("日期"),
    "count": _l("数量"),
    "credit_code": _l("统一社会信用代码"),
    "donor": _l("捐赠人"),
    "deputy_of": _l("代第几号授权"),
    "ends_at": _l("结束"),
    "evidence": _l("凭据"),
    "fen": _l("金额"),
    "fields": _l("哪几项"),
    "file": _l("文件"),
    "filters": _l("条件"),
    "first": _l("第一个"),
    "from": _l("从哪天"),
    "fund": _l("基金"),
    "host": _l("在谁的设备上"),
    "id": _l("编号"),
    "is_restricted": _l("限定用途"),
    "kind": _l("哪种记录"),
    "kiosk": _l("刷卡机编号"),
    "kinds": _l("哪些通知"),
    "last": _l("最后一个"),
    "left": _l("还剩"),
    "method": _l("方式"),
    "minutes": _l("时长"),
    "name": _l("名称"),
    "now": _l("现在"),
    "number": _l("编号"),
    "paper": _l("同意书的编号"),
    "password": _l("密码"),
    "people": _l("人员编号"),
    "person": _l("人员编号"),
    "pin": _l("密码"),
    "place": _l("地点"),
    "problems": _l("有问题的行"),
    "public_name": _l("公开的姓名"),
    "purpose": _l("用途"),
    "doubts": _l("要决定的行"),
    "left_out": _l("不登记的行"),
    "new": _l("新登记的行"),
    "purposes": _l("各项同意"),
    "same": _l("没有变化的行"),
    "updates": _l("有更新的行"),
    "wrong": _l("有错误的行"),
    "q": _l("查找"),
    "reason": _l("原因"),
    "repeats": _l("重复的行"),
    "replaces": _l("代替第几号"),
    "request": _l("请求编号"),
    "returned": _l("退回"),
    "reverses": _l("冲销第几号"),
    "role": _l("身份"),
    "roles": _l("身份"),
    "row": _l("第几行"),
    "rows": _l("名单的行"),
    "rule": _l("规则"),
    "scope": _l("范围"),
    "seq": _l("第几次变动"),
    "side": _l("哪一方"),
    "sign_in": _l("登录编号"),
    "sign_ins": _l("登录编号"),
    "slug": _l("网址里的名字"),
    "starts_at": _l("开始"),
    "status": _l("状态"),
    "successor": _l("接替的编号"),
    "team": _l("服务队编号"),
    "teams": _l("服务队编号"),
    "to": _l("到哪天"),
    "token": _l("密码"),
    "total_fen": _l("合计"),
    "volunteer_no": _l("志愿者编号"),
    "twin": _l("并掉的人员编号"),
    "was": _l("原来"),
    "was_by": _l("原作者编号"),
    "was_status": _l("原来的状态"),
    "wish": _l("要不要票据"),
    "year": _l("年份"),
    "changed": _l("改了什么"),
    "into": _l("并入第几号"),
    "organisation": _l("组织编号"),
    "registered": _l("新登记"),
    "joined": _l("新加入"),
    "filing_no": _l("备案编号"),
    "authority": _l("登记或备案机关"),
    "standing": _l("登记还是备案"),
    "standing_on": _l("登记或备案日期"),
    "address": _l("地址"),
    "phone": _l("电话"),
    "about": _l("做什么"),
}
"""Names of details, and of the filters of an export."""

_ROLES = {role.value: words for role, words in ROLE_NAMES.items()}
_STANDINGS = {status.value: words for status, words in STANDINGS.items()}
_SCOPES = {
    "alliance": _l("整个联盟"),
    "community": _l("社区"),
    "grid": _l("网格"),
    "organisation": _l("组织"),
    "team": _l("服务队"),
    "fund": _l("基金"),
}
VALUES: dict[str, dict[str, Words]] = {
    "action": DEEDS,
    "contact": {kind.value: words for kind, words in KIND_NAMES.items()},
    "evidence": {evidence.value: words for evidence, words in EVIDENCE_NAMES.items()},
    "fields": {one.value: one.label for one in (*Mistake, *Field)},
    "kind": KINDS,
    "method": {method.value: words for method, words in METHOD_NAMES.items()},
    "role": _ROLES,
    "roles": _ROLES,
    "rule": {key: rule.words for key, rule in RULES.items()},
    "scope": _SCOPES,
    "status": _STANDINGS,
    "was": {status.value: words for status, words in STATUS_NAMES.items()},
    "was_status": _STANDINGS,
}
"""Details that hold one of a few short names."""


def deed_words(action: str) -> str:
    return str(DEEDS.get(action, action))


def record_words(kind: str) -> str:
    return str(KINDS.get(kind, kind))


def via_words(via: str | None) -> str:
    """Nothing for lines from before this was written down."""
    return str(VIAS.get(via, via)) if via else ""


def who_words(name: str, actor_id: int | None, request_id: str | None) -> str:
    """Without an actor it was a visitor's request, or else no request at all."""
    if actor_id is not None:
        return name
    return str(VISITOR if request_id else SYSTEM)
