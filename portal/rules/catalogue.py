"""All rules, each with its default, what bounds it, and where it comes from.

慈善法 as of 2024-09-05. What only the law can change has narrow bounds: stricter is allowed, laxer is not.
"""

from typing import Any

from portal.rules.kinds import Group, Kind, Rule
from portal.words import _l

_ALLIANCE = _l("联盟自己定。")
_DISCLOSURE = _l("慈善法第七十九条至第八十二条；慈善组织信息公开办法（2026 年 1 月 1 日起施行）。")
_RATIOS = _l("慈善法对年度支出和管理费用的规定；比例归依托的慈善组织遵守，单个基金的数字只作参考。")
_FUNDRAISING = _l("慈善法第二十二条至第二十七条：公开募捐要有公募资格、方案备案和指定平台。")

# ── activities and hours ────────────────────────────────────────────────────────────────────────────
STAR_HOURS = Rule(
    key="hours.star_hours",
    group=Group.SERVICE,
    words=_l("星级的时长"),
    kind=Kind.HOURS,
    default=(100, 300, 600, 1000, 1500),
    least=1,
    most=100_000,
    source=_l("志愿者星级评定通行的标准；联盟可以另定。"),
    hint=_l("一星到五星各要多少小时。改了以后，每个人的星级按新的数算。"),
)
RECORD_DAYS = Rule(
    key="hours.record_days",
    group=Group.SERVICE,
    words=_l("活动结束后多久以内记时长"),
    kind=Kind.WORKING_DAYS,
    default=10,
    least=1,
    most=10,
    source=_l("志愿服务记录与证明出具办法（民政部令第 67 号）：活动结束后十个工作日内记录。"),
    hint=_l("过了这几天再记的算补录；审核也按这几天催办。只管从那天起结束的活动。"),
)
LATEST_ENTRY_DAYS = Rule(
    key="hours.latest_entry_days",
    group=Group.SERVICE,
    words=_l("最晚多少天还能补录时长"),
    kind=Kind.DAYS,
    default=366,
    least=30,
    most=3_660,
    source=_ALLIANCE,
    hint=_l("活动过去更久的，不能再记时长。"),
)
UNDO_MINUTES = Rule(
    key="hours.undo_minutes",
    group=Group.SERVICE,
    words=_l("审核以后多久可以撤回"),
    kind=Kind.MINUTES,
    default=15,
    least=0,
    most=1_440,
    source=_ALLIANCE,
    hint=_l("审核的人点错了，在这段时间里自己撤回；写 0 就不能撤回。"),
)
BACK_DAYS = Rule(
    key="activities.back_days",
    group=Group.SERVICE,
    words=_l("补登活动最多往前多少天"),
    kind=Kind.DAYS,
    default=90,
    least=0,
    most=366,
    source=_ALLIANCE,
    hint=_l("忘了登记的活动，最多往前补登这么多天。"),
)
AHEAD_DAYS = Rule(
    key="activities.ahead_days",
    group=Group.SERVICE,
    words=_l("活动最多提前多少天登记"),
    kind=Kind.DAYS,
    default=366,
    least=30,
    most=1_100,
    source=_ALLIANCE,
    hint=_l("更远的日期多半是写错了年份。"),
)

# ── accounts ────────────────────────────────────────────────────────────────────────────────────────
SIGN_IN_DAYS = Rule(
    key="accounts.sign_in_days",
    group=Group.ACCOUNTS,
    words=_l("登录一次管多少天"),
    kind=Kind.DAYS,
    default=90,
    least=1,
    most=180,
    source=_ALLIANCE,
    hint=_l("短了，记不住密码的人常要重来；长了，丢了的手机要自己去账号页退出。"),
)
FORGET_SIGN_INS_DAYS = Rule(
    key="accounts.forget_sign_ins_days",
    group=Group.ACCOUNTS,
    words=_l("登录过的设备记多少天"),
    kind=Kind.DAYS,
    default=180,
    least=180,
    most=1_100,
    source=_l("网络安全法：网络日志留存不少于六个月；个人信息保护法第十九条：保存期限取必要的最短时间。"),
    hint=_l("过了就从数据库里删掉；操作记录另外保存，不受影响。"),
)
SECOND_FACTOR_DAYS = Rule(
    key="accounts.second_factor_days",
    group=Group.ACCOUNTS,
    words=_l("管钱管人的身份，几天内要开启两步验证"),
    kind=Kind.DAYS,
    default=14,
    least=0,
    most=90,
    source=_l("个人信息保护法第五十一条：采取相应的安全技术措施。期限由联盟定。"),
    hint=_l("从带着这样的身份第一次登录算起；过了期限还没有开启，要先开启才能办事。"),
)

# ── the council and spending ────────────────────────────────────────────────────────────────────────
COUNCIL_LEAST = Rule(
    key="funds.council_least",
    group=Group.SPENDING,
    words=_l("管委会至少几个人"),
    kind=Kind.PEOPLE,
    default=5,
    least=3,
    most=31,
    is_odd=True,
    source=_l("基金章程：管委会人数是单数，至少 5 人，不领报酬。"),
    hint=_l("设立基金时按它核对。"),
)
APPROVAL_FEN = Rule(
    key="spending.approval_fen",
    group=Group.SPENDING,
    words=_l("用款要几个人同意"),
    kind=Kind.AMOUNTS,
    default=(500_000, 5_000_000),
    least=100,
    source=_l("基金章程；数额由联盟定。"),
    hint=_l("不到第一个数，一位委员同意；不到第二个数，两位同意；再大的，管委会过半数同意。"),
)
SPENT_PERCENT = Rule(
    key="ratios.spent_percent",
    group=Group.SPENDING,
    words=_l("一年的支出至少占上一年收入的"),
    kind=Kind.PERCENT,
    default=70,
    least=70,
    most=100,
    source=_RATIOS,
    hint=_l("低于它就提醒。"),
    is_used=False,
)
ADMINISTRATION_PERCENT = Rule(
    key="ratios.administration_percent",
    group=Group.SPENDING,
    words=_l("管理费用最多占当年支出的"),
    kind=Kind.PERCENT,
    default=10,
    least=0,
    most=10,
    source=_RATIOS,
    hint=_l("高于它就提醒。"),
    is_used=False,
)

# ── disclosure ──────────────────────────────────────────────────────────────────────────────────────
LONG_PROJECT_MONTHS = Rule(
    key="disclosure.long_project_months",
    group=Group.DISCLOSURE,
    words=_l("项目超过多久，要定期公开进展"),
    kind=Kind.MONTHS,
    default=6,
    least=1,
    most=6,
    source=_DISCLOSURE,
    hint=_l("超过的项目和募捐，按下面一条公开。"),
    is_used=False,
)
PROGRESS_MONTHS = Rule(
    key="disclosure.progress_months",
    group=Group.DISCLOSURE,
    words=_l("至少多久公开一次进展"),
    kind=Kind.MONTHS,
    default=3,
    least=1,
    most=3,
    source=_DISCLOSURE,
    hint=_l("公开募得多少、用了多少、做了什么。"),
    is_used=False,
)
FINAL_MONTHS = Rule(
    key="disclosure.final_months",
    group=Group.DISCLOSURE,
    words=_l("结束以后多久以内全面公开"),
    kind=Kind.MONTHS,
    default=3,
    least=1,
    most=3,
    source=_DISCLOSURE,
    hint=_l("从项目或募捐结束那天算起。"),
    is_used=False,
)
EMERGENCY_DAYS = Rule(
    key="disclosure.emergency_days",
    group=Group.DISCLOSURE,
    words=_l("突发事件中至少多久公开一次"),
    kind=Kind.DAYS,
    default=5,
    least=1,
    most=5,
    source=_DISCLOSURE,
    hint=_l("突发事件的募捐和用款，按这个间隔公开。"),
    is_used=False,
)
SMALL_GROUP = Rule(
    key="disclosure.small_group",
    group=Group.DISCLOSURE,
    words=_l("受益人少于几个人，不公开细节"),
    kind=Kind.PEOPLE,
    default=5,
    least=2,
    most=100,
    source=_l("慈善法：公开信息不得侵犯受益人的隐私；个人信息保护法。人数由联盟定。"),
    hint=_l("人太少，从用途就猜得出是谁。"),
    is_used=False,
)

# ── fundraising ─────────────────────────────────────────────────────────────────────────────────────
GIVING_LINK = Rule(
    key="campaigns.giving_link",
    group=Group.CAMPAIGNS,
    words=_l("基金页上的「怎样捐」"),
    kind=Kind.CHOICE,
    default="filed",
    choices={"filed": _l("有备案编号和指定平台链接才显示"), "never": _l("一律不显示")},
    source=_FUNDRAISING,
    hint=_l("门户自己从不收款，只指向指定平台。"),
)
CAMPAIGN_KINDS = Rule(
    key="campaigns.widest",
    group=Group.CAMPAIGNS,
    words=_l("最多可以办哪种募捐"),
    kind=Kind.CHOICE,
    default="members",
    choices={
        "none": _l("不办"),
        "community": _l("社区互助（登录后才看得到）"),
        "members": _l("社区互助和定向募捐（登录后才看得到）"),
        "public": _l("公开募捐也办（要备案编号和指定平台）"),
    },
    source=_FUNDRAISING,
    hint=_l("选了哪种，门户才许新建哪种。"),
    is_used=False,
)

# ── retention ───────────────────────────────────────────────────────────────────────────────────────
LOG_MONTHS = Rule(
    key="retention.log_months",
    group=Group.RETENTION,
    words=_l("操作记录至少留多久"),
    kind=Kind.MONTHS,
    default=6,
    least=6,
    most=1_200,
    source=_l("网络安全法：网络日志留存不少于六个月。"),
    hint=_l("现在的操作记录一直留着，谁也删不掉。"),
    is_used=False,
)
VOUCHER_YEARS = Rule(
    key="retention.voucher_years",
    group=Group.RETENTION,
    words=_l("凭证和账簿留多久"),
    kind=Kind.YEARS,
    default=30,
    least=30,
    most=100,
    source=_l("会计档案管理办法（财政部、国家档案局令第 79 号）：凭证和账簿保管三十年。"),
    hint=_l("凭证本身谁也删不掉；经手人的姓名也留这么久。"),
)
EXPORT_DAYS = Rule(
    key="retention.export_days",
    group=Group.RETENTION,
    words=_l("导出的名单最多留多少天"),
    kind=Kind.DAYS,
    default=30,
    least=1,
    most=366,
    source=_l("个人信息保护法第六条、第十九条：限于处理目的的最小范围，保存期限取必要的最短时间。期限由联盟定。"),
    hint=_l("写在导出的文件里；到期提醒导出的人删掉。"),
)
SERVICE_YEARS = Rule(
    key="retention.service_years",
    group=Group.RETENTION,
    words=_l("退出以后服务记录上的姓名留多久"),
    kind=Kind.YEARS,
    default=30,
    least=3,
    most=100,
    source=_l("志愿服务条例、志愿服务记录与证明出具办法（民政部令第 67 号）：如实记录、妥善保存。年限由联盟定。"),
    hint=_l("本人要求删除资料以后，证明还开得出来的年数；过了就只剩时长的合计，不再有姓名。"),
)
PROOF_YEARS = Rule(
    key="retention.proof_years",
    group=Group.RETENTION,
    words=_l("同意、撤回和更正的凭据留多久"),
    kind=Kind.YEARS,
    default=3,
    least=3,
    most=20,
    source=_l("民法典第一百八十八条：诉讼时效三年；个人信息保护法第六十九条：要能证明没有过错。"),
    hint=_l("从退出那天算起。"),
)
LEFT_DAYS = Rule(
    key="retention.left_days",
    group=Group.RETENTION,
    words=_l("退出以后多少天删去证件、住址等资料"),
    kind=Kind.DAYS,
    default=90,
    least=1,
    most=366,
    source=_l("个人信息保护法第十九条、第四十七条：目的已实现的，应当主动删除。期限由联盟定。"),
    hint=_l("在这之内回来，不用重新填写。"),
)
REFUSED_DAYS = Rule(
    key="retention.refused_days",
    group=Group.RETENTION,
    words=_l("没有通过的申请多少天后删去资料"),
    kind=Kind.DAYS,
    default=30,
    least=1,
    most=366,
    source=_l("个人信息保护法第四十七条：目的无法实现的，应当主动删除。期限由联盟定。"),
    hint=_l("在这之内可以再申请，不用重新填写。"),
)
COPY_DAYS = Rule(
    key="retention.copy_days",
    group=Group.RETENTION,
    words=_l("本人下载的资料副本留多少天"),
    kind=Kind.DAYS,
    default=7,
    least=1,
    most=30,
    source=_l("个人信息保护法第四十五条：及时提供副本；第十九条：保存期限取必要的最短时间。"),
    hint=_l("过了就从门户里删掉，需要时再做一份。"),
)
CORRECTION_DAYS = Rule(
    key="privacy.correction_days",
    group=Group.RETENTION,
    words=_l("请求更正资料，几个工作日内答复"),
    kind=Kind.WORKING_DAYS,
    default=15,
    least=1,
    most=15,
    source=_l("个人信息保护法第四十六条、第五十条：及时核实、更正，建立便捷的受理机制。期限由联盟定。"),
    hint=_l("从请求的第二天算起。"),
)

_DECLARED: tuple[Rule[Any], ...] = tuple(thing for thing in list(globals().values()) if isinstance(thing, Rule))
RULES: dict[str, Rule[Any]] = {rule.key: rule for rule in _DECLARED}
"""Every rule by its key, in the order of the page."""
