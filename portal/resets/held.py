"""What forgotten passwords hold of a person."""

from portal.holdings import Group, Then, holds
from portal.words import _l

holds(
    "resets_reset",
    _l("重设密码"),
    Group.ACCOUNT,
    own=("person_id",),
    deeds=("issued_by_id",),
    then=Then.DELETED,
    why=_l("忘了密码时找回"),
    hidden=("nonce_digest", "code_digest"),
)
