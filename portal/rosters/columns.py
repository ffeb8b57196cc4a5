"""Which column of a roster means what, told by its title: never by its place.

The portal's own titles, and the words in which other systems and hand-made tables say the same. Titles are compared
folded (full-width as half-width, no blanks).
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast, get_args

from portal.files.cells import folded, text_of
from portal.files.sheets import Row

Field = Literal[
    "number", "name", "gender", "born_on", "id_kind", "id_number", "area", "contact", "skills", "services", "teams",
    "address", "health", "ethnic", "party", "guardian_name", "guardian_mobile", "guardian_relation",
]  # fmt: skip
FIELDS: tuple[Field, ...] = get_args(Field)
IGNORE = "ignore"
"""What a person maps a column to that is to be left alone."""

HEADERS: dict[Field, str] = {
    "number": "志愿者编号",
    "name": "姓名",
    "gender": "性别",
    "born_on": "出生日期",
    "id_kind": "证件类型",
    "id_number": "证件号码",
    "area": "居住区域",
    "contact": "联系方式",
    "skills": "专业技能",
    "services": "服务类别",
    "teams": "所属服务队",
}
"""The portal's own table of volunteers, in and out."""

SEVERAL = frozenset({"contact", "skills", "services", "teams"})
"""Fields that may have more than one column: what stands in them is taken together."""

LONGEST_TITLE = 30

_TITLES: dict[Field, str] = {
    "number": "志愿者(编号|编码|证号|号|id)",
    "name": r"(志愿者|队员|成员|真实)?(姓名|名字)|志愿者(名称)?|队员",
    "gender": "性别",
    "born_on": "出生(日期|年月日?|时间)?|生日",
    "id_kind": "(身份)?证件(类型|类别|种类)",
    "id_number": "(居民)?身份证(号码?|件号码?|件号)?|(身份)?证件(号码?|编号)",
    "area": "(居住|所在|现居住?|服务)(区域|地区|地|社区|街道|村社)|区域|地区|社区|村社|(所属)?网格",
    "contact": "联系(方式|电话|手机|号码)|(本人)?(手机|电话|移动电话)(号码?)?|邮箱|电子邮(件|箱)|(手机/电话|电话/手机)",
    "skills": "(专业|个人)?(技能|特长|专长)(类别|特长)?|技能特长",
    "services": "(志愿)?服务(类别|类型|领域|意向|方向|项目类别)",
    "teams": "(所属|所在|加入)?(志愿)?(服务)?(队伍?|团队|团体|小队)(名称)?|(所属|所在)?志愿服务组织|所[属在]组织",
    "address": "(家庭|居住|详细|联系|通讯|现居?住?)?(地址|住址)",
    "health": "健康(状况|情况|状态|备注)?",
    "ethnic": "民族",
    "party": "政治面貌|是否(中共)?党员",
    "guardian_name": "监护人(姓名|名字)?|家长(姓名)?",
    "guardian_mobile": "(监护人|家长)(联系)?(手机|电话|方式|联系方式)(号码?)?",
    "guardian_relation": "(监护|亲属)关系|(与|同)(本人|监护人|孩子|未成年人)的?关系|监护人?关系",
}


@dataclass(frozen=True)
class Column:
    """One column of the header row."""

    index: int
    title: str
    field: Field | None


@cache
def _patterns() -> tuple[tuple[Field, re.Pattern[str]], ...]:
    return tuple((field, re.compile(pattern)) for field, pattern in _TITLES.items())


def meaning(title: str) -> Field | None:
    """What a column of this title means, if the portal knows it. What stands in brackets only explains."""
    plain = re.sub(r"\(.*?\)|[*:]", "", folded(title))
    if not plain or len(plain) > LONGEST_TITLE:
        return None
    return next((field for field, pattern in _patterns() if pattern.fullmatch(plain)), None)


def columns_of(row: Row, column_map: Mapping[str, str]) -> tuple[Column, ...]:
    """The columns of a header row; `column_map` (title → field) goes before what the titles say."""
    given = {folded(title): field for title, field in column_map.items()}
    said = set(given.values())
    taken: set[Field] = set()
    columns = []
    for index, cell in enumerate(row.cells):
        if not (title := text_of(cell)):
            continue
        field = _given(given, title) if folded(title) in given else _free(meaning(title), said, taken)
        if field:
            taken.add(field)
        columns.append(Column(index, title, field))
    return tuple(columns)


def named_alike(columns: Iterable[Column]) -> tuple[str, ...]:
    """Titles that several columns carry, of which one has a meaning: nobody can say which is meant."""
    columns = tuple(columns)
    counts: dict[str, int] = {}
    for column in columns:
        counts[folded(column.title)] = counts.get(folded(column.title), 0) + 1
    wanted = (column for column in columns if column.field and column.field not in SEVERAL)
    return tuple(column.title for column in wanted if counts[folded(column.title)] > 1)


def fingerprint(titles: Iterable[str]) -> str:
    """By which a layout is known again: the titles, in whatever order."""
    plain = "\n".join(sorted(folded(title) for title in titles))
    return hashlib.sha256(b"roster titles\n" + plain.encode("utf-8", "surrogatepass")).hexdigest()


def _given(given: Mapping[str, str], title: str) -> Field | None:
    wanted = given[folded(title)]
    return None if wanted == IGNORE else cast("Field", wanted)


def _free(field: Field | None, said: set[str], taken: set[Field]) -> Field | None:
    """The first column of a field has it; what a person said of another column goes before."""
    if field is None or field in said:
        return None
    return field if field in SEVERAL or field not in taken else None
