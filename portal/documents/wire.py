"""What those who want a document and those who draw it say to each other, over two pipes or a socket.

A request is its length and JSON; an answer is a head (how it went, resident memory in KiB, length) and a body: the PDF,
or the reason in UTF-8. A request of no length asks the rendering service how it stands; the answer's body is JSON.
"""

import json
import struct
from enum import IntEnum
from typing import BinaryIO, NamedTuple, TypeAlias

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"

LENGTH = struct.Struct(">I")
HEAD = struct.Struct(">BII")
QUESTION = LENGTH.pack(0)


class Outcome(IntEnum):
    """How it went: drawn, not drawn for a reason, or not tried because too many wait."""

    FAILED = 0
    DRAWN = 1
    BUSY = 2


class Enclosed(NamedTuple):
    """What goes into a PDF beside its pages: text files by name, in this order, and a signature.

    `key` is the key file to sign with, none without a signature; `at` the moment that both are said to be of, as ISO
    text with its offset.
    """

    attachments: dict[str, str]
    at: str
    key: str = ""


class Request(NamedTuple):
    """One document to draw; after `seconds` nobody waits for it any more. `as_picture` asks for a PNG of its pages."""

    template: str
    context: dict[str, JSON]
    seconds: float
    enclosed: Enclosed | None = None
    as_picture: bool = False


class Head(NamedTuple):
    """What stands before an answer's body. `resident` in KiB, `length` in bytes."""

    outcome: Outcome
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
    return request(pipe.read(LENGTH.unpack(length)[0]))


def request(body: bytes) -> Request:
    """The request from its bytes, the length left out. Raises ValueError or KeyError when it is none."""
    asked = json.loads(body)
    enclosed = asked["enclosed"] and Enclosed(*asked["enclosed"])
    return Request(asked["template"], asked["context"], asked["seconds"], enclosed, asked["as_picture"])


def answer_bytes(body: bytes, *, outcome: Outcome, resident: int = 0) -> bytes:
    """The answer with its head. `resident` in KiB."""
    return HEAD.pack(outcome, resident, len(body)) + body


def head(packed: bytes) -> Head:
    """The head from its bytes."""
    outcome, resident, length = HEAD.unpack(packed)
    return Head(Outcome(outcome), resident, length)
