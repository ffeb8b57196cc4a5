"""What the trail holds of a person."""

from portal.holdings import Group, holds
from portal.words import _l

_LOGS = _l("网络安全法：网络日志留存不少于六个月；账要查得清，谁也删不掉；里面写着当时的姓名，只有管理员和监督员看得到")

holds("audit_line", _l("您在门户里做过什么"), Group.WORK, own=("actor_id",), why=_LOGS)
holds("audit_look", _l("谁看过您的资料"), Group.ACCOUNT, own=("person_id",), why=_LOGS)
