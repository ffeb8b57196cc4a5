"""What keeps an account safe is told to its owner, and nobody can switch that off."""

from datetime import datetime
from typing import Any

from portal.accounts.telling import News, listen
from portal.notices.actions import tell
from portal.notices.kinds import Way, kind
from portal.words import _l

KINDS = {
    News.PASSWORD_CHANGED: kind(
        "accounts.password_changed",
        words=_l("密码改了"),
        detail=_l("您的密码刚刚改了。不是您改的话，请马上用「忘了密码」重设，并告诉系统管理员。"),
        mail=Way.NOW,
        sms=Way.NOW,
        is_needed=True,
    ),
    News.NEW_DEVICE: kind(
        "accounts.new_device",
        words=_l("新设备登录"),
        detail=_l("有一台没登录过的设备登录了您的账号：%(device)s。不认得的话，请退出它，再改密码。"),
        mail=Way.NOW,
        is_needed=True,
    ),
}


@listen
def tell_owner(person_id: int, news: News, *, at: datetime, **values: Any) -> None:
    """On the bell and by letter; where she ends sign-ins and changes her password is one click away."""
    tell([person_id], KINDS[news], at=at, url="/me/account", **values)
