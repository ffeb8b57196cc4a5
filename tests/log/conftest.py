"""Facts that need no room: leaves of a kind of their own, as many as a test wants."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy.orm import Session, scoped_session

from portal import log
from portal.db import db
from portal.log.leaves import KINDS, Body

KIND = "invented"


class Facts:
    """What the facts say; whatever `gone` holds has no row."""

    def __init__(self) -> None:
        self.gone: set[int] = set()
        self.said: dict[int, str] = {}

    def note(self, *refs: int) -> None:
        """Say that they are there, and commit."""
        log.note(KIND, refs)
        db.session.commit()

    def read(self, session: Session, ids: Sequence[int]) -> Iterator[Body]:
        for ref in ids:
            if ref not in self.gone:
                yield Body(ref, {"n": ref, "said": self.said.get(ref, "")}, self.private(ref))

    def private(self, ref: int) -> dict[str, Any]:
        return {"who": f"捐赠人{ref}"} if ref % 1_000 == 7 else {}


@pytest.fixture
def facts(session: scoped_session[FlaskSession], monkeypatch: pytest.MonkeyPatch) -> Facts:
    facts = Facts()
    monkeypatch.setitem(KINDS, KIND, facts.read)
    return facts
