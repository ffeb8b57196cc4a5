import unicodedata

from wtforms import StringField

from portal.web.forms import Line, PortalForm, TextInput, at_most, required, tidy
from portal.web.libs import _l


class ContactField(StringField):
    """A mobile or an e-mail address as it was typed: what is wrong with it must be said, not tidied away."""

    widget = TextInput()

    def _value(self) -> str:
        return tidy(self.data) or ""


class CodeField(Line):
    """A code: blanks and dashes between its digits do not matter, nor does the width of the digits."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = unicodedata.normalize("NFKC", valuelist[0][:100]) if valuelist else ""
        super().process_formdata(["".join(text.split()).replace("-", "")])


class ContactForm(PortalForm):
    contact = ContactField(
        _l("手机号或邮箱"),
        [required(_l("请填写手机号或邮箱。")), at_most(254)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


class CodeForm(PortalForm):
    code = CodeField(
        _l("6 位验证码"),
        [required(_l("请填写验证码。")), at_most(20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
