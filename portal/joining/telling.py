"""What applicants and volunteers are told of their standing."""

from portal.notices import Way, kind
from portal.words import _l

APPROVED = kind(
    "joining.approved",
    words=_l("志愿者申请通过"),
    detail=_l("您的志愿者申请通过了，志愿者编号是 %(number)s，以后用它或手机号登录。"),
    mail=Way.NOW,
    sms=Way.NOW,
)
REFUSED = kind(
    "joining.refused",
    words=_l("志愿者申请没有通过"),
    detail=_l("您的志愿者申请没有通过：%(reason)s"),
    mail=Way.NOW,
    sms=Way.NOW,
)
PAUSED = kind(
    "joining.paused",
    words=_l("志愿服务暂停"),
    detail=_l("%(name)s给您办了暂停服务：%(reason)s"),
    mail=Way.NOW,
)
CAME_BACK = kind(
    "joining.came_back",
    words=_l("恢复志愿服务"),
    detail=_l("%(name)s给您办了恢复服务：%(reason)s"),
    mail=Way.NOW,
)
LEFT = kind(
    "joining.left",
    words=_l("退出志愿者"),
    detail=_l("%(name)s给您办了退出：%(reason)s"),
    mail=Way.NOW,
    sms=Way.NOW,
)
ENTERED = kind(
    "joining.entered",
    words=_l("替人登记的志愿者"),
    detail=_l("您替%(name)s登记的志愿者申请通过了，编号是 %(number)s。"),
)
