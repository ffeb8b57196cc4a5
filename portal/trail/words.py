"""What the trail's short names mean: deeds, kinds of records, details. A name that is not here is shown as it is."""

from portal.accounts.contact_models import KIND_NAMES
from portal.audit import Via
from portal.funds.models import METHOD_NAMES
from portal.hours.models import EVIDENCE_NAMES
from portal.lists.models import STATUS_NAMES
from portal.people.models import ROLE_NAMES
from portal.rules.catalogue import RULES
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

DEEDS: dict[str, Words] = {
    "accounts.signed_in": _l("登录"),
    "accounts.signed_out": _l("退出登录"),
    "accounts.login_refused": _l("登录没有成功"),
    "accounts.sign_in.ended": _l("让别处的设备退出登录"),
    "accounts.password.changed": _l("修改密码"),
    "accounts.password.reset": _l("重设忘了的密码"),
    "accounts.reset.sent": _l("发出重设密码的验证码"),
    "accounts.reset.refused": _l("重设密码的验证码不对"),
    "accounts.reset.issued": _l("打印重设密码的代码"),
    "accounts.contact.added": _l("添联系方式"),
    "accounts.contact.verified": _l("验证联系方式"),
    "accounts.contact.signs_in": _l("用联系方式登录"),
    "accounts.contact.signs_in_no_more": _l("不再用联系方式登录"),
    "accounts.contact.removed": _l("去掉联系方式"),
    "accounts.factor.on": _l("开启两步验证"),
    "accounts.factor.replaced": _l("换验证器"),
    "accounts.factor.off": _l("关闭两步验证"),
    "accounts.recovery.made": _l("换一组恢复码"),
    "accounts.recovery.used": _l("用恢复码登录或确认"),
    "accounts.code_refused": _l("验证码不对"),
    "accounts.account.closed": _l("注销账号"),
    "accounts.account.reopened": _l("恢复账号"),
    "badges.badge.issued": _l("发志愿者证"),
    "badges.badge.revoked": _l("志愿者证挂失"),
    "badges.cards.printed": _l("打印志愿者证"),
    "badges.pin.set": _l("设志愿者证的密码"),
    "badges.pin_refused": _l("刷卡没有成功"),
    "badges.kiosk.opened": _l("打开刷卡机"),
    "badges.kiosk.ended": _l("关掉刷卡机"),
    "badges.visit.began": _l("刷卡登录"),
    "badges.visit.ended": _l("刷卡退出"),
    "people.person.added": _l("登记人员"),
    "people.people.added": _l("成批登记人员"),
    "people.grant.given": _l("授予身份"),
    "people.grants.given": _l("成批授予身份"),
    "orgs.organisation.added": _l("登记组织"),
    "orgs.team.added": _l("登记服务队"),
    "orgs.membership.began": _l("加入服务队"),
    "orgs.memberships.began": _l("成批加入服务队"),
    "activities.activity.drafted": _l("起草活动"),
    "activities.activity.edited": _l("修改活动"),
    "activities.activity.submitted": _l("提交活动"),
    "activities.activity.published": _l("发布活动"),
    "activities.activity.returned": _l("退回活动"),
    "activities.activity.closed": _l("办结活动"),
    "activities.activities.published": _l("成批发布活动"),
    "hours.claim.entered": _l("记时长"),
    "hours.claim.corrected": _l("改正时长后重交"),
    "hours.claim.approved": _l("通过时长"),
    "hours.claim.returned": _l("退回时长"),
    "hours.claim.undone": _l("撤销时长的审核"),
    "hours.claim.resubmitted": _l("退回的时长已重交"),
    "hours.claim.reversed": _l("冲销时长"),
    "hours.claims.entered": _l("成批记时长"),
    "hours.claims.decided": _l("成批审核时长"),
    "ledger.entity.opened": _l("登记法人"),
    "ledger.account.opened": _l("开设会计科目"),
    "ledger.pool.opened": _l("开设资金池"),
    "ledger.entry.reversed": _l("冲销凭证"),
    "funds.fund.added": _l("登记基金"),
    "funds.gift.public_name_agreed": _l("同意公开姓名"),
    "funds.gift.public_name_withdrawn": _l("不再公开姓名"),
    "funds.spending.recorded": _l("登记支出"),
    "funds.spendings.recorded": _l("成批登记支出"),
    "lists.list.brought": _l("导入捐赠名单"),
    "lists.list.read": _l("读完名单"),
    "lists.list.read_again": _l("指明各列后重新读取"),
    "lists.list.read_once_more": _l("让名单再读一次"),
    "lists.list.rows_left_out": _l("剔除名单的行"),
    "lists.list.rows_taken_back": _l("取回剔除的行"),
    "lists.list.handed_over": _l("移交名单"),
    "lists.list.withdrawn": _l("撤回名单"),
    "lists.list.returned": _l("退回名单"),
    "lists.list.confirmed": _l("确认名单入账"),
    "lists.list.resumed": _l("接着入账"),
    "lists.list.booked": _l("名单入账完毕"),
    "lists.list.looked_at": _l("查看名单"),
    "receipts.receipt.voided": _l("作废确认单"),
    "receipts.receipt.succeeded": _l("注明接替的确认单"),
    "receipts.receipt.kept": _l("收进确认单"),
    "receipts.receipt.let_go": _l("取出确认单"),
    "receipts.receipt.looked_at": _l("查看确认单"),
    "receipts.list.looked_at": _l("查看名单的确认单"),
    "receipts.slip.shown": _l("查看查询码"),
    "receipts.code_refused": _l("查询码不对"),
    "receipts.year.rendered": _l("打包全年的确认单"),
    "jobs.job.tried_again": _l("让后台工作再试"),
    "jobs.job.dropped": _l("不再做后台工作"),
    "rules.value.set": _l("改规则"),
    "administration.set_up.token_made": _l("发出设立口令"),
    "administration.set_up.token_refused": _l("设立口令不对"),
    "administration.set_up.done": _l("设立门户"),
    "notices.chosen": _l("选通知怎么发"),
    "notices.letters_stopped": _l("从邮件里退订通知"),
    "audit.exported": _l("导出操作记录"),
    "audit.sign_in.looked_at": _l("查看登录的设备和网络地址"),
    "hours.paper.added": _l("附上签到表照片"),
    "hours.paper.taken_over": _l("沿用签到表照片"),
    "hours.paper.looked_at": _l("查看签到表照片"),
}
"""Every deed that the code records, in the order in which they are offered."""

KINDS: dict[str, Words] = {
    "people_person": _l("人员"),
    "people_grant": _l("授权"),
    "accounts_sign_in": _l("登录的设备"),
    "accounts_contact": _l("联系方式"),
    "accounts_reset": _l("重设密码"),
    "accounts_recovery_code": _l("恢复码"),
    "badges_badge": _l("志愿者证"),
    "badges_kiosk": _l("刷卡机"),
    "badges_visit": _l("刷卡"),
    "orgs_organisation": _l("组织"),
    "orgs_team": _l("服务队"),
    "orgs_membership": _l("队员身份"),
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
    "lists_import": _l("捐赠名单"),
    "lists_row": _l("名单的行"),
    "receipts_receipt": _l("确认单"),
    "files_file": _l("文件"),
    "post_letter": _l("发出的信"),
    "notices_notice": _l("通知"),
    "notices_preference": _l("通知怎么发"),
    "jobs_job": _l("后台工作"),
    "jobs_attempt": _l("后台工作的尝试"),
    "rules_value": _l("规则的改动"),
    "administration_set_up": _l("门户设立"),
    "audit_line": _l("操作记录"),
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
    "channel": _l("怎么发"),
    "chosen": _l("选了什么"),
    "closed": _l("已办结"),
    "code": _l("代码"),
    "columns": _l("各列"),
    "contact": _l("联系方式"),
    "content": _l("做什么"),
    "day": _l("日期"),
    "count": _l("数量"),
    "credit_code": _l("统一社会信用代码"),
    "donor": _l("捐赠人"),
    "ends_at": _l("结束"),
    "evidence": _l("凭据"),
    "fen": _l("金额"),
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
    "password": _l("密码"),
    "people": _l("人员编号"),
    "person": _l("人员编号"),
    "pin": _l("密码"),
    "place": _l("地点"),
    "problems": _l("有问题的行"),
    "public_name": _l("公开的姓名"),
    "purpose": _l("用途"),
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
    "sign_in": _l("登录编号"),
    "sign_ins": _l("登录编号"),
    "slug": _l("网址里的名字"),
    "starts_at": _l("开始"),
    "successor": _l("接替的编号"),
    "team": _l("服务队编号"),
    "teams": _l("服务队编号"),
    "to": _l("到哪天"),
    "token": _l("密码"),
    "total_fen": _l("合计"),
    "was": _l("原来"),
    "year": _l("年份"),
}
"""Names of details, and of the filters of an export."""

_ROLES = {role.value: words for role, words in ROLE_NAMES.items()}
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
    "kind": KINDS,
    "method": {method.value: words for method, words in METHOD_NAMES.items()},
    "role": _ROLES,
    "roles": _ROLES,
    "rule": {key: rule.words for key, rule in RULES.items()},
    "scope": _SCOPES,
    "was": {status.value: words for status, words in STATUS_NAMES.items()},
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
