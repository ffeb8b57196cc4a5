"""What stands in the link that ends letters: who and which kind, signed. It opens nothing else."""

from typing import NamedTuple

from itsdangerous import BadSignature, URLSafeSerializer

from portal.settings import current_settings

ALL = "*"
"""Every kind that can be switched off."""

LONGEST = 300


class Unsubscribe(NamedTuple):
    """Whose letters, and of which kind."""

    person_id: int
    kind: str


def token_of(wish: Unsubscribe) -> str:
    """It never expires: an old letter's link must work as well (RFC 8058)."""
    return str(_serializer().dumps(list(wish)))


def read_token(token: str) -> Unsubscribe | None:
    """None for whatever this portal did not write."""
    try:
        person_id, kind = _serializer().loads(token[:LONGEST])
    except (BadSignature, ValueError, TypeError):
        return None
    return Unsubscribe(person_id, kind)


def _serializer() -> URLSafeSerializer:
    settings = current_settings()
    return URLSafeSerializer(settings.secret_key, salt="notices.unsubscribe")
