"""An encrypted file that is read and written in one go, in chunks, with bounded memory.

A clear header (magic, version, kind, cost of the key, salt, and a MAC by which a wrong passphrase is told from damage),
then chunks of 64 KiB under AES-256-GCM. Key and MAC key come from the passphrase by scrypt with a salt of the file's
own. Each nonce is the chunk's number and whether it is the last one (the STREAM construction, as in age): a chunk that
is missing, doubled, moved, from another file, or cut off does not open.
"""

import hashlib
import hmac
import os
import struct
import unicodedata
from collections.abc import Iterator
from enum import Enum
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.backup.problems import BackupProblem, NotWhole

MAGIC = b"AIXINBAK"
CHUNK = 64 * 1024
"""Bytes of content in each chunk but the last."""

COST = 17
"""log2 of scrypt's N: 128 MiB and about half a second for each guess."""

SHORTEST = 12
"""Characters of a passphrase."""

_HEADER = struct.Struct(">8sBcBBB16s")
_VERSION, _R, _P = 1, 8, 1
_COSTS = range(10, 21)
_MAC = 32

HEAD = _HEADER.size + _MAC
"""Bytes of the clear header."""

TAG = 16
"""Bytes by which a sealed chunk is longer than its content."""


class Kind(Enum):
    """What a sealed file holds; one kind is never read as the other."""

    BACKUP = b"B"
    KEYS = b"K"


class Sealer:
    """Encrypts what is written to it. Only after `finish` is the file whole."""

    def __init__(self, out: BinaryIO, passphrase: str, *, kind: Kind) -> None:
        header = _HEADER.pack(MAGIC, _VERSION, kind.value, COST, _R, _P, os.urandom(16))
        key, mac_key = _keys(passphrase, header)
        self._aad = header + hmac.digest(mac_key, header, hashlib.sha256)
        self._cipher = AESGCM(key)
        self._out, self._waiting, self._number = out, bytearray(), 0
        out.write(self._aad)

    def write(self, content: bytes) -> None:
        self._waiting += content
        # One chunk always stays behind: only `finish` knows which is the last.
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]

    def finish(self) -> None:
        self._seal(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _seal(self, content: bytes, *, is_last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, is_last=is_last), content, self._aad))
        self._number += 1


def opened(source: BinaryIO, passphrase: str, *, kind: Kind) -> Iterator[bytes]:
    """The content, chunk by chunk, each one proven. Raises NotWhole, BackupProblem (a wrong passphrase).

    Nothing is proven complete before the last chunk has come: use the content only then.
    """
    aad = source.read(HEAD)
    key, mac_key = _keys(passphrase, _header(aad, kind=kind))
    if not hmac.compare_digest(hmac.digest(mac_key, aad[: _HEADER.size], hashlib.sha256), aad[_HEADER.size :]):
        raise BackupProblem("口令不对（或者文件的开头已损坏）。")
    return _chunks(source, AESGCM(key), aad)


def is_sealed(source: BinaryIO) -> bool:
    """Whether a file begins as ours do."""
    return source.read(len(MAGIC)) == MAGIC


def _chunks(source: BinaryIO, cipher: AESGCM, aad: bytes) -> Iterator[bytes]:
    number, chunk = 0, source.read(CHUNK + TAG)
    while True:
        following = source.read(CHUNK + TAG)
        try:
            yield cipher.decrypt(_nonce(number, is_last=not following), chunk, aad)
        except InvalidTag:
            raise NotWhole("文件不完整或已损坏，不能使用。") from None
        if not following:
            return
        number, chunk = number + 1, following


def _header(aad: bytes, *, kind: Kind) -> bytes:
    """The clear header, after a look at what it asks of us: a forged one must not eat the memory."""
    if len(aad) < HEAD or not aad.startswith(MAGIC):
        raise NotWhole("这不是本系统的备份文件，或者文件不完整。")
    _, version, given, cost, r, p, _ = _HEADER.unpack(aad[: _HEADER.size])
    if version != _VERSION or cost not in _COSTS or (r, p) != (_R, _P):
        raise NotWhole("这个备份文件的格式是这个版本不认识的，或者开头已损坏。")
    if given != kind.value:
        raise BackupProblem("这是密钥文件，不是备份。" if given == Kind.KEYS.value else "这是备份，不是密钥文件。")
    return aad[: _HEADER.size]


def _keys(passphrase: str, header: bytes) -> tuple[bytes, bytes]:
    if len(passphrase) < SHORTEST:
        raise BackupProblem(f"口令太短：至少 {SHORTEST} 个字符。")
    *_, cost, r, p, salt = _HEADER.unpack(header)
    secret = unicodedata.normalize("NFC", passphrase).encode()
    both = hashlib.scrypt(secret, salt=salt, n=1 << cost, r=r, p=p, maxmem=(1 << cost) * r * 256, dklen=64)
    return both[:32], both[32:]


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11) + bytes([is_last])
