"""Kept pages in memory: each ready to be sent, the least wanted thrown out first."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from portal.public import Stamp

Headers = list[tuple[str, str]]

MOST_KEPT = 8 * 1024 * 1024
"""Bytes of pages that one worker keeps: some three hundred lists."""

WORTH_PRESSING = 1024
"""Bytes from which on a page is sent compressed."""

_BESIDE = 4096
"""Bytes that a page's key, headers and objects take, roughly."""

_PATIENCE = 5.0
"""Seconds to wait for another thread that makes the same page, before making it oneself."""


class Sendable(NamedTuple):
    """A page as it goes out, plain or compressed: its tag in quotes, the headers of 200 and of 304, the body."""

    tag: str
    headers: Headers
    unchanged: Headers
    body: bytes


class Page:
    """A page as it was made for a `stamp`. Its headers come without Content-Length."""

    def __init__(self, stamp: Stamp, headers: Headers, body: bytes) -> None:
        self.stamp = stamp
        self._headers = headers
        self._tag = hashlib.blake2b(body, digest_size=12).hexdigest()
        self.plain = self._sendable(self._tag, body)
        self.pressed: Sendable | None = None

    @property
    def size(self) -> int:
        return _BESIDE + len(self.plain.body) + (len(self.pressed.body) if self.pressed else 0)

    def press(self) -> Sendable:
        """The page compressed: made when first asked for, and the same from then on."""
        if self.pressed is None:
            pressed = gzip.compress(self.plain.body, 6, mtime=0)
            self.pressed = self._sendable(f"{self._tag}-gzip", pressed, ("Content-Encoding", "gzip"))
        return self.pressed

    def _sendable(self, tag: str, body: bytes, *more: tuple[str, str]) -> Sendable:
        tag = f'"{tag}"'
        always = [*self._headers, ("ETag", tag)]
        unchanged = [header for header in always if header[0].lower() != "content-type"]
        return Sendable(tag, [*always, *more, ("Content-Length", str(len(body)))], unchanged, body)


class Store:
    """Pages by what was asked, at most `most` bytes of them together. Safe for many threads."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self.most = most
        self.size = 0
        self._pages: OrderedDict[Hashable, tuple[Page, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._pages)

    @property
    def largest(self) -> int:
        """Bytes of a body that is still kept: no single page pushes all others out."""
        return self.most // 8

    def get(self, asked: Hashable, stamp: Stamp) -> Page | None:
        """The page, if it was made for this very stamp."""
        with self._lock:
            kept = self._pages.get(asked)
            if kept is None or kept[0].stamp != stamp:
                return None
            self._pages.move_to_end(asked)
            return kept[0]

    def put(self, asked: Hashable, page: Page) -> None:
        """Keep the page in the place of an older one; weigh it anew when it is the same."""
        size = page.size + sum(len(part) for part in _texts(asked))
        with self._lock:
            self._drop(asked)
            self._pages[asked] = page, size
            self.size += size
            while self.size > self.most:
                self._drop(next(iter(self._pages)))

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self.size = 0

    def _drop(self, asked: Hashable) -> None:
        if (kept := self._pages.pop(asked, None)) is not None:
            self.size -= kept[1]


def _texts(asked: Hashable) -> Iterable[str]:
    return (part for part in asked if isinstance(part, str)) if isinstance(asked, tuple) else ()


class Turns:
    """Of many threads that miss the same page, one makes it; the others wait a while and look again."""

    def __init__(self) -> None:
        self._making: dict[Hashable, threading.Event] = {}
        self._lock = threading.Lock()

    @contextmanager
    def at(self, asked: Hashable) -> Iterator[bool]:
        """Whether another made the page meanwhile. Nobody waits for the second time, nor for ever."""
        with self._lock:
            made = self._making.get(asked)
            if made is None:
                mine = self._making[asked] = threading.Event()
        if made is not None:
            made.wait(_PATIENCE)
            yield True
            return
        try:
            yield False
        finally:
            with self._lock:
                del self._making[asked]
            mine.set()
