"""What accounts hold of a person."""

from portal.holdings import SIGN_INS, Group, Then, holds
from portal.words import _l

_SAFE = _l("保护您的账号")

holds(
    "accounts_sign_in",
    _l("在哪些设备登录过"),
    Group.ACCOUNT,
    own=("person_id",),
    rule=SIGN_INS,
    goes=True,
    why=_l("网络安全法：网络日志留存不少于六个月"),
    hidden=("token_digest",),
)
holds(
    "accounts_account",
    _l("两步验证"),
    Group.ACCOUNT,
    own=("person_id",),
    then=Then.DELETED,
    why=_SAFE,
    hidden=("secret", "last_counter"),
)
holds(
    "accounts_recovery_code",
    _l("恢复码"),
    Group.ACCOUNT,
    own=("person_id",),
    then=Then.DELETED,
    why=_SAFE,
    hidden=("digest",),
)
holds("accounts_bell", _l("未读通知的数目"), Group.NEWS, machinery=("person_id",), then=Then.STAYS, why=_l("显示数目"))
