"""Where a person may go from her own page, under a few headings: only pages that open to her."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for

from portal.activities import policy as activities
from portal.administration.policy import can_see_rules
from portal.badges.policy import can_hand_out_anywhere
from portal.hours import policy as hours
from portal.joining.policy import can_open_applications
from portal.lists.policy import can_see_imports
from portal.merging.policy import can_merge
from portal.mydata.policy import can_answer_corrections, can_see_retention
from portal.numbers.policy import can_see_numbers
from portal.operations.policy import can_operate
from portal.orgs.policy import can_keep_registry, can_see_registry
from portal.people.duties import APART
from portal.people.models import Person
from portal.people.policy import holds_anywhere
from portal.receipts.policy import can_see_changes
from portal.roles.policy import can_open_deputies, can_open_roles
from portal.rosters.policy import can_export_anywhere
from portal.spending.policy import can_see_expenses
from portal.teams.policy import own_organisations
from portal.trail.policy import can_read_trail
from portal.web.libs import _
from portal.words import Words, _l


@dataclass(frozen=True)
class Door:
    """A page that the person may open."""

    words: str
    url: str


@dataclass(frozen=True)
class Shelf:
    """Doors under one heading."""

    words: Words
    doors: list[Door]


def shelves_of(person: Person) -> list[Shelf]:
    """Her work first, what is her own then, what everybody sees last; empty ones are left out."""
    shelves = (
        Shelf(_l("服务"), list(_service(person))),
        Shelf(_l("人和组织"), list(_people(person))),
        Shelf(_l("捐赠"), list(_money(person))),
        Shelf(_l("门户"), list(_portal(person))),
        Shelf(_l("我自己的"), list(_own(person))),
        Shelf(_l("大家都能看的"), list(_public())),
    )
    return [shelf for shelf in shelves if shelf.doors]


def _service(person: Person) -> Iterator[Door]:
    if hours.can_open_queue(person):
        yield Door(_("时长审核"), url_for("hours.queue"))
    if activities.can_decide_anywhere(person):
        yield Door(_("活动审核"), url_for("activities.to_review"))
    if activities.can_draft_anywhere(person):
        yield Door(_("我队的活动"), url_for("activities.mine"))
    if can_hand_out_anywhere(person):
        yield Door(_("志愿者证"), url_for("badges.index"))


def _people(person: Person) -> Iterator[Door]:
    if can_open_applications(person):
        yield Door(_("志愿者申请"), url_for("applications.index"))
    if can_export_anywhere(person):
        yield Door(_("志愿者名册"), url_for("rosters.index"))
    if can_merge(person):
        yield Door(_("重复的登记"), url_for("merging.index"))
    if own_organisations(person):
        yield Door(_("借调"), url_for("loans.index"))
    if can_see_registry(person):
        is_staff = can_keep_registry(person)
        yield Door(_("组织登记") if is_staff else _("我管理的组织"), url_for("registry.index"))
    if can_see_numbers(person):
        yield Door(_("成员统计"), url_for("numbers.index"))
    if can_answer_corrections(person):
        yield Door(_("请求更正的资料"), url_for("office.index"))


def _money(person: Person) -> Iterator[Door]:
    if can_see_imports(person):
        yield Door(_("捐赠名单"), url_for("imports.index"))
    if can_see_changes(person):
        yield Door(_("确认单更正"), url_for("receipt_changes.index"))
        yield Door(_("开票清单"), url_for("state_receipts.index"))
    if can_see_expenses(person):
        yield Door(_("用款"), url_for("spending.index"))


def _portal(person: Person) -> Iterator[Door]:
    if can_open_roles(person):
        yield Door(_("谁有什么身份"), url_for("roles.index"))
    if can_open_deputies(person):
        yield Door(_("休假代班"), url_for("roles.deputies"))
    if can_operate(person):
        yield Door(_("后台工作"), url_for("operations.index"))
    if can_read_trail(person):
        yield Door(_("操作记录"), url_for("trail.index"))
    if can_see_rules(person):
        yield Door(_("规则与设置"), url_for("administration.index"))
    if can_see_retention(person):
        yield Door(_("资料保存多久"), url_for("office.kept"))


def _own(person: Person) -> Iterator[Door]:
    yield Door(_("我的志愿者档案"), url_for("profiles.index"))
    yield Door(_("我的通知"), url_for("notices.index"))
    yield Door(_("我的数据"), url_for("mydata.index"))
    yield Door(_("确认单汇总"), url_for("summaries.index"))
    if holds_anywhere(person, *APART):
        yield Door(_("导出的名单"), url_for("exports.index"))


def _public() -> Iterator[Door]:
    yield Door(_("全部活动"), url_for("activities.index"))
    yield Door(_("服务队"), url_for("teams.index"))
    yield Door(_("社会组织"), url_for("transparency.index"))
    yield Door(_("三大基金的收支"), url_for("funds.index"))
