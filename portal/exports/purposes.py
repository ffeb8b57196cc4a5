"""The part of a form that asks what an export is for. The macro `purpose_fields` in mydata/_purpose.html shows it."""

from wtforms.validators import Length

from portal.exports.actions import LONGEST, SHORTEST
from portal.web.forms import Choice, Line, PortalForm, required
from portal.web.libs import _l

REPORT = "report"
"""Only of those who agreed to it (`portal.consents`, Purpose.REPORT)."""
OTHER = "other"
PURPOSES = {
    "service": _l("安排和开展志愿服务"),
    "insurance": _l("办理保险"),
    REPORT: _l("上报上级志愿服务系统"),
    "contact": _l("联系本人"),
    "check": _l("核对、更正资料"),
    OTHER: _l("其他，写在下面"),
}


class PurposeForm(PortalForm):
    """What for: one of a list, and words of one's own where none of them says it."""

    purpose_kind = Choice(_l("用途"), choices=list(PURPOSES.items()), default="service")
    purpose = Line(
        _l("具体做什么用"),
        [
            required(_l("请写明这份名单拿去做什么。")),
            Length(SHORTEST, LONGEST, message=_l("请写 2 到 200 个字。")),
        ],
    )

    @property
    def said(self) -> str:
        """The purpose in one line, for `portal.exports.begin`; Chinese, as it stands in files."""
        own = self.purpose.data or ""
        kind = PURPOSES[self.purpose_kind.data]
        return own if self.purpose_kind.data == OTHER else f"{kind.text}：{own}"
