"""Which organisations may be one and the same: two entries with one code, or with names that hardly differ."""

from itertools import combinations
from typing import NamedTuple

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from portal.db import db, rows
from portal.orgs.details import normalised
from portal.orgs.models import Organisation
from portal.orgs.units import Merge
from portal.words import Words, _l

SHORTEST_CORE = 4
"""Characters: a name that is part of another one's says something only from there on."""


class Alike(NamedTuple):
    """Two entries, the older first, and why they may be one."""

    first: tuple[int, str]
    second: tuple[int, str]
    why: Words


class _Known(NamedTuple):
    id: int
    name: str
    code: str | None
    filing_no: str | None
    is_open: bool
    core: str


WHY = (_l("统一社会信用代码相同"), _l("备案编号相同"), _l("名称只差括号、空格或标点"), _l("一个名称包含另一个"))


def alike() -> list[Alike]:
    """Pairs that may be merged, the surest first. One statement: there are hundreds of organisations, not thousands."""
    told = (Organisation.id, Organisation.name, Organisation.credit_code, Organisation.filing_no)
    found = rows(
        select(*told, Organisation.closed_on.is_(None))
        .where(Organisation.merged_into_id.is_(None))
        .order_by(Organisation.id)
    )
    known = [_Known._make([*row, normalised(row[1])]) for row in found]
    pairs = [(_likeness(one, other), one[:2], other[:2]) for one, other in combinations(known, 2)]
    sure = [(rank, first, second) for rank, first, second in pairs if rank is not None]
    return [Alike(first, second, WHY[rank]) for rank, first, second in sorted(sure)]


def _likeness(one: _Known, other: _Known) -> int | None:
    """The index of the reason in WHY."""
    if one.code and one.code == other.code:
        return 0
    if not (one.is_open and other.is_open):
        return None
    if one.filing_no and one.filing_no == other.filing_no:
        return 1
    if one.core == other.core:
        return 2
    short, long = sorted((one.core, other.core), key=len)
    return 3 if len(short) >= SHORTEST_CORE and short in long else None


def merges_of(organisation: Organisation) -> list[Merge]:
    """The merges that it took part in and that still hold, the latest first."""
    mine = or_(Merge.kept_id == organisation.id, Merge.gone_id == organisation.id)
    return list(db.session.scalars(_whole().where(mine, Merge.undone_at.is_(None))))


def merge_by_id(merge_id: int) -> Merge | None:
    return db.session.scalar(_whole().where(Merge.id == merge_id))


def all_merges() -> list[Merge]:
    """Every merge that holds, the latest first."""
    return list(db.session.scalars(_whole().where(Merge.undone_at.is_(None))))


def organisations_open() -> list[tuple[int, str]]:
    """Number and name of all that are open, by name."""
    found = rows(
        select(Organisation.id, Organisation.name)
        .where(Organisation.closed_on.is_(None))
        .order_by(Organisation.name, Organisation.id)
    )
    return [(number, name) for number, name in found]


def _whole() -> Select[Merge]:
    return (
        select(Merge)
        .options(joinedload(Merge.kept), joinedload(Merge.gone), joinedload(Merge.merged_by))
        .order_by(Merge.merged_at.desc(), Merge.id.desc())
    )
