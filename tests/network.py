"""Tests reach nothing outside this machine: a connection to anywhere else fails at once."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any


class NetworkIsClosed(RuntimeError):
    """A test tried to reach another machine."""


def is_here(host: object) -> bool:
    """Whether an address is this machine's own."""
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


@contextmanager
def closed() -> Iterator[None]:
    """Sockets reach this machine only, and other machines' names are not looked up."""
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(where: object) -> None:
        if isinstance(where, tuple) and not is_here(where[0]):
            raise NetworkIsClosed(f"tests may not connect to {where[0]}")

    def guarded_connect(self: Any, address: Any) -> None:
        check(address)
        connect(self, address)

    def guarded_connect_ex(self: Any, address: Any) -> int:
        check(address)
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        check((host,))
        return look_up(host, *args, **kwargs)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign]
    socket.socket.connect_ex = guarded_connect_ex  # type: ignore[method-assign]
    socket.getaddrinfo = guarded_look_up
    try:
        yield
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]
        socket.socket.connect_ex = connect_ex  # type: ignore[method-assign]
        socket.getaddrinfo = look_up
