"""Encryption at rest: texts sealed under a key that is named beside them, so that keys can be changed (§51).

`v2.<key id>.<body>`; the body is a nonce and AES-256-GCM. `v1.<body>`, from before keys had names, was sealed under
the key that PORTAL_DATA_KEY makes, which opens for ever: whoever sets PORTAL_SEAL_KEYS need not rotate at once.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.settings import Settings, current_settings

_NONCE = 12
_VERSION, _FIRST = "v2", "v1"


class Unreadable(Exception):
    """What lies there was not sealed with a key of this portal, or was sealed for another place."""


@dataclass(frozen=True)
class _Key:
    """One key: the id that stands in texts (64 bits in hex), and what it seals with."""

    id: str
    cipher: AESGCM


@dataclass(frozen=True)
class Ring:
    """The keys that open, by id; `first` seals; `oldest` opens what was sealed before keys had names."""

    first: _Key
    oldest: AESGCM
    by_id: dict[str, _Key]


def sealed(text: str, *, place: str) -> str:
    """The text under the first key. It opens only for the same place."""
    key = ring().first
    return f"{_VERSION}.{key.id}.{_encoded(key.cipher, text.encode(), _bound(key.id, place))}"


def opened(text: str, *, place: str) -> str:
    """What was sealed. Raises Unreadable."""
    try:
        cipher, body, bound = _parts(text, place)
        raw = base64.urlsafe_b64decode(body)
        return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], bound).decode()
    except (InvalidTag, ValueError) as wrong:
        raise Unreadable(f"{place}: sealed with another key, or changed") from wrong


def sealed_bytes(content: bytes, *, place: str) -> bytes:
    """The same for a file."""
    key, nonce = ring().first, secrets.token_bytes(_NONCE)
    head = f"{_VERSION}.{key.id}.".encode()
    return head + nonce + key.cipher.encrypt(nonce, content, _bound(key.id, place))


def opened_bytes(content: bytes, *, place: str) -> bytes:
    """Raises Unreadable."""
    version, name, raw = (*content.split(b".", 2), b"", b"")[:3]
    key = ring().by_id.get(name.decode(errors="replace"))
    if version != _VERSION.encode() or key is None:
        raise Unreadable(f"{place}: no key of this portal")
    try:
        return key.cipher.decrypt(raw[:_NONCE], raw[_NONCE:], _bound(key.id, place))
    except (InvalidTag, ValueError) as wrong:
        raise Unreadable(f"{place}: changed") from wrong


def current_prefix() -> str:
    """How every text begins that is sealed under the first key."""
    return f"{_VERSION}.{ring().first.id}."


def key_ids(settings: Settings) -> tuple[str, ...]:
    """The ids of the keys that open, the first one first. They tell nothing of the keys."""
    return tuple(_ring(settings.seal_keys, settings.data_key).by_id)


def ring() -> Ring:
    """The keys by the settings of this application."""
    settings = current_settings()
    return _ring(settings.seal_keys, settings.data_key)


@lru_cache(maxsize=8)
def _ring(seal_keys: tuple[str, ...], data_key: str) -> Ring:
    derived = hmac.digest(data_key.encode(), b"portal sealed columns", hashlib.sha256)
    raw = (*(hmac.digest(key.encode(), b"portal seal key", hashlib.sha256) for key in seal_keys), derived)
    keys = [_Key(_id_of(secret), AESGCM(secret)) for secret in raw]
    # Given twice, a key is the same key.
    return Ring(first=keys[0], oldest=AESGCM(derived), by_id={key.id: key for key in keys})


def _id_of(secret: bytes) -> str:
    return hmac.digest(secret, b"portal seal key id", hashlib.sha256).hex()[:16]


def _parts(text: str, place: str) -> tuple[AESGCM, str, bytes]:
    version, _, rest = text.partition(".")
    if version == _FIRST:
        return ring().oldest, rest, place.encode()
    name, _, body = rest.partition(".")
    key = ring().by_id.get(name) if version == _VERSION else None
    if key is None:
        raise Unreadable(f"{place}: no key of this portal opens {version[:8]!r}")
    return key.cipher, body, _bound(key.id, place)


def _encoded(cipher: AESGCM, content: bytes, bound: bytes) -> str:
    nonce = secrets.token_bytes(_NONCE)
    return base64.urlsafe_b64encode(nonce + cipher.encrypt(nonce, content, bound)).decode()


def _bound(key_id: str, place: str) -> bytes:
    """What the seal covers besides the text: moved to another place or another key's name, it does not open."""
    return f"{_VERSION}.{key_id}.{place}".encode()
