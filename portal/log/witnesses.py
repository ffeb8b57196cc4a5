"""Witnesses: others who sign that they saw this head of the log and no other of its size (C2SP tlog-witness).

PORTAL_WITNESSES names them, blanks between: `name+hash+key@https://witness.example/prefix`, the verifier key as the
witness gives it, `@`, and the address before `/add-checkpoint`. They are asked by a job, after the commit: nothing
that is booked waits for them.
"""

import base64
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR
from threading import Event, Timer
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, select

from portal import clock
from portal.bulk import insert_rows
from portal.db import db, let_go, rows
from portal.jobs.problems import Away
from portal.log.cosigning import line_of
from portal.log.keys import COSIGNATURE, BadNote, parts_of
from portal.log.models import Cosignature, Head
from portal.log.queries import Signed, signed_head
from portal.log.tiles import reader
from portal.log.tree import consistency_parts, hashes_of
from portal.problems import DomainError
from portal.settings import current_settings
from portal.words import _l

PATIENCE = 10.0
"""Seconds that a witness may take to say something, and twice as many to say all."""

MOST_BYTES = 64 * 1024
NOT_ANSWERING = "witness_away"
SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n?")
logger = logging.getLogger(__name__)


class WitnessRefuses(DomainError):
    """A witness answers, and does not sign: a person has to look why."""


class Witness(NamedTuple):
    """Whom to ask, and by which verifier key to know the answer."""

    vkey: str
    url: str

    @property
    def name(self) -> str:
        return self.vkey.partition("+")[0]


def witnesses() -> list[Witness]:
    """Those of the settings."""
    each = (text.partition("@") for text in current_settings().witnesses)
    return [Witness(vkey, url.rstrip("/")) for vkey, _, url in each]


def witness_called(name: str) -> Witness | None:
    return next((one for one in witnesses() if one.name == name), None)


def lacking(connection: Connection) -> list[Witness]:
    """The witnesses that have not signed the published head yet."""
    size = connection.scalar(select(Head.size))
    if not size:
        return []
    signed = _signed(connection, size)
    return [one for one in witnesses() if one.vkey not in signed]


def ask(witness: Witness) -> bool:
    """Get a witness's signature under the published head, and keep it. False when it is there already. Commits.

    Raises Away when the witness does not answer, WitnessRefuses when it answers and does not sign.
    """
    _require_key(witness)
    head = signed_head()
    if head is None or not head.size or witness.vkey in _signed(db.session.connection(), head.size):
        return False
    line = _asked(witness, head, _last_size(witness), may_ask_again=True)
    at = clock.now()
    insert_rows(Cosignature, ("size", "witness", "line", "at"), [(head.size, witness.vkey, line, at)])
    db.session.commit()
    return True


def _signed(connection: Connection, size: int) -> set[str]:
    return set(connection.scalars(select(Cosignature.witness).where(Cosignature.size == size)))


def _asked(witness: Witness, head: Signed, old: int, *, may_ask_again: bool) -> str:
    """The witness's line. No transaction is open while it takes its time."""
    body = request_of(head, old)
    let_go()
    status, said = _post(witness, body)
    if status == 200:
        return _own_line(witness, head, said)
    if status == 409 and may_ask_again and (size := _size(said)) is not None and size != old and size <= head.size:
        return _asked(witness, head, size, may_ask_again=False)
    raise _problem(witness, status)


def request_of(head: Signed, old: int) -> str:
    """What a witness is sent that signed a log of `old` last: the proof that this one goes on from it, and the note."""
    parts = consistency_parts(old, head.size) if old else []
    hashes = hashes_of(parts, reader(parts, head.size))
    lines = [f"old {old}", *(base64.b64encode(hash).decode() for hash in hashes), ""]
    return "\n".join(lines) + "\n" + head.note


def _own_line(witness: Witness, head: Signed, said: bytes) -> str:
    lines: Sequence[str] = said.decode(errors="replace").split("\n")
    line = line_of(head.note, lines, witness.vkey)
    if line is None:
        logger.warning("witness %s answered without a signature of its own", witness.name)
        raise WitnessRefuses(_l("见证人「%(name)s」的回答里没有有效的签名。", name=witness.name))
    return line


def _problem(witness: Witness, status: int) -> Exception:
    logger.warning("witness %s answered %d", witness.name, status)
    if status >= 500 or status in (408, 429):
        return Away(NOT_ANSWERING)
    if status == 409:
        return WitnessRefuses(
            _l("见证人「%(name)s」见过另一份公开日志，不肯签名。请运行 portal log verify。", name=witness.name)
        )
    return WitnessRefuses(_l("见证人「%(name)s」不肯签名（%(status)d）。", name=witness.name, status=status))


def _post(witness: Witness, body: str) -> tuple[int, bytes]:
    """Status and body of the answer; whoever is sent elsewhere does not go there. Raises Away."""
    parts = urlsplit(witness.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    with closing(kind(parts.netloc, timeout=PATIENCE)) as connection:
        try:
            with _at_most(connection):
                connection.request("POST", f"{parts.path}/add-checkpoint", body.encode(), headers)
                answer = connection.getresponse()
                return answer.status, answer.read(MOST_BYTES)
        except (OSError, HTTPException, ValueError) as error:
            logger.warning("witness %s does not answer: %s", witness.name, type(error).__name__)
            raise Away(NOT_ANSWERING) from error


@contextmanager
def _at_most(connection: HTTPConnection) -> Iterator[None]:
    """Whoever says a byte now and then is not waited for longer than anybody else. Raises TimeoutError."""

    late = Event()

    def end() -> None:
        late.set()
        with suppress(OSError):
            if connection.sock is not None:
                connection.sock.shutdown(SHUT_RDWR)

    timer = Timer(2 * PATIENCE, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if late.is_set():
        raise TimeoutError


def _last_size(witness: Witness) -> int:
    """The size of the last head that it signed for us; 0 when it never did."""
    head = signed_head()
    newest = select(func.max(Cosignature.size)).where(Cosignature.witness == witness.vkey)
    size = rows(newest).scalar_one() or 0
    return min(size, head.size if head else 0)


def _size(said: bytes) -> int | None:
    match = SIZE.fullmatch(said)
    return int(match[1]) if match else None


def _require_key(witness: Witness) -> None:
    try:
        parts_of(witness.vkey, COSIGNATURE)
    except BadNote as error:
        raise WitnessRefuses(_l("PORTAL_WITNESSES 里「%(name)s」的公钥写错了。", name=witness.name)) from error
