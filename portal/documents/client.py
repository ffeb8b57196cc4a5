"""Asking for a document: web workers and jobs call `render`, and never load the rendering library themselves.

Each process has one rendering process, started when the first document is asked for. It is replaced when it died,
when it took too long (ended by its id), and after a number of documents or beyond a size, since layout libraries grow.
"""

import atexit
import logging
import os
import threading
import time
import weakref
from typing import Self

from portal.documents import wire
from portal.documents.process import Gone, Process
from portal.documents.wire import JSON
from portal.problems import DomainError
from portal.words import Words, _l

log = logging.getLogger(__name__)

DOCUMENTS = 500
RESIDENT = 400 * 1024


class DocumentUnavailable(DomainError):
    """The document could not be drawn now; what it tells is safe in the database."""

    def __init__(self, sentence: Words | None = None) -> None:
        super().__init__(sentence or _l("单据暂时无法生成，请稍后再试。"))


class Renderer:
    """One rendering process and the turns at it: safe among threads, and begun anew in a forked process.

    It is replaced after `documents` documents, or when it holds more than `resident` KiB.
    """

    def __init__(self, *, documents: int = DOCUMENTS, resident: int = RESIDENT) -> None:
        self._documents, self._resident = documents, resident
        self._turn = threading.Lock()
        self._process: Process | None = None
        self._drawn = 0
        _renderers.add(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The rendering process's id while there is one."""
        return self._process.pid if self._process else None

    def render(self, template: str, context: dict[str, JSON], *, timeout: float = 20) -> bytes:
        """As the function `render`, by this renderer's own process."""
        until = time.monotonic() + timeout
        request = wire.request_bytes(wire.Request(template, context, timeout))
        if not self._turn.acquire(timeout=timeout):
            raise DocumentUnavailable(_l("现在要生成的单据很多，请稍后再试。"))
        try:
            head, body = self._answer(request, until)
            self._count(head)
        except BaseException:  # a half-read answer would be taken for the next one's
            self._end()
            raise
        finally:
            self._turn.release()
        if not head.drawn:
            log.error("the document %s was not drawn: %s", template, body.decode())
            raise DocumentUnavailable
        return body

    def close(self) -> None:
        """End the rendering process; a later document starts another."""
        with self._turn:
            self._end()

    def forget(self) -> None:
        """In a forked process: leave the parent's rendering process alone and hold none of its pipes."""
        self._turn = threading.Lock()
        if self._process:
            self._process.let_go()
        self._process, self._drawn = None, 0

    def _answer(self, request: bytes, until: float) -> tuple[wire.Head, bytes]:
        for _ in range(2):  # drawing changes nothing, so a dead process's question may go to a new one, once
            try:
                return self._living().ask(request, until=until)
            except Gone:
                log.warning("the rendering process ended before it answered")
                self._end()
            except TimeoutError:
                log.warning("the rendering process took too long")
                break
        raise DocumentUnavailable

    def _living(self) -> Process:
        if self._process and not self._process.is_alive():
            self._end()
        self._process = self._process or Process()
        return self._process

    def _count(self, head: wire.Head) -> None:
        self._drawn += 1
        if self._drawn >= self._documents or head.resident > self._resident:
            self._end()

    def _end(self) -> None:
        if self._process:
            self._process.end()
        self._process, self._drawn = None, 0


def _forget_all() -> None:
    for renderer in list(_renderers):
        renderer.forget()


_renderers: weakref.WeakSet[Renderer] = weakref.WeakSet()
_renderer = Renderer()
atexit.register(_renderer.close)
os.register_at_fork(after_in_child=_forget_all)


def render(template: str, context: dict[str, JSON], *, timeout: float = 20) -> bytes:
    """The PDF of templates/pdf/<template>.html filled with plain data. `timeout` in seconds, its turn included.

    Raises DocumentUnavailable. Never call it inside a write transaction.
    """
    return _renderer.render(template, context, timeout=timeout)
