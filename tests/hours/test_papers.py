"""A photo of the paper sign-in sheet behind hours: who brings it, who sees it, and how it is given out."""

import re
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from portal.audit.models import AuditLine, AuditLook
from portal.db import db
from portal.files import uploads
from portal.files.models import StoredFile
from portal.files.pictures import NotAPicture
from portal.hours.actions import return_claim
from portal.hours.models import Claim, Evidence
from portal.hours.papers import ClaimPaper, paper_of
from tests.applications import Client
from tests.conftest import new_client
from tests.files.test_pictures import HIDDEN, photo, with_place
from tests.pages import is_valid, links
from tests.volunteers import MONDAY, Cast, published


@pytest.fixture
def member(app: Flask, cast: Cast) -> Client:
    return new_client(app).sign_in(cast.member)


def form(**more: object) -> dict[str, object]:
    return {"day": "2026-11-15", "start": "08:00", "hours": "2", "minutes": "0", "place": "车站", **more}


def enter(client: Client, cast: Cast, content: bytes, name: str = "签到.jpg") -> int:
    activity = published(cast)
    data = form(activity=str(activity.id), photo=(BytesIO(content), name))
    return client.post("/hours/new", data=data).status_code


def newest() -> Claim:
    return db.session.scalars(select(Claim).order_by(Claim.id.desc()).limit(1)).one()


def address(claim: Claim) -> str:
    stored = paper_of(claim)
    assert stored is not None
    return f"/files/{stored.public_id}/sheet.jpg"


def test_hours_with_a_photo_rest_on_paper_and_the_lead_sees_it(app: Flask, cast: Cast, member: Client) -> None:
    assert enter(member, cast, with_place()) == 303
    claim = newest()
    assert claim.proof is Evidence.PAPER
    lead = new_client(app).sign_in(cast.lead)
    page = lead.get(f"/hours/{claim.id}")
    assert is_valid(page)
    assert address(claim) in links(page)
    answer = lead.get(address(claim))
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert HIDDEN not in answer.data


def test_a_photo_leaves_as_an_attachment_that_can_do_nothing(cast: Cast, member: Client) -> None:
    enter(member, cast, photo(), "..\\..\\<b>\u202egpj.exe")
    headers = member.get(address(newest())).headers
    assert headers["Content-Disposition"].startswith("attachment")
    assert "\u202e" not in headers["Content-Disposition"] and "<" not in headers["Content-Disposition"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_only_those_who_see_the_hours_see_the_photo(app: Flask, cast: Cast, member: Client) -> None:
    enter(member, cast, photo())
    where = address(newest())
    allowed = {"leader", "lead", "reviewer", "member", "supervisor"}
    for name in ("leader", "lead", "reviewer", "member", "other", "stranger", "supervisor"):
        status = new_client(app).sign_in(getattr(cast, name)).get(where).status_code
        assert status == (200 if name in allowed else 404), name
    assert new_client(app).get(where).status_code == 302


def test_ids_of_photos_cannot_be_counted_up(cast: Cast, member: Client) -> None:
    enter(member, cast, photo())
    stored = db.session.scalars(select(StoredFile).order_by(StoredFile.id.desc()).limit(1)).one()
    assert re.fullmatch(r"[0-9a-f]{32}", stored.public_id or "")
    for guess in (str(stored.id), stored.sha256, "0" * 32, "null", "%00", stored.sha256[:32]):
        assert member.get(f"/files/{guess}/a.jpg").status_code == 404


def test_a_look_at_anothers_photo_is_written_down_for_her(app: Flask, cast: Cast, member: Client) -> None:
    enter(member, cast, photo())
    where = address(newest())
    member.get(where)
    new_client(app).sign_in(cast.lead).get(where)
    looks = list(db.session.scalars(select(AuditLook.person_id)))
    assert looks == [cast.member.id]
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "hours.paper.looked_at")).one()
    assert line.actor_id == cast.lead.id


@pytest.mark.parametrize("content", [b"no photo", b"", photo()[:300]])
def test_a_bad_photo_is_said_beside_its_field_and_nothing_is_kept(cast: Cast, member: Client, content: bytes) -> None:
    activity = published(cast)
    data = form(activity=str(activity.id), photo=(BytesIO(content), "a.jpg"))
    answer = member.post("/hours/new", data=data)
    assert answer.status_code == 422
    assert 'id="photo-error"' in answer.text
    assert db.session.scalar(select(Claim.id)) is None
    assert db.session.scalar(select(StoredFile.id)) is None


def test_a_corrected_claim_keeps_its_photo_or_takes_a_new_one(cast: Cast, member: Client) -> None:
    enter(member, cast, photo())
    old = newest()
    return_claim(old, "地点不对", seen=0, by=cast.lead, at=MONDAY)
    assert member.post(f"/hours/{old.id}/correct", data=form(seq="1", place="北站")).status_code == 303
    corrected = newest()
    assert (corrected.replaces_id, corrected.proof) == (old.id, Evidence.PAPER)
    assert address(corrected) == address(old)
    return_claim(corrected, "照片看不清", seen=0, by=cast.lead, at=MONDAY)
    member.post(f"/hours/{corrected.id}/correct", data=form(seq="1", photo=(BytesIO(photo("PNG")), "b.png")))
    assert newest().replaces_id == corrected.id
    assert address(newest()) != address(old)


def test_without_a_photo_all_is_as_before(cast: Cast, member: Client) -> None:
    activity = published(cast)
    assert member.post("/hours/new", data=form(activity=str(activity.id))).status_code == 303
    assert newest().proof is Evidence.SELF


def test_the_form_sent_twice_with_its_photo_happens_once(cast: Cast, member: Client) -> None:
    activity = published(cast)
    for _ in range(2):
        data = form(activity=str(activity.id), key="once-and-for-all", photo=(BytesIO(photo()), "a.jpg"))
        assert member.post("/hours/new", data=data).status_code == 303
    assert len(list(db.session.scalars(select(Claim.id)))) == 1


@pytest.mark.parametrize("attack", ["UPDATE hours_paper SET file_id = file_id + 1", "DELETE FROM hours_paper"])
def test_the_database_lets_no_photo_be_swapped(cast: Cast, member: Client, attack: str) -> None:
    enter(member, cast, photo())
    with pytest.raises(DatabaseError):
        db.session.execute(text(attack))
    db.session.rollback()
    assert db.session.get(ClaimPaper, newest().id) is not None


def test_nobody_holds_the_database_while_a_photo_is_taken_apart(
    cast: Cast, member: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def slow(content: bytes, *, filename: str) -> object:
        seen.append(db.session().in_transaction())
        raise NotAPicture

    monkeypatch.setattr(uploads, "picture_of", slow)
    assert enter(member, cast, photo()) == 422
    assert seen == [False]
