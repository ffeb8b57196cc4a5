"""What a batch of decisions has done, said so that every row left alone is named."""

from portal.hours.actions import Outcome
from portal.hours.models import Claim, Kind
from portal.web.filters import hours_and_minutes
from portal.web.libs import _, ngettext

MOST_NAMES = 5


def said(outcome: Outcome, kind: Kind) -> str:
    """One paragraph: what was done, what somebody else was quicker with, what others must decide."""
    parts = [_done(outcome, kind)] if outcome.done else []
    if outcome.changed:
        parts.append(_("没有动：%(names)s，刚刚有人处理过。", names=_names(outcome.changed)))
    if outcome.for_others:
        parts.append(_("没有动：%(names)s，自己的或自己录入的要由别人审核。", names=_names(outcome.for_others)))
    if outcome.unknown:
        parts.append(ngettext("有 %(num)d 条没有找到。", "有 %(num)d 条没有找到。", outcome.unknown))
    return " ".join(parts) if parts else _("没有勾选任何一条，什么也没有改动。")


def _done(outcome: Outcome, kind: Kind) -> str:
    count, hours = len(outcome.done), hours_and_minutes(outcome.minutes)
    if kind is Kind.APPROVED:
        return ngettext("通过了 %(num)d 条，共 %(hours)s。", "通过了 %(num)d 条，共 %(hours)s。", count, hours=hours)
    if kind is Kind.RETURNED:
        return ngettext("退回了 %(num)d 条，志愿者会看到原因。", "退回了 %(num)d 条，志愿者会看到原因。", count)
    return ngettext("撤回了 %(num)d 条，它们又在待审核里了。", "撤回了 %(num)d 条，它们又在待审核里了。", count)


def _names(claims: list[Claim]) -> str:
    named = [
        _("%(name)s的「%(activity)s」", name=claim.person.name, activity=claim.activity.name)
        for claim in claims[:MOST_NAMES]
    ]
    more = len(claims) - len(named)
    joined = _("、").join(named)
    return _("%(names)s 等 %(count)s 条", names=joined, count=len(claims)) if more else joined
