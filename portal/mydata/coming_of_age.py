"""Whoever turns 14 or 18 decides herself what her guardian decided for her (个人信息保护法 §31; 民法典 §17)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from portal import clock
from portal.audit import record
from portal.clock import in_china
from portal.consents.models import Consent
from portal.consents.texts import text_of
from portal.db import db
from portal.identity import age_on
from portal.jobs.actions import breathe, keep_lease
from portal.jobs.handlers import daily, handler
from portal.notices import Told, Way, kind, tell_each
from portal.people.models import Person
from portal.profiles.details import OF_AGE, OLD_ENOUGH_TO_AGREE
from portal.profiles.models import Profile
from portal.words import _l

ASK = "mydata.ask_who_came_of_age"
CHUNK = 200
AGES = (OF_AGE, OLD_ENOUGH_TO_AGREE)

OF_AGE_NOW = kind(
    "mydata.consent.renew",
    words=_l("同意要本人确认"),
    detail=_l("您满 %(age)d 周岁了。以前由监护人同意的，请您自己看一看，确认或撤回。"),
    mail=Way.NOW,
    is_needed=True,
)

daily(ASK)


@handler(ASK, words=_l("请长大的志愿者确认自己的同意"))
def ask(payload: dict[str, Any]) -> None:
    """Each once an age, however often this runs."""
    after = 0
    while found := _guarded(after):
        at = clock.now()
        tell_each(OF_AGE_NOW, list(_told(found, at=at)), at=at)
        after = found[-1].id
        keep_lease(payload["job_id"], at=at)
        db.session.commit()
        breathe()


def to_renew(person: Person, *, on: date) -> list[Consent]:
    """What a guardian agreed to before she was old enough to say so herself, and still holds."""
    hers = select(Consent, Profile).join(Profile, Profile.person_id == Consent.person_id)
    now = (Consent.person_id == person.id, Consent.guardian.is_not(None), Consent.withdrawn_at.is_(None))
    found = db.session.execute(hers.where(*now).order_by(Consent.id))
    return [consent for consent, profile in found if _reached(consent.given_at, profile.birthday, on)]


def renew(person: Person, *, at: datetime) -> int:
    """She agrees herself, today, to all that her guardian agreed to; how many these were. Nothing ends meanwhile."""
    held = to_renew(person, on=in_china(at).date())
    for consent in held:
        consent.withdrawn_at, consent.withdrawn_by_id = at, person.id
    db.session.flush()
    for consent in held:
        own = Consent(
            person_id=person.id,
            purpose=consent.purpose,
            version=text_of(consent.what).version,
            given_at=at,
            given_by_id=person.id,
        )
        db.session.add(own)
        db.session.flush()
        record("consents.consent.given", own, by=person, at=at, person=person.id, purpose=consent.purpose)
    return len(held)


class _Guarded(NamedTuple):
    id: int
    person_id: int
    given_at: datetime
    born_on: str | None


def _guarded(after: int) -> list[_Guarded]:
    """Consents by guardians that still hold, by number."""
    wanted = select(Consent.id, Consent.person_id, Consent.given_at, Profile.born_on).join(
        Profile, Profile.person_id == Consent.person_id
    )
    holds = (Consent.guardian.is_not(None), Consent.withdrawn_at.is_(None), Consent.id > after)
    found = db.session.execute(wanted.where(*holds).order_by(Consent.id).limit(CHUNK))
    return [_Guarded(*row) for row in found]


def _told(found: Sequence[_Guarded], *, at: datetime) -> Iterator[Told]:
    told: set[int] = set()
    for _number, person_id, given_at, born in found:
        age = _reached(given_at, date.fromisoformat(born) if born else None, in_china(at).date())
        if age and person_id not in told:
            told.add(person_id)
            yield Told(person_id, "/me/data", {"age": age}, f"renew:{age}")


def _reached(given_at: datetime, born_on: date | None, day: date) -> int:
    """The age, of those that count, that she has reached since the consent was given; 0 when none."""
    if born_on is None:
        return 0
    before, now = age_on(in_china(given_at).date(), born_on=born_on), age_on(day, born_on=born_on)
    return next((age for age in AGES if before < age <= now), 0)
