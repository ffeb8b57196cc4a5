import unicodedata
from collections.abc import Sequence
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, IntegerField

from portal.orgs.models import Organisation, Team
from portal.teams.actions import LONGEST_ABOUT, About
from portal.teams.asking import LONGEST_WORDS
from portal.teams.invitations import USUAL_DAYS
from portal.teams.lending import Terms
from portal.teams.messages import LONGEST_SUBJECT, LONGEST_TEXT
from portal.teams.models import TeamKind
from portal.web.forms import (
    Choice,
    Day,
    Line,
    Lines,
    NumberInput,
    OnceKey,
    PortalForm,
    as_typed,
    at_most,
    required,
)
from portal.web.libs import _, _l

KINDS = [(one.value, one.label) for one in TeamKind]


class Whole(IntegerField):
    """A whole number in any digits; nothing written is nothing."""

    widget = NumberInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        text = unicodedata.normalize("NFKC", valuelist[0]).strip() if valuelist else ""
        self.raw_data = [text[:20]] if text else []
        if text and not (text.isascii() and text.isdigit() and len(text) <= 4):
            self.data = None
            raise ValueError(_("请填整数。"))
        self.data = int(text) if text else None


class CardForm(PortalForm):
    """What a team says of itself."""

    kind = Choice(_l("类型"), [required(_l("请选队伍的类型。"))], choices=KINDS)
    about = Lines(_l("做什么"), [at_most(LONGEST_ABOUT)])
    is_open_to_join = BooleanField(_l("列在「找一个队」里，志愿者可以申请加入"))
    asks_approval = BooleanField(_l("用邀请链接来的人，也要队长同意后才算入队"))

    @property
    def card(self) -> About:
        return About(
            kind=TeamKind(self.kind.data),
            about=self.about.data or "",
            is_open_to_join=bool(self.is_open_to_join.data),
            asks_approval=bool(self.asks_approval.data),
        )


class NewTeamForm(CardForm):
    """A team of one of the organisations that somebody runs."""

    organisation = Choice(_l("属于哪个组织"), [required(_l("请选组织。"))])
    name = Line(_l("队名"), [required(_l("请填写队名。")), at_most(40)])

    def offer(self, organisations: Sequence[Organisation]) -> "NewTeamForm":
        self.organisation.choices = [(str(one.id), one.name) for one in organisations]
        return self


class ReasonForm(PortalForm):
    """Why."""

    reason = Line(_l("原因"), [required(_l("请写明原因，以后查得到。")), at_most(200)])


class PersonForm(PortalForm):
    """A volunteer, by number and name: whoever does not know both learns nothing."""

    number = Line(
        _l("志愿者编号"), [required(_l("请填写志愿者编号。")), at_most(20)], render_kw=as_typed(capitals=True)
    )
    name = Line(_l("姓名"), [required(_l("请填写姓名。")), at_most(40)], render_kw={"autocomplete": "off"})


class DeputyForm(ReasonForm):
    """A member who leads beside the leader."""

    number = Line(
        _l("队员的志愿者编号"), [required(_l("请填写志愿者编号。")), at_most(20)], render_kw=as_typed(capitals=True)
    )


class AskForm(PortalForm):
    """A word to the leader."""

    words = Lines(_l("想对队长说的话"), [at_most(LONGEST_WORDS)])


class AnswersForm(PortalForm):
    """Why those that are ticked are refused."""

    reason = Line(_l("原因，本人会看到"), [at_most(200)])


class InvitationForm(PortalForm):
    """A link into the team."""

    days = Whole(_l("有效几天"), [required(_l("请填写有效几天。"))], default=USUAL_DAYS)
    most_uses = Whole(_l("最多几个人用"))


class ChainForm(PortalForm):
    """A chat group's 接龙."""

    text = Lines(_l("接龙的文字"), [required(_l("请把群里的接龙粘贴到这里。"))])


class MessageForm(PortalForm):
    """What a leader says to all members."""

    subject = Line(_l("标题"), [required(_l("请填写标题。")), at_most(LONGEST_SUBJECT)])
    text = Lines(_l("内容"), [required(_l("请写下要说的话。")), at_most(LONGEST_TEXT)])
    key = OnceKey()

    def content_sent(self) -> dict[str, Any]:
        return {"subject": self.subject.data, "text": self.text.data}


class LoanForm(PersonForm):
    """Whom one organisation asks of another, or offers to it; for which team, how long and what for."""

    lender = Choice(_l("从哪个组织借"), [required(_l("请选组织。"))])
    team = Choice(_l("到哪个队"), [required(_l("请选服务队。"))])
    starts_on = Day(_l("从哪天开始"), [required(_l("请填写从哪天开始。"))])
    until = Day(_l("到哪天为止"), [required(_l("请填写到哪天为止。"))])
    purpose = Line(_l("做什么"), [required(_l("请写明借调来做什么。")), at_most(200)])

    def offer(self, lenders: Sequence[Organisation], teams: Sequence[Team]) -> "LoanForm":
        self.lender.choices = [("", _("请选择")), *((str(one.id), one.name) for one in lenders)]
        self.team.choices = [
            ("", _("请选择")),
            *((str(one.id), f"{one.organisation.name} · {one.name}") for one in teams),
        ]
        return self

    @property
    def terms(self) -> Terms:
        assert self.starts_on.data is not None and self.until.data is not None
        return Terms(self.starts_on.data, self.until.data, self.purpose.data or "")


class PaperForm(PortalForm):
    """A photo of what she signed."""

    photo = FileField(_l("本人签字的同意书的照片"), render_kw={"accept": "image/jpeg,image/png,image/webp"})
