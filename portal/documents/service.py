"""The rendering service: `python -m portal.documents.service --socket FILE`, started beside a server.

It holds a few rendering processes and one queue for all web workers and jobs. Whoever finds the queue full, or has
stood in it too long, is told that we are busy; whoever has gone is taken out of it. It ends when its input ends, so it
never outlives the server it serves.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import threading
import time
from asyncio import StreamReader, StreamWriter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from portal.documents import wire
from portal.documents.line import Standing
from portal.documents.own import DOCUMENTS, Renderer
from portal.documents.refusals import DocumentsBusy, DocumentUnavailable

log = logging.getLogger(__name__)

RENDERERS = 2
PLACES = 32
PATIENCE = 10.0
"""Seconds a document may stand in the queue. Who still waits then had better ask again than keep a web worker."""

ARRIVAL = 5.0
"""Seconds in which a request must have arrived whole."""

LARGEST = 1 << 20
"""Bytes of a request; more is a mistake."""


class Left(Exception):
    """Whoever asked is gone."""


class Limits(NamedTuple):
    """How many draw at a time, how many more may wait and for how many seconds; a process's number of documents."""

    renderers: int = RENDERERS
    places: int = PLACES
    patience: float = PATIENCE
    documents: int = DOCUMENTS


class Service:
    """The queue before the rendering processes. All its methods run in one event loop; drawing is done in threads."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._threads = ThreadPoolExecutor(self._limits.renderers)
        self._renderers = [Renderer(documents=self._limits.documents) for _ in range(self._limits.renderers)]
        self._free: asyncio.Queue[Renderer] = asyncio.Queue()
        self._waiting = self._drawing = self._drawn = 0
        self._is_closed = False

    async def open(self) -> None:
        """Start the rendering processes."""
        for renderer in self._renderers:
            _make_ready(renderer)
            self._free.put_nowait(renderer)

    def close(self) -> None:
        """End the rendering processes, whatever they are at."""
        self._is_closed = True
        for renderer in self._renderers:
            renderer.kill()
        self._threads.shutdown()

    async def meet(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Answer one request."""
        try:
            with suppress(Left, ConnectionError, TimeoutError, asyncio.CancelledError):
                writer.write(await self._answer(reader))
                await asyncio.wait_for(writer.drain(), ARRIVAL)
        except Exception:
            log.exception("a request was not answered")
        finally:
            writer.close()

    async def _answer(self, reader: StreamReader) -> bytes:
        body = await asyncio.wait_for(_arrived(reader), ARRIVAL)
        if not body:
            return wire.answer_bytes(json.dumps(self._standing()._asdict()).encode(), outcome=wire.Outcome.DRAWN)
        request = wire.request(body)
        until = time.monotonic() + request.seconds
        try:
            renderer = await self._turn(reader, until)
        except DocumentsBusy:
            return wire.answer_bytes(b"", outcome=wire.Outcome.BUSY)
        return await self._drawn_by(renderer, request, until)

    async def _turn(self, reader: StreamReader, until: float) -> Renderer:
        """A rendering process, in the order of asking. Raises DocumentsBusy or Left."""
        if self._free.empty() and self._waiting >= self._limits.places:
            raise DocumentsBusy
        self._waiting += 1
        turn, left = asyncio.create_task(self._free.get()), asyncio.create_task(reader.read(1))
        patience = min(self._limits.patience, until - time.monotonic())
        try:
            await asyncio.wait({turn, left}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            if left.done():
                self._give_back(turn)
                raise Left
            if not turn.done():
                raise DocumentsBusy
            return turn.result()
        finally:
            self._waiting -= 1
            turn.cancel()
            left.cancel()

    async def _drawn_by(self, renderer: Renderer, request: wire.Request, until: float) -> bytes:
        """The answer; the rendering process is free again afterwards, and one that ended has been replaced."""
        self._drawing += 1
        in_thread = asyncio.get_running_loop().run_in_executor
        try:
            return await in_thread(self._threads, _draw, renderer, request, until)
        finally:
            self._drawing -= 1
            self._drawn += 1
            if not self._is_closed:
                await in_thread(self._threads, _make_ready, renderer)
                self._free.put_nowait(renderer)

    def _give_back(self, turn: "asyncio.Task[Renderer]") -> None:
        if turn.done():
            self._free.put_nowait(turn.result())

    def _standing(self) -> Standing:
        processes = [renderer.pid for renderer in self._renderers if renderer.pid]
        return Standing(self._waiting, self._drawing, self._drawn, processes)


async def _arrived(reader: StreamReader) -> bytes:
    """The request's bytes; none for a question. Raises Left."""
    try:
        length = wire.LENGTH.unpack(await reader.readexactly(wire.LENGTH.size))[0]
        if length > LARGEST:
            raise ValueError(f"a request of {length} bytes")
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError:
        raise Left from None


def _draw(renderer: Renderer, request: wire.Request, until: float) -> bytes:
    try:
        body = renderer.answer(request._replace(seconds=until - time.monotonic()))
    except DocumentsBusy:
        return wire.answer_bytes(b"", outcome=wire.Outcome.BUSY)
    except DocumentUnavailable:
        return wire.answer_bytes(b"", outcome=wire.Outcome.FAILED)
    return wire.answer_bytes(body, outcome=wire.Outcome.DRAWN)


def _make_ready(renderer: Renderer) -> None:
    try:
        renderer.start()
    except OSError:  # no memory for another process just now: the next document tries again
        log.exception("no rendering process could be started")


async def serve(socket: Path, limits: Limits) -> None:
    """Serve until the input ends or somebody asks to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    threading.Thread(target=_tell_when_input_ends, args=(loop, stop), daemon=True).start()
    service = Service(limits)
    await service.open()
    os.umask(0o177)
    server = await asyncio.start_unix_server(service.meet, path=socket, backlog=128)
    os.umask(0o077)
    try:
        await stop.wait()
    finally:
        server.close()
        service.close()


def _tell_when_input_ends(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    with suppress(OSError):
        while os.read(0, 1024):
            pass
    loop.call_soon_threadsafe(stop.set)


def main() -> None:
    """Read the options and serve."""
    options = argparse.ArgumentParser(prog="portal.documents.service")
    options.add_argument("--socket", type=Path, required=True)
    for name, default in Limits()._asdict().items():
        options.add_argument(f"--{name}", type=type(default), default=default)
    chosen = vars(options.parse_args())
    logging.basicConfig(level=logging.WARNING, format="documents: %(message)s", stream=sys.stderr)
    asyncio.run(serve(chosen.pop("socket"), Limits(**chosen)))


if __name__ == "__main__":
    main()
