"""Names of accounts in the files: only what both programs take for a name, and never one name for two things.

`1-海宁市慈善会:1002-银行存款:01-工商银行:919-爱心基金` is a legal entity, an account with its sub-account, a pool.
beancount allows letters, digits and hyphens, the first of them a digit or a capital; hledger takes those too.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

LONGEST = 40
"""Characters of a part. Of what is the same up to there, the later one gets its number at the end."""

OUTSIDE_PART = "0-其他专项资金"
NO_POOL_PART = "0-不属专项资金"


class Named(NamedTuple):
    """A legal entity, an account or a pool: id, code, name. Entities have their id for a code."""

    id: int
    code: str
    name: str


def entity_parts(entities: Iterable[Named]) -> dict[int, str]:
    """By id. What was there first keeps its name whatever comes later; so give them by id."""
    return {one.id: _first(f"{one.id}-{clean(one.name)}") for one in entities}


def pool_parts(pools: Iterable[Named]) -> dict[int, str]:
    taken: set[str] = {OUTSIDE_PART, NO_POOL_PART}
    return {one.id: _free(_first(_joined(one.code, one.name)), one.id, taken) for one in pools}


def account_parts(accounts: Iterable[Named]) -> dict[int, str]:
    """A sub-account's name begins with its parent's: `1009-其他货币资金:01-微信`."""
    given = list(accounts)
    by_code = {one.code: one for one in given}
    taken: set[str] = set()
    names: dict[str, str] = {}
    for one in sorted(given, key=lambda one: (one.code.count(" "), one.id)):
        above, _, own = one.code.rpartition(" ")
        parent = by_code.get(above)
        short = one.name.removeprefix(parent.name).lstrip("—-－ ") if parent else one.name
        part = _first(_joined(own, short))
        names[one.code] = _free(f"{names[above]}:{part}" if parent else part, one.id, taken)
    return {one.id: names[one.code] for one in given}


def clean(text: str) -> str:
    """Letters and digits of any script; hyphens for everything else."""
    kept = (character if _is_plain(character) else "-" for character in unicodedata.normalize("NFC", text))
    return re.sub("-+", "-", "".join(kept)).strip("-")[:LONGEST]


def _is_plain(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "L" or category == "Nd"


def _joined(code: str, name: str) -> str:
    return "-".join(part for part in (clean(code), clean(name)) if part)


def _first(part: str) -> str:
    """The part with a digit or a capital in front."""
    first = part[:1].upper()
    return first + part[1:] if re.match("[0-9A-Z]", first) else f"N{part}"


def _free(name: str, id: int, taken: set[str]) -> str:
    while name in taken:
        name = f"{name}-{id}"
    taken.add(name)
    return name
