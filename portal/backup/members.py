"""What lies inside a backup: named members one after the other, of unknown length, compressed as one stream.

A member is its name and blocks, each with its length before it; an empty block ends it, and an empty name ends all.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from portal.backup.problems import NotWhole

BLOCK = 256 * 1024
"""Bytes of a block at most."""

_LENGTH = struct.Struct(">I")
# Level 1: a backup shall be over soon, and most of its time is this.
_LEVEL = 1


@dataclass(frozen=True)
class Sum:
    """What a member was: its bytes and their SHA-256 in hex."""

    size: int
    sha256: str


class MemberWriter:
    """Writes members to `write`, and remembers the sum of each."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write, self._deflate = write, zlib.compressobj(_LEVEL)
        self.sums: dict[str, Sum] = {}

    def add(self, name: str, blocks: Iterable[bytes]) -> Sum:
        """One member; its blocks may be of any size."""
        self._put(name.encode())
        digest, size = hashlib.sha256(), 0
        for block in blocks:
            digest.update(block)
            size += len(block)
            for start in range(0, len(block), BLOCK):
                self._put(block[start : start + BLOCK])
        self._put(b"")
        self.sums[name] = Sum(size, digest.hexdigest())
        return self.sums[name]

    def finish(self) -> None:
        self._put(b"")
        self._write(self._deflate.flush())

    def _put(self, block: bytes) -> None:
        self._write(self._deflate.compress(_LENGTH.pack(len(block)) + block))


class MemberReader:
    """Reads members back in their order. Each must be read to its end before the next."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._content = _inflated(chunks)
        self._waiting = bytearray()
        self.sums: dict[str, Sum] = {}

    def __iter__(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        while name := self._block().decode():
            yield name, self._blocks(name)
        # Only the end of the stream proves that nothing has been cut off.
        if self._waiting or any(self._content):
            raise NotWhole("文件末尾有多余的内容，不能使用。")

    def _blocks(self, name: str) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        while block := self._block():
            digest.update(block)
            size += len(block)
            yield block
        self.sums[name] = Sum(size, digest.hexdigest())

    def _block(self) -> bytes:
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        if length > BLOCK:
            raise NotWhole("文件内容不合格式，不能使用。")
        return self._exactly(length)

    def _exactly(self, count: int) -> bytes:
        while len(self._waiting) < count:
            more = next(self._content, None)
            if more is None:
                raise NotWhole("文件不完整，不能使用。")
            self._waiting += more
        taken = bytes(self._waiting[:count])
        del self._waiting[:count]
        return taken


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj()
    for chunk in chunks:
        rest = chunk
        while rest:
            yield inflate.decompress(rest, BLOCK)
            rest = inflate.unconsumed_tail
    while more := inflate.decompress(b"", BLOCK):
        yield more
    if not inflate.eof or inflate.unused_data:
        raise NotWhole("文件内容不合格式，不能使用。")
