"""Names by how they are read: in a person's own view as a pattern, among all people along an index."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, select, union_all

from portal.db import rows
from portal.finding.asking import Asked
from portal.finding.models import Named, Reading
from portal.finding.syllables import SYLLABLES, Cut
from portal.search import holds

READINGS_A_PERSON = 4
"""One person may be found by several readings, and from several of her syllables on: so many on the average at most."""


def is_read(cut: Cut, of: Any) -> ColumnElement[bool]:
    """That syllables that begin so follow one another somewhere in one of the readings."""
    return and_(of.initials.like(f"%{_initials(cut)}%"), of.syllables.like("% " + _pattern(cut)))


def people_read(asked: Asked, most: int) -> list[int]:
    """The ids of people whose names are read so, the likeliest way to cut the letters first: `most`, or nearly.

    Each way walks an index from the first reading that begins so, and stops when there are enough.
    """
    arms = [_arm(number, cut, asked, most * READINGS_A_PERSON) for number, cut in enumerate(dict.fromkeys(asked.cuts))]
    found = sorted((arm, key, person) for arm, key, person in rows(union_all(*arms) if arms[1:] else arms[0]))
    return list(dict.fromkeys(person for *_, person in found))[:most]


def _arm(number: int, cut: Cut, asked: Asked, most: int) -> Select[Any]:
    lead, column = _lead(cut)
    begins = (column >= lead, column < _after(lead))
    read = (Reading.initials.like(f"{_initials(cut)}%"), Reading.syllables.like(_pattern(cut)))
    some = select(Reading.name_id, Reading.syllables).where(*begins, *read)
    if asked.words:
        named = [holds(word, Named.name) for word in asked.words]
        some = some.join(Named, Named.id == Reading.name_id).where(*named)
    few = some.order_by(column, Reading.syllables, Reading.name_id).limit(most).subquery()
    persons = select(literal(number), few.c.syllables, Named.ref_id)
    return persons.select_from(few).join(Named, Named.id == few.c.name_id)


def _lead(cut: Cut) -> tuple[str, Any]:
    """By what the index is entered: whole syllables and what follows them, else the initials."""
    whole = 0
    while whole < len(cut) and cut[whole] in SYLLABLES:
        whole += 1
    if whole or len(cut) == 1:
        return " ".join(cut[: whole + 1]), Reading.syllables
    return _initials(cut), Reading.initials


def _after(lead: str) -> str:
    """The first text that no longer begins so, in the order of bytes."""
    return lead[:-1] + chr(ord(lead[-1]) + 1)


def _initials(cut: Cut) -> str:
    return "".join(part[0] for part in cut)


def _pattern(cut: Cut) -> str:
    """Letters and nothing else stand in a cut: nothing is to be escaped."""
    return "".join(f"{part}% " for part in cut).rstrip()
