"""A plausible roster of any length: invented people, whose numbers are right but for an area that is none."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from portal.rosters.columns import HEADERS
from tests.files.workbooks import xls, xlsx

AREA = "980101"
"""No county has this code, so these are nobody's numbers."""

HEADER = tuple(HEADERS.values())
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"
_GIVEN = "晓明建国秀英志强桂兰海燕文静永华小燕春梅德福佩琪思远雨桐一诺"
_FIRST_BIRTH = date(1940, 1, 1)
_AREAS = ("西山社区一区", "西山社区二区", "西山社区三区", "学林社区", "白漾里社区")
_SKILLS = ("理发", "摄影", "急救", "英语、翻译", "")
_SERVICES = ("助老", "环保、垃圾分类", "文明劝导", "")

Line = tuple[str, ...]


def resident_number(born_on: date, order: int, *, area: str = AREA) -> str:
    """Eighteen characters with the right check digit. `order` is odd for men."""
    body = f"{area}{born_on:%Y%m%d}{order:03d}"
    return body + "10X98765432"[sum(map(int.__mul__, _WEIGHTS, map(int, body))) % 11]


def line(n: int, *, team: str = "") -> Line:
    """The nth person as a row of the portal's own table, without a number of hers."""
    born_on = _FIRST_BIRTH + timedelta(days=n * 7 % 24_000)
    order = n % 1_000
    name = _SURNAMES[n % 20] + _GIVEN[n // 20 % 28] + (_GIVEN[n // 560 % 28] if n % 3 else "")
    return (
        "", name, "男" if order % 2 else "女", born_on.isoformat(), "居民身份证", resident_number(born_on, order),
        _AREAS[n % 5], f"139{n:08d}", _SKILLS[n % 5], _SERVICES[n % 4], team,
    )  # fmt: skip


def other(one: Line, **cells: str) -> Line:
    """The row with other cells, by field."""
    return tuple(cells.get(field, text) for field, text in zip(HEADERS, one, strict=True))


def lines(count: int, *, teams: Sequence[str] = ("",)) -> Iterator[Line]:
    return (line(n, team=teams[n % len(teams)]) for n in range(count))


def csv_of(rows: Iterator[Line] | Sequence[Line], *, header: Sequence[str] = HEADER, code: str = "utf-8") -> bytes:
    quoted = (",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in (header, *rows))
    return "\r\n".join(quoted).encode(code)


def xlsx_of(rows: Iterator[Line] | Sequence[Line], *, header: Sequence[str] = HEADER) -> bytes:
    return xlsx([header, *rows], title="志愿者")


def xls_of(rows: Iterator[Line] | Sequence[Line], *, header: Sequence[str] = HEADER) -> bytes:
    return xls([header, *rows])
