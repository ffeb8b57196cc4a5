from datetime import date, timedelta
from typing import Any

from wtforms import HiddenField

from portal.rules.kinds import ASKED, Kind, Rule, typed
from portal.rules.models import LONGEST_REASON
from portal.web.forms import Choice, Day, Line, Lines, PortalForm, at_most, number_in, required
from portal.web.libs import _l

LONGEST_VALUE = 100


class RuleForm(PortalForm):
    """Another value for a rule. `seen` is how many values the page knew of."""

    value = Line(_l("改成"), [required(_l("请填写新的数。")), at_most(LONGEST_VALUE)])
    applies_from = Day(_l("从哪天起"), [required(_l("请填写从哪天起。"))])
    reason = Lines(_l("为什么改"), [required(_l("请写明为什么改。")), at_most(LONGEST_REASON)])
    seen = HiddenField()

    @classmethod
    def of(cls, rule: Rule[Any], now: Any, *, seen: int, today: date) -> "RuleForm":
        """The form as it is first shown: what holds today, from tomorrow on."""
        tomorrow = today + timedelta(days=1)
        return cls.for_rule(rule, formdata=None, value=typed(rule, now), applies_from=tomorrow, seen=seen)

    @classmethod
    def for_rule(cls, rule: Rule[Any], **given: Any) -> "RuleForm":
        """With the field that this kind of value wants."""
        form = (_ChoiceForm if rule.kind is Kind.CHOICE else cls)(**given)
        form.value.label.text = str(ASKED[rule.kind])
        if isinstance(form, _ChoiceForm):
            form.value.choices = [(key, str(words)) for key, words in rule.choices.items()]
        return form

    @property
    def seen_count(self) -> int:
        """-1, which nothing has, when it makes no sense."""
        seen = number_in(self.seen.data)
        return -1 if seen is None else seen


class _ChoiceForm(RuleForm):
    value = Choice(_l("改成"))  # type: ignore[assignment] # one of a list instead of a line
