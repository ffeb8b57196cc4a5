"""A number of a paper that somebody types is found in no log, no trail, no error page but her own form."""

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from portal.audit.models import AuditLine
from portal.db import db
from portal.logbook import formatter
from tests.applications import Client
from tests.volunteers import Cast

NUMBER = "110105194912310021"


@pytest.fixture
def log() -> Iterator[list[str]]:
    """What the logbook writes, as production writes it."""
    written: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Keeping()
    handler.setFormatter(formatter("json", shows_messages=False))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_request_that_fails_writes_nothing_of_what_was_typed(
    cast: Cast, client: Client, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("somewhere inside")

    monkeypatch.setattr("portal.mydata.corrections.ask", breaks)
    answer = client.sign_in(cast.member).post("/me/data/correct", data={"mistake": "paper", "wanted": NUMBER})
    assert answer.status_code == 500
    assert NUMBER not in answer.text
    assert log
    assert not [line for line in log if NUMBER in line]
    db.session.rollback()
    assert not [line for line in db.session.scalars(select(AuditLine)) if NUMBER in str(line.detail)]


def test_a_database_that_refuses_writes_nothing_of_it_either(
    cast: Cast, client: Client, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(person: object, mistake: object, wanted: str, **_: object) -> None:
        db.session.execute(select(AuditLine).where(AuditLine.action == wanted).limit(wanted))  # type: ignore[arg-type]

    monkeypatch.setattr("portal.mydata.corrections.ask", refuses)
    answer = client.sign_in(cast.member).post("/me/data/correct", data={"mistake": "paper", "wanted": NUMBER + "x"})
    assert answer.status_code == 500
    assert NUMBER not in answer.text
    assert not [line for line in log if NUMBER in line]


def test_a_number_in_an_address_is_not_logged(cast: Cast, client: Client, log: list[str]) -> None:
    client.sign_in(cast.member).get(f"/exports?q={NUMBER}")
    client.get(f"/people/{NUMBER}")
    assert not [line for line in log if f"q={NUMBER}" in line]


def test_bad_input_comes_back_in_the_form_alone(cast: Cast, client: Client, log: list[str]) -> None:
    answer = client.sign_in(cast.member).post("/me/data/correct", data={"mistake": "nothing", "wanted": NUMBER})
    assert answer.status_code == 422
    assert answer.text.count(NUMBER) == 1
    assert not [line for line in log if NUMBER in line]
