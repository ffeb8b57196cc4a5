"""Keys that seal can be changed: every text is sealed anew, whoever is killed goes on, nothing is lost on the way."""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask
from sqlalchemy import String, func, select, text, type_coerce

from portal.backup.keys import export_keys, read_keys, write_environment
from portal.cli.keys import keys
from portal.consents.actions import Guardian, give
from portal.consents.models import Consent, Purpose
from portal.contacts.models import Contact
from portal.db import Base, db
from portal.guards import GUARDS
from portal.invariants import run_all
from portal.people.actions import add_person
from portal.privacy import Unreadable, digest_of, opened, sealed
from portal.profiles.models import Profile
from portal.profiles.queries import profile_of
from portal.resealing import Resealed, _one, count_sealed, reseal, sealed_columns
from portal.sealing import current_prefix, key_ids
from portal.settings import SEAL_KEYS, Settings, SettingsError, current_settings
from tests.applications import migrate
from tests.backup.portals import Portal
from tests.commands import Command
from tests.engines import Engine
from tests.mydata.scenes import full_life
from tests.mydata.test_file import NUMBER
from tests.volunteers import MONDAY, Cast

NEW, OTHER = "a new key of at least thirty-two characters", "another key - also thirty-two characters long"
Change = Callable[..., None]


@pytest.fixture
def change(app: Flask) -> Iterator[Change]:
    """Give the application other keys; at the end it has its own again."""
    before: Settings = app.extensions["portal_settings"]

    def to(*seal_keys: str) -> None:
        app.extensions["portal_settings"] = replace(before, seal_keys=seal_keys)

    yield to
    app.extensions["portal_settings"] = before


def lying(column: str = "id_number") -> str:
    """As it lies in the table."""
    raw = type_coerce(Profile.__table__.c[column], String())
    return str(db.session.scalar(select(raw).where(raw.is_not(None))))


def under_old_keys() -> int:
    return sum(count_sealed(column)[1] for column in sealed_columns())


def run(app: Flask, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setattr(import_module("portal.cli.application"), "application", lambda: app)
    db.session.commit()
    return CliRunner().invoke(keys, list(words))


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────
def test_the_first_key_writes_and_all_read(session: object, change: Change) -> None:
    by_data_key = sealed("秘密", place="a.b")
    change(OTHER)
    by_other = sealed("秘密", place="a.b")
    change(NEW, OTHER)
    by_new = sealed("秘密", place="a.b")
    assert [opened(one, place="a.b") for one in (by_data_key, by_other, by_new)] == ["秘密"] * 3
    assert len({one.split(".")[1] for one in (by_data_key, by_other, by_new)}) == 3
    assert by_new.startswith(current_prefix())
    change(NEW)
    with pytest.raises(Unreadable):
        opened(by_other, place="a.b")


def test_what_was_sealed_before_keys_had_names_still_opens(session: object, change: Change) -> None:
    key = hmac.digest(b"data-key-of-the-tests-0123456789ab", b"portal sealed columns", hashlib.sha256)
    nonce = bytes(12)
    body = base64.urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, "旧的".encode(), b"a.b")).decode()
    change(NEW)
    assert opened(f"v1.{body}", place="a.b") == "旧的"


def test_a_text_under_another_keys_name_does_not_open(session: object, change: Change) -> None:
    change(NEW, OTHER)
    first, second = key_ids(current_settings())[:2]
    with pytest.raises(Unreadable):
        opened(sealed("秘密", place="a.b").replace(first, second), place="a.b")


def test_digests_do_not_depend_on_the_keys_that_seal(session: object, change: Change) -> None:
    before = digest_of("13800000000", purpose="login")
    change(NEW)
    assert digest_of("13800000000", purpose="login") == before


@pytest.mark.parametrize(("given", "count"), [("", 0), (NEW, 1), (f" {NEW} , {OTHER},", 2)])
def test_the_setting_names_several_keys(tmp_path: Path, given: str, count: int) -> None:
    assert len(Settings.from_environment({"PORTAL_INSTANCE": str(tmp_path), SEAL_KEYS: given}).seal_keys) == count


def test_a_short_key_stops_the_start_and_is_not_quoted(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as wrong:
        Settings.from_environment({"PORTAL_INSTANCE": str(tmp_path), SEAL_KEYS: f"{NEW},short-secret"})
    assert "short-secret" not in str(wrong.value)


# ── sealing anew ────────────────────────────────────────────────────────────────────────────────────
def test_every_text_of_every_table_is_sealed_anew_and_reads_as_before(cast: Cast, change: Change) -> None:
    member = full_life(cast)
    give(member, Purpose.PORTRAIT, by=member, at=MONDAY, guardian=Guardian("李秀英", "女儿"))
    db.session.commit()
    change(NEW)
    assert (waiting := under_old_keys()) > 10
    done = [reseal(column) for column in sealed_columns()]
    assert sum(one.count for one in done) == waiting
    assert under_old_keys() == 0
    db.session.expire_all()
    profile = profile_of(member.id)
    assert profile is not None
    assert (profile.id_number, profile.health) == (NUMBER, "高血压")
    assert "李秀英" in {one.guardian for one in db.session.scalars(select(Consent))}
    assert [one.count for one in map(reseal, sealed_columns()) if one.count] == []


def test_no_guard_of_any_table_keeps_its_sealed_columns_from_being_sealed_anew(app: Flask) -> None:
    """Each guard may ask of a sealed column only that it stays sealed (`portal.guards.only_resealed`)."""
    for column in sealed_columns():
        table = column.table.name
        for guard in (one for one in GUARDS.values() if one.table == table and "UPDATE ON" in one.sqlite):
            assert " WHEN " in guard.sqlite, f"{guard.name}: {column.name} could never be sealed anew"
            frozen = re.search(rf"NEW\.{column.name}\b IS NOT OLD", guard.sqlite)
            assert not frozen, f"{guard.name} freezes {column.name}"


def test_a_history_may_be_sealed_anew_and_changed_in_nothing_else(cast: Cast, change: Change) -> None:
    now = {"organisation_id": cast.organisation.id, "added_by_id": cast.lead.id, "added_at": MONDAY}
    table = Base.metadata.tables["orgs_cross_post"]
    said = {"person": "林一禾", "post_there": "书记", "post_here": "理事", "starts_on": MONDAY.date()}
    db.session.execute(table.insert().values(now | said))
    db.session.commit()
    change(NEW)
    assert reseal(table.c.person).count == 1
    assert db.session.scalar(select(table.c.person)) == "林一禾"
    db.session.commit()
    for harm in ("post_here = '会长'", "person = '别人'", "person = NULL", "organisation_id = organisation_id + 1"):
        with pytest.raises(Exception, match="append-only"):
            db.session.execute(text(f"UPDATE orgs_cross_post SET {harm}"))
        db.session.rollback()


def test_every_sealed_column_names_its_own_place(app: Flask) -> None:
    places = [(getattr(column.type, "place", ""), f"{column.table.name}.{column.name}") for column in sealed_columns()]
    assert [place for place, own in places if place != own] == []
    assert len(Base.metadata.tables) > 50


def test_what_cannot_be_opened_stays_is_told_and_keeps_nobody_from_the_rest(
    cast: Cast, app: Flask, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_life(cast)
    db.session.execute(text("UPDATE profiles_profile SET health = 'v2.0000000000000000.AAAA'"))
    change(NEW)
    done = run(app, monkeypatch, "rotate")
    assert done.exit_code == 1
    assert "profiles_profile.health" in done.output
    assert "不要丢掉任何旧密钥" in done.output
    assert under_old_keys() == 1
    assert lying().startswith(current_prefix())
    (result,) = run_all(db.session(), prefix="privacy.sealed texts")
    assert list(result.problems) == [f"profiles_profile.health of row {cast.member.id}"]


def test_the_command_says_how_many_and_twice_is_as_good_as_once(
    cast: Cast, app: Flask, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_life(cast)
    change(NEW)
    assert "还在旧密钥下" in run(app, monkeypatch, "show").output
    first, second = run(app, monkeypatch, "rotate"), run(app, monkeypatch, "rotate")
    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert "重新封存了 0 处" in second.output
    assert NEW not in first.output + second.output
    assert NUMBER not in first.output
    (result,) = run_all(db.session(), prefix="privacy.sealed under")
    assert (result.count, result.problems) == (0, ())


def test_what_others_wrote_meanwhile_is_never_overwritten(cast: Cast, change: Change) -> None:
    full_life(cast)
    column, stale = Base.metadata.tables["profiles_profile"].columns["id_number"], lying()
    change(NEW)
    profile = profile_of(cast.member.id)
    assert profile is not None
    profile.id_number, profile.id_digest = "440524188001010014", "b" * 64
    db.session.commit()
    _one(column, (cast.member.id,), stale, result := Resealed("x"))
    db.session.commit()
    db.session.expire_all()
    assert profile.id_number == "440524188001010014"
    assert result.count == 0


def test_rows_that_come_while_it_runs_are_neither_lost_nor_doubled(cast: Cast, change: Change) -> None:
    full_life(cast)
    change(NEW)

    def write(_: Resealed) -> None:
        contact = db.session.scalars(select(Contact)).first()
        assert contact is not None
        contact.value = "13911112222"
        db.session.commit()

    for column in sealed_columns():
        reseal(column, between=write)
    assert under_old_keys() == 0
    assert db.session.scalars(select(Contact.value)).all() == ["13911112222"]


# ── killed ──────────────────────────────────────────────────────────────────────────────────────────
PEOPLE = 1_500


def test_killed_midway_it_goes_on_where_it_was(empty_engine: Engine, tmp_path: Path) -> None:
    portal = Portal.at(empty_engine, tmp_path)
    migrate(portal.app)
    with portal.app.app_context():
        person = add_person("林一禾", by=None, at=MONDAY)
        letter: dict[str, object] = {
            "channel": "sms",
            "text": "明天有活动",
            "subject": "",
            "person_id": person.id,
            "status": "sent",
        }
        table = Base.metadata.tables["post_letter"]
        rows = [
            {**letter, "sent_to": f"138{n:08d}", "at": MONDAY, "sent_at": MONDAY, "attempts": 1} for n in range(PEOPLE)
        ]
        db.session.execute(table.insert(), rows)
        db.session.commit()
        db.engine.dispose()
    env = portal.environment(**{SEAL_KEYS: NEW})
    said = tmp_path / "said"
    with said.open("wb") as out:
        command = Command("keys", "rotate", env=env, stdout=out, stderr=out)
        deadline = time.monotonic() + 60
        while "… 400" not in said.read_text() and time.monotonic() < deadline:
            time.sleep(0.01)
        command.kill()
        command.wait()
    assert 0 < waiting(portal) < 3 * PEOPLE
    done = portal.run("keys", "rotate", **{SEAL_KEYS: NEW})
    assert done.returncode == 0, done.stderr
    assert waiting(portal) == 0


def waiting(portal: Portal) -> int:
    """Texts under other keys than the new one, as a process with the new key sees them."""
    with portal.app.app_context():
        before = portal.app.extensions["portal_settings"]
        portal.app.extensions["portal_settings"] = replace(before, seal_keys=(NEW,))
        try:
            assert db.session.scalar(select(func.count()).select_from(Base.metadata.tables["post_letter"])) == PEOPLE
            return under_old_keys()
        finally:
            portal.app.extensions["portal_settings"] = before
            db.session.rollback()
            db.engine.dispose()


# ── taken along ─────────────────────────────────────────────────────────────────────────────────────
def test_the_file_of_keys_holds_them_all_and_one_without_them_still_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.backup.sealed.COST", 10)
    own = Settings.from_environment({"PORTAL_INSTANCE": str(tmp_path), SEAL_KEYS: f"{NEW},{OTHER}"})
    export_keys(own, tmp_path / "keys", "口令要够长 correct horse")
    values = read_keys(tmp_path / "keys", "口令要够长 correct horse")
    assert values[SEAL_KEYS] == f"{NEW},{OTHER}"
    write_environment(values, tmp_path / "keys.env")
    assert SEAL_KEYS in (tmp_path / "keys.env").read_text()
    export_keys(replace(own, seal_keys=()), tmp_path / "old", "口令要够长 correct horse")
    assert SEAL_KEYS not in read_keys(tmp_path / "old", "口令要够长 correct horse")


def test_keys_put_into_the_instance_folder_are_read_from_there(tmp_path: Path) -> None:
    (tmp_path / f"{SEAL_KEYS.lower()}.txt").write_text(f"{NEW},{OTHER}")
    assert Settings.from_environment({"PORTAL_INSTANCE": str(tmp_path)}).seal_keys == (NEW, OTHER)
