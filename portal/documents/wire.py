"""What the web worker and the rendering process say to each other over two pipes.

A request is its length and JSON; an answer is a head (drawn or failed, resident memory in KiB, length) and a body:
the PDF, or the reason in UTF-8.
"""

import json
import struct
from typing import BinaryIO, NamedTuple, TypeAlias

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"

LENGTH = struct.Struct(">I")
HEAD = struct.Struct(">?II")


class Request(NamedTuple):
    """One document to draw; after `seconds` nobody waits for it any more."""

    template: str
    context: dict[str, JSON]
    seconds: float


class Head(NamedTuple):
    """What stands before an answer's body. `resident` in KiB, `length` in bytes."""

    drawn: bool
    resident: int
    length: int


def request_bytes(request: Request) -> bytes:
    """Raises TypeError or ValueError when the context is not plain data."""
    body = json.dumps(request._asdict(), ensure_ascii=False, allow_nan=False).encode()
    return LENGTH.pack(len(body)) + body


def read_request(pipe: BinaryIO) -> Request | None:
    """The next request; None when the other side is gone."""
    length = pipe.read(LENGTH.size)
    if len(length) < LENGTH.size:
        return None
    asked = json.loads(pipe.read(LENGTH.unpack(length)[0]))
    return Request(asked["template"], asked["context"], asked["seconds"])


def answer_bytes(body: bytes, *, drawn: bool, resident: int) -> bytes:
    """The answer with its head. `resident` in KiB."""
    return HEAD.pack(drawn, resident, len(body)) + body


def head(packed: bytes) -> Head:
    """The head from its bytes."""
    return Head(*HEAD.unpack(packed))
