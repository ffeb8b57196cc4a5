"""What a line may hold: plain values, secrets masked however deep they lie, and of an edit only what changed."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

SECRETS = frozenset({"password", "code", "token", "pin", "secret", "otp", "csrf_token"})
MASK = "***"


def plain(detail: Mapping[str, Any]) -> dict[str, Any]:
    """The detail as JSON can hold it."""
    return {str(key): MASK if key in SECRETS else _value(value) for key, value in detail.items()}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What an edit changed: field → {"was": …, "now": …}; what stayed as it was is left out.

    For the details of an audit line: `record("rooms.thing.edited", thing, by=by, at=at, **changes(before, after))`.
    """
    names = dict.fromkeys((*before, *after))
    both = {name: {"was": before.get(name), "now": after.get(name)} for name in names}
    return {name: pair for name, pair in both.items() if pair["was"] != pair["now"]}


def _value(value: Any) -> Any:
    if isinstance(value, str | int | bool | None):
        return value
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Iterable):
        return [_value(one) for one in value]
    return str(value)
