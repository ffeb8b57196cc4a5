"""Applications are decided by those they go to: one by one, fifty at once, never one's own, each told its reason."""

from collections.abc import Iterator
from datetime import date
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal import clock
from portal.contacts.actions import add_contact
from portal.contacts.reading import read_address
from portal.db import db
from portal.joining import routes
from portal.joining.actions import approve, approve_many, refuse
from portal.joining.doubts import doubts_of
from portal.joining.models import Application, State
from portal.joining.queries import lines_of
from portal.joining.wishes import Wish, wish_for_team
from portal.notices.models import Notice
from portal.orgs.queries import is_member
from portal.people.actions import grant
from portal.people.models import ALLIANCE, Person, Role
from portal.people.policy import holds_anywhere
from portal.problems import ChangedMeanwhile, DomainError, NotAllowed
from portal.profiles.actions import PaperTaken
from portal.profiles.models import Status
from portal.profiles.queries import moves_of, profile_of
from tests import factories
from tests.applications import Client
from tests.contacts.reaching import MOBILE
from tests.joining.steps import ID, applied, minor, photo
from tests.pages import is_valid, words
from tests.volunteers import MONDAY, Cast, at_once, lines


@pytest.fixture
def carer(cast: Cast) -> Person:
    return factories.person("易安之", grants=[(Role.WORKER, ALLIANCE)])


def standing(person: Person) -> Status:
    profile = profile_of(person.id)
    assert profile is not None
    return profile.state


# ── approving and refusing ──────────────────────────────────────────────────────────────────────────
def test_approved_she_has_a_number_a_role_and_a_notice(cast: Cast) -> None:
    application = applied(wish=Wish(cast.organisation), mobile=MOBILE)
    approve(application, by=cast.lead, at=MONDAY)
    person = application.person
    assert person.volunteer_no is not None and person.volunteer_no.startswith("V2026")
    assert holds_anywhere(person, Role.VOLUNTEER)
    assert standing(person) is Status.APPROVED
    assert [one.state for one in moves_of(person.id)] == [Status.APPROVED]
    notice = db.session.query(Notice).filter_by(person_id=person.id).one()
    assert notice.values["number"] == person.volunteer_no
    assert lines("joining.application.approved") == 1


def test_whoever_belongs_to_a_team_is_active(cast: Cast) -> None:
    application = applied(wish=wish_for_team(cast.team.id))
    approve(application, by=cast.lead, at=MONDAY)
    assert is_member(application.person, cast.team)
    assert standing(application.person) is Status.ACTIVE


def test_a_worker_approves_but_does_not_put_into_a_team(cast: Cast, carer: Person) -> None:
    application = applied(wish=wish_for_team(cast.team.id))
    approve(application, by=carer, at=MONDAY)
    assert not is_member(application.person, cast.team)
    assert standing(application.person) is Status.APPROVED


def test_nobody_decides_on_her_own(cast: Cast, carer: Person) -> None:
    application = applied()
    grant(application.person, Role.WORKER, by=None, at=MONDAY, reason="测试")
    with pytest.raises(NotAllowed):
        approve(application, by=application.person, at=MONDAY)
    db.session.flush()
    statement = text("UPDATE joining_application SET status='approved', decided_at=applied_at, decided_by_id=person_id")
    with pytest.raises(IntegrityError):
        db.session.execute(statement)


def test_others_organisations_are_not_seen_at_all(cast: Cast, client: Client) -> None:
    other = factories.organisation("别家组织")
    application = applied(wish=Wish(other))
    with pytest.raises(NotAllowed):
        approve(application, by=cast.lead, at=MONDAY)
    client.sign_in(cast.lead)
    assert client.get(f"/applications/{application.id}").status_code == 404
    assert client.post(f"/applications/{application.id}/approve").status_code == 404
    assert "江念念" not in client.get("/applications?state=all").text
    assert client.get("/applications?organisation=" + "9" * 40).status_code == 200


def test_refused_she_reads_why_and_may_apply_again(cast: Cast, client: Client) -> None:
    application = applied(wish=Wish(cast.organisation))
    client.sign_in(cast.lead)
    assert client.post(f"/applications/{application.id}/refuse", data={"reason": ""}).status_code == 422
    assert client.post(f"/applications/{application.id}/refuse", data={"reason": "请补上住址"}).status_code == 303
    db.session.rollback()
    assert standing(application.person) is Status.REFUSED
    client.sign_in(application.person)
    assert "请补上住址" in words(client.get("/me/profile"))
    assert client.get("/join").status_code == 200


def test_what_was_decided_stays_so(cast: Cast) -> None:
    application = applied(wish=Wish(cast.organisation))
    refuse(application, "不合适", by=cast.lead, at=MONDAY)
    with pytest.raises(ChangedMeanwhile):
        approve(application, by=cast.lead, at=MONDAY)
    db.session.commit()
    for change in ("SET status = 'waiting', decided_at = NULL, decided_by_id = NULL", "SET status = 'withdrawn'"):
        with pytest.raises(DBAPIError):
            db.session.execute(text(f"UPDATE joining_application {change}"))
        db.session.rollback()


def test_of_two_who_decide_at_once_one_is_told(app: Flask, cast: Cast, carer: Person) -> None:
    application_id = applied(wish=Wish(cast.organisation)).id
    deciders = [cast.lead.id, carer.id]
    db.session.commit()

    def decide(person_id: int) -> str:
        with app.app_context():
            try:
                approve(
                    db.session.get_one(Application, application_id), by=db.session.get_one(Person, person_id), at=MONDAY
                )
                db.session.commit()
            except ChangedMeanwhile:
                db.session.rollback()
                return "late"
            return "done"

    assert sorted(at_once(app, [partial(decide, one) for one in deciders])) == ["done", "late"]


def test_only_one_application_waits_for_a_person(cast: Cast) -> None:
    application = applied()
    copied = text(
        "INSERT INTO joining_application (person_id, status, needs_guardian, applied_at, applied_by_id) "
        "SELECT person_id, status, needs_guardian, applied_at, applied_by_id FROM joining_application WHERE id = :id"
    )
    with pytest.raises(IntegrityError):
        db.session.execute(copied, {"id": application.id})


# ── a batch ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_batch_approves_row_by_row_and_names_what_it_left(cast: Cast, client: Client) -> None:
    wish = Wish(cast.organisation)
    good = [applied(f"江念{n}", wish=wish) for n in "甲乙丙"]
    child = minor(agreed=False, wish=wish)
    stranger = applied("别家人", wish=Wish(factories.organisation("别家组织")))
    client.sign_in(cast.lead)
    ids = [str(one.id) for one in (*good, child, stranger)]
    answer = client.post("/applications/approve", data={"application": [*ids, "x", "9" * 30]}, follow_redirects=True)
    assert "通过了 3 份申请" in words(answer) and "江小满没有通过：监护人还没有同意" in words(answer)
    assert "有 1 份没有找到" in words(answer) and "别家人" not in answer.text
    db.session.rollback()
    assert [one.state for one in (*good, child, stranger)] == [State.APPROVED] * 3 + [State.WAITING] * 2
    numbers = [one.person.volunteer_no for one in good]
    assert len(set(numbers)) == 3 and None not in numbers


def test_one_that_is_refused_uses_up_no_number(cast: Cast) -> None:
    wish = Wish(cast.organisation)
    known = applied("江先", wish=wish, number=ID)
    approve(known, by=cast.lead, at=MONDAY)
    twin, last = applied("江双", wish=wish, number=ID), applied("江末", wish=wish)
    outcome = approve_many([twin.id, last.id], by=cast.lead, at=MONDAY)
    assert [name for name, _ in outcome.refused] == ["江双"]
    first, second = known.person.volunteer_no, last.person.volunteer_no
    assert first and second and int(second[1:]) == int(first[1:]) + 1


def test_no_more_than_fifty_at_once(cast: Cast, client: Client) -> None:
    with pytest.raises(DomainError):
        approve_many(range(1, 52), by=cast.lead, at=MONDAY)
    client.sign_in(cast.lead)
    answer = client.post("/applications/approve", data={"application": [str(n) for n in range(1, 60)]})
    assert answer.status_code == 422 and is_valid(answer)


# ── papers ──────────────────────────────────────────────────────────────────────────────────────────
def test_two_with_the_same_paper_are_not_both_approved(cast: Cast, client: Client) -> None:
    wish = Wish(cast.organisation)
    approve(applied("江先", wish=wish, number=ID), by=cast.lead, at=MONDAY)
    twin = applied("江双", wish=wish, number=ID)
    client.sign_in(cast.lead)
    answer = client.post(f"/applications/{twin.id}/approve")
    assert answer.status_code == 422 and "同一个证件号码" in words(answer) and ID not in answer.text
    db.session.rollback()
    assert (twin.state, twin.person.volunteer_no) == (State.WAITING, None)


def test_control_without_the_index_two_people_have_one_paper(cast: Cast) -> None:
    wish = Wish(cast.organisation)
    db.session.commit()
    db.session.execute(text("DROP INDEX uq_profiles_profile_id_digest"))
    for name in ("江先", "江双"):
        approve(applied(name, wish=wish, number=ID), by=cast.lead, at=MONDAY)
    same = "SELECT count(*) FROM profiles_profile WHERE id_digest IS NOT NULL GROUP BY id_digest"
    assert db.session.scalar(text(same)) == 2
    db.session.rollback()


def test_nobody_is_approved_at_once_under_one_paper(app: Flask, cast: Cast, carer: Person) -> None:
    wish = Wish(cast.organisation)
    pairs = [(applied(f"江{n}", wish=wish, number=ID).id, by.id) for n, by in (("甲", cast.lead), ("乙", carer))]
    db.session.commit()

    def decide(application_id: int, person_id: int) -> str:
        with app.app_context():
            try:
                approve(
                    db.session.get_one(Application, application_id), by=db.session.get_one(Person, person_id), at=MONDAY
                )
                db.session.commit()
            except PaperTaken:
                db.session.rollback()
                return "taken"
            return "done"

    assert sorted(at_once(app, [partial(decide, *pair) for pair in pairs])) == ["done", "taken"]


# ── doubts ──────────────────────────────────────────────────────────────────────────────────────────
def test_doubts_are_shown_without_saying_who_the_other_is(cast: Cast, client: Client) -> None:
    wish = Wish(cast.organisation)
    hidden = applied("江先", wish=Wish(factories.organisation("别家组织")), number=ID, mobile=MOBILE)
    twin = applied("江先", wish=wish, number=ID, mobile=MOBILE)
    namesake = applied("江先", wish=wish, born_on=date(1949, 12, 31))
    shown = doubts_of(lines_of([twin.id, namesake.id]), viewer=cast.lead)
    sentences = [str(one.words) for one in shown[twin.id]]
    assert sentences == ["证件号码和另一份档案相同", "有同名同生日的人", "联系方式和另外 1 人共用"]
    assert all(not one.others for one in shown[twin.id])
    client.sign_in(cast.lead)
    page = client.get("/applications")
    assert is_valid(page) and "证件号码和另一份档案相同" in words(page) and "110105" not in page.text
    assert str(hidden.id) not in page.text.split("/applications/")[1][:5]


def test_whoever_knows_the_other_sees_her_masked_with_her_number(cast: Cast, carer: Person) -> None:
    approve(first := applied("江先", number=ID), by=carer, at=MONDAY)
    twin = applied("江双", number=ID)
    (doubt,) = [one for one in doubts_of(lines_of([twin.id]), viewer=carer)[twin.id] if one.others]
    assert doubt.others == (f"江* {first.person.volunteer_no}",)


def test_a_name_that_imitates_another_is_marked(cast: Cast) -> None:
    application = applied("江念ニ")
    (doubt,) = doubts_of(lines_of([application.id]), viewer=cast.supervisor)[application.id]
    assert "形近" in str(doubt.words)


def test_contacts_that_nobody_proved_raise_no_doubt(cast: Cast) -> None:
    add_contact(cast.member, read_address(MOBILE), at=MONDAY)
    application = applied(mobile=MOBILE)
    assert doubts_of(lines_of([application.id]), viewer=cast.supervisor)[application.id] == []


# ── minors ──────────────────────────────────────────────────────────────────────────────────────────
def test_no_minor_is_approved_before_her_guardian_has_agreed(cast: Cast, client: Client) -> None:
    application = minor(agreed=False, wish=Wish(cast.organisation))
    with pytest.raises(DomainError):
        approve(application, by=cast.lead, at=MONDAY)
    client.sign_in(cast.lead)
    assert client.post(f"/applications/{application.id}/paper").status_code == 422
    data = {"photo": (photo(), "同意书.jpg")}
    sent = client.post(f"/applications/{application.id}/paper", data=data, content_type="multipart/form-data")
    assert sent.status_code == 303
    assert client.post(f"/applications/{application.id}/approve").status_code == 303
    db.session.rollback()
    assert standing(application.person) is Status.APPROVED


def test_the_database_approves_no_minor_without_her_guardian(cast: Cast) -> None:
    application = minor(agreed=False)
    statement = (
        "UPDATE joining_application SET status='approved', decided_at=applied_at, decided_by_id=:by WHERE id=:id"
    )
    with pytest.raises(IntegrityError):
        db.session.execute(text(statement), {"by": cast.lead.id, "id": application.id})


# ── the list ────────────────────────────────────────────────────────────────────────────────────────
def test_the_queue_is_searched_filtered_and_paged(cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "ROWS_A_PAGE", 5)
    wish = Wish(cast.organisation)
    for n in range(6):
        applied(f"江念{chr(0x4E00 + n)}", wish=wish, mobile=f"138001380{n:02d}")
    client.sign_in(cast.lead)
    page = client.get("/applications")
    assert is_valid(page) and "6 份申请等您审核" in words(page) and "第 1 页，共 2 页" in words(page)
    assert "江念一" in words(client.get("/applications?q=江念一"))
    assert "没有符合条件" in words(client.get("/applications?state=refused"))
    piece = client.get("/applications?page=2", headers={"HX-Request": "true"})
    assert "<html" not in piece.text and is_valid(piece)


@pytest.fixture(autouse=True)
def still(app: Flask) -> Iterator[None]:
    with clock.frozen(MONDAY):
        yield
