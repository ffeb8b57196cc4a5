from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, SelectMultipleField
from wtforms.validators import Length, Optional

from portal.mydata.fields import FIELD_NAMES, Field
from portal.mydata.models import MISTAKE_NAMES
from portal.web.forms import Choice, Line, Lines, PortalForm, at_most, refuse, required
from portal.web.libs import _, _l

REASONS = {
    "contact": _l("联系本人或监护人"),
    "register": _l("核对、登记资料"),
    "insurance": _l("办理保险"),
    "safety": _l("安排服务时注意安全"),
    "emergency": _l("紧急情况"),
    "other": _l("其他，写在下面"),
}
PHOTO = {"accept": "image/jpeg,image/png,image/webp"}


class _Ticks(SelectMultipleField):
    """Some of the parts that may be seen; whatever else is sent is refused."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.parts: dict[str, str] = {}

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            refuse(_("请至少选一项。"))
        if not set(self.data or ()) <= self.parts.keys():
            refuse(_("请从列表里选。"))


class LookForm(PortalForm):
    """Why somebody's data are looked at, and which. What may be ticked, the policy says."""

    fields = _Ticks(_l("看哪几项"))
    why = Choice(_l("原因"), choices=list(REASONS.items()), default="contact")
    words = Line(
        _l("具体为什么"),
        [required(_l("请写明为什么要看。")), Length(2, 200, message=_l("请写 2 到 200 个字。"))],
    )

    def allow(self, allowed: list[Field]) -> None:
        self.fields.parts = {field.value: str(FIELD_NAMES[field]) for field in allowed}

    @property
    def chosen(self) -> list[Field]:
        return [Field(name) for name in self.fields.data or ()]

    @property
    def reason(self) -> str:
        """As it is kept: Chinese, whatever the reader's language."""
        return f"{REASONS[self.why.data].text}：{self.words.data}"


class CorrectionForm(PortalForm):
    """What is wrong, and how it should be."""

    mistake = Choice(_l("哪里不对"), choices=[(one.value, words) for one, words in MISTAKE_NAMES.items()])
    wanted = Lines(
        _l("应该是什么"),
        [required(_l("请写明应该是什么。")), Length(2, 500, message=_l("请写 2 到 500 个字。"))],
    )


class AnswerForm(PortalForm):
    """The office's answer to a request."""

    outcome = Choice(_l("结果"), choices=[("done", _l("已经更正")), ("refused", _l("不能更正"))], default="done")
    name = Line(_l("改正后的姓名"), [Optional(), at_most(40)])
    words = Line(_l("答复"), [required(_l("请写明怎么办的。")), Length(2, 500, message=_l("请写 2 到 500 个字。"))])


class DeleteForm(PortalForm):
    """One's own wish to have everything deleted."""

    sure = BooleanField(_l("我看过上面的说明，要删除我的资料"), [required(_l("请先看过说明，再打勾。"))])


class DeleteForForm(DeleteForm):
    """The same for somebody who signed it on paper."""

    sure = BooleanField(_l("本人当面说明，并在申请上签了字"), [required(_l("请先确认是本人的意思。"))])
    photo = FileField(_l("签字申请的照片"), render_kw=PHOTO)
