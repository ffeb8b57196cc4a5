"""What uploads hold of a person."""

from portal.holdings import Group, holds
from portal.words import _l

holds(
    "files_file",
    _l("上传的照片和文件"),
    Group.WORK,
    deeds=("kept_by_id",),
    why=_l("和它所属的记录一起保存"),
    hidden=("public_id",),
)
