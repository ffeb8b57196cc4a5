from wtforms import BooleanField, HiddenField, PasswordField, StringField

from portal.web.forms import Line, NewPasswordForm, PortalForm, TextInput, as_typed, at_most, required, tidy
from portal.web.libs import _l


class LoginForm(PortalForm):
    login = Line(
        _l("登录名、手机号、邮箱或志愿者编号"),
        [required(_l("请填写登录名。")), at_most(100)],
        render_kw=as_typed("username"),
    )
    password = PasswordField(
        _l("密码"),
        [required(_l("请填写密码。")), at_most(200)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class PasswordForm(NewPasswordForm):
    old = PasswordField(
        _l("现在的密码"),
        [required(_l("请填写现在的密码。")), at_most(200)],
        render_kw={"autocomplete": "current-password"},
    )


class SecretCode(StringField):
    """A code that opens once: what was typed is not shown again."""

    widget = TextInput()

    def _value(self) -> str:
        return ""


_CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}


class CodeForm(PortalForm):
    """The telephone's code, or one of those on paper; the page has a form for each."""

    code = SecretCode(_l("验证码"), [at_most(60)], render_kw=_CODE)
    recovery = SecretCode(_l("恢复码"), [at_most(100)], render_kw=as_typed())


class ConfirmForm(CodeForm):
    """Who is there: by password, or by code where there is a second step."""

    password = PasswordField(_l("密码"), [at_most(200)], render_kw={"autocomplete": "current-password"})
    next = HiddenField()


class HelpForm(PortalForm):
    reason = Line(_l("原因"), [required(_l("请写明原因。")), at_most(200)])


class CloseForm(PortalForm):
    sure = BooleanField(_l("我明白：注销后不能再登录，要恢复得找系统管理员"), [required(_l("请先勾选这一项。"))])


class ContactField(StringField):
    """A mobile or an e-mail address as it was typed: what is wrong with it must be said, not tidied away."""

    widget = TextInput()

    def _value(self) -> str:
        return tidy(self.data) or ""


class ContactForm(PortalForm):
    contact = ContactField(
        _l("手机号或邮箱"),
        [required(_l("请填写手机号或邮箱。")), at_most(254)],
        render_kw=as_typed(),
    )
