"""Registering organisations, changing what they are, closing them."""

from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from portal.audit.models import AuditLine
from portal.db import db
from portal.files.models import StoredFile
from portal.orgs.details import Contact, Details, PublicText, checked, normalised
from portal.orgs.models import Kind, Organisation, OrganisationContact, Standing
from portal.orgs.registering import IsClosed, NameTaken, change_details, change_text, close, register, reopen
from portal.people.models import Person
from portal.problems import ChangedMeanwhile, DomainError
from tests.applications import Client
from tests.conftest import new_client
from tests.files.test_pictures import photo
from tests.orgs.codes import code
from tests.pages import cells, is_valid, words
from tests.volunteers import MONDAY, Cast, lines


def details(**more: object) -> Details:
    given: dict[str, object] = {
        "name": "海宁市暖巷服务社",
        "kind": Kind.SERVICE,
        "standing": Standing.REGISTERED,
        "credit_code": code("52"),
    }
    return Details(**{**given, **more})  # type: ignore[arg-type]


def form(**more: str) -> dict[str, object]:
    given = {"name": "海宁市暖巷服务社", "kind": "service", "standing": "registered", "credit_code": code("52")}
    return {**given, **more}


# ── what may stand there ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "海"}, "name"),
        ({"name": "字" * 61}, "name"),
        ({"credit_code": code("51")}, "credit_code"),
        ({"credit_code": code("52")[:-1] + "0" if code("52")[-1] != "0" else code("52")[:-1] + "1"}, "credit_code"),
        ({"credit_code": None}, "credit_code"),
        ({"kind": Kind.COMMUNITY}, "credit_code"),
        ({"kind": Kind.COMMUNITY, "credit_code": None, "standing": Standing.REGISTERED, "filing_no": "1"}, "standing"),
        ({"kind": Kind.COMMUNITY, "credit_code": None, "standing": Standing.FILED}, "filing_no"),
        ({"kind": Kind.COMPANY, "credit_code": code("53")}, "credit_code"),
        ({"slug": "manage"}, "slug"),
        ({"slug": "../up"}, "slug"),
        ({"slug": "暖巷"}, "slug"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(more: dict[str, object], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        checked(details(**more))
    assert refused.value.field == field


def test_a_code_is_read_in_any_width_and_a_filed_one_has_none() -> None:
    wide = "".join(chr(ord(one) + 0xFEE0) for one in code("52").lower())
    assert checked(details(credit_code=f" {wide} ")).credit_code == code("52")
    filed = checked(details(kind=Kind.COMMUNITY, credit_code=None, standing=None, filing_no="西山备2019-3"))
    assert filed.standing is Standing.FILED


def test_names_are_compared_without_brackets_and_blanks() -> None:
    assert normalised("暖巷服务社（演示）") == normalised("暖巷 服务社(演示)")


# ── registering ─────────────────────────────────────────────────────────────────────────────────────
def test_a_worker_registers_and_everybody_sees_it(app: Flask, staff: Client, client: Client) -> None:
    wrong = staff.post("/organisations/manage/new", data=form(credit_code=code("51")))
    assert wrong.status_code == 422
    assert is_valid(wrong)
    assert "以 52 开头" in words(wrong)
    assert 'value="海宁市暖巷服务社"' in wrong.text
    sent = form(
        slug="nuanxiang", about="陪老人聊天。", contact_name="何秘书", contact_phone="13800000001", key="once-1"
    )
    first = staff.post("/organisations/manage/new", data=sent)
    assert first.status_code == 303
    assert staff.post("/organisations/manage/new", data=sent).location == first.location
    page = client.get("/organisations/nuanxiang")
    assert "陪老人聊天。" in words(page)
    assert "何秘书" not in page.text
    made = db.session.scalars(select(Organisation).where(Organisation.slug == "nuanxiang")).one()
    assert (made.kind, made.credit_code) == ("service", code("52"))
    assert lines("orgs.organisation.added") >= 1


def test_a_contact_lies_sealed_and_in_no_audit_line(app: Flask, cast: Cast, worker_person: Person) -> None:
    made = register(details(), contact=Contact("何秘书", "13800000001"), by=worker_person, at=MONDAY)
    raw = db.session.execute(text("SELECT name, phone FROM orgs_contact")).one()
    assert not any("何秘书" in value or "138" in value for value in raw)
    assert db.session.get_one(OrganisationContact, made.id).name == "何秘书"
    told = db.session.scalars(select(AuditLine.detail).where(AuditLine.subject_id == made.id))
    assert "何秘书" not in str(list(told))


def test_a_code_belongs_to_one_open_organisation(cast: Cast, worker_person: Person) -> None:
    first = register(details(), by=worker_person, at=MONDAY)
    with pytest.raises(NameTaken) as refused:
        register(details(name="另一家服务社"), by=worker_person, at=MONDAY)
    assert refused.value.field == "credit_code"
    close(first, on=MONDAY.date(), reason="重新登记", by=worker_person, at=MONDAY)
    register(details(name="另一家服务社"), by=worker_person, at=MONDAY)
    with pytest.raises(NameTaken):
        reopen(first, reason="弄错了", by=worker_person, at=MONDAY)


def test_the_database_refuses_a_code_that_does_not_fit(cast: Cast) -> None:
    wrong = text("UPDATE orgs_organisation SET kind = 'foundation', credit_code = :code WHERE id = :id")
    with pytest.raises(DatabaseError, match="credit code does not fit"):
        db.session.execute(wrong, {"code": code("51"), "id": cast.organisation.id})


# ── changing ────────────────────────────────────────────────────────────────────────────────────────
def test_whoever_saw_an_older_version_is_told(cast: Cast, worker_person: Person) -> None:
    made = register(details(), by=worker_person, at=MONDAY)
    change_details(made, details(name="海宁市新巷服务社"), seen=0, by=worker_person, at=MONDAY)
    with pytest.raises(ChangedMeanwhile):
        change_text(made, PublicText(about="旧"), seen=0, by=worker_person, at=MONDAY)
    assert made.name == "海宁市新巷服务社"
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "orgs.organisation.changed")).one()
    assert line.detail["changed"] == {"name": {"was": "海宁市暖巷服务社", "now": "海宁市新巷服务社"}}


def test_its_own_lead_changes_the_page_but_not_what_it_is(cast: Cast, lead: Client, client: Client) -> None:
    number, slug = cast.organisation.id, cast.organisation.slug
    assert "还没有" not in words(client.get(f"/organisations/{slug}"))
    sent = {"about": "每周六一道走。", "phone": "0573-80000000", "seq": "0", "contact_name": "何秘书"}
    data = {**sent, "photo": (BytesIO(photo()), "标志.jpg")}
    assert lead.post(f"/organisations/manage/{number}/public", data=data).status_code == 303
    page = client.get(f"/organisations/{slug}")
    assert "每周六一道走。" in words(page)
    assert is_valid(page)
    assert lead.get(f"/organisations/manage/{number}/details").status_code == 403
    assert lead.post(f"/organisations/manage/{number}/close", data={"reason": "不办了"}).status_code == 403
    assert lead.get(f"/organisations/manage/{number}/history/stages/new").status_code == 403
    assert "何秘书" in words(lead.get(f"/organisations/manage/{number}"))


def test_a_logo_is_a_small_square_for_everybody_and_another_photo_is_not(
    cast: Cast, lead: Client, client: Client
) -> None:
    number = cast.organisation.id
    data = {"seq": "0", "photo": (BytesIO(photo()), "标志.jpg")}
    lead.post(f"/organisations/manage/{number}/public", data=data)
    logo = db.session.scalars(select(StoredFile)).one()
    answer = client.get(f"/organisations/logos/{logo.public_id}")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    from PIL import Image

    assert Image.open(BytesIO(answer.data)).size == (256, 256)
    lead.post(f"/organisations/manage/{number}/public", data={"seq": "1", "without_logo": "y"})
    assert client.get(f"/organisations/logos/{logo.public_id}").status_code == 404


def test_strangers_learn_of_nothing(cast: Cast, app: Flask) -> None:
    number = cast.organisation.id
    member = new_client(app).sign_in(cast.member)
    assert member.get("/organisations/manage").status_code == 403
    assert member.get(f"/organisations/manage/{number}").status_code == 404
    assert member.get(f"/organisations/manage/{number}/public").status_code == 404


def test_a_supervisor_reads_and_sees_no_contact(cast: Cast, app: Flask, worker_person: Person) -> None:
    made = register(details(), contact=Contact("何秘书", "13800000001"), by=worker_person, at=MONDAY)
    supervisor = new_client(app).sign_in(cast.supervisor)
    page = supervisor.get(f"/organisations/manage/{made.id}")
    assert is_valid(page)
    assert "何秘书" not in page.text
    assert supervisor.get(f"/organisations/manage/{made.id}/public").status_code == 403


def test_the_list_is_searched_and_filtered_and_a_lead_finds_hers_alone(
    cast: Cast, staff: Client, lead: Client, worker_person: Person
) -> None:
    register(details(), by=worker_person, at=MONDAY)
    assert [row[0] for row in cells(staff.get("/organisations/manage?kind=service"))] == ["海宁市暖巷服务社"]
    assert [row[0] for row in cells(staff.get(f"/organisations/manage?q={code('52')[:10]}"))] == ["海宁市暖巷服务社"]
    assert [row[0] for row in cells(lead.get("/organisations/manage"))] == ["星火社会组织"]
    table = staff.get("/organisations/manage.csv").text.splitlines()
    assert table[0].lstrip("\ufeff").startswith("组织名称,类别,统一社会信用代码")
    assert any(code("52") in row for row in table)


# ── the end ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_closed_one_keeps_its_page_and_gets_nothing_new(cast: Cast, staff: Client, client: Client) -> None:
    number, slug = cast.organisation.id, cast.organisation.slug
    sent = {"closed_on": "2026-11-10", "reason": "会员大会决议解散"}
    assert staff.post(f"/organisations/manage/{number}/close", data=sent).status_code == 303
    page = client.get(f"/organisations/{slug}")
    assert "已于 2026-11-10 注销" in words(page)
    assert "解散" not in page.text
    assert "星火社会组织" not in words(client.get("/organisations"))
    assert staff.get(f"/organisations/manage/{number}/public").status_code == 200
    refused = staff.post(f"/organisations/manage/{number}/public", data={"about": "还在", "seq": "1"})
    assert refused.status_code == 422
    assert staff.post(f"/organisations/manage/{number}/reopen", data={"reason": "弄错了"}).status_code == 303
    assert "注销" not in words(client.get(f"/organisations/{slug}"))


NEW_THERE = {
    "a team": "INSERT INTO orgs_team (organisation_id, slug, name, created_at) VALUES (:org, 'late', '晚队', :at)",
    "a role": "INSERT INTO people_grant (person_id, role, scope_kind, scope_id, starts_on, reason) "
    "VALUES (:person, 'reviewer', 'organisation', :org, '2026-11-16', 'x')",
    "a leader": "INSERT INTO people_grant (person_id, role, scope_kind, scope_id, starts_on, reason) "
    "VALUES (:person, 'team_leader', 'team', :team, '2026-11-16', 'x')",
    "an activity": "INSERT INTO activities_activity (team_id, name, place, content, starts_at, ends_at, status, seq, "
    "drafted_by_id, drafted_at) VALUES (:team, '晚了', '站前', '走', '2026-11-20 08:00:00', '2026-11-20 09:00:00', "
    "'draft', 0, :person, :at)",
}


@pytest.mark.parametrize("what", NEW_THERE)
def test_the_database_lets_nothing_begin_in_a_closed_one(cast: Cast, worker_person: Person, what: str) -> None:
    values = {
        "org": cast.organisation.id,
        "team": cast.team.id,
        "person": cast.stranger.id,
        "at": "2026-11-16 01:00:00",
    }
    db.session.execute(text(NEW_THERE[what]), values)
    db.session.rollback()
    close(cast.organisation, on=MONDAY.date(), reason="不办了", by=worker_person, at=MONDAY)
    with pytest.raises(DatabaseError, match="closed organisation"):
        db.session.execute(text(NEW_THERE[what]), values)


def test_a_closed_one_is_closed_once(cast: Cast, worker_person: Person) -> None:
    close(cast.organisation, on=MONDAY.date(), reason="不办了", by=worker_person, at=MONDAY)
    with pytest.raises(IsClosed):
        close(cast.organisation, on=MONDAY.date(), reason="不办了", by=worker_person, at=MONDAY)
