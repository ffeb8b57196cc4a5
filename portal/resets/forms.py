from portal.web.forms import Line, PortalForm, TypedCode, as_typed, at_most, required
from portal.web.libs import _l


class AskForm(PortalForm):
    who = Line(
        _l("登录名、志愿者编号、手机号或邮箱"),
        [required(_l("请填写其中一样。")), at_most(254)],
        render_kw=as_typed("username"),
    )


class PrintedForm(PortalForm):
    who = Line(
        _l("登录名或志愿者编号"),
        [required(_l("请填写登录名或志愿者编号。")), at_most(100)],
        render_kw=as_typed("username"),
    )
    code = TypedCode(
        _l("纸上的代码"),
        [required(_l("请填写纸上的代码。")), at_most(40)],
        render_kw=as_typed(capitals=True),
    )
