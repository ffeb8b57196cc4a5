"""The bell, the list behind it, what one chooses, and the link that ends letters."""

from datetime import timedelta

import pytest
from flask import Flask

from portal.activities.actions import return_activity, submit_activity
from portal.activities.telling import PUBLISHED, RETURNED
from portal.audit.models import AuditLine
from portal.db import db
from portal.hours.actions import Ticket, approve_claims, return_claims, undo_decisions
from portal.hours.telling import NOTICES
from portal.notices import tell
from portal.notices.kinds import Channel, Way
from portal.notices.models import Notice, Preference
from portal.notices.queries import chosen_by, notices_of
from portal.notices.tokens import ALL, Unsubscribe, read_token, token_of
from portal.people.models import Person
from portal.post import Letter
from tests.applications import HOST, Client
from tests.conftest import new_client
from tests.factories import person
from tests.giving import Giving
from tests.importing import booked, handed
from tests.notices.contacts import reached_at
from tests.pages import is_valid, links, statements, words
from tests.volunteers import MONDAY, Cast, claimed, drafted, published


def sentences(reader: Person) -> list[str]:
    return [line.sentence for line in notices_of(reader).lines]


def told(reader: Person, count: int = 1, *, url: str = "/hours") -> list[int]:
    for number in range(count):
        tell([reader.id], PUBLISHED, at=MONDAY + timedelta(minutes=number), url=url, activity=f"活动{number}")
    db.session.commit()
    return [line.id for line in notices_of(reader).lines]


# ── the bell and the list ───────────────────────────────────────────────────────────────────────────
def test_each_page_of_hers_shows_the_bell_and_asks_no_more_for_it(app: Flask, cast: Cast, client: Client) -> None:
    client.sign_in(cast.member).get("/hours")
    with statements(app) as without:
        assert "查真伪 通知 姓名" in words(client.get("/hours"))
    told(cast.member, 3)
    with statements(app) as sent:
        answer = client.get("/hours")
    assert is_valid(answer)
    assert "查真伪 通知 ，没看过的 3 姓名" in words(answer)
    assert len(sent) == len(without)
    told(cast.member, 100)
    assert "99+" in words(client.get("/me"))


def test_public_pages_know_nobody_and_show_no_bell(cast: Cast, client: Client) -> None:
    told(cast.member)
    client.sign_in(cast.member)
    for address in ("/", "/funds", "/activities", "/verify", "/nowhere"):
        assert "没看过的" not in client.get(address).text


def test_opening_a_notice_reads_it_and_leads_to_what_it_is_about(cast: Cast, client: Client) -> None:
    (number,) = told(cast.member, url="/hours")
    client.sign_in(cast.member)
    assert "您有 1 条新通知" in words(client.get("/notices"))
    answer = client.post(f"/notices/{number}/go")
    assert (answer.status_code, answer.location) == (303, "/hours")
    page = client.get("/notices")
    assert is_valid(page)
    assert "通知都看过了" in words(page)
    assert "「活动0」发布了" in words(page)


def test_nobody_opens_anothers_notice(cast: Cast, client: Client) -> None:
    (number,) = told(cast.member)
    client.sign_in(cast.other)
    assert client.post(f"/notices/{number}/go").status_code == 404
    assert client.post("/notices/read", data={"newest": str(number)}).status_code == 303
    assert notices_of(cast.member).lines[0].is_read is False


def test_a_notice_leads_to_no_other_site(cast: Cast, client: Client) -> None:
    (number,) = told(cast.member, url="//evil.example/")
    assert client.sign_in(cast.member).post(f"/notices/{number}/go").location == "/notices"


def test_the_list_is_read_page_by_page_and_only_the_unread(cast: Cast, client: Client) -> None:
    ids = told(cast.member, 30)
    client.sign_in(cast.member)
    first = client.get("/notices")
    assert is_valid(first)
    assert f"/notices?before={ids[24]}" in links(first)
    second = client.get(f"/notices?before={ids[24]}")
    assert "「活动4」" in words(second)
    assert "「活动5」" not in words(second)
    client.post("/notices/read", data={"newest": str(ids[2])})
    unread = words(client.get("/notices?show=unread"))
    assert "「活动29」" in unread
    assert "「活动27」" not in unread
    for odd in ("before=x", "before=-1", f"before={'9' * 30}", "before=", "show=%00"):
        assert client.get(f"/notices?{odd}").status_code == 200


def test_marking_all_marks_what_was_seen(cast: Cast, client: Client) -> None:
    newest, *_older = told(cast.member, 3)
    client.sign_in(cast.member)
    told(cast.member)
    assert "3 条通知都算看过了" in words(client.post("/notices/read", data={"newest": newest}, follow_redirects=True))
    assert "没有新通知" in words(client.post("/notices/read", data={"newest": newest}, follow_redirects=True))
    for odd in ("", "x", "9" * 40, "\0"):
        assert client.post("/notices/read", data={"newest": odd}).status_code == 303
    assert "您有 1 条新通知" in words(client.get("/notices"))


def test_nothing_yet_says_what_will_come(cast: Cast, client: Client) -> None:
    page = client.sign_in(cast.member).get("/notices")
    assert is_valid(page)
    assert "还没有通知" in words(page)


# ── choosing ────────────────────────────────────────────────────────────────────────────────────────
def form_of(**changes: str) -> dict[str, str]:
    """The form as the page shows it to whoever chose nothing."""
    from portal.notices.kinds import KINDS

    usual = {
        f"{kind.name.replace('.', '_')}_{channel}": kind.usual(channel).value
        for kind in KINDS.values()
        if not kind.is_needed
        for channel in Channel
    }
    return usual | changes


def test_what_she_chooses_holds_and_is_in_the_audit(cast: Cast, client: Client) -> None:
    reached_at(cast.member, "lin@example.org")
    client.sign_in(cast.member)
    page = client.get("/notices/preferences")
    assert is_valid(page)
    assert "l***@example.org" in words(page)
    assert "还没有验证过的手机" in words(page)
    wishes = form_of(hours_returned_mail="daily", hours_approved_bell="off")
    assert client.post("/notices/preferences", data=wishes).status_code == 303
    assert chosen_by(cast.member) == {
        ("hours.returned", Channel.MAIL): Way.DAILY,
        ("hours.approved", Channel.BELL): Way.OFF,
    }
    line = db.session.query(AuditLine).filter_by(action="notices.chosen").one()
    assert line.detail["chosen"] == {"hours.approved.bell": "off", "hours.returned.mail": "daily"}
    client.post("/notices/preferences", data=wishes)
    assert db.session.query(AuditLine).filter_by(action="notices.chosen").count() == 1


def test_each_is_asked_about_what_she_may_be_told_of(app: Flask, cast: Cast, giving: Giving) -> None:
    def asked(reader: Person) -> set[str]:
        page = new_client(app).sign_in(reader).get("/notices/preferences").text
        return {name for name in ("时长通过", "活动退回", "名单等您确认", "名单入账") if f"<legend>{name}<" in page}

    assert asked(cast.member) == {"时长通过"}
    assert asked(cast.leader) == {"时长通过", "活动退回"}
    assert asked(giving.accountant) == {"时长通过", "名单等您确认"}
    assert asked(giving.cashier) == {"时长通过", "名单入账"}


@pytest.mark.parametrize(
    "odd", [{"hours_returned_sms": "daily"}, {"hours_returned_mail": "\0"}, {"hours_returned_mail": ""}]
)
def test_what_is_not_offered_is_refused(cast: Cast, client: Client, odd: dict[str, str]) -> None:
    answer = client.sign_in(cast.member).post("/notices/preferences", data=form_of(**odd))
    assert answer.status_code == 422
    assert is_valid(answer)
    assert db.session.query(Preference).count() == 0


def test_nobody_switches_off_what_keeps_the_account_safe_by_the_form(cast: Cast, client: Client) -> None:
    data = form_of(accounts_password_changed_mail="off")
    assert client.sign_in(cast.member).post("/notices/preferences", data=data).status_code == 303
    assert db.session.query(Preference).count() == 0


# ── the link in letters ─────────────────────────────────────────────────────────────────────────────
def link_of(cast: Cast, *, kind: str = "hours.returned") -> str:
    return f"/notices/off/{token_of(Unsubscribe(cast.member.id, kind))}"


def test_the_link_in_a_letter_ends_its_kind_for_whoever_is_not_signed_in(app: Flask, cast: Cast) -> None:
    reached_at(cast.member, "lin@example.org")
    claim = claimed(cast.member, published(cast))
    return_claims([Ticket(claim.id, 0)], "请补地点", by=cast.lead, at=MONDAY)
    db.session.commit()
    (letter,) = db.session.query(Letter).all()
    assert letter.unsubscribe is not None
    link = letter.unsubscribe.removeprefix(f"http://{HOST}")
    anybody = new_client(app)
    page = anybody.get(link)
    assert is_valid(page)
    assert "csrf_token" not in page.text
    assert "不再收「时长退回」的邮件" in words(page)
    assert chosen_by(cast.member) == {}
    assert "林一禾" not in page.text
    assert "「时长退回」不再发邮件给您" in words(anybody.post(link))
    assert chosen_by(cast.member) == {("hours.returned", Channel.MAIL): Way.OFF}
    other = claimed(cast.member, published(cast, "第二场"))
    return_claims([Ticket(other.id, 0)], "请补地点", by=cast.lead, at=MONDAY)
    assert db.session.query(Letter).count() == 1
    assert len(sentences(cast.member)) == 2


def test_a_mail_program_ends_letters_by_itself(app: Flask, cast: Cast) -> None:
    """RFC 8058: a POST from nowhere, with this body, no cookie and no origin."""
    app.config["WTF_CSRF_ENABLED"] = True
    program = app.test_client()
    program.environ_base.pop("HTTP_SEC_FETCH_SITE", None)
    link, body = link_of(cast), {"List-Unsubscribe": "One-Click"}
    for site in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://mail.example"}):
        assert program.post(link, data=body, headers=site).status_code == 200
    assert "Set-Cookie" not in program.post(link, data=body).headers
    app.config["WTF_CSRF_ENABLED"] = False
    assert chosen_by(cast.member) == {("hours.returned", Channel.MAIL): Way.OFF}


def test_all_letters_can_be_ended_but_those_that_keep_the_account_safe(cast: Cast, client: Client) -> None:
    client.post(link_of(cast), data={"which": "all"})
    chosen = chosen_by(cast.member)
    assert set(chosen.values()) == {Way.OFF}
    assert {channel for _, channel in chosen} == {Channel.MAIL}
    assert not any(name.startswith("accounts.") for name, _ in chosen)
    assert ("lists.handed_over", Channel.MAIL) in chosen
    client.post(link_of(cast, kind=ALL))
    assert chosen_by(cast.member) == chosen


def test_a_link_used_again_changes_nothing_more_and_signs_nobody_in(cast: Cast, client: Client) -> None:
    for _twice in range(2):
        assert client.post(link_of(cast)).status_code == 200
        assert db.session.query(Preference).count() == 1
    assert client.get("/me").status_code == 302
    lines = db.session.query(AuditLine).filter_by(action="notices.letters_stopped", actor_id=None)
    assert lines.count() == 1, "nobody fills the audit by pressing one link"
    client.post(link_of(cast), data={"which": "all"})
    client.post(link_of(cast), data={"which": "all"})
    assert lines.count() == 2


def test_a_forged_link_is_nothing(cast: Cast, client: Client) -> None:
    mine, body = token_of(Unsubscribe(cast.other.id, ALL)), token_of(Unsubscribe(cast.member.id, ALL)).split(".")[0]
    signature = mine.split(".", 1)[1]
    forged = [f"{body}.{signature}", mine[:-1], mine + "A", body, "x", "0", "%00", "." * 400, mine.upper()]
    for token in forged:
        assert client.get(f"/notices/off/{token}").status_code == 404, token
        assert client.post(f"/notices/off/{token}").status_code == 404, token
    assert db.session.query(Preference).count() == 0


def test_the_links_signature_is_good_for_nothing_else(app: Flask, cast: Cast) -> None:
    from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer

    key = app.config["SECRET_KEY"]
    for salt in ("cookie-session", "wtf-csrf-token", "itsdangerous"):
        for kind in (URLSafeSerializer, URLSafeTimedSerializer):
            assert read_token(str(kind(key, salt=salt).dumps([cast.member.id, ALL]))) is None


# ── what people are told of ─────────────────────────────────────────────────────────────────────────
def test_approving_fifty_tells_each_volunteer_in_two_more_statements_and_a_look_at_names(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    activities = [published(cast, f"第{number}期") for number in range(5)]
    members = [person(f"志愿者{number}", teams=[cast.team]) for number in range(10)]
    claims = [claimed(one, activity) for one in members for activity in activities]
    tickets = [Ticket(claim.id, 0) for claim in claims]
    ids = [one.id for one in members]
    db.session.commit()
    with monkeypatch.context() as silent, statements(app) as without:
        silent.setattr("portal.hours.actions.tell_of", lambda *_, **__: None)
        approve_claims(tickets, by=cast.lead, at=MONDAY)
    db.session.rollback()
    with statements(app) as sent:
        approve_claims(tickets, by=cast.lead, at=MONDAY)
    db.session.commit()
    assert len(sent) - len(without) <= 3
    assert db.session.query(Notice).filter(Notice.person_id.in_(ids)).count() == 10
    assert sentences(db.session.get_one(Person, ids[0])) == ["5 条时长通过了审核，一共 16 小时 40 分。"]


def test_hours_that_come_back_are_told_to_their_owner_and_to_whoever_entered_them(cast: Cast) -> None:
    claim = claimed(cast.member, published(cast), by=cast.leader)
    before = len(sentences(cast.leader))
    return_claims([Ticket(claim.id, 0)], "  请补地点 ", by=cast.lead, at=MONDAY)
    said = "「文明海宁一道走」的 3 小时 20 分被退回：请补地点"
    assert sentences(cast.member) == [said]
    assert sentences(cast.leader)[0] == said
    assert len(sentences(cast.leader)) == before + 1
    assert sentences(cast.lead) == []


def test_a_decision_taken_back_is_told_as_well(cast: Cast) -> None:
    claim = claimed(cast.member, published(cast))
    approve_claims([Ticket(claim.id, 0)], by=cast.lead, at=MONDAY)
    undo_decisions([Ticket(claim.id, 1)], by=cast.lead, at=MONDAY)
    assert [line.title for line in notices_of(cast.member).lines] == ["时长的审核撤销", "时长通过"]


def test_an_activitys_author_is_told_what_became_of_it(cast: Cast) -> None:
    activity = drafted(cast)
    submit_activity(activity, seen=activity.seq, by=cast.leader, at=MONDAY)
    return_activity(activity, "地点写细一点", seen=activity.seq, by=cast.lead, at=MONDAY)
    assert sentences(cast.leader) == ["「文明海宁一道走」被退回：地点写细一点"]
    published(cast, "爱心教室")
    assert sentences(cast.leader)[0] == "「爱心教室」发布了，大家都看得到。"
    assert {PUBLISHED.mail, RETURNED.mail} == {Way.OFF, Way.NOW}
    assert len(NOTICES) == 3


def test_the_two_people_of_a_list_tell_each_other(giving: Giving) -> None:
    imported = handed(giving, "2026-11-03,王伟,12.5,,")
    said = "有一份名单等您核对：1 笔，¥12.50。"
    assert sentences(giving.accountant)[0].endswith(said)
    assert not any(said in one for one in sentences(giving.cashier))
    assert notices_of(giving.accountant).lines[0].is_read is False
    assert db.session.query(Notice).filter_by(url=f"/imports/{imported.id}").count() == 1


def test_a_booked_list_is_told_to_its_cashier(giving: Giving) -> None:
    booked(giving, "2026-11-03,王伟,12.5,,", "2026-11-04,李静,1,,")
    assert sentences(giving.cashier)[0].endswith("入账了：2 笔，¥13.50。")
