"""The forms of the first day."""

import unicodedata
from typing import Any

from wtforms import IntegerField, PasswordField
from wtforms.validators import EqualTo

from portal.administration.plans import LONGEST_NAME, LONGEST_PURPOSE, Administrator, FundPlan
from portal.web.forms import Line, Lines, NumberInput, PortalForm, as_typed, at_most, required
from portal.web.libs import _, _l


class Number(IntegerField):
    """A whole number from 0 on, in any digits. Nothing written means none."""

    widget = NumberInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        text = unicodedata.normalize("NFKC", valuelist[0]).strip() if valuelist else ""
        self.raw_data = [text[:20]] if text else []
        self.data = None
        if text and not (text.isascii() and text.isdigit() and len(text) <= 9):
            raise ValueError(_("请填整数。"))
        if text:
            self.data = int(text)


class TokenForm(PortalForm):
    token = Line(_l("设立口令"), [required(_l("请填写口令。")), at_most(80)], render_kw=as_typed())


class AllianceForm(PortalForm):
    alliance_name = Line(_l("联盟的全称"), [required(_l("请填写联盟的全称。")), at_most(LONGEST_NAME)])
    last_volunteer = Number(_l("志愿者编号，今年已经发到第几号"))


class FundForm(PortalForm):
    name = Line(_l("基金名称"), [required(_l("请填写基金名称。")), at_most(LONGEST_NAME)])
    slug = Line(_l("网址名"), [required(_l("请填写网址名。")), at_most(31)], render_kw=as_typed())
    purpose = Lines(_l("做什么用"), [required(_l("请写明做什么用。")), at_most(LONGEST_PURPOSE)])
    founded_year = Number(_l("哪一年设立"), [required(_l("请填写哪一年设立。"))])
    council_size = Number(_l("管委会几个人"), [required(_l("请填写管委会几个人。"))])
    host_name = Line(_l("依托哪个慈善组织（全称）"), [required(_l("请填写慈善组织的全称。")), at_most(LONGEST_NAME)])
    host_short_name = Line(_l("它的简称"), [required(_l("请填写简称。")), at_most(LONGEST_NAME)])
    credit_code = Line(
        _l("它的统一社会信用代码"), [required(_l("请填写统一社会信用代码。")), at_most(30)], render_kw=as_typed()
    )
    last_receipt = Number(_l("确认单，今年已经开到第几号"))

    def fund(self) -> FundPlan:
        """What a valid form says."""
        told: dict[str, Any] = {name: field.data for name, field in self._fields.items()}
        return FundPlan(**{**told, "last_receipt": told["last_receipt"] or 0})


class MailForm(PortalForm):
    to = Line(_l("寄到哪个邮箱"), [required(_l("请填写邮箱。")), at_most(200)], render_kw={"autocomplete": "email"})


class AdministratorForm(PortalForm):
    name = Line(_l("姓名"), [required(_l("请填写姓名。")), at_most(40)], render_kw={"autocomplete": "name"})
    login = Line(_l("登录名"), [required(_l("请填写登录名。")), at_most(40)], render_kw=as_typed("username"))
    password = PasswordField(
        _l("密码"), [required(_l("请填写密码。")), at_most(200)], render_kw={"autocomplete": "new-password"}
    )
    again = PasswordField(
        _l("再写一遍密码"),
        [required(_l("请把密码再写一遍。")), EqualTo("password", _l("两遍写的不一样，请再写一遍。"))],
        render_kw={"autocomplete": "new-password"},
    )

    def administrator(self) -> Administrator:
        """What a valid form says."""
        return Administrator(self.name.data or "", self.login.data or "", self.password.data or "")
