"""Requests to put right what somebody cannot change herself, and the office's answers (个人信息保护法 §46)."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from portal import rules
from portal.audit import record
from portal.clock import in_china, working_days_after
from portal.db import db
from portal.mydata.models import Correction, Mistake
from portal.notices import Way, kind, tell
from portal.people.models import ALLIANCE, Person, Role
from portal.people.names import strange_in
from portal.people.queries import holders_of
from portal.problems import ChangedMeanwhile, DomainError
from portal.rules.catalogue import CORRECTION_DAYS
from portal.words import _l

SHORTEST, LONGEST = 2, 500
LONGEST_NAME = 40

ASKED = kind(
    "mydata.correction.asked",
    words=_l("有人请求更正资料"),
    detail=_l("有人请求更正%(what)s，请在 %(day)s 前答复。"),
    mail=Way.DAILY,
    roles=(Role.WORKER,),
)
ANSWERED = kind(
    "mydata.correction.answered",
    words=_l("更正资料的答复"),
    detail=_l("您请求更正的资料有答复了。"),
    mail=Way.NOW,
)


def ask(person: Person, mistake: Mistake, wanted: str, *, at: datetime) -> Correction:
    """She says what is wrong and how it should be. Raises DomainError: the same waits already."""
    day = in_china(at).date()
    if not SHORTEST <= len(wanted) <= LONGEST:
        raise DomainError(
            _l("请写明应该是什么，%(least)d 到 %(most)d 个字。", least=SHORTEST, most=LONGEST), field="wanted"
        )
    due_on = working_days_after(day, rules.value(CORRECTION_DAYS, on=day))
    correction = Correction(
        person_id=person.id, mistake=mistake.value, wanted=wanted, asked_at=at, due_on=due_on, person=person
    )
    try:
        with db.session.begin_nested():
            db.session.add(correction)
    except IntegrityError as twice:
        raise DomainError(_l("同样的请求已经在办，请等答复。"), field="mistake") from twice
    record("mydata.correction.asked", correction, by=person, at=at, person=person.id, fields=[mistake.value])
    office = [one for one in holders_of(Role.WORKER, on=ALLIANCE, day=day) if one != person.id]
    tell(office, ASKED, at=at, url="/corrections", what=str(mistake.label.text), day=due_on.isoformat())
    return correction


def answer(correction: Correction, *, is_done: bool, words: str, name: str = "", by: Person, at: datetime) -> None:
    """The office answers, and writes a name anew where that is what was asked. Raises ChangedMeanwhile, DomainError."""
    db.session.refresh(correction, with_for_update=True)
    if correction.answered_at is not None:
        raise ChangedMeanwhile(_l("这一条刚刚有人答复过了。"))
    if correction.person_id in by.selves:
        raise DomainError(_l("自己的请求要由别人答复。"))
    if not SHORTEST <= len(words) <= LONGEST:
        raise DomainError(
            _l("请写明怎么办的，%(least)d 到 %(most)d 个字。", least=SHORTEST, most=LONGEST), field="words"
        )
    if is_done and name and correction.what is Mistake.NAME:
        _rename(correction.person, name, by=by, at=at)
    correction.outcome = "done" if is_done else "refused"
    correction.answer, correction.answered_at, correction.answered_by_id = words, at, by.id
    db.session.flush()
    told = {"person": correction.person_id, "fields": [correction.mistake], "status": correction.outcome}
    record("mydata.correction.answered", correction, by=by, at=at, **told)
    tell([correction.person_id], ANSWERED, at=at, url="/me/data")


def _rename(person: Person, name: str, *, by: Person, at: datetime) -> None:
    """Raises DomainError for a name that only looks like one."""
    if len(name) > LONGEST_NAME:
        raise DomainError(_l("姓名最多 %(most)d 个字。", most=LONGEST_NAME), field="name")
    if strange := strange_in(name):
        raise DomainError(strange, field="name")
    person.name = name
    db.session.flush()
    # Which, never what: old and new name belong to nobody but her.
    record("people.person.renamed", person, by=by, at=at, person=person.id)
