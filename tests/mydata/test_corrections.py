"""What somebody cannot change herself: the office answers within fifteen working days."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.audit.models import AuditLine
from portal.db import db
from portal.mydata.corrections import answer, ask
from portal.mydata.models import Correction, Mistake
from portal.notices.models import Notice
from portal.people.models import ALLIANCE, Person, Role
from portal.problems import ChangedMeanwhile, DomainError
from tests import factories
from tests.applications import Client
from tests.volunteers import MONDAY, Cast


def office() -> Person:
    return factories.person("社工", grants=[(Role.WORKER, ALLIANCE)])


def test_she_asks_the_office_is_told_and_answers_and_her_name_is_right(cast: Cast, client: Client) -> None:
    worker = office()
    client.sign_in(cast.member)
    assert client.post("/me/data/correct", data={"mistake": "name", "wanted": "林一𠮷"}).status_code == 303
    correction = db.session.scalars(select(Correction)).one()
    assert correction.due_on == date(2026, 12, 7)
    told = db.session.scalars(select(Notice.person_id).where(Notice.kind == "mydata.correction.asked"))
    assert list(told) == [worker.id]
    address = f"/corrections/{correction.id}"
    assert "林一𠮷" in client.sign_in(worker).get(address).text
    sent = {"outcome": "done", "name": "林一𠮷", "words": "看过身份证，已改。"}
    assert client.post(address, data=sent).status_code == 303
    db.session.expire_all()
    assert cast.member.name == "林一𠮷"
    assert "看过身份证，已改。" in client.sign_in(cast.member).get("/me/data").text


def test_nobody_but_the_office_opens_or_answers_it(cast: Cast, client: Client) -> None:
    correction = ask(cast.member, Mistake.NAME, "林一舟", at=MONDAY)
    number = correction.id
    for viewer in (cast.leader, cast.lead, cast.supervisor, cast.member):
        client.sign_in(viewer)
        assert client.get("/corrections").status_code == 403
        assert client.get(f"/corrections/{number}").status_code == 403
        sent = {"outcome": "done", "name": "冒名", "words": "已改。"}
        assert client.post(f"/corrections/{number}", data=sent).status_code == 403


def test_the_same_waits_only_once_and_no_one_answers_her_own(cast: Cast) -> None:
    worker = office()
    ask(cast.member, Mistake.NAME, "林一舟", at=MONDAY)
    with pytest.raises(DomainError):
        ask(cast.member, Mistake.NAME, "林一舟", at=MONDAY)
    own = ask(worker, Mistake.NAME, "社工二", at=MONDAY)
    with pytest.raises(DomainError):
        answer(own, is_done=True, words="已改。", name="社工二", by=worker, at=MONDAY)


def test_of_two_answers_the_second_is_refused(cast: Cast) -> None:
    worker, correction = office(), ask(cast.member, Mistake.BIRTH, "1950 年", at=MONDAY)
    answer(correction, is_done=False, words="请带证件来。", by=worker, at=MONDAY)
    with pytest.raises(ChangedMeanwhile):
        answer(correction, is_done=True, words="已改。", by=worker, at=MONDAY)


@pytest.mark.parametrize("name", ["林\u202e一禾", "林一ニ", "x" * 41])
def test_a_name_that_only_looks_like_one_is_refused(cast: Cast, name: str) -> None:
    worker, correction = office(), ask(cast.member, Mistake.NAME, "林一舟", at=MONDAY)
    with pytest.raises(DomainError):
        answer(correction, is_done=True, words="已改。", name=name, by=worker, at=MONDAY)


def test_the_trail_keeps_neither_what_was_wrong_nor_what_is_right(cast: Cast) -> None:
    worker, correction = office(), ask(cast.member, Mistake.PAPER, "11010519491231002X", at=MONDAY)
    answer(correction, is_done=True, words="11010519491231002X 已改", by=worker, at=MONDAY + timedelta(days=1))
    for line in db.session.scalars(select(AuditLine).where(AuditLine.action.like("mydata.%"))):
        assert "11010519491231002X" not in str(line.detail)
