from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo

from portal.people.actions import LONGEST_REASON
from portal.profiles.fields import LONGEST_NAME, BasicParts, ChoiceParts, GuardianParts, SensitiveParts
from portal.web.forms import (
    Choice,
    Line,
    Lines,
    OnceKey,
    PortalForm,
    TextInput,
    as_typed,
    at_most,
    number_in,
    required,
    tidy,
)
from portal.web.libs import _, _l

PHOTO = {"accept": "image/jpeg,image/png,image/webp"}


class AddressField(StringField):
    """A mobile or an e-mail address as it was typed: what is wrong with it must be said, not tidied away."""

    widget = TextInput()

    def _value(self) -> str:
        return tidy(self.data) or ""


class ContactStep(PortalForm):
    name = Line(
        _l("真实姓名"),
        [required(_l("请填写姓名。")), at_most(LONGEST_NAME)],
        render_kw={"autocomplete": "name", "spellcheck": "false"},
    )
    contact = AddressField(
        _l("手机号或邮箱"), [required(_l("请填写手机号或邮箱。")), at_most(254)], render_kw=as_typed()
    )
    invite = HiddenField()
    organisation = HiddenField()


class DetailsStep(BasicParts):
    wish = Choice(_l("想加入哪里"))

    def offer(self, wishes: list[tuple[str, str]], name: str = "", text: str = "") -> "DetailsStep":
        """Let her choose an organisation, or the team by whose link she came."""
        own = [(text, name)] if text.startswith("t") else []
        self.wish.choices = [*own, ("", _("请社工安排")), *wishes]
        return self


class GuardianStep(GuardianParts):
    on_paper = BooleanField(_l("监护人收不到验证码，改为在纸上签字"))

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        for field in (self.guardian_name, self.guardian_mobile, self.guardian_relation):
            if not field.data and not field.errors:
                field.errors = [_("未满 18 周岁，请填写监护人的姓名、手机和关系。")]
        return is_valid and not self.wrong_fields


class ChoicesStep(ChoiceParts):
    pass


class MoreStep(SensitiveParts):
    pass


class FinishStep(PortalForm):
    agree_join = BooleanField(_l("我读过了，同意"), [required(_l("请读一读同意书并勾选；不同意就不能注册。"))])
    version_join = HiddenField()

    @property
    def version(self) -> int | None:
        """Of the text that stood on the page."""
        return number_in(self.version_join.data)


class FinishWithPassword(FinishStep):
    """For whoever has no account yet."""

    new = PasswordField(
        _l("给账号设一个密码"),
        [required(_l("请填写密码。")), at_most(200)],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("再写一遍密码"),
        [required(_l("请把密码再写一遍。")), EqualTo("new", _l("两遍写的不一样，请再写一遍。"))],
        render_kw={"autocomplete": "new-password"},
    )


class EnterForm(BasicParts, GuardianParts, ChoiceParts, SensitiveParts):
    """All of it on one page, for whoever enters somebody without a phone."""

    name = Line(
        _l("真实姓名"), [required(_l("请填写姓名。")), at_most(LONGEST_NAME)], render_kw={"autocomplete": "off"}
    )
    wish = Choice(_l("加入哪里"))
    agree_join = BooleanField(
        _l("本人签了同意书（未满 18 周岁的，监护人也签了）"), [required(_l("要有本人签字的同意书，才能替她登记。"))]
    )
    photo = FileField(_l("同意书的照片"), render_kw=PHOTO)
    key = OnceKey()

    def offer(self, wishes: list[tuple[str, str]]) -> "EnterForm":
        self.wish.choices = wishes
        return self

    def content_sent(self) -> dict[str, Any]:
        """What tells this form from another one with the same key."""
        return {name: value for name, value in self.data.items() if name not in ("key", "photo")}


class PaperForm(PortalForm):
    photo = FileField(_l("监护人签字的同意书的照片"), render_kw=PHOTO)


class ReasonForm(PortalForm):
    """Why: she reads it."""

    reason = Lines(_l("原因，本人会看到"), [required(_l("请写明原因。")), at_most(LONGEST_REASON)])


class LeaveForm(PortalForm):
    sure = BooleanField(_l("我明白：退出后队员身份都会结束，时长记录会留着"), [required(_l("请先勾选这一项。"))])
