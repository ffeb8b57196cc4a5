"""Whoever is told finds it on her bell, and by mail or message as she chose."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask

from portal import clock
from portal.accounts.bell import Bell
from portal.bulk import insert_many
from portal.db import analyze, db
from portal.jobs.models import Job
from portal.notices import Kind, Told, Way, actions, kind, tell, tell_each
from portal.notices.kinds import KINDS, Channel
from portal.notices.letters import message_hour
from portal.notices.models import Notice
from portal.notices.queries import notices_of
from portal.notices.tallies import bells_count_what_is_unread
from portal.notices.work import DIGEST, forget_old, plan, send_digests
from portal.people.models import Person
from portal.post import Letter
from portal.problems import DomainError
from portal.words import Words, spoken
from tests.notices.contacts import reached_at
from tests.pages import statements
from tests.volunteers import MONDAY, Cast, at_most, at_once

EVENING = MONDAY.replace(hour=18, minute=30)


@pytest.fixture
def news() -> Iterator[Kind]:
    """A kind that is sent at once by mail, unless one chose otherwise."""
    yield kind("test.news", words=Words("时长退回"), detail=Words("「%(activity)s」被退回：%(reason)s"), mail=Way.NOW)
    del KINDS["test.news"]


@pytest.fixture
def needed() -> Iterator[Kind]:
    """A kind that nobody can switch off."""
    yield kind("test.needed", words=Words("改密码"), detail=Words("密码改了。"), mail=Way.NOW, is_needed=True)
    del KINDS["test.needed"]


def told(people: list[Person], news: Kind, *, at: datetime = MONDAY, activity: str = "文明海宁一道走") -> None:
    tell([one.id for one in people], news, at=at, url="/hours", activity=activity, reason="请补地点")
    db.session.commit()


def letters() -> list[Letter]:
    return db.session.query(Letter).order_by(Letter.id).all()


def bell_of(person: Person) -> int:
    bell = db.session.get(Bell, person.id, populate_existing=True)
    return bell.unread if bell else 0


def bells_are_right() -> bool:
    return list(bells_count_what_is_unread(db.session())[1]) == []


def as_job(work: object, at: datetime) -> None:
    """Do the work of a daily job as a worker would."""
    with clock.frozen(at):
        job = Job(name="test", payload={}, run_after=at, created_at=at, status="leased", leased_until=at)
        db.session.add(job)
        db.session.commit()
        work({"job_id": job.id})  # type: ignore[operator]


def test_one_is_told_in_a_sentence(cast: Cast, news: Kind) -> None:
    told([cast.member], news)
    (line,) = notices_of(cast.member).lines
    assert (line.title, line.sentence, line.is_read) == ("时长退回", "「文明海宁一道走」被退回：请补地点", False)
    assert notices_of(cast.other).lines == []
    assert (bell_of(cast.member), bell_of(cast.other)) == (1, 0)


def test_what_did_not_happen_is_not_told(cast: Cast, news: Kind) -> None:
    reached_at(cast.member, "lin@example.org")
    db.session.commit()
    tell([cast.member.id], news, at=MONDAY, url="/hours", activity="x", reason="y")
    db.session.rollback()
    assert notices_of(cast.member).lines == []
    assert letters() == []
    assert bell_of(cast.member) == 0


def test_signs_of_formats_and_missing_values_do_no_harm(cast: Cast, news: Kind) -> None:
    told([cast.member], news, activity="100%(reason)s %s {0} <b>\u202e")
    tell([cast.member.id], news, at=MONDAY, url="/hours")
    first, second = reversed(notices_of(cast.member).lines)
    assert first.sentence.startswith("「100%(reason)s %s {0} <b>")
    assert second.sentence == "时长退回"


def test_a_kind_that_is_gone_is_still_a_notice(cast: Cast) -> None:
    gone = Kind("test.gone", Words("旧的"), Words("旧的"))
    tell([cast.member.id], gone, at=MONDAY, url="/hours")
    assert [(line.title, line.sentence) for line in notices_of(cast.member).lines] == [("通知", "一条通知")]


def test_a_key_tells_only_once_also_at_once(app: Flask, cast: Cast, news: Kind) -> None:
    reached_at(cast.member, "lin@example.org")
    member = cast.member.id

    def again() -> None:
        with app.app_context():
            tell([member], news, at=MONDAY, url="/hours", key="activity:7", activity="x", reason="y")
            db.session.commit()

    at_once(app, [again, again, again])
    again()
    assert len(notices_of(cast.member).lines) == len(letters()) == bell_of(cast.member) == 1


def test_mail_goes_to_whoever_has_proved_an_address_and_wants_it(cast: Cast, news: Kind) -> None:
    for person, address, at in (
        (cast.member, "lin@example.org", MONDAY),
        (cast.other, "zhou@example.org", None),
        (cast.leader, "he@example.org", MONDAY),
        (cast.lead, "shen@example.org", MONDAY),
    ):
        reached_at(person, address, at=at)
    cast.lead.is_open = False
    actions.choose(cast.leader, {("test.news", Channel.MAIL): Way.OFF}, at=MONDAY)
    told([cast.member, cast.other, cast.leader, cast.lead, cast.stranger], news)
    (letter,) = letters()
    assert (letter.to, letter.subject, letter.person_id) == ("lin@example.org", "时长退回", cast.member.id)
    assert "「文明海宁一道走」被退回：请补地点" in letter.text
    assert "http://portal.test/hours" in letter.text
    assert letter.unsubscribe
    assert letter.unsubscribe in letter.text


def test_letters_are_in_chinese_whoever_acts(cast: Cast, news: Kind) -> None:
    reached_at(cast.member, "lin@example.org")
    with spoken("en"):
        told([cast.member], news)
    (letter,) = letters()
    assert letter.subject == "时长退回"
    assert "您好" in letter.text


def test_messages_wait_for_the_message_hours(cast: Cast, news: Kind) -> None:
    reached_at(cast.member, "13800001111")
    actions.choose(cast.member, {("test.news", Channel.SMS): Way.NOW}, at=MONDAY)
    told([cast.member], news, at=MONDAY.replace(hour=23))
    (letter,) = letters()
    assert letter.text == "【爱心联盟】「文明海宁一道走」被退回：请补地点 http://portal.test/hours"
    assert db.session.query(Job).one().run_after == MONDAY.replace(hour=13) + timedelta(days=1)


@pytest.mark.parametrize(
    ("hour", "minute", "next_hour", "next_minute", "days"),
    [(9, 0, 13, 0, 0), (13, 20, 13, 20, 0), (14, 30, 14, 30, 0), (14, 31, 18, 30, 0), (19, 31, 13, 0, 1)],
)
def test_message_hours_are_after_lunch_and_after_supper(
    hour: int, minute: int, next_hour: int, next_minute: int, days: int
) -> None:
    at = MONDAY.replace(hour=hour, minute=minute)
    assert message_hour(at) == MONDAY.replace(hour=next_hour, minute=next_minute) + timedelta(days=days)


def test_what_keeps_an_account_safe_cannot_be_switched_off(cast: Cast, needed: Kind) -> None:
    reached_at(cast.member, "lin@example.org")
    for way in (Way.OFF, Way.DAILY):
        with pytest.raises(DomainError):
            actions.choose(cast.member, {("test.needed", Channel.MAIL): way}, at=MONDAY)
    actions.stop_letters(cast.member, None, Channel.MAIL, at=MONDAY)
    tell([cast.member.id], needed, at=MONDAY, url="/me/account")
    (letter,) = letters()
    assert letter.unsubscribe is None


def test_a_choice_that_no_page_offers_is_refused(cast: Cast, news: Kind) -> None:
    for name, channel, way in (("test.news", Channel.SMS, Way.DAILY), ("test.unknown", Channel.MAIL, Way.OFF)):
        with pytest.raises(DomainError):
            actions.choose(cast.member, {(name, channel): way}, at=MONDAY)


def test_whoever_wants_no_bell_has_the_notice_but_no_number(cast: Cast, news: Kind) -> None:
    actions.choose(cast.member, {("test.news", Channel.BELL): Way.OFF}, at=MONDAY)
    told([cast.member, cast.other], news)
    assert [line.is_read for line in notices_of(cast.member).lines] == [True]
    assert (bell_of(cast.member), bell_of(cast.other)) == (0, 1)
    assert bells_are_right()


# ── the bell ────────────────────────────────────────────────────────────────────────────────────────
def test_the_bell_counts_down_as_she_reads(cast: Cast, news: Kind) -> None:
    for _number in range(3):
        told([cast.member], news)
    newest, middle, oldest = notices_of(cast.member).lines
    notice = db.session.get_one(Notice, middle.id)
    for _twice in range(2):
        actions.mark_read(notice, at=MONDAY)
        assert bell_of(cast.member) == 2
    assert actions.mark_all_read(cast.member, up_to=oldest.id, at=MONDAY) == 1
    assert [line.id for line in notices_of(cast.member, only_unread=True).lines] == [newest.id]
    assert bells_are_right()


def test_what_came_after_the_list_was_seen_is_not_marked(cast: Cast, news: Kind) -> None:
    told([cast.member], news)
    seen = notices_of(cast.member).lines[0].id
    told([cast.member], news)
    assert actions.mark_all_read(cast.member, up_to=seen, at=MONDAY) == 1
    assert bell_of(cast.member) == 1


def test_a_bell_that_is_wrong_is_found(cast: Cast, news: Kind) -> None:
    told([cast.member], news)
    db.session.get_one(Bell, cast.member.id).unread = 7
    db.session.flush()
    assert list(bells_count_what_is_unread(db.session())[1]) == [f"bell of person {cast.member.id}: 7, not 1"]


def test_many_telling_at_once_count_right(app: Flask, cast: Cast, news: Kind) -> None:
    people = [cast.member.id, cast.other.id, cast.leader.id]

    def one() -> None:
        with app.app_context():
            tell(reversed(people), news, at=MONDAY, url="/hours", activity="x", reason="y")
            db.session.commit()

    at_once(app, [one] * 5)
    assert (bell_of(cast.member), bell_of(cast.leader)) == (5, 5)
    assert bells_are_right()


def test_telling_21_000_people_takes_seconds_and_a_few_statements(app: Flask, cast: Cast, news: Kind) -> None:
    names = [{"name": f"志愿者{number}"} for number in range(21_000)]
    common = {"login": None, "password_hash": None, "is_open": True, "created_at": MONDAY}
    ids = [one.id for one in insert_many(Person, names, common=common, returning=(Person.id,))]
    for number in range(50):
        reached_at(db.session.get_one(Person, ids[number]), f"v{number}@example.org")
    db.session.commit()
    # As autovacuum does sooner or later: without it PostgreSQL plans for tables that are empty.
    analyze()
    began = time.perf_counter()
    with statements(app) as sent:
        tell(ids, news, at=MONDAY, url="/activities", activity="义工日", reason="全体参加")
        db.session.commit()
    assert time.perf_counter() - began < 20
    assert len(sent) <= 60
    assert db.session.query(Bell).filter_by(unread=1).count() == 21_000
    assert len(letters()) == 50


def test_telling_costs_two_statements_where_nobody_is_written_to(cast: Cast) -> None:
    quiet = Kind("test.quiet", Words("安静"), Words("安静"))
    each = [Told(one.id, "/hours", {}) for one in (cast.member, cast.other, cast.leader)]
    with at_most(2):
        tell_each(quiet, each, at=MONDAY)
        tell_each(quiet, [], at=MONDAY)


# ── the day's letter ────────────────────────────────────────────────────────────────────────────────
def test_the_days_letter_tells_what_is_not_read_yet_once(cast: Cast, news: Kind) -> None:
    for person, address in ((cast.member, "lin@example.org"), (cast.other, "zhou@example.org")):
        reached_at(person, address)
        actions.choose(person, {("test.news", Channel.MAIL): Way.DAILY}, at=MONDAY)
    told([cast.member, cast.other], news, activity="南广场")
    told([cast.member], news, activity="爱心教室")
    told([cast.member], news, activity="看过的")
    actions.mark_read(db.session.get_one(Notice, notices_of(cast.member).lines[0].id), at=MONDAY)
    actions.choose(cast.other, {("test.news", Channel.MAIL): Way.OFF}, at=MONDAY)
    assert letters() == []
    as_job(send_digests, EVENING)
    (letter,) = letters()
    assert (letter.to, letter.subject) == ("lin@example.org", "您有 2 条新通知")
    assert letter.text.index("南广场") < letter.text.index("爱心教室")
    assert "看过的" not in letter.text
    as_job(send_digests, EVENING)
    assert len(letters()) == 1


def test_the_days_letter_is_asked_for_the_evening_once(cast: Cast) -> None:
    as_job(plan, MONDAY)
    as_job(plan, MONDAY)
    job = db.session.query(Job).filter_by(name=DIGEST).one()
    assert job.run_after == EVENING


def test_notices_are_forgotten_half_a_year_after_they_were_read(cast: Cast, news: Kind) -> None:
    told([cast.member], news, activity="看过的")
    actions.mark_all_read(cast.member, up_to=10**9, at=MONDAY)
    told([cast.member], news, activity="没看的")
    db.session.commit()
    as_job(forget_old, MONDAY + timedelta(days=179))
    assert len(notices_of(cast.member).lines) == 2
    as_job(forget_old, MONDAY + timedelta(days=181))
    assert [line.is_read for line in notices_of(cast.member).lines] == [False]
    as_job(forget_old, MONDAY + timedelta(days=401))
    assert notices_of(cast.member).lines == []
    assert bell_of(cast.member) == 0
    assert bells_are_right()
