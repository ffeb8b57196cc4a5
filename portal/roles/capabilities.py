"""What one may do, in words, each with the policy that decides: pages about roles ask these and say nothing themselves.

A policy is asked about made-up things in the place where the role counts. So when a policy changes, the pages do.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from portal.accounts import policy as accounts
from portal.activities import policy as activities
from portal.administration import policy as administration
from portal.badges import policy as badges
from portal.exports import policy as exports
from portal.hours import policy as hours
from portal.joining import policy as joining
from portal.lists import policy as lists
from portal.merging import policy as merging
from portal.mydata import policy as mydata
from portal.numbers import policy as numbers
from portal.operations import policy as operations
from portal.orgs import policy as orgs
from portal.people.duties import FITS
from portal.people.models import ALLIANCE, Person, Role, Scope
from portal.receipts import policy as receipts
from portal.roles import policy as roles
from portal.roles.samples import Things, holder, things_in
from portal.roles.scopes import Place
from portal.rosters import policy as rosters
from portal.spending import policy as spending
from portal.teams import policy as teams
from portal.trail import policy as trail
from portal.words import Words, _l

SAMPLE = 1
"""The number of the made-up team, organisation or fund in which a role is looked at."""


class Capability(NamedTuple):
    """Something one may do, and the question that decides it. `area` is the heading it stands under."""

    area: Words
    words: Words
    ask: Callable[[Person, Things], bool]


_ACTIVITIES, _HOURS, _TEAMS = _l("活动"), _l("服务时长"), _l("服务队")
_PEOPLE, _HOUSES = _l("志愿者"), _l("组织")
_LISTS, _RECEIPTS, _SPENDING = _l("捐赠名单"), _l("确认单"), _l("用款")
_ROLES, _SYSTEM = _l("身份"), _l("系统")

CAPABILITIES = (
    Capability(_ACTIVITIES, _l("看还没发布的活动"), lambda who, on: activities.can_read_draft(who, on.draft)),
    Capability(_ACTIVITIES, _l("起草活动"), lambda who, on: activities.can_draft_for(who, on.team)),
    Capability(_ACTIVITIES, _l("修改草稿"), lambda who, on: activities.can_edit(who, on.draft)),
    Capability(_ACTIVITIES, _l("发布或退回别人起草的活动"), lambda who, on: activities.can_decide(who, on.waiting)),
    Capability(_ACTIVITIES, _l("办结活动"), lambda who, on: activities.can_close(who, on.published)),
    Capability(_HOURS, _l("看别人的时长"), lambda who, on: hours.can_see_claim(who, on.claim)),
    Capability(_HOURS, _l("替队员记时长"), lambda who, on: hours.can_enter_for_others(who, on.published)),
    Capability(_HOURS, _l("通过或退回别人的时长"), lambda who, on: hours.can_decide(who, on.claim)),
    Capability(_TEAMS, _l("看服务队有哪些人"), lambda who, on: orgs.can_see_team(who, on.team)),
    Capability(_TEAMS, _l("看队员的全名"), lambda who, on: orgs.can_see_names(who, on.team)),
    Capability(_TEAMS, _l("给队员发志愿者证"), lambda who, on: badges.can_hand_out(who, on.team)),
    Capability(_TEAMS, _l("管服务队的队员和邀请"), lambda who, on: teams.can_run(who, on.team)),
    Capability(_TEAMS, _l("建服务队"), lambda who, on: teams.can_add_team(who, on.organisation)),
    Capability(_TEAMS, _l("停办服务队"), lambda who, on: teams.can_close(who, on.team)),
    Capability(_PEOPLE, _l("看志愿者申请"), lambda who, on: joining.can_open_applications(who)),
    Capability(_PEOPLE, _l("通过或退回志愿者申请"), lambda who, on: joining.can_decide(who, on.application)),
    Capability(_PEOPLE, _l("登记没有手机的志愿者"), lambda who, on: joining.can_enter(who)),
    Capability(_PEOPLE, _l("导入志愿者名册"), lambda who, on: rosters.can_import_for(who, on.organisation.id)),
    Capability(_PEOPLE, _l("看并导出志愿者名册"), lambda who, on: rosters.can_export_team(who, on.team)),
    Capability(_PEOPLE, _l("看成员统计"), lambda who, on: numbers.can_see_numbers(who)),
    Capability(_PEOPLE, _l("看统计背后是哪些人"), lambda who, on: numbers.can_see_people(who)),
    Capability(_PEOPLE, _l("答复更正资料的请求"), lambda who, on: mydata.can_answer_corrections(who)),
    Capability(_PEOPLE, _l("替没有手机的人删除资料"), lambda who, on: mydata.can_delete_for(who, on.stranger)),
    Capability(_PEOPLE, _l("把一个人的两份登记并成一份"), lambda who, on: merging.can_merge(who)),
    Capability(_HOUSES, _l("看组织的登记"), lambda who, on: orgs.can_see_organisation(who, on.organisation)),
    Capability(_HOUSES, _l("看成员单位名录"), lambda who, on: orgs.can_see_units(who)),
    Capability(_HOUSES, _l("登记、合并、停办组织"), lambda who, on: orgs.can_keep_registry(who)),
    Capability(_LISTS, _l("看捐赠名单"), lambda who, on: lists.can_see_import(who, on.imported)),
    Capability(_LISTS, _l("导入捐赠名单"), lambda who, on: lists.can_upload(who, on.fund)),
    Capability(_LISTS, _l("移交或撤回名单"), lambda who, on: lists.can_prepare(who, on.imported)),
    Capability(_LISTS, _l("确认别人的名单入账"), lambda who, on: lists.can_confirm(who, on.imported)),
    Capability(_LISTS, _l("退回名单"), lambda who, on: lists.can_send_back(who, on.imported)),
    Capability(_RECEIPTS, _l("看基金的确认单"), lambda who, on: receipts.can_list_receipts(who, on.fund)),
    Capability(_RECEIPTS, _l("看一张确认单的全部内容"), lambda who, on: receipts.can_read_receipt(who, on.receipt)),
    Capability(_RECEIPTS, _l("把查询码交给捐赠人"), lambda who, on: receipts.can_hand_out_codes(who, on.fund)),
    Capability(_RECEIPTS, _l("提出更正、重开或退款"), lambda who, on: receipts.can_ask(who, on.fund)),
    Capability(_RECEIPTS, _l("确认别人提出的更正"), lambda who, on: receipts.can_decide(who, on.change)),
    Capability(_RECEIPTS, _l("登记捐赠票据号码"), lambda who, on: receipts.can_keep_state_list(who, on.fund)),
    Capability(_RECEIPTS, _l("替单位汇总确认单"), lambda who, on: receipts.can_issue_for_companies(who, on.fund)),
    Capability(_SPENDING, _l("看用款"), lambda who, on: spending.can_see_expense(who, on.expense)),
    Capability(_SPENDING, _l("登记用款"), lambda who, on: spending.can_enter(who, on.fund)),
    Capability(_SPENDING, _l("审批别人登记的用款"), lambda who, on: spending.is_council(who, on.expense)),
    Capability(_SPENDING, _l("付款"), lambda who, on: spending.is_cashier(who, on.expense)),
    Capability(_SPENDING, _l("复核付款入账"), lambda who, on: spending.is_accountant(who, on.expense)),
    Capability(_SPENDING, _l("提出冲销付款"), lambda who, on: spending.can_undo(who, on.expense)),
    Capability(_ROLES, _l("看谁有什么身份"), lambda who, on: roles.can_open_roles(who)),
    Capability(_ROLES, _l("看所有人的身份"), lambda who, on: roles.sees_everybody(who)),
    Capability(_ROLES, _l("授予队长和审核人"), lambda who, on: _gives(who, on, Role.TEAM_LEADER, Role.REVIEWER)),
    Capability(_ROLES, _l("授予其他身份"), lambda who, on: _gives(who, on, Role.CASHIER, Role.ADMIN)),
    Capability(_ROLES, _l("请人代班"), lambda who, on: bool(roles.delegable(who))),
    Capability(_ROLES, _l("替丢了手机或忘了密码的人重新登录"), lambda who, on: accounts.can_help_in(who, on.stranger)),
    Capability(_ROLES, _l("停用账号"), lambda who, on: roles.can_close(who, on.stranger)),
    Capability(_SYSTEM, _l("看操作记录"), lambda who, on: trail.can_read_trail(who)),
    Capability(_SYSTEM, _l("看别人从哪里登录"), lambda who, on: trail.can_see_sign_ins(who)),
    Capability(_SYSTEM, _l("看谁导出过名单"), lambda who, on: exports.can_see_all_exports(who)),
    Capability(_SYSTEM, _l("看资料保存多久"), lambda who, on: mydata.can_see_retention(who)),
    Capability(_SYSTEM, _l("管后台工作"), lambda who, on: operations.can_operate(who)),
    Capability(_SYSTEM, _l("看各项规则"), lambda who, on: administration.can_see_rules(who)),
    Capability(_SYSTEM, _l("修改各项规则"), lambda who, on: administration.can_set_rules(who)),
)


def allowed(
    role: Role | None, scope: Scope, *, organisation_id: int | None = None, is_deputy: bool = False
) -> list[Capability]:
    """What this grant alone allows in its scope; without a role what everybody may who signs in."""
    who, on = holder(role, scope, is_deputy=is_deputy), things_in(scope, organisation_id=organisation_id)
    return [one for one in CAPABILITIES if one.ask(who, on)]


def beyond_everybody(
    role: Role, scope: Scope, *, organisation_id: int | None = None, is_deputy: bool = False
) -> list[Capability]:
    """What the grant adds to what everybody may."""
    common = allowed(None, scope, organisation_id=organisation_id)
    can = allowed(role, scope, organisation_id=organisation_id, is_deputy=is_deputy)
    return [one for one in can if one not in common]


class Line(NamedTuple):
    """A capability and who has it."""

    capability: Capability
    roles: frozenset[Role]


def table() -> list[tuple[Words, list[Line]]]:
    """All capabilities by area, each with the roles that have it where they are usually given."""
    having = {role: allowed(role, usual_scope(role), organisation_id=SAMPLE) for role in Role}
    return [
        (area, [Line(one, frozenset(role for role in Role if one in having[role])) for one in here])
        for area, here in by_area(CAPABILITIES)
    ]


def by_area(capabilities: Sequence[Capability]) -> Iterator[tuple[Words, list[Capability]]]:
    """Under their headings, in the order of the catalogue."""
    for area, here in groupby(capabilities, key=lambda one: one.area):
        yield area, list(here)


def usual_scope(role: Role) -> Scope:
    """Where the role is usually given."""
    kind = FITS[role][0]
    return ALLIANCE if kind == ALLIANCE.kind else Scope(kind, SAMPLE)


def _gives(who: Person, on: Things, *wanted: Role) -> bool:
    """Each of these roles at the place of the things where it makes sense."""
    return all(roles.can_give(who, role, _place(role, on)) for role in wanted)


def _place(role: Role, on: Things) -> Place:
    scopes = {
        "team": Place(Scope("team", on.team.id), "", on.team.organisation_id),
        "organisation": Place(Scope("organisation", on.team.organisation_id), "", on.team.organisation_id),
        "fund": Place(Scope("fund", on.fund.id), ""),
    }
    return scopes.get(FITS[role][0], Place(ALLIANCE, ""))
