"""What witnesses sign: that they saw this head of a log, and no other of its size (C2SP tlog-cosignature, Ed25519)."""

import base64
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.log.keys import COSIGNATURE, BadNote, key_hash, parts_of, signature_of, text_of

ID, TIME = 4, 8
"""Bytes of a line before its signature: which key, and when (seconds since 1970)."""


def cosigned_at(note: str, line: str, vkey: str) -> int:
    """When the witness of this verifier key signed the note's head, in seconds since 1970. Raises BadNote."""
    name, key_id, public = parts_of(vkey, COSIGNATURE)
    said, signed = signature_of(line)
    if said != name or signed[:ID] != key_id:
        raise BadNote("signed by another witness")
    at = int.from_bytes(signed[ID : ID + TIME], "big")
    try:
        public.verify(signed[ID + TIME :], _message(note, at))
    except InvalidSignature:
        raise BadNote("a wrong co-signature") from None
    return at


def is_cosigned(note: str, line: str, vkey: str) -> bool:
    """Whether the line is this witness's under this note."""
    try:
        return cosigned_at(note, line, vkey) >= 0
    except BadNote:
        return False


def line_of(note: str, lines: Iterable[str], vkey: str) -> str | None:
    """The line among those that a witness sent that is its own and right; others are nothing to us."""
    return next((line for line in lines if is_cosigned(note, line, vkey)), None)


def cosign(note: str, name: str, private: Ed25519PrivateKey, *, at: int) -> str:
    """A witness's line under a note."""
    key_id = key_hash(name, private.public_key().public_bytes_raw(), COSIGNATURE)
    signed = key_id + at.to_bytes(TIME, "big") + private.sign(_message(note, at))
    return f"\u2014 {name} {base64.b64encode(signed).decode()}"


def _message(note: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text_of(note)}".encode()
