"""What contacts hold of a person."""

from portal.holdings import Group, Then, holds
from portal.words import _l

holds(
    "contacts_contact",
    _l("手机和邮箱"),
    Group.CONTACT,
    own=("person_id",),
    then=Then.DELETED,
    why=_l("联系您、登录、找回密码"),
    hidden=("digest",),
)
holds(
    "contacts_contact_code",
    _l("发出去的验证码"),
    Group.CONTACT,
    through=("contact_id", "contacts_contact"),
    then=Then.DELETED,
    why=_l("证明手机和邮箱是您的"),
    hidden=("digest",),
)
