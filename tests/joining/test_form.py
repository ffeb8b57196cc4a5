"""The public form: step by step, found again, forgotten, and nobody learns who is known."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from portal import clock
from portal.consents.models import Purpose
from portal.consents.queries import consents_of, purposes_agreed
from portal.contacts.queries import contacts_of
from portal.db import db
from portal.joining.drafts import forget
from portal.joining.models import Application, Draft, State
from portal.people.models import Person
from portal.profiles.models import Status, Topic
from portal.profiles.queries import choices_of, profile_of
from tests.applications import Client
from tests.conftest import new_client
from tests.contacts.reaching import MAILBOX, MOBILE, contact, last_code, letters, wrong_code
from tests.joining.steps import (
    CHILD,
    GROWN_UP,
    GUARDED,
    GUARDIAN,
    ID,
    PASSWORD,
    YOUTH,
    begin,
    finish,
    newcomer,
    prove,
    upto_finish,
)
from tests.pages import is_valid, words
from tests.volunteers import MONDAY, Cast, at_once


@pytest.fixture(autouse=True)
def monday(app: Flask) -> object:
    with clock.frozen(MONDAY):
        yield


def test_a_stranger_becomes_an_applicant_with_an_account_and_is_in(client: Client, session: object) -> None:
    upto_finish(client)
    assert finish(client).headers["Location"] == "/me"
    me = client.get("/me")
    assert "您的申请在审核" in words(me)
    person = newcomer()
    profile = profile_of(person.id)
    assert profile is not None
    assert (profile.state, person.volunteer_no, profile.area) == (Status.APPLIED, None, "西山社区")
    assert choices_of(person.id)[Topic.SKILL] == ["急救", "磨剪刀"]
    assert purposes_agreed(person.id) == {Purpose.JOIN}
    assert [(one.value, one.signs_in) for one in contacts_of(person.id)] == [(MOBILE, True)]
    assert db.session.scalar(select(func.count(Draft.id))) == 0


@pytest.mark.parametrize("name", ["㛃", "𠮷野", "买买提·吐尔逊", "江" * 40, "Ana María López"])
def test_rare_short_and_long_names_are_fine(client: Client, session: object, name: str) -> None:
    begin(client, name=name)
    prove(client)
    assert name in words(client.get("/join/details"))


@pytest.mark.parametrize("name", ["", "  ", "江" * 41, "江念ニ", "⼸念念", "江念念🙂", "\u202e", "\x00"])
def test_names_that_are_none_are_refused_with_a_sentence(client: Client, session: object, name: str) -> None:
    answer = begin(client, name=name)
    assert answer.status_code == 422
    assert is_valid(answer)
    assert not letters()


def test_nobody_learns_whether_an_address_is_known(client: Client, app: Flask, people: Cast) -> None:
    contact(people.member, MOBILE, at=MONDAY)
    known, unknown = begin(client), begin(new_client(app), contact="13700137000")
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert len(letters(MOBILE)) == len(letters("13700137000")) == 1
    pages = [words(one.get("/join/code")) for one in (client, client)]
    assert pages[0] == pages[1]


def test_whoever_shares_a_mobile_is_told_so_once_she_has_proved_it(client: Client, people: Cast) -> None:
    contact(people.member, MOBILE, at=MONDAY)
    upto_finish(client)
    finish(client)
    person = newcomer()
    assert [one.signs_in for one in contacts_of(person.id)] == [False]
    assert (person.login or "").upper() in words(client.get("/me"))


def test_five_wrong_codes_are_enough(client: Client, session: object) -> None:
    begin(client)
    code = last_code(MOBILE)
    for _ in range(5):
        assert client.post("/join/code", data={"code": wrong_code(code)}).status_code == 422
    assert client.post("/join/code", data={"code": code}).status_code == 422
    assert client.get("/join/details").headers["Location"] == "/join/code"


def test_many_guesses_at_once_cost_a_try_each(app: Flask, client: Client, session: object) -> None:
    begin(client)
    code = last_code(MOBILE)
    with client.session_transaction(base_url="http://portal.test") as kept:
        token = kept["join"]

    def guess() -> int:
        one = new_client(app)
        with one.session_transaction(base_url="http://portal.test") as session:
            session["join"] = token
        return one.post("/join/code", data={"code": wrong_code(code)}).status_code

    at_once(app, [guess] * 6)
    assert db.session.scalar(select(Draft.tries)) == 5
    assert client.post("/join/code", data={"code": code}).status_code == 422


def test_codes_go_out_seldom(client: Client, session: object) -> None:
    begin(client)
    again = client.post("/join/code/again")
    assert again.status_code == 422 and "过一分钟" in words(again)
    for minute in range(1, 5):
        with clock.frozen(MONDAY + timedelta(minutes=2 * minute)):
            assert client.post("/join/code/again").status_code == 303
    with clock.frozen(MONDAY + timedelta(minutes=12)):
        assert client.post("/join/code/again").status_code == 422
    assert len(letters(MOBILE)) == 5


def test_a_code_belongs_to_the_address_it_went_to(client: Client, session: object) -> None:
    begin(client)
    code = last_code(MOBILE)
    begin(client, contact=MAILBOX)
    assert client.post("/join/code", data={"code": code}).status_code == 422


def test_another_address_is_proved_anew(client: Client, session: object) -> None:
    begin(client)
    prove(client)
    with clock.frozen(MONDAY + timedelta(minutes=2)):
        assert begin(client, contact=MAILBOX).headers["Location"] == "/join/code"
        assert client.get("/join/details").headers["Location"] == "/join/code"


def test_no_step_can_be_skipped(client: Client, session: object) -> None:
    for path in ("code", "details", "guardian", "guardian/code", "choices", "more", "finish"):
        assert client.get(f"/join/{path}").headers["Location"] == "/join"
        assert client.post(f"/join/{path}", data=GROWN_UP).headers["Location"] == "/join"
    begin(client)
    for path in ("details", "choices", "more", "finish"):
        assert client.post(f"/join/{path}", data=GROWN_UP).headers["Location"] == "/join/code"
    assert db.session.scalar(select(func.count(Person.id))) == 0


def test_what_was_typed_is_found_again_by_the_same_browser_alone(app: Flask, client: Client, session: object) -> None:
    upto_finish(client)
    page = client.get("/join/details")
    assert is_valid(page) and 'value="1988-03-02"' in page.text and "西山社区" in page.text
    assert "磨剪刀" in client.get("/join/choices").text
    assert "接着填上次的" in words(client.get("/join"))
    other = new_client(app)
    assert "江念念" not in other.get("/join").text
    assert other.get("/join/finish").headers["Location"] == "/join"


def test_neither_cookie_nor_table_holds_anything_plain(client: Client, session: object) -> None:
    upto_finish(client)
    cookie = client.get_cookie("session", domain="portal.test")
    assert cookie is not None
    with client.session_transaction(base_url="http://portal.test") as kept:
        assert "江念念" not in str(dict(kept)) and MOBILE not in str(dict(kept))
    row = db.session.execute(text("SELECT * FROM joining_draft")).one()
    assert not any(secret in str(row) for secret in ("江念念", MOBILE, "1988", "西山"))


def test_whoever_signs_in_does_not_find_a_strangers_form(client: Client, people: Cast) -> None:
    upto_finish(client)
    client.sign_in(people.supervisor)
    assert client.get("/join/finish").headers["Location"] in ("/join", "/me/profile")
    assert "江念念" not in client.get("/join", follow_redirects=True).text


def test_a_form_is_forgotten_after_a_week_and_at_once_when_asked(client: Client, session: object) -> None:
    upto_finish(client)
    with clock.frozen(MONDAY + timedelta(days=8)):
        assert client.get("/join/finish").headers["Location"] == "/join"
        forget({})
    assert db.session.scalar(select(func.count(Draft.id))) == 0
    with clock.frozen(MONDAY + timedelta(days=8, minutes=5)):
        upto_finish(client)
        client.post("/join/forget")
    assert db.session.scalar(select(func.count(Draft.id))) == 0


def test_sent_twice_makes_one_person(client: Client, session: object) -> None:
    upto_finish(client)
    finish(client)
    assert finish(client).status_code == 303
    assert db.session.scalar(select(func.count(Application.id))) == 1


def test_sent_twice_at_the_same_moment_makes_one_person(app: Flask, client: Client, session: object) -> None:
    upto_finish(client)
    with client.session_transaction(base_url="http://portal.test") as kept:
        token = kept["join"]

    def send() -> int:
        one = new_client(app)
        with one.session_transaction(base_url="http://portal.test") as session:
            session["join"] = token
        return finish(one).status_code

    assert at_once(app, [send] * 3) == [303, 303, 303]
    assert db.session.scalar(select(func.count(Person.id))) == 1


def test_without_the_consent_or_with_an_older_text_nothing_is_made(client: Client, session: object) -> None:
    upto_finish(client)
    assert finish(client, agree_join="").status_code == 422
    assert finish(client, version_join="0").status_code == 422
    assert finish(client, new="12345678", again="12345678").status_code == 422
    assert db.session.scalar(select(func.count(Person.id))) == 0
    assert finish(client).status_code == 303


def test_a_forged_wish_is_refused(client: Client, people: Cast) -> None:
    begin(client)
    prove(client)
    for wish in ("o999999", f"t{people.team.id}", "t1; drop", "x1", "o" + "9" * 30):
        answer = client.post("/join/details", data=GROWN_UP | {"wish": wish})
        assert answer.status_code == 422 and "请从列表里选一项" in words(answer)
    wish = f"o{people.organisation.id}"
    assert client.post("/join/details", data=GROWN_UP | {"wish": wish}).status_code == 303


def test_a_forged_invitation_leads_to_the_form_without_a_wish(client: Client, people: Cast) -> None:
    assert client.get("/join?invite=AAAA").status_code == 200
    begin(client, invite="A" * 32)
    prove(client)
    assert people.team.name not in client.get("/join/details").text


# ── what nobody need say ────────────────────────────────────────────────────────────────────────────
def test_what_is_sensitive_needs_its_own_tick(client: Client, session: object) -> None:
    upto_finish(client, GROWN_UP | {"born_on": "1949-12-31"})
    said = {"id_kind": "resident", "id_number": ID, "health": "不能久站"}
    answer = client.post("/join/more", data=said | {"agree_identity": "y", "version_identity": "1"})
    assert answer.status_code == 422 and "不能久站" in answer.text
    ticks = {"agree_identity": "y", "agree_health": "y", "version_identity": "1", "version_health": "1"}
    assert client.post("/join/more", data=said | ticks).status_code == 303
    finish(client)
    person = newcomer()
    assert purposes_agreed(person.id) == {Purpose.JOIN, Purpose.IDENTITY, Purpose.HEALTH}
    profile = profile_of(person.id)
    assert profile is not None and (profile.id_number, profile.health) == (ID, "不能久站")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (ID, "出生日期和身份证号里的不一样"),
        ("110105194912310021", "校验位"),
        ("1234", "18 位"),
        ("\x00" + ID, "不一样"),
    ],
)
def test_a_wrong_number_is_refused_and_never_repeated(
    client: Client, session: object, number: str, sentence: str
) -> None:
    upto_finish(client)
    answer = client.post("/join/more", data={"id_kind": "resident", "id_number": number, "agree_identity": "y"})
    assert answer.status_code == 422 and sentence in words(answer)


# ── under age ───────────────────────────────────────────────────────────────────────────────────────
def test_a_childs_guardian_agrees_by_code_and_no_party_is_asked(client: Client, session: object) -> None:
    begin(client, name="江小满")
    prove(client)
    assert client.post("/join/details", data=CHILD).headers["Location"] == "/join/guardian"
    assert client.get("/join/choices").headers["Location"] == "/join/guardian"
    refusal = client.post("/join/guardian", data=GUARDED | {"on_paper": "y"})
    assert refusal.status_code == 422 and "未满 14 周岁" in words(refusal)
    assert client.post("/join/guardian", data=GUARDED).headers["Location"] == "/join/guardian/code"
    code = last_code(GUARDIAN)
    assert client.post("/join/guardian/code", data={"code": wrong_code(code)}).status_code == 422
    assert client.post("/join/guardian/code", data={"code": code}).headers["Location"] == "/join/choices"
    client.post("/join/choices", data={})
    assert "政治面貌" not in client.get("/join/more").text
    client.post("/join/more", data={"party": "群众", "agree_party": "y", "version_party": "1"})
    assert finish(client).headers["Location"] == "/me"
    person = newcomer("江小满")
    (consent,) = consents_of(person.id)
    assert (consent.what, consent.guardian, consent.guardian_relation) == (Purpose.JOIN, "江有枝", "母亲")
    application = db.session.scalars(select(Application)).one()
    assert application.needs_guardian and not application.waits_for_guardian


def test_a_guardians_own_mobile_serves_for_a_child_without_one(client: Client, session: object) -> None:
    begin(client, name="江小满", contact=GUARDIAN)
    prove(client, GUARDIAN)
    client.post("/join/details", data=CHILD)
    assert client.post("/join/guardian", data=GUARDED).headers["Location"] == "/join/choices"


def test_a_youths_application_may_wait_for_paper(client: Client, session: object) -> None:
    begin(client, name="江小满")
    prove(client)
    client.post("/join/details", data=YOUTH)
    assert client.post("/join/guardian", data=GUARDED | {"on_paper": "y"}).headers["Location"] == "/join/choices"
    client.post("/join/choices", data={})
    client.post("/join/more", data={})
    finish(client)
    application = db.session.scalars(select(Application)).one()
    assert application.state is State.WAITING and application.waits_for_guardian
    assert [one.guardian for one in consents_of(application.person_id)] == [None]


def test_another_guardians_mobile_is_proved_anew(client: Client, session: object) -> None:
    begin(client, name="江小满")
    prove(client)
    client.post("/join/details", data=CHILD)
    client.post("/join/guardian", data=GUARDED)
    client.post("/join/guardian/code", data={"code": last_code(GUARDIAN)})
    with clock.frozen(MONDAY + timedelta(minutes=2)):
        changed = client.post("/join/guardian", data=GUARDED | {"guardian_mobile": "13600136000"})
    assert changed.headers["Location"] == "/join/guardian/code"
    assert client.get("/join/finish").headers["Location"] == "/join/guardian"


# ── who is known already ────────────────────────────────────────────────────────────────────────────
def test_somebody_with_an_account_applies_without_contact_and_password(client: Client, people: Cast) -> None:
    from portal.people.actions import add_person

    donor = add_person("许望舒", by=None, at=MONDAY)
    client.sign_in(donor)
    assert client.get("/join").status_code == 200
    assert client.post("/join").headers["Location"] == "/join/details"
    client.post("/join/details", data=GROWN_UP)
    client.post("/join/choices", data={})
    client.post("/join/more", data={})
    assert "设一个密码" not in words(client.get("/join/finish"))
    assert client.post("/join/finish", data={"agree_join": "y", "version_join": "1"}).status_code == 303
    assert "您的申请在审核" in words(client.get("/me/profile"))
    assert client.get("/join").headers["Location"] == "/me/profile"


def test_a_volunteer_need_not_apply(client: Client, people: Cast) -> None:
    client.sign_in(people.member)
    assert client.get("/join").headers["Location"] == "/me/profile"
    client.post("/join")
    client.post("/join/details", data=GROWN_UP)
    client.post("/join/choices", data={})
    client.post("/join/more", data={})
    answer = client.post("/join/finish", data={"agree_join": "y", "version_join": "1"})
    assert answer.status_code == 422 and "已经是志愿者" in words(answer)
    assert PASSWORD not in answer.text
