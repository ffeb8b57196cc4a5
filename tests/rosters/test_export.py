"""Volunteers as files: masked unless there is a reason, harmless in spreadsheets, the same when they come back."""

import csv
import io
import zipfile

import openpyxl
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.audit.models import AuditLook
from portal.db import db
from portal.exports import Export
from portal.people.models import Person
from portal.web.workbooks import xlsx_parts
from tests.applications import Client
from tests.conftest import new_client
from tests.rosters.bringing import AT, booked, brought, count, kinds
from tests.rosters.generated import HEADER, line, lines
from tests.volunteers import Cast

TEAM = "晨星志愿服务队"


@pytest.fixture
def entered(people: Cast, bringer: Person) -> None:
    booked(bringer, list(lines(5, teams=(TEAM,))))


def take(client: Client, **more: str) -> TestResponse:
    form = {"of": "o0", "format": "csv", "purpose_kind": "check", "purpose": "核对资料"}
    return client.post("/rosters/export", data={**form, **more})


def rows(answer: TestResponse) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_numbers_leave_masked_and_the_file_says_what_for(client: Client, bringer: Person, entered: None) -> None:
    found = rows(take(client.sign_in(bringer)))
    assert found[0] == list(HEADER)
    hers = next(row for row in found if row[1] == line(1)[1])
    assert (hers[3], hers[5], hers[7]) == (f"{line(1)[3][:4]}-**-**", f"980101********{line(1)[5][-4:]}", "139****0001")
    assert "用途：核对、更正资料：核对资料" in found[-1][0]
    assert count(Export) == 1
    assert line(1)[5] not in str(found)


def test_in_full_everybody_sees_who_took_it(client: Client, bringer: Person, entered: None) -> None:
    found = rows(take(client.sign_in(bringer), in_full="y"))
    assert line(1)[5] in {row[5] for row in found if len(row) > 5}
    assert count(AuditLook) >= 5


def test_what_left_comes_back_as_no_change(client: Client, bringer: Person, entered: None) -> None:
    client.sign_in(bringer)
    for more in ({}, {"in_full": "y"}, {"format": "xlsx", "in_full": "y"}):
        roster = brought(bringer, take(client, **more).data)
        assert kinds(roster) == {"same": roster.rows}, more


def test_leader_and_stranger_take_no_more_than_theirs(
    app: object, people: Cast, bringer: Person, entered: None
) -> None:
    leader = new_client(app).sign_in(people.leader)  # type: ignore[arg-type]
    assert take(leader).status_code == 422
    own = take(leader, of=f"t{people.team.id}")
    assert own.status_code == 200
    refused = take(leader, of=f"t{people.team.id}", in_full="y")
    assert (refused.status_code, "只有社工和本组织的管理员" in refused.text) == (422, True)
    assert new_client(app).sign_in(people.member).get("/rosters/export").status_code == 403  # type: ignore[arg-type]


def test_nobody_sees_another_importers_roster(app: object, people: Cast, bringer: Person) -> None:
    roster = brought(bringer, list(lines(2)))
    for person in (people.lead, people.supervisor, people.leader):
        client = new_client(app).sign_in(person)  # type: ignore[arg-type]
        for address in ("", "/rows/2", "/wrong.csv", "/progress"):
            assert client.get(f"/rosters/{roster.id}{address}").status_code == 404


def test_an_organisations_admin_brings_only_her_own(client: Client, people: Cast, bringer: Person) -> None:
    form = {"organisation": "0", "team": "0", "agreed": "y", "place": "柜子"}
    answer = client.sign_in(people.lead).post("/rosters", data={**form, "file": (io.BytesIO(b"x"), "a.csv")})
    assert answer.status_code == 422


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_formulas_are_text_in_both_formats(session: object) -> None:
    evil = ('=HYPERLINK("http://x")', "+1+1", "@SUM(A1)", "-2+3", "<b>&\x07", "110105194912310021")
    file = b"".join(xlsx_parts("表", ("甲",) * 6, [evil]))
    sheet = openpyxl.load_workbook(io.BytesIO(file)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert [cell.value for cell in cells][:4] == list(evil[:4])
    assert "<f>" not in zipfile.ZipFile(io.BytesIO(file)).read("xl/worksheets/sheet1.xml").decode()


def test_the_same_person_reads_her_own_export_back_in_the_audit(client: Client, bringer: Person, entered: None) -> None:
    take(client.sign_in(bringer))
    (export,) = db.session.scalars(select(Export)).all()
    assert (export.person_id, export.count >= 5, export.expires_on > AT.date()) == (bringer.id, True, True)
