"""What a person is told when somebody else has her file in hand."""

from portal.notices import Way, kind
from portal.words import _l

CHANGED = kind(
    "profiles.changed",
    words=_l("别人改了我的档案"),
    detail=_l("%(name)s改了您的志愿者档案，请看看对不对。"),
    mail=Way.NOW,
)
