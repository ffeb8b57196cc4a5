"""Who takes letters out of the house: what all carriers have in common, and the one that only fills a folder."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from portal.words import Words, _l

NOT_SET_UP = "post_not_set_up"
NOT_ANSWERING = "post_not_answering"
NOT_LET_IN = "post_not_let_in"
NOT_SAFE = "post_not_safe"
UNDER_WAY = "post_under_way"

WHY: dict[str, Words] = {
    NOT_SET_UP: _l("还没有设置发信（PORTAL_MAIL_URL 或 PORTAL_SMS_URL），信在排队。"),
    NOT_ANSWERING: _l("发信的服务器没有应答，过一会儿再试。"),
    NOT_LET_IN: _l("发信的服务器不接受用户名或密码。"),
    NOT_SAFE: _l("发信的服务器不能加密（STARTTLS），所以没有发。"),
    UNDER_WAY: _l("另一个进程正在发，等它的结果。"),
}
"""What the history of jobs says when a letter could not go out."""


class Refused(Exception):
    """There is nobody at this address, and there will not be."""


class Parcel(NamedTuple):
    """A letter on its way, out of the database's hands. `number` is the same at every try."""

    number: str
    to: str
    subject: str
    text: str
    at: datetime
    unsubscribe: str | None


Deliver = Callable[[Parcel], None]


class Carrier(Protocol):
    """Something that delivers: raises Refused for good, jobs.problems.Away for now."""

    def open(self) -> AbstractContextManager[Deliver]: ...


@dataclass(frozen=True)
class Folder:
    """Writes each letter into a file of its own, whole or not at all; twice the same letter is once the same file."""

    path: Path
    ending: str
    write: Callable[[Parcel], bytes]

    @contextmanager
    def open(self) -> Iterator[Deliver]:
        self.path.mkdir(parents=True, exist_ok=True)
        yield self._deliver

    def _deliver(self, parcel: Parcel) -> None:
        new = self.path / f".{parcel.number}"
        with new.open("wb") as file:
            file.write(self.write(parcel))
            file.flush()
            os.fsync(file.fileno())
        new.rename(self.path / f"{parcel.number}{self.ending}")


class DemoMailbox:
    """In development letters stay where they are; the page /mailbox shows them."""

    @contextmanager
    def open(self) -> Iterator[Deliver]:
        yield lambda parcel: None


def as_json(parcel: Parcel) -> bytes:
    """A text message as a gateway takes it."""
    sent = {"id": parcel.number, "to": parcel.to, "text": parcel.text, "at": parcel.at.isoformat()}
    return json.dumps(sent, ensure_ascii=False).encode()
