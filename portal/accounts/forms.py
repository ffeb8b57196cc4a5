from wtforms import HiddenField, PasswordField
from wtforms.validators import EqualTo

from portal.web.forms import Line, PortalForm, at_most, required
from portal.web.libs import _l


class LoginForm(PortalForm):
    login = Line(
        _l("登录名"),
        [required(_l("请填写登录名。")), at_most(100)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("密码"),
        [required(_l("请填写密码。")), at_most(200)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class PasswordForm(PortalForm):
    old = PasswordField(
        _l("现在的密码"),
        [required(_l("请填写现在的密码。")), at_most(200)],
        render_kw={"autocomplete": "current-password"},
    )
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
