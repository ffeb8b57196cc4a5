"""Credit codes with a right check digit, for organisations that are invented."""

from portal.identity import _CODE_LETTERS, _CODE_WEIGHTS


def code(prefix: str, number: int = 1) -> str:
    """A code that begins so."""
    body = f"{prefix}330481MJ{number:07d}"[:17]
    values = [_CODE_LETTERS.index(one) for one in body]
    return body + _CODE_LETTERS[(31 - sum(map(int.__mul__, _CODE_WEIGHTS, values)) % 31) % 31]
