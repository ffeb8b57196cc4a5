"""A person's own page: what waits for her, what comes next, where she may go. Each part only for whom it is for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from portal.activities import policy as activities_policy
from portal.activities.queries import Coming, count_to_review, upcoming_for
from portal.activities.stations import Station
from portal.home.doors import Door, Shelf, shelves_of
from portal.home.queries import drafts_of, imports_by_status
from portal.hours import policy as hours_policy
from portal.hours.queries import HoursSummary, hours_summary, returned_to
from portal.hours.stars import way_to_stars
from portal.hours.waiting import count_waiting
from portal.joining.policy import can_decide_anywhere, can_enter
from portal.joining.queries import count_waiting as count_applications
from portal.lists.policy import can_upload_anywhere
from portal.operations.policy import can_operate
from portal.operations.queries import count_set_aside, is_any_alive
from portal.orgs.queries import OwnTeam, teams_of
from portal.people.models import Person, Role
from portal.people.policy import holds_anywhere
from portal.people.queries import roles_of
from portal.profiles.models import Status
from portal.profiles.queries import status_of
from portal.receipts.queries import KeptLine, kept_receipts
from portal.roles.policy import gives_everywhere
from portal.roles.queries import wishes_open
from portal.web.libs import _, ngettext

UPCOMING = 3


@dataclass(frozen=True)
class Todo:
    """Something that waits for the person, `count` things in one, and where it is done."""

    words: str
    verb: str
    url: str
    tag: str = ""
    kind: str = ""
    count: int = 1


@dataclass(frozen=True)
class Desk:
    """What the page shows. `stops` is the line towards the next star, empty for whoever is no volunteer.

    `acts` are what the person may begin, `shelves` where she may look.
    """

    person: Person
    greeting: str
    sentence: str
    roles: list[Role]
    todo: list[Todo]
    upcoming: list[Coming]
    summary: HoursSummary
    stops: list[Station]
    teams: list[OwnTeam]
    receipts: list[KeptLine]
    acts: list[Door]
    shelves: list[Shelf]


def desk_of(person: Person, *, at: datetime) -> Desk:
    is_volunteer = person.volunteer_no is not None or holds_anywhere(person, Role.VOLUNTEER)
    todo = list(_todo(person, at=at))
    upcoming = upcoming_for(person, at, UPCOMING)
    summary = hours_summary(person) if is_volunteer else HoursSummary(0, 0)
    return Desk(
        person=person,
        greeting=_greeting(at),
        sentence=_sentence(person, todo, upcoming, at),
        roles=roles_of(person),
        todo=todo,
        upcoming=upcoming,
        summary=summary,
        stops=way_to_stars(summary.approved) if is_volunteer else [],
        teams=teams_of(person),
        receipts=kept_receipts(person),
        acts=list(_acts(person)),
        shelves=shelves_of(person),
    )


def _greeting(at: datetime) -> str:
    for until, words in ((5, _("夜深了")), (11, _("早上好")), (13, _("中午好")), (18, _("下午好"))):
        if at.hour < until:
            return words
    return _("晚上好")


def _sentence(person: Person, todo: list[Todo], upcoming: list[Coming], at: datetime) -> str:
    """The title: what is so for this person now."""
    if count := sum(one.count for one in todo):
        return ngettext("%(name)s，有 %(num)d 件事等您办", "%(name)s，有 %(num)d 件事等您办", count, name=person.name)
    days = (upcoming[0].starts_at.date() - at.date()).days if upcoming else None
    if days is not None:
        starts_at = upcoming[0].starts_at
        when, time = _when(starts_at, days), f"{starts_at:%H:%M}"
        return _("%(name)s，%(when)s %(time)s 有活动", name=person.name, when=when, time=time)
    return _("%(name)s，今天没有等您办的事", name=person.name)


def _when(at: datetime, days: int) -> str:
    near = {0: _("今天"), 1: _("明天"), 2: _("后天")}
    return near.get(days) or _("%(month)d 月 %(day)d 日", month=at.month, day=at.day)


def _todo(person: Person, *, at: datetime) -> Iterator[Todo]:
    """What waits for the person, the most binding first."""
    yield from _operations(person, at)
    yield from _deputies(person)
    yield from _lists(person)
    yield from _reviews(person)
    yield from _applications(person)
    yield from _own_application(person)
    yield from _drafts(person)
    yield from _returned_hours(person)


def _operations(person: Person, at: datetime) -> Iterator[Todo]:
    if not can_operate(person):
        return
    if not is_any_alive(at=at):
        words = _("没有后台进程在运行，入账等工作都停着")
        yield Todo(words, _("去看看"), url_for("operations.index"), _("停了"), "odd")
    if count := count_set_aside():
        words = ngettext("%(num)d 项后台工作搁置了", "%(num)d 项后台工作搁置了", count)
        yield Todo(words, _("去处理"), url_for("operations.index"), _("搁置"), "odd", count)


def _deputies(person: Person) -> Iterator[Todo]:
    if gives_everywhere(person) and (count := len(wishes_open())):
        words = ngettext("%(num)d 个代班等您确认", "%(num)d 个代班等您确认", count)
        yield Todo(words, _("去确认"), url_for("roles.deputies"), _("待确认"), "wait", count)


def _lists(person: Person) -> Iterator[Todo]:
    if not holds_anywhere(person, Role.CASHIER, Role.ACCOUNTANT):
        return
    counts = imports_by_status(person)
    if count := counts.to_confirm:
        words = ngettext("%(num)d 份捐赠名单等您确认", "%(num)d 份捐赠名单等您确认", count)
        yield Todo(words, _("去确认"), url_for("imports.index"), _("待确认"), "wait", count)
    if count := counts.returned:
        words = ngettext("%(num)d 份捐赠名单被退回", "%(num)d 份捐赠名单被退回", count)
        yield Todo(words, _("去修改"), url_for("imports.index"), _("已退回"), "odd", count)
    if count := counts.preview:
        words = ngettext("%(num)d 份捐赠名单还没有移交", "%(num)d 份捐赠名单还没有移交", count)
        yield Todo(words, _("接着办"), url_for("imports.index"), _("未提交"), "wait", count)


def _reviews(person: Person) -> Iterator[Todo]:
    if hours_policy.can_decide_anywhere(person) and (count := count_waiting(person)):
        words = ngettext("%(num)d 条时长等您审核", "%(num)d 条时长等您审核", count)
        yield Todo(words, _("去审核"), url_for("hours.queue"), _("待审核"), "wait", count)
    if activities_policy.can_decide_anywhere(person) and (count := count_to_review(person)):
        words = ngettext("%(num)d 场活动等您审核", "%(num)d 场活动等您审核", count)
        yield Todo(words, _("去审核"), url_for("activities.to_review"), _("待审核"), "wait", count)


def _applications(person: Person) -> Iterator[Todo]:
    if can_decide_anywhere(person) and (count := count_applications(person)):
        words = ngettext("%(num)d 份志愿者申请等您审核", "%(num)d 份志愿者申请等您审核", count)
        yield Todo(words, _("去审核"), url_for("applications.index"), _("待审核"), "wait", count)


def _own_application(person: Person) -> Iterator[Todo]:
    """Whoever has applied sees what became of it; a volunteer with a number is spared the question."""
    if person.volunteer_no is not None:
        return
    standing = status_of(person)
    if standing is Status.APPLIED:
        yield Todo(_("您的申请在审核"), _("看看"), url_for("profiles.index"), _("待审核"), "wait", 0)
    elif standing is Status.REFUSED:
        yield Todo(_("您的志愿者申请没有通过"), _("看原因"), url_for("profiles.index"), _("未通过"), "odd")


def _drafts(person: Person) -> Iterator[Todo]:
    if not activities_policy.can_draft_anywhere(person):
        return
    for draft in drafts_of(person):
        if draft.return_reason:
            words = _("「%(name)s」被退回：%(reason)s", name=draft.name, reason=draft.return_reason)
            yield Todo(words, _("去修改"), url_for("activities.edit", activity_id=draft.id), _("已退回"), "odd")
        else:
            words = _("「%(name)s」还是草稿", name=draft.name)
            yield Todo(words, _("接着写"), url_for("activities.edit", activity_id=draft.id), _("草稿"), "still")


def _returned_hours(person: Person) -> Iterator[Todo]:
    for claim in returned_to(person):
        words = _(
            "%(day)s「%(name)s」的时长被退回：%(reason)s",
            day=f"{claim.served_on:%m-%d}",
            name=claim.activity,
            reason=claim.reason,
        )
        yield Todo(words, _("改好重交"), url_for("hours.correct", claim_id=claim.id), _("已退回"), "odd")


def _acts(person: Person) -> Iterator[Door]:
    if can_upload_anywhere(person):
        yield Door(_("导入捐赠名单"), url_for("imports.new"))
    if activities_policy.can_draft_anywhere(person):
        yield Door(_("起草活动"), url_for("activities.new"))
    if holds_anywhere(person, Role.TEAM_LEADER):
        yield Door(_("替队员记时长"), url_for("hours.for_member"))
    if can_enter(person):
        yield Door(_("登记没有手机的志愿者"), url_for("volunteers.new"))
