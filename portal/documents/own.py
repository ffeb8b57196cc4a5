"""A rendering process of one's own, and the turns at it.

It is started when the first document is asked for, and replaced when it died, when it took too long (ended by its id),
and after a number of documents or beyond a size, since layout libraries grow.
"""

import logging
import os
import threading
import time
import weakref
from typing import Self

from portal.documents import wire
from portal.documents.process import Gone, Process
from portal.documents.refusals import DocumentsBusy, DocumentUnavailable
from portal.documents.wire import JSON, Enclosed

log = logging.getLogger(__name__)

DOCUMENTS = 2000
RESIDENT = 400 * 1024


class Renderer:
    """One rendering process and the turns at it: safe among threads, and begun anew in a forked process.

    It is replaced after `documents` documents, or when it holds more than `resident` KiB.
    """

    def __init__(self, *, documents: int = DOCUMENTS, resident: int = RESIDENT) -> None:
        self._documents, self._resident = documents, resident
        self._turn = threading.Lock()
        self._process: Process | None = None
        self._drawn = 0
        self._is_killed = False
        _renderers.add(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The rendering process's id while there is one."""
        return self._process.pid if self._process else None

    def render(
        self, template: str, context: dict[str, JSON], *, enclosed: Enclosed | None = None, timeout: float = 20
    ) -> bytes:
        """As `client.render`, by this renderer's own process."""
        return self.answer(wire.Request(template, context, timeout, enclosed))

    def answer(self, asked: wire.Request) -> bytes:
        """The document or picture that the request asks for, within its seconds. Raises as `client.render`."""
        until = time.monotonic() + asked.seconds
        request = wire.request_bytes(asked)
        if not self._turn.acquire(timeout=max(0.0, asked.seconds)):
            raise DocumentsBusy
        try:
            head, body = self._answer(request, until)
            self._count(head)
        except BaseException:  # a half-read answer would be taken for the next one's
            self._end()
            raise
        finally:
            self._turn.release()
        if head.outcome is not wire.Outcome.DRAWN:
            log.error("the document %s was not drawn: %s", asked.template, body.decode())
            raise DocumentUnavailable
        return body

    def start(self) -> None:
        """Have a process ready for the next document: starting takes it longer than drawing."""
        with self._turn:
            if not self._is_killed:
                self._living()

    def close(self) -> None:
        """End the rendering process; a later document starts another."""
        with self._turn:
            self._end()

    def kill(self) -> None:
        """End it at once, even at its work, for good."""
        self._is_killed = True
        if process := self._process:
            process.kill()

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
                if self._is_killed:
                    break
            except TimeoutError:
                log.warning("the rendering process took too long")
                break
            except OSError:
                log.exception("the rendering process could not be started or reached")
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
os.register_at_fork(after_in_child=_forget_all)
