"""Signed notes (C2SP signed-note, tlog-checkpoint): who vouches for a head, by Ed25519.

The signing key is the setting PORTAL_LOG_KEY, a secret text of which the seed is the SHA-256. What others check with is
the verifier key: the log's name, four bytes that name the key, and the public key.
"""

import base64
import hashlib
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
_NAME, _LINE = "\u2014 ", "\n"


class BadNote(ValueError):
    """The text is no checkpoint, or nobody whose key is known signed it."""


class Checkpoint(NamedTuple):
    """What a checkpoint says: in the log of this name so many leaves have this root hash."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@lru_cache(maxsize=4)
def signer(secret: str) -> Ed25519PrivateKey:
    """The private key of the setting."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"portal log key\n" + secret.encode()).digest())


@lru_cache(maxsize=16)
def vkey_of(secret: str, origin: str) -> str:
    """The verifier key: `origin+keyhash+base64(0x01, public key)`."""
    public = signer(secret).public_key().public_bytes_raw()
    return f"{origin}+{key_hash(origin, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def key_hash(name: str, public: bytes, kind: bytes = ED25519) -> bytes:
    """The four bytes that name a key."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def sign(checkpoint: Checkpoint, secret: str) -> str:
    """The signed note."""
    private = signer(secret)
    public = private.public_key().public_bytes_raw()
    signed = key_hash(checkpoint.origin, public) + private.sign(checkpoint.text.encode())
    return f"{checkpoint.text}\n{_NAME}{checkpoint.origin} {base64.b64encode(signed).decode()}\n"


def read(note: str) -> Checkpoint:
    """What a note says, whoever signed it. Raises BadNote."""
    text, gap, _ = note.rpartition("\n\n")
    lines = text.split(_LINE)
    if not gap or len(lines) < 3 or not lines[0]:
        raise BadNote("no checkpoint")
    try:
        checkpoint = Checkpoint(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True))
    except ValueError as error:
        raise BadNote("no checkpoint") from error
    if lines[1] != str(checkpoint.size) or checkpoint.size < 0 or len(checkpoint.root) != 32:
        raise BadNote("no checkpoint")
    return checkpoint


def open_note(note: str, *vkeys: str) -> Checkpoint:
    """What a note says that one of these keys signed. Raises BadNote."""
    checkpoint = read(note)
    _, _, signatures = note.rpartition("\n\n")
    keys = {(name, hash): public for name, hash, public in map(parts_of, vkeys)}
    for line in signatures.removesuffix(_LINE).split(_LINE):
        name, signed = signature_of(line)
        public = keys.get((name, signed[:4]))
        if public is None or name != checkpoint.origin:
            continue
        try:
            public.verify(signed[4:], text_of(note).encode())
        except InvalidSignature:
            raise BadNote("a wrong signature") from None
        return checkpoint
    raise BadNote("signed by nobody whose key is known")


def text_of(note: str) -> str:
    """What is signed of a note: all before the signature lines."""
    return note.rpartition("\n\n")[0] + _LINE


def signature_of(line: str) -> tuple[str, bytes]:
    """Name and signature of a note's last lines; the first four bytes name the key. Raises BadNote."""
    name, _, signed = line.removeprefix(_NAME).rpartition(" ")
    if not line.startswith(_NAME) or not name:
        raise BadNote("no signature line")
    try:
        return name, base64.b64decode(signed, validate=True)
    except ValueError as error:
        raise BadNote("no signature line") from error


def parts_of(vkey: str, kind: bytes = ED25519) -> tuple[str, bytes, Ed25519PublicKey]:
    """Name, key hash and public key of a verifier key. Raises BadNote."""
    name, hash, key = (*vkey.split("+", 2), "", "")[:3]
    try:
        kind_and_key = base64.b64decode(key, validate=True)
        public = Ed25519PublicKey.from_public_bytes(kind_and_key[1:])
    except ValueError as error:
        raise BadNote("no verifier key") from error
    if not name or kind_and_key[:1] != kind or key_hash(name, kind_and_key[1:], kind).hex() != hash:
        raise BadNote("no verifier key")
    return name, bytes.fromhex(hash), public
