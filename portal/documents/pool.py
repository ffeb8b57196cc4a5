"""Drawing many documents in one go, by several rendering processes of one's own."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Generic, NamedTuple, Self, TypeVar

from portal.documents.own import Renderer
from portal.documents.wire import JSON, Enclosed

T = TypeVar("T")

AHEAD = 4
"""Documents a process that are asked for ahead of the one that is fetched: no process idles, and memory is bounded."""

LONGEST = 60.0
"""Seconds for one document. Nobody waits before a screen, and the machine may be busy."""


class Wanted(NamedTuple, Generic[T]):
    """A document to draw, and what it is for."""

    context: dict[str, JSON]
    subject: T
    enclosed: Enclosed | None = None


class Pool:
    """So many rendering processes, until the end of the block."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._renderers = [Renderer() for _ in range(processes)]
        self._free: SimpleQueue[Renderer] = SimpleQueue()
        for renderer in self._renderers:
            self._free.put(renderer)
        self._threads = ThreadPoolExecutor(processes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for renderer in self._renderers:
            renderer.kill()
        self._threads.shutdown(cancel_futures=True)
        for renderer in self._renderers:
            renderer.close()

    def drawn(self, template: str, wanted: Iterable[Wanted[T]]) -> Iterator[tuple[T, bytes]]:
        """Each document's subject and PDF, in the order wanted. Raises DocumentUnavailable."""
        asked: deque[tuple[T, Future[bytes]]] = deque()
        for context, subject, enclosed in wanted:
            asked.append((subject, self._threads.submit(self._draw, template, context, enclosed)))
            if len(asked) > self._processes * AHEAD:
                yield _fetched(asked)
        while asked:
            yield _fetched(asked)

    def _draw(self, template: str, context: dict[str, JSON], enclosed: Enclosed | None) -> bytes:
        renderer = self._free.get()
        try:
            return renderer.render(template, context, enclosed=enclosed, timeout=LONGEST)
        finally:
            self._free.put(renderer)


def _fetched(asked: deque[tuple[T, Future[bytes]]]) -> tuple[T, bytes]:
    subject, drawing = asked.popleft()
    return subject, drawing.result()
