from wtforms import PasswordField
from wtforms.validators import EqualTo

from portal.web.forms import Line, PortalForm, TypedCode, at_most, required
from portal.web.libs import _l


class AskForm(PortalForm):
    who = Line(
        _l("登录名、志愿者编号、手机号或邮箱"),
        [required(_l("请填写其中一样。")), at_most(254)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


class PrintedForm(PortalForm):
    who = Line(
        _l("登录名或志愿者编号"),
        [required(_l("请填写登录名或志愿者编号。")), at_most(100)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    code = TypedCode(
        _l("纸上的代码"),
        [required(_l("请填写纸上的代码。")), at_most(40)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class NewPasswordForm(PortalForm):
    new = PasswordField(
        _l("新密码"),
        [required(_l("请填写新密码。")), at_most(200)],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("再写一遍新密码"),
        [required(_l("请把新密码再写一遍。")), EqualTo("new", _l("两遍写的不一样，请再写一遍。"))],
        render_kw={"autocomplete": "new-password"},
    )


class CodeForm(PortalForm):
    code = TypedCode(
        _l("6 位验证码"),
        [required(_l("请填写验证码。")), at_most(20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
