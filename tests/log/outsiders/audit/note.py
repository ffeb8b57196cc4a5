"""Signed notes (C2SP signed-note, tlog-checkpoint), by Ed25519."""

import base64
import hashlib
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .report import Broken


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes


def read_note(note: str, vkeys: list[str]) -> Checkpoint:
    """What a note says that one of these keys signed. Raises Broken."""
    text, _, signatures = note.rpartition("\n\n")
    for line in signatures.splitlines():
        name, _, signature = line.removeprefix("\u2014 ").rpartition(" ")
        if any(signed_by(vkey, name, base64.b64decode(signature), f"{text}\n".encode()) for vkey in vkeys):
            origin, size, root, *_ = text.split("\n")
            if origin != name:
                raise Broken(f"{name} signed a note of {origin}")
            return Checkpoint(origin, int(size), base64.b64decode(root))
    raise Broken("the checkpoint is signed by none of the log's keys")


def signed_by(vkey: str, name: str, signature: bytes, text: bytes) -> bool:
    """Whether this key signed. Raises Broken for a key that is none, or a wrong signature in its name."""
    owner, named, encoded = vkey.split("+", 2)
    key = base64.b64decode(encoded)
    if hashlib.sha256(f"{owner}\n".encode() + key).digest()[:4].hex() != named or key[:1] != b"\x01":
        raise Broken(f"{vkey} is no verifier key")
    if owner != name or signature[:4].hex() != named:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], text)
    except InvalidSignature:
        raise Broken("the checkpoint's signature is wrong") from None
    return True
