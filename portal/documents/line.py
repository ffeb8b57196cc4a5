"""The way to the rendering service: a Unix socket that only this account may open, one connection a document."""

import json
import os
import socket
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from portal.documents import wire
from portal.documents.process import Gone

VARIABLE = "PORTAL_RENDERING_SOCKET"
"""Where a server tells its workers and jobs the address of its service."""

LONGEST = 100
"""Bytes of an address. A socket's takes 108 at most."""

AWAY = 2.5
"""Seconds in which a service that died is back, and for which it is worth knocking again."""

PAUSE = 0.1


class Standing(NamedTuple):
    """How the service stands: documents that wait, that are being drawn, drawn so far, and its rendering processes."""

    waiting: int
    drawing: int
    drawn: int
    processes: list[int]


def address() -> str | None:
    """The address of the service that this process shall ask, if there is one."""
    return os.environ.get(VARIABLE) or None


def place(instance: Path) -> Path:
    """An address for a new service, in a private folder: in the instance, or a temporary one if its path is long."""
    folder = instance / "run"
    if len(os.fsencode(folder / _name())) > LONGEST:
        return Path(tempfile.mkdtemp(prefix="portal-")) / _name()
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    _sweep(folder)
    return folder / _name()


def clear(place: Path) -> None:
    """Nobody listens here any more."""
    place.unlink(missing_ok=True)
    if place.parent.name != "run":
        place.parent.rmdir()


def ask(address: str, request: bytes, *, until: float) -> tuple[wire.Head, bytes]:
    """The service's answer, by the monotonic time `until`. Raises TimeoutError, or Gone when no service comes back.

    Drawing changes nothing, so what a dying service left unanswered may be asked again.
    """
    back_by = 0.0
    while True:
        try:
            return _ask_once(address, request, until)
        except (ConnectionError, FileNotFoundError, BlockingIOError, Gone):
            back_by = back_by or min(until, time.monotonic() + AWAY)
            if time.monotonic() + PAUSE > back_by:
                raise Gone from None
            time.sleep(PAUSE)


def standing(address: str, *, timeout: float = 1.0) -> Standing | None:
    """How the service stands; None when it does not answer within `timeout` seconds."""
    try:
        _, body = _ask_once(address, wire.QUESTION, time.monotonic() + timeout)
    except (OSError, Gone):
        return None
    return Standing(**json.loads(body))


def _name() -> str:
    return f"documents-{os.getpid()}.sock"


def _sweep(folder: Path) -> None:
    """Addresses of services whose servers were ended by force lie about: nobody answers there."""
    for other in folder.glob("documents-*.sock"):
        with socket.socket(socket.AF_UNIX) as connection, suppress(OSError):
            connection.settimeout(PAUSE)
            try:
                connection.connect(str(other))
            except ConnectionRefusedError:
                other.unlink(missing_ok=True)


def _ask_once(address: str, request: bytes, until: float) -> tuple[wire.Head, bytes]:
    with socket.socket(socket.AF_UNIX) as connection:
        _limit(connection, until)
        connection.connect(address)
        connection.sendall(request)
        head = wire.head(_read(connection, wire.HEAD.size, until))
        return head, _read(connection, head.length, until)


def _read(connection: socket.socket, length: int, until: float) -> bytes:
    data = bytearray()
    while len(data) < length:
        _limit(connection, until)
        part = connection.recv(min(length - len(data), 1 << 16))
        if not part:
            raise Gone
        data += part
    return bytes(data)


def _limit(connection: socket.socket, until: float) -> None:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)
