import unicodedata

from wtforms import PasswordField
from wtforms.validators import EqualTo

from portal.web.forms import Line, PortalForm, as_typed, at_most, required
from portal.web.libs import _l

KEYS = {"inputmode": "numeric", "autocomplete": "off"}


class PinField(PasswordField):
    """Digits of any width; never shown again."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = "".join(unicodedata.normalize("NFKC", valuelist[0][:100]).split()) if valuelist else None


class DeskForm(PortalForm):
    card = Line(
        _l("刷志愿者证，或输入 8 位卡号"),
        [required(_l("请先刷证，或输入证上的卡号。")), at_most(100)],
        render_kw=as_typed(capitals=True),
    )
    pin = PinField(_l("证的密码"), [required(_l("请输入证的密码。")), at_most(20)], render_kw=KEYS)


class PinForm(PortalForm):
    pin = PinField(_l("密码，4 到 6 位数字"), [required(_l("请输入密码。")), at_most(20)], render_kw=KEYS)
    pin_again = PinField(
        _l("再输一遍"),
        [required(_l("请把密码再输一遍。")), EqualTo("pin", _l("两遍输的不一样，请再输一遍。"))],
        render_kw=KEYS,
    )
