"""Lists of organisations from tables or pasted lines: read, compared with what is there, brought in."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from portal import clock
from portal.actor import Actor
from portal.audit import record
from portal.db import db, rows
from portal.files.cells import folded, is_blank, read_day, text_of
from portal.files.inspection import TooManyRows, shown_name
from portal.files.sheets import Cell, Row, read_sheet
from portal.orgs.alliance import Belonging, join_alliance
from portal.orgs.details import EARLIEST, Contact, Details, PublicText, checked, normalised
from portal.orgs.models import KIND_NAMES, STANDING_NAMES, Kind, Organisation, Standing
from portal.orgs.registering import register
from portal.orgs.registry import is_unit
from portal.problems import DomainError
from portal.words import Words, _l

MOST_ROWS = 2_000
BAR = "｜"
"""Between the cells of a line that was copied from a table: forms keep no tabs."""

_COMMAS = re.compile("[,，]")
HEAD_WITHIN = 20
"""The head of a table stands among its first rows."""

HEADERS: Mapping[str, tuple[str, ...]] = {
    "name": ("组织名称", "单位名称", "成员单位", "名称"),
    "kind": ("类别", "组织类别", "类型", "单位类别"),
    "credit_code": ("统一社会信用代码", "信用代码", "社会信用代码"),
    "standing": ("登记/备案", "登记或备案", "登记备案"),
    "standing_on": ("日期", "登记/备案日期", "登记日期", "备案日期", "成立日期"),
    "authority": ("登记/备案机关", "登记机关", "备案机关", "登记管理机关"),
    "filing_no": ("备案编号", "备案号"),
    "address": ("办公地址", "地址"),
    "phone": ("办公电话", "电话"),
    "about": ("简介", "做什么", "业务范围"),
    "contact_name": ("联系人",),
    "contact_phone": ("联系人电话", "联系电话"),
    "joined_on": ("入会日期", "加入日期"),
    "representative": ("代表", "单位代表"),
    "representative_phone": ("代表的电话", "代表电话"),
    "commitment": ("承诺",),
}
_FIELDS = {folded(words): field for field, words_of in HEADERS.items() for words in words_of}
_KINDS = {folded(words.text): kind for kind, words in KIND_NAMES.items()} | {
    "社团": Kind.ASSOCIATION,
    "民非": Kind.SERVICE,
    "民办非企业单位": Kind.SERVICE,
    "社区社会组织": Kind.COMMUNITY,
    "公司": Kind.COMPANY,
}
_STANDINGS = {folded(words.text): standing for standing, words in STANDING_NAMES.items()}
POSITIONS = ("name", "kind", "credit_code")
"""What pasted lines without a head hold."""


class Known(NamedTuple):
    """An organisation that is there."""

    id: int
    name: str
    credit_code: str | None
    is_unit: bool


@dataclass(frozen=True)
class Line:
    """One row of a list. `problem` says why it cannot be brought in; `known` is the organisation that it names."""

    no: int
    name: str
    details: Details | None = None
    text: PublicText | None = None
    contact: Contact | None = None
    belonging: Belonging | None = None
    known: Known | None = None
    problem: Words | None = None

    @property
    def is_new(self) -> bool:
        return self.problem is None and self.known is None

    @property
    def joins(self) -> bool:
        """Whether it makes somebody a member unit who is none."""
        return self.problem is None and self.belonging is not None and not (self.known and self.known.is_unit)

    @property
    def is_repeat(self) -> bool:
        """Nothing is left to do: it is all there."""
        return self.problem is None and not self.is_new and not self.joins


class NoHead(DomainError):
    """The table has no head with a column of names."""


def lines_of_file(source: Path | bytes, *, filename: str) -> list[Line]:
    """The rows of a table with a head. Raises FileRefused, NoHead."""
    found = read_sheet(source, filename=filename).rows
    if len(found) > MOST_ROWS:
        raise TooManyRows(shown_name(filename))
    columns, body = _head(found)
    if columns is None:
        raise NoHead(_l("没有找到表头：请有一列叫「组织名称」。"), field="table")
    return _compared(_read(row, columns) for row in body)


def lines_of_text(text: str, *, joined_on: date) -> list[Line]:
    """Pasted lines, with a head or as name, kind, code; each becomes a member unit, by default from that day on.

    A code or kind may be missing. Raises DomainError.
    """
    found = list(_pasted(text))
    if len(found) > MOST_ROWS:
        raise DomainError(_l("名单太长，请分几次粘贴。"), field="rows")
    columns, body = _head(found)
    read = [_read(row, columns or dict(enumerate(POSITIONS)), is_complete=False) for row in body]
    return _compared(_joining(line, joined_on) for line in read)


def text_of_file(source: bytes, *, filename: str) -> str:
    """A table as lines that can be pasted: what the preview shows is what is brought in."""
    found = read_sheet(source, filename=filename).rows
    if len(found) > MOST_ROWS:
        raise TooManyRows(shown_name(filename))
    return "\n".join(BAR.join(text_of(cell).replace(BAR, " ") for cell in row.cells) for row in found)


def bring(lines: Iterable[Line], *, by: Actor, at: datetime) -> tuple[int, int]:
    """Register what is new and make units of those who join: how many of each. Raises DomainError."""
    registered = joined = 0
    for line in lines:
        organisation = db.session.get(Organisation, line.known.id) if line.known else None
        if line.is_new and line.details:
            organisation = register(line.details, line.text, contact=line.contact, is_complete=False, by=by, at=at)
            registered += 1
        if line.joins and line.belonging and organisation:
            join_alliance(organisation, line.belonging, by=by, at=at)
            joined += 1
    record("orgs.organisations.brought", None, by=by, at=at, registered=registered, joined=joined)
    return registered, joined


def _pasted(text: str) -> Iterator[Row]:
    """Cells end at bars, or else at commas of either width."""
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() or None for cell in (line.split(BAR) if BAR in line else _COMMAS.split(line))]
        if any(cells):
            yield Row(number, tuple(cells))


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────
def _head(found: Sequence[Row]) -> tuple[dict[int, str] | None, Sequence[Row]]:
    """Which column means what, and the rows below."""
    for index, row in enumerate(found[:HEAD_WITHIN]):
        columns = {place: _FIELDS.get(folded(text_of(cell)), "") for place, cell in enumerate(row.cells)}
        columns = {place: field for place, field in columns.items() if field}
        # One word alone is more likely a name than a head, unless it is the only column there is.
        if "name" in columns.values() and (len(columns) > 1 or len(row.cells) == 1):
            return columns, found[index + 1 :]
    return None, found


def _read(row: Row, columns: Mapping[int, str], *, is_complete: bool = True) -> Line:
    cells = {field: row.cells[place] for place, field in columns.items() if place < len(row.cells)}
    texts = {field: None if is_blank(cell) else text_of(cell) for field, cell in cells.items()}
    line = Line(row.no, texts.get("name") or "")
    try:
        details = checked(_details(texts, cells), is_complete=is_complete)
        joined_on = _day(cells.get("joined_on"))
    except DomainError as problem:
        return replace(line, problem=_as_words(problem))
    words = {name: texts.get(name) for name in ("representative", "representative_phone", "commitment")}
    return replace(
        line,
        name=details.name,
        details=details,
        text=PublicText(texts.get("address"), texts.get("phone"), texts.get("about")),
        contact=Contact(texts.get("contact_name"), texts.get("contact_phone")),
        belonging=Belonging(joined_on, **words) if joined_on else None,
    )


def _details(texts: Mapping[str, str | None], cells: Mapping[str, Cell]) -> Details:
    code = texts.get("credit_code")
    standing = texts.get("standing")
    if standing and folded(standing) not in _STANDINGS:
        raise DomainError(_l("「%(text)s」看不懂，请写「登记」或「备案」。", text=standing[:20]), field="standing")
    return Details(
        name=texts.get("name") or "",
        kind=_kind(texts.get("kind")),
        standing=_STANDINGS[folded(standing)] if standing else _usual_standing(code),
        credit_code=code,
        filing_no=texts.get("filing_no"),
        authority=texts.get("authority"),
        standing_on=_day(cells.get("standing_on")),
    )


def _kind(text: str | None) -> Kind:
    """Nothing means other. Raises DomainError for a word that is no kind."""
    if not text:
        return Kind.OTHER
    if (kind := _KINDS.get(folded(text))) is None:
        raise DomainError(_l("类别「%(text)s」看不懂，请照登记页上的类别写。", text=text[:20]), field="kind")
    return kind


def _usual_standing(code: str | None) -> Standing | None:
    return Standing.REGISTERED if code else None


def _day(cell: Cell) -> date | None:
    return None if is_blank(cell) else read_day(cell, today=clock.today(), earliest=EARLIEST)


def _as_words(problem: DomainError) -> Words:
    sentence = problem.sentence
    return sentence if isinstance(sentence, Words) else Words(sentence)


def _joining(line: Line, joined_on: date) -> Line:
    return line if line.problem or line.belonging else replace(line, belonging=Belonging(joined_on))


# ── comparing ───────────────────────────────────────────────────────────────────────────────────────
def _compared(lines: Iterable[Line]) -> list[Line]:
    """The lines with what is there already; what comes twice in the list is a problem of the second."""
    by_code, by_name = _known()
    seen: dict[str, int] = {}
    compared = []
    for line in lines:
        if line.problem or line.details is None:
            compared.append(line)
            continue
        keys = [key for key in (line.details.credit_code, normalised(line.name)) if key]
        twin = next((seen[key] for key in keys if key in seen), None)
        known = by_code.get(line.details.credit_code or "") or by_name.get(keys[-1])
        compared.append(_placed(line, known, twin))
        seen |= dict.fromkeys(keys, line.no)
    return compared


def _placed(line: Line, known: Known | None, twin: int | None) -> Line:
    if twin is not None:
        return replace(line, problem=_l("和第 %(row)d 行是同一个组织。", row=twin))
    code = line.details.credit_code if line.details else None
    if known and code and known.credit_code and known.credit_code != code:
        return replace(line, problem=_l("已有的「%(name)s」是另一个统一社会信用代码。", name=known.name))
    return replace(line, known=known)


def _known() -> tuple[dict[str, Known], dict[str, Known]]:
    """The open organisations by code and by name."""
    told = (Organisation.id, Organisation.name, Organisation.credit_code, is_unit())
    found = [Known(*row) for row in rows(select(*told).where(Organisation.closed_on.is_(None)))]
    return {one.credit_code: one for one in found if one.credit_code}, {normalised(one.name): one for one in found}
