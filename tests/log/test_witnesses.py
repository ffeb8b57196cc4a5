"""Witnesses sign that they saw one log: asked by a job, known by their keys, and no trouble when they fail."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.db import committed, db
from portal.jobs.actions import enqueue
from portal.jobs.models import Job
from portal.jobs.problems import Away
from portal.jobs.worker import work
from portal.log import heads, witnesses
from portal.log import work as asking
from portal.log.cosigning import cosign, is_cosigned
from portal.log.keys import open_note, read, signer
from portal.log.models import Cosignature
from portal.log.queries import declared_keys, signed_head
from portal.log.witnesses import Witness, WitnessRefuses, ask, request_of
from portal.settings import Settings, SettingsError
from tests.applications import Client
from tests.importing import AT
from tests.log.conftest import Facts
from tests.log.witness_server import WitnessServer, dripping, serving


@pytest.fixture
def server(app: Flask, facts: Facts, monkeypatch: pytest.MonkeyPatch) -> Iterator[WitnessServer]:
    """A log of three leaves, and a witness that knows its key."""
    facts.note(1, 2, 3)
    with serving(WitnessServer(vkeys=tuple(key.vkey for key in declared_keys()))) as server:
        settle(app, monkeypatch, server.setting)
        yield server


def settle(app: Flask, monkeypatch: pytest.MonkeyPatch, *settings: str) -> None:
    monkeypatch.setitem(
        app.extensions, "portal_settings", replace(app.extensions["portal_settings"], witnesses=settings)
    )
    monkeypatch.setattr(asking._Looked, "at", float("-inf"))


def it() -> Witness:
    return witnesses.witnesses()[0]


def lines() -> list[tuple[int, str]]:
    return [(size, witness) for size, witness in db.session.execute(select(Cosignature.size, Cosignature.witness))]


def said() -> str:
    return (signed_head() or pytest.fail()).note


# ── it signs ────────────────────────────────────────────────────────────────────────────────────────
def test_a_witness_signs_and_everyone_sees_it(client: Client, server: WitnessServer) -> None:
    assert ask(it())
    assert not ask(it())
    published = client.get("/log/checkpoint").text
    assert published.startswith(said())
    line = published.removeprefix(said()).rstrip("\n")
    assert is_cosigned(said(), line, server.vkey)
    assert open_note(published, server.vkeys[0]) == read(said())
    page = client.get("/log").text
    assert server.name in page
    assert "第 3 条" in page


def test_it_is_sent_the_proof_that_the_log_goes_on_from_what_it_saw(server: WitnessServer, facts: Facts) -> None:
    assert ask(it())
    facts.note(*range(4, 300))
    assert ask(it())
    assert server.asked[0].startswith(f"old 0\n\n{read(said()).origin}\n3\n")
    assert server.asked[1].startswith("old 3\n")
    assert (server.seen or pytest.fail()).size == 299
    assert lines() == [(3, server.vkey), (299, server.vkey)]


def test_a_witness_that_knows_another_size_is_asked_again_from_there(server: WitnessServer, facts: Facts) -> None:
    """As after a restore: we have forgotten what it signed."""
    server.seen = read(said())
    facts.note(4, 5)
    assert ask(it())
    assert [body.partition("\n")[0] for body in server.asked] == ["old 0", "old 3"]


def test_a_witness_that_always_knows_another_size_is_asked_twice_only(server: WitnessServer) -> None:
    server.answer = lambda body: (409, "2\n" if body.startswith("old 1") else "1\n")
    with pytest.raises(WitnessRefuses):
        ask(it())
    assert len(server.asked) == 2


def test_after_a_new_name_its_old_line_is_not_shown(client: Client, server: WitnessServer, facts: Facts) -> None:
    assert ask(it())
    with committed():
        heads.declare("从备份恢复", at=AT, new_origin=True)
    assert client.get("/log/checkpoint").text == said()
    server.vkeys += (declared_keys()[0].vkey,)
    server.seen = None
    facts.note(4)
    assert ask(it())
    assert client.get("/log/checkpoint").text != said()


# ── it does not ─────────────────────────────────────────────────────────────────────────────────────
def signed(server: WitnessServer, note: str, secret: str = "") -> str:
    return cosign(note, server.name, signer(secret or server.secret), at=1) + "\n"


REFUSALS: dict[str, Callable[[WitnessServer, str], tuple[int, str]]] = {
    "two heads": lambda server, note: (409, "3\n"),
    "a larger log": lambda server, note: (409, "99\n"),
    "an unknown log": lambda server, note: (404, ""),
    "an unknown key": lambda server, note: (403, ""),
    "a proof that does not hold": lambda server, note: (422, ""),
    "another place": lambda server, note: (302, ""),
    "a signature of another head": lambda server, note: (200, signed(server, note.replace("\n3\n", "\n4\n"))),
    "a signature of another key": lambda server, note: (200, signed(server, note, "another secret")),
    "garbage": lambda server, note: (200, "\x00\ud7ff — garbage\n\n\n"),
    "garbage with a size": lambda server, note: (409, "9" * 40),
    "nothing": lambda server, note: (200, ""),
    "half a line": lambda server, note: (200, signed(server, note)[:-30]),
    "too much": lambda server, note: (200, "— x " + "A" * 200_000),
}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("what", REFUSALS)
def test_a_witness_that_refuses_lies_or_talks_nonsense_leaves_nothing(server: WitnessServer, what: str) -> None:
    answer = REFUSALS[what](server, said())
    server.answer = lambda body: answer
    with pytest.raises(WitnessRefuses):
        ask(it())
    db.session.rollback()
    assert lines() == []


def test_two_heads_are_refused_by_the_witness_that_saw_one(server: WitnessServer, facts: Facts) -> None:
    """The log of yesterday went on as another one: same name, same size, another root."""
    assert ask(it())
    seen = server.seen
    assert seen is not None
    facts.note(4)
    server.seen = seen._replace(size=4)
    with pytest.raises(WitnessRefuses, match="另一份公开日志"):
        ask(it())
    db.session.rollback()


@pytest.mark.parametrize("status", [500, 502, 503, 429])
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_witness_in_trouble_is_waited_for(server: WitnessServer, status: int) -> None:
    server.answer = lambda body: (status, "")
    with pytest.raises(Away):
        ask(it())
    server.answer = None
    assert ask(it())


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_witness_that_hangs_or_is_not_there_holds_nobody_up(
    app: Flask, server: WitnessServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(witnesses, "PATIENCE", 0.2)
    server.answer = slowly
    began = time.monotonic()
    with pytest.raises(Away):
        ask(it())
    with dripping(0.05) as port, pytest.raises(Away):
        ask(Witness(server.vkey, f"http://127.0.0.1:{port}"))
    with pytest.raises(Away):
        ask(Witness(server.vkey, "http://127.0.0.1:1"))
    assert time.monotonic() - began < 5
    assert server.name in caplog.text


def slowly(_: str) -> tuple[int, str]:
    time.sleep(0.6)
    return 200, ""


# ── the jobs ────────────────────────────────────────────────────────────────────────────────────────
def jobs() -> list[Job]:
    wanted = select(Job).where(Job.name.like("log.%")).order_by(Job.id)
    return list(db.session.scalars(wanted, execution_options={"populate_existing": True}))


def run_due() -> None:
    """What an idle worker does: look whether somebody is wanted, then work."""
    asking._Looked.at = float("-inf")
    if asking.is_wanted():
        enqueue(asking.LOOK, {}, at=clock.now())
        db.session.commit()
    work(once=True)


def test_the_worker_gets_the_signature_and_then_wants_nothing(server: WitnessServer, facts: Facts) -> None:
    run_due()
    assert lines() == [(3, server.vkey)]
    assert not asking.is_wanted()
    asking._Looked.at = float("-inf")
    assert not asking.is_wanted()
    facts.note(4)
    assert not asking.is_wanted(), "many gifts in a row are one head"
    run_due()
    assert lines() == [(3, server.vkey), (4, server.vkey)]


def test_without_witnesses_nothing_is_asked(app: Flask, facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    facts.note(1)
    monkeypatch.setattr(witnesses, "lacking", lambda _: pytest.fail("the database was asked"))
    assert not asking.is_wanted()


def test_one_that_is_away_waits_in_one_job_and_holds_up_no_other(
    app: Flask, server: WitnessServer, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = WitnessServer(name="away.test", secret="secret of the one that is away")
    away.port = 1
    settle(app, monkeypatch, away.setting, server.setting)
    for ref in (4, 5, 6):
        facts.note(ref)
        run_due()
    assert lines() == [(size, server.vkey) for size in (4, 5, 6)]
    waiting = [job for job in jobs() if job.status == "waiting"]
    assert [(job.name, job.payload, job.last_error) for job in waiting] == [
        ("log.witness", {"witness": "away.test"}, "witness_away")
    ]


def test_one_that_refuses_is_set_aside_for_a_person_and_asked_again_later(server: WitnessServer) -> None:
    server.answer = lambda body: (403, "")
    run_due()
    run_due()
    failed = [job for job in jobs() if job.status == "failed"]
    assert [job.payload for job in failed] == [{"witness": server.name}]
    assert "WitnessRefuses" in (failed[0].last_error or "")
    server.answer = None
    with clock.frozen(clock.now() + asking.PATIENCE + timedelta(minutes=1)):
        run_due()
    assert lines() == [(3, server.vkey)]


def test_what_is_booked_waits_for_no_witness(server: WitnessServer, facts: Facts) -> None:
    server.answer = lambda body: pytest.fail("asked while something is booked")
    began = time.monotonic()
    facts.note(4)
    assert time.monotonic() - began < 2
    assert server.asked == []


# ── settings ────────────────────────────────────────────────────────────────────────────────────────
GOOD = WitnessServer().vkey


@pytest.mark.parametrize(
    "setting",
    [
        GOOD,
        f"{GOOD}@",
        f"{GOOD}@ftp://witness.example",
        f"{GOOD}@http://witness.example",
        f"{GOOD}@https://",
        "witness.example@https://witness.example",
        f"{GOOD.replace('+', '-')}@https://witness.example",
    ],
)
def test_a_wrong_setting_stops_the_start(setting: str, tmp_path: object) -> None:
    with pytest.raises(SettingsError, match="PORTAL_WITNESSES"):
        Settings.from_environment({"PORTAL_WITNESSES": setting, "PORTAL_INSTANCE": str(tmp_path)})


def test_several_witnesses_stand_with_blanks_between(tmp_path: object) -> None:
    text = f"{GOOD}@https://one.example/a  {GOOD}@http://127.0.0.1:9"
    settings = Settings.from_environment({"PORTAL_WITNESSES": text, "PORTAL_INSTANCE": str(tmp_path)})
    assert settings.witnesses == tuple(text.split())


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_key_that_is_none_is_said(app: Flask, facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    facts.note(1)
    settle(app, monkeypatch, "a+00000000+BAAA@https://witness.example")
    with pytest.raises(WitnessRefuses, match="公钥"):
        ask(it())


def test_what_is_sent_has_no_more_than_the_format_asks_for(facts: Facts) -> None:
    facts.note(*range(10))
    head = signed_head()
    assert head is not None
    assert request_of(head, 10) == f"old 10\n\n{head.note}"
    assert request_of(head, 0) == f"old 0\n\n{head.note}"
    assert len(request_of(head, 7).partition("\n\n")[0].split("\n")) <= 64
