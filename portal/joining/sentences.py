"""What a batch of decisions has done, said so that every row left alone is named with its reason."""

from portal.joining.actions import Outcome
from portal.web.libs import _, ngettext

MOST_NAMES = 5


def said(outcome: Outcome) -> str:
    """One paragraph."""
    parts = []
    if count := len(outcome.done):
        parts.append(ngettext("通过了 %(num)d 份申请。", "通过了 %(num)d 份申请。", count))
    for name, problem in outcome.refused[:MOST_NAMES]:
        parts.append(_("%(name)s没有通过：%(why)s", name=name, why=problem.sentence))
    if (more := len(outcome.refused) - MOST_NAMES) > 0:
        parts.append(ngettext("还有 %(num)d 份没有通过。", "还有 %(num)d 份没有通过。", more))
    if outcome.unknown:
        parts.append(ngettext("有 %(num)d 份没有找到。", "有 %(num)d 份没有找到。", outcome.unknown))
    return " ".join(parts) if parts else _("没有勾选任何一份，什么也没有改动。")
