"""What receipts hold of a person."""

from portal.holdings import Group, Then, holds
from portal.words import _l

holds(
    "receipts_kept",
    _l("收在您名下的捐赠确认单"),
    Group.GIFTS,
    own=("person_id",),
    then=Then.DELETED,
    why=_l("您自己收进来的；确认单本身按会计档案管理办法保存三十年"),
)
