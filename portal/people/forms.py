from wtforms import HiddenField, PasswordField

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
