"""Letters leave once their transaction is kept, once, and not when they are over."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from portal import clock
from portal.clock import CHINA
from portal.db import db
from portal.jobs.models import Job
from portal.jobs.worker import work, work_one
from portal.post import Channel, Letter, NewLetter, actions, post, post_many
from portal.post.sending import forget
from portal.problems import DomainError
from tests.pages import statements
from tests.post.mailserver import Mailserver
from tests.volunteers import at_once

AT = datetime(2026, 11, 22, 13, tzinfo=CHINA)
CODE = "您的验证码是 284913，十分钟内有效。"

pytestmark = pytest.mark.usefixtures("session")


def code(to: str = "lin@example.org", *, minutes: int = 10) -> Letter:
    letter = post(Channel.MAIL, to, subject="验证码", text=CODE, at=AT, expires_at=AT + timedelta(minutes=minutes))
    db.session.commit()
    return letter


def state(letter: Letter) -> tuple[str, int]:
    db.session.rollback()
    db.session.refresh(letter)
    return letter.status, letter.attempts


def run_jobs(at: datetime = AT) -> int:
    with clock.frozen(at):
        return work(once=True)


def test_a_letter_is_not_sent_when_what_it_tells_of_did_not_happen(mailserver: Mailserver) -> None:
    post(Channel.MAIL, "lin@example.org", subject="通过了", text="您的时间通过了。", at=AT)
    db.session.rollback()
    assert run_jobs() == 0
    assert mailserver.taken == []


def test_a_letter_arrives_whole_in_chinese(mailserver: Mailserver) -> None:
    letter = code()
    assert run_jobs() == 1
    (mail,) = mailserver.mails
    assert (mail["Subject"], mail["To"], mail["From"]) == ("验证码", "lin@example.org", "爱心联盟 <portal@aixin.test>")
    assert mail.get_content().strip() == CODE
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == AT
    assert state(letter) == ("sent", 1)
    assert all(byte < 128 for byte in mailserver.taken[0])


def test_a_long_chinese_subject_and_a_long_address_to_unsubscribe_survive_the_folding(mailserver: Mailserver) -> None:
    subject, url = "文明海宁一道走" * 12, "https://portal.example/notices/off/" + "a1" * 90
    post(Channel.MAIL, "lin@example.org", subject=subject, text="好" * 3000, at=AT, unsubscribe=url)
    db.session.commit()
    run_jobs()
    (mail,), raw = mailserver.mails, mailserver.taken[0]
    assert mail["Subject"] == subject
    assert f"List-Unsubscribe: <{url}>\r\n".encode() in raw
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.get_content().strip() == "好" * 3000
    assert max(len(line) for line in raw.split(b"\r\n")) < 990


def test_nothing_of_a_letter_can_be_read_in_the_table() -> None:
    code("lin@example.org")
    lies = str(db.session.execute(text("SELECT * FROM post_letter")).one())
    assert "lin@" not in lies
    assert "284913" not in lies
    assert "验证码" not in lies


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("lin@example.org\r\nBcc: all@example.org", "好"),
        ("lin@example.org", "好\nBcc: all@example.org"),
        ("lin@example.org", "好\r"),
        ("lin@example.org", "好\u2028Bcc: all@example.org"),
        ("lin@example.org, all@example.org", "好"),
        ("Lin <lin@example.org>", "好"),
        ("lin@example.org\0", "好"),
        ("lin", "好"),
        ("林@example.org", "好"),
        (f"{'l' * 250}@example.org", "好"),
        ("", "好"),
    ],
)
def test_whoever_writes_a_header_into_a_letter_is_refused(to: str, subject: str) -> None:
    with pytest.raises(DomainError):
        post(Channel.MAIL, to, subject=subject, text="正文", at=AT)
    with pytest.raises(DomainError):
        post_many(Channel.MAIL, [NewLetter("fine@example.org", "正文"), NewLetter(to, "正文", subject)], at=AT)
    assert db.session.query(Letter).count() == db.session.query(Job).count() == 0


@pytest.mark.parametrize("to", ["138", "13800001111;13900001111", "1380000111１", "+", "13800001111\n"])
def test_a_text_message_goes_to_digits_only(to: str) -> None:
    with pytest.raises(DomainError):
        post(Channel.SMS, to, text="正文", at=AT)


def test_a_code_is_never_sent_late(mailserver: Mailserver) -> None:
    letter = code(minutes=10)
    assert run_jobs(AT + timedelta(minutes=10)) == 1
    assert mailserver.taken == []
    assert state(letter) == ("expired", 0)


def test_a_server_that_is_away_is_waited_for(mailserver: Mailserver) -> None:
    letter = code(minutes=600)
    mailserver.answers["MAIL"] = "451 come back later"
    run_jobs()
    assert state(letter) == ("waiting", 1)
    job = db.session.query(Job).one()
    assert (job.status, job.attempts, job.faults, job.last_error) == ("waiting", 0, 1, "post_not_answering")
    mailserver.answers.clear()
    run_jobs(AT + timedelta(minutes=1))
    assert state(letter) == ("sent", 2)
    assert len(mailserver.taken) == 1


def test_an_address_that_is_nobodys_is_not_tried_again(mailserver: Mailserver) -> None:
    wrong, right = code("nobody@example.org"), code()
    mailserver.answers["RCPT"] = "550 no such user"
    assert run_jobs() == 2
    assert state(wrong) == state(right) == ("refused", 1)
    assert db.session.query(Job).filter_by(status="done").count() == 2


def test_without_encryption_nothing_leaves_for_another_machine(
    mailserver: Mailserver, settings_of: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.post.mail.is_loopback", lambda host: False)
    settings_of(mail_url=f"smtp://lin:secret@127.0.0.1:{mailserver.port}")
    mailserver.answers["STARTTLS"] = "502 never heard of it"
    letter = code(minutes=600)
    run_jobs()
    assert state(letter)[0] == "waiting"
    assert db.session.query(Job).one().last_error == "post_not_safe"
    assert mailserver.taken == []
    assert not any(line.upper().startswith(("AUTH", "MAIL")) for line in mailserver.lines)


def test_a_wrong_password_for_the_mail_server_keeps_the_letter(
    mailserver: Mailserver, settings_of: Callable[..., None]
) -> None:
    settings_of(mail_url=f"smtp://lin:secret@127.0.0.1:{mailserver.port}")
    letter = code(minutes=600)
    run_jobs()
    assert state(letter)[0] == "waiting"
    assert db.session.query(Job).one().last_error == "post_not_let_in"


def test_two_workers_at_once_send_a_letter_once(app: Flask, mailserver: Mailserver) -> None:
    letter = code()
    letter_id = letter.id

    def worker() -> bool:
        with app.app_context():
            return work_one()

    assert sorted(at_once(app, [worker, worker], at=AT)) == [False, True]
    assert len(mailserver.taken) == 1
    assert db.session.get_one(Letter, letter_id, populate_existing=True).status == "sent"


def test_two_jobs_for_one_letter_do_not_send_it_twice(mailserver: Mailserver) -> None:
    letter = code()
    with clock.frozen(AT):
        assert actions.begin(letter.id, at=AT) == 1
        db.session.commit()
        work_one()
    assert mailserver.taken == []
    assert db.session.query(Job).one().last_error == "post_under_way"
    assert actions.mark_sent(letter.id, 1, at=AT)


def test_whoever_dies_between_sending_and_writing_it_down_sends_again_under_the_same_number(
    mailserver: Mailserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: object, **__: object) -> None:
        raise Killed

    letter = code()
    with monkeypatch.context() as dying:
        dying.setattr(actions, "mark_sent", kill)
        with pytest.raises(Killed):
            run_jobs()
    db.session.rollback()
    run_jobs(AT + timedelta(minutes=3))
    assert state(letter) == ("sent", 2)
    first, second = mailserver.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_whoever_began_an_older_try_marks_nothing() -> None:
    letter = code(minutes=600)
    first = actions.begin(letter.id, at=AT)
    second = actions.begin(letter.id, at=AT + timedelta(minutes=3))
    assert (first, second) == (1, 2)
    assert not actions.mark_sent(letter.id, 1, at=AT)
    assert actions.mark_sent(letter.id, 2, at=AT)
    assert actions.begin(letter.id, at=AT + timedelta(minutes=9)) is None


def test_in_production_without_a_mail_server_letters_wait(settings_of: Callable[..., None]) -> None:
    settings_of(env="production")
    letter = code(minutes=600)
    run_jobs()
    assert state(letter)[0] == "waiting"
    assert db.session.query(Job).one().last_error == "post_not_set_up"


def test_a_thousand_letters_take_a_few_statements_and_ten_jobs(app: Flask, mailserver: Mailserver) -> None:
    letters = [NewLetter(f"v{number}@example.org", "今天有三条通知。", f"通知{number}") for number in range(1000)]
    with statements(app) as sent:
        ids = post_many(Channel.MAIL, letters, at=AT)
    db.session.commit()
    assert len(ids) == 1000
    assert len(sent) <= 25
    assert db.session.query(Job).count() == 10
    with clock.frozen(AT):
        work_one()
    assert [mail["To"] for mail in mailserver.mails][:2] == ["v0@example.org", "v1@example.org"]
    assert sum(line.startswith("ehlo") for line in mailserver.lines) == 1


def test_codes_are_forgotten_after_a_day_and_everything_after_three_months() -> None:
    letter, news = code(), post(Channel.SMS, "13800001111", text="明天八点，南广场。", at=AT)
    db.session.commit()
    run_jobs()

    def forgotten(at: datetime) -> None:
        with clock.frozen(at):
            job = Job(name="post.forget", payload={}, run_after=at, created_at=at, status="leased", leased_until=at)
            db.session.add(job)
            db.session.flush()
            forget({"job_id": job.id})
        db.session.expire_all()

    forgotten(AT + timedelta(hours=23))
    assert letter.text == CODE
    forgotten(AT + timedelta(hours=25))
    assert (letter.text, letter.subject, news.text) == ("", "", "明天八点，南广场。")
    forgotten(AT + timedelta(days=91))
    assert db.session.query(Letter).count() == 0


def test_a_folder_takes_each_letter_as_a_file(tmp_path: Path, settings_of: Callable[..., None]) -> None:
    settings_of(mail_url=f"folder:{tmp_path / 'mail'}", sms_url=f"folder:{tmp_path / 'sms'}")
    code()
    post(Channel.SMS, "13800001111", text="明天八点，南广场。", at=AT)
    db.session.commit()
    run_jobs()
    (mail,), (message,) = (tmp_path / "mail").iterdir(), (tmp_path / "sms").iterdir()
    assert mail.suffix == ".eml"
    assert "明天八点" in message.read_text()


def test_the_log_names_neither_address_nor_text(mailserver: Mailserver, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        code()
        run_jobs()
        mailserver.answers["RCPT"] = "550 <lin@example.org> unknown"
        code()
        run_jobs()
        mailserver.answers["RCPT"] = "451 lin@example.org"
        code()
        run_jobs()
    assert "refused" in caplog.text
    assert "lin@" not in caplog.text
    assert "284913" not in caplog.text
