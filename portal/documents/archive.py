"""A ZIP file of many documents that may be broken off at any moment and continued.

Beside FILE.zip grows FILE.zip.partial, member after member, each with its sizes and checksum before it. Going on reads
it from the start, keeps what is whole, and cuts off the rest. Only at the end are the list of members written and the
file given its name, so FILE.zip is whole or not there.
"""

import fcntl
import hashlib
import os
import struct
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO, NamedTuple, Self
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from portal.problems import DomainError
from portal.words import _l

LARGEST = 64 << 20
"""Bytes of a member. A length beyond that is no length but rubbish."""

UNIX = 3
_HEADER = struct.Struct("<4s5H3I2H")
_EXTRA = struct.Struct("<HH32s")
_MARK = 0x7066
"""The kind of extra field that holds a member's fingerprint; readers pass over kinds they do not know."""


class AtWork(DomainError):
    """Somebody else writes the same file just now."""

    def __init__(self) -> None:
        super().__init__(_l("另一个进程正在写这个文件，请等它结束。"))


class Member(NamedTuple):
    """A document inside. `fingerprint`: 32 bytes that tell from what it was made; `sha256` of its bytes, in hex."""

    name: str
    fingerprint: bytes
    sha256: str


class Archive:
    """FILE.zip in the making, and the members it has already, in order. Raises AtWork."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._partial = target.with_name(f"{target.name}.partial")
        self._file = _opened(self._partial)
        self._infos: list[ZipInfo] = []
        self.members: list[Member] = []
        for info, member in _whole_members(self._file):
            self._infos.append(info)
            self.members.append(member)
        self.cut(len(self.members))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def cut(self, count: int) -> None:
        """Keep the first `count` members only, and what half of a member came after them not at all."""
        end = _end_of(self._infos[count - 1]) if count else 0
        del self._infos[count:], self.members[count:]
        self._file.seek(end)
        self._file.truncate()

    def add(self, name: str, body: bytes, *, fingerprint: bytes, on: date) -> Member:
        """Append a document. `on` is the day that its file is said to be of."""
        extra = _EXTRA.pack(_MARK, len(fingerprint), fingerprint)
        day, crc, offset = (on.year, on.month, on.day), zlib.crc32(body), self._file.tell()
        info = _info(name, day, crc=crc, size=len(body), extra=extra, offset=offset)
        self._file.write(info.FileHeader(zip64=False) + body)
        self._infos.append(info)
        self.members.append(Member(name, fingerprint, hashlib.sha256(body).hexdigest()))
        return self.members[-1]

    def finish(self) -> None:
        """Write the list of members and give the file its name, in one step."""
        with ZipFile(self._file, "w") as whole:
            whole.filelist.extend(self._infos)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._partial.replace(self._target)


def _opened(partial: Path) -> IO[bytes]:
    """The file, for us alone."""
    file = os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise AtWork from None
    return file


def _whole_members(file: IO[bytes]) -> Iterator[tuple[ZipInfo, Member]]:
    """The members from the file's start up to the first that is not whole."""
    while (info := _info_at(file)) is not None:
        body = file.read(info.file_size)
        if len(body) < info.file_size or zlib.crc32(body) != info.CRC:
            return
        fingerprint = _EXTRA.unpack(info.extra)[2]
        yield info, Member(info.filename, fingerprint, hashlib.sha256(body).hexdigest())


def _info_at(file: IO[bytes]) -> ZipInfo | None:
    """What the header here says of its member; None where there is no header of ours."""
    offset, head = file.tell(), file.read(_HEADER.size)
    if len(head) < _HEADER.size:
        return None
    signature, _, _, method, _, day, crc, stored, size, name_length, extra_length = _HEADER.unpack(head)
    name, extra = file.read(name_length), file.read(extra_length)
    if signature != b"PK\3\4" or method != ZIP_STORED or stored != size or not 0 < size < LARGEST:
        return None
    if len(extra) != _EXTRA.size or not name.isascii() or _EXTRA.unpack(extra)[0] != _MARK:
        return None
    on = ((day >> 9) + 1980, day >> 5 & 15, day & 31)
    return _info(name.decode(), on, crc=crc, size=size, extra=extra, offset=offset)


def _info(name: str, on: tuple[int, int, int], *, crc: int, size: int, extra: bytes, offset: int) -> ZipInfo:
    info = ZipInfo(name, (*on, 0, 0, 0))
    info.compress_type, info.create_system, info.external_attr = ZIP_STORED, UNIX, 0o600 << 16
    info.CRC, info.file_size, info.compress_size = crc, size, size
    info.extra, info.header_offset = extra, offset
    return info


def _end_of(info: ZipInfo) -> int:
    return info.header_offset + len(info.FileHeader(zip64=False)) + info.file_size
