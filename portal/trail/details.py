"""What a line says beside its deed, as words: names with their values, never the notation of programs."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from portal.audit.masks import MASK, SECRETS
from portal.trail.words import FIELDS, VALUES
from portal.web.filters import as_datetime, as_money, hours_and_minutes
from portal.web.libs import _

CUT = 80
"""Characters of a value that are seen at once."""

MOST = 2_000
"""Characters of a value that a page holds at all; the export has the rest."""

CHANGE = {"was", "now"}
"""What an edit says of each field (`portal.audit.changes`)."""


class Pair(NamedTuple):
    """A detail's name, its value as far as it is seen at once, what follows, and whether even that is not all."""

    name: str
    value: str
    rest: str
    is_cut: bool


def pairs(detail: Mapping[str, Any]) -> Iterator[Pair]:
    """For a page. What holds nothing is left out."""
    for name, value in _told(detail):
        shown = value[:MOST]
        at = CUT if len(shown) > CUT + CUT // 2 else len(shown)
        yield Pair(name, shown[:at], shown[at:], len(value) > MOST)


def in_full(detail: Mapping[str, Any]) -> str:
    """For a file: all of it in one cell."""
    return _("；").join(f"{name}{_('：')}{value}" for name, value in _told(detail))


def fields_of(detail: Mapping[str, Any]) -> str:
    """Which parts of a person's file a look showed; nothing of looks that have no parts."""
    return _value("fields", detail["fields"]) if detail.get("fields") else ""


def _told(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in detail.items():
        if value is not None:
            yield str(FIELDS.get(key, key)), _value(key, value)


def _value(key: str, value: Any) -> str:
    """A secret stays one however deep it lies."""
    if key in SECRETS:
        return MASK
    if isinstance(value, dict):
        if value.keys() == CHANGE:
            was, now = (_told_or_nothing(key, value[name]) for name in ("was", "now"))
            return f"{was} → {now}"
        return _("，").join(f"{name}{_('：')}{inner}" for name, inner in _told(value))
    if isinstance(value, list):
        return _list(key, value)
    return _one(key, value)


def _told_or_nothing(key: str, value: Any) -> str:
    return _("（空）") if value is None else _value(key, value)


def _list(key: str, values: list[Any]) -> str:
    between = _("；") if any(isinstance(value, dict | list) for value in values) else _("、")
    return between.join(_value(key, value) for value in values if value is not None) or _("（空）")


def _one(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, int):
        return _number(key, value)
    text = str(VALUES.get(key, {}).get(str(value), value))
    return _moment(text) if key.endswith("_at") else text or _("（空）")


def _number(key: str, value: int) -> str:
    if key == "fen" or key.endswith("_fen"):
        return as_money(value)
    return hours_and_minutes(value) if key == "minutes" else str(value)


def _moment(text: str) -> str:
    try:
        return as_datetime(datetime.fromisoformat(text))
    except ValueError:
        return text
