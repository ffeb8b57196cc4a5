"""Asking for a document: web workers and jobs call `render`, and never load the rendering library themselves.

Beside a server stands one rendering service for all its workers and jobs (`service.py`); its address is in the
environment. Where there is none, in a single command or a test, each process has one rendering process of its own.
"""

import atexit
import logging
import time

from portal.documents import line, wire
from portal.documents.own import Renderer
from portal.documents.process import Gone
from portal.documents.refusals import DocumentsBusy, DocumentUnavailable
from portal.documents.wire import JSON, Enclosed

__all__ = ["DocumentUnavailable", "DocumentsBusy", "Renderer", "picture", "render", "standing"]

log = logging.getLogger(__name__)
_renderer = Renderer()
atexit.register(_renderer.close)


def render(template: str, context: dict[str, JSON], *, enclosed: Enclosed | None = None, timeout: float = 20) -> bytes:
    """The PDF of templates/pdf/<template>.html filled with plain data. `timeout` in seconds, its turn included.

    Raises DocumentUnavailable, and DocumentsBusy where asking again in a few seconds helps. Never call it inside a
    write transaction.
    """
    return _answer(wire.Request(template, context, timeout, enclosed))


def picture(template: str, context: dict[str, JSON], *, timeout: float = 20) -> bytes:
    """The same pages as one PNG, one below the other, cut off where they end. Raises as `render`."""
    return _answer(wire.Request(template, context, timeout, as_picture=True))


def _answer(asked: wire.Request) -> bytes:
    address = line.address()
    if address is None:
        return _renderer.answer(asked)
    request = wire.request_bytes(asked)
    try:
        head, body = line.ask(address, request, until=time.monotonic() + asked.seconds)
    except (Gone, TimeoutError) as problem:
        log.warning("the rendering service did not answer: %s", type(problem).__name__)
        raise DocumentsBusy from None
    if head.outcome is wire.Outcome.BUSY:
        raise DocumentsBusy
    if head.outcome is wire.Outcome.FAILED:
        raise DocumentUnavailable
    return body


def standing() -> line.Standing | None:
    """How the service beside this server stands; None without one, or when it is silent."""
    address = line.address()
    return line.standing(address) if address else None
