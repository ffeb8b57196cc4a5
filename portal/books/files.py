"""The ledger as a file: by kind, streamed from a connection of its own, compressed where the reader takes it."""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from flask import Response, request
from sqlalchemy import select

from portal.books.beancount import beancount
from portal.books.hledger import hledger
from portal.books.queries import Bounds, Ledger, for_reading, opened
from portal.books.table import table
from portal.db import rows
from portal.ledger.models import Account, LegalEntity, Pool
from portal.log.models import Head
from portal.web.kept import is_known, takes_gzip

PART = 1 << 16
"""Characters that are sent together."""

FORM = 1
"""Raise it when the files come to say the same otherwise: tags of old ones must not stand for new ones."""


class Kind(StrEnum):
    BEANCOUNT = "beancount"
    HLEDGER = "hledger"
    CSV = "csv"


WRITERS: dict[Kind, Callable[[Ledger], Iterator[str]]] = {
    Kind.BEANCOUNT: beancount,
    Kind.HLEDGER: hledger,
    Kind.CSV: table,
}


def parts_of(kind: Kind, bounds: Bounds | None = None) -> Iterator[bytes]:
    """The file, some 64 KB at a time, read when the request itself has ended, on a connection of its own."""
    engine = for_reading()

    def parts() -> Iterator[bytes]:
        with opened(engine, bounds) as ledger:
            yield from _in_parts(WRITERS[kind](ledger))

    return parts()


def answer(kind: Kind) -> Response:
    """The whole ledger. Who has it already is told so without reading an entry: the log's head stands for them all."""
    tag = f'W/"{_tag(kind)}"'
    if (known := request.headers.get("If-None-Match")) and is_known(known, tag.removeprefix("W/")):
        response = Response(status=304)
    else:
        response = _file(kind)
    response.headers["ETag"] = tag
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _file(kind: Kind) -> Response:
    plain = parts_of(kind)
    pressing = takes_gzip(request.headers.get("Accept-Encoding", "")[:256])
    charset = "text/csv; charset=utf-8" if kind is Kind.CSV else "text/plain; charset=utf-8"
    response = Response(_pressed(plain) if pressing else plain, content_type=charset)
    if pressing:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Disposition"] = f'attachment; filename="ledger.{kind}"'
    return response


def _in_parts(texts: Iterable[str]) -> Iterator[bytes]:
    waiting: list[str] = []
    length = 0
    for text in texts:
        waiting.append(text)
        length += len(text)
        if length >= PART:
            yield "".join(waiting).encode()
            waiting, length = [], 0
    yield "".join(waiting).encode()


def _pressed(parts: Iterable[bytes]) -> Iterator[bytes]:
    press = zlib.compressobj(6, wbits=31)
    for part in parts:
        if pressed := press.compress(part):
            yield pressed
    yield press.flush()


def _tag(kind: Kind) -> str:
    """What the file depends on: every entry has a leaf in the log; beside it there are only names."""
    named = (select(model.id, model.name).order_by(model.id) for model in (LegalEntity, Account, Pool))
    said = [rows(select(Head.size, Head.stack)).first(), *(rows(names).all() for names in named)]
    return hashlib.blake2b(repr((FORM, str(kind), said)).encode(), digest_size=12).hexdigest()
