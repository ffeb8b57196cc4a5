"""Personal files of everybody who serves: ages as in life, what they can and like to do, what they agreed to.

Nobody has the number of an identity card here but three of the cast, and theirs are plainly invented.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from PIL import Image
from sqlalchemy import select

from portal import clock
from portal.consents.actions import Guardian, give
from portal.consents.bulk_actions import Agreeing, give_many
from portal.consents.models import Purpose
from portal.db import db
from portal.demo.names import PLACES
from portal.files import StoredFile, keep_picture, picture_of
from portal.identity import Gender, Paper
from portal.orgs.models import Membership, Organisation, Team
from portal.people.bulk_actions import Newcomer
from portal.people.models import Person
from portal.profiles.actions import open_file
from portal.profiles.bulk_actions import Opening, open_files
from portal.profiles.choices import RELATIONS, SERVICES, SKILLS, TIMES
from portal.profiles.details import OF_AGE, Details, Protector
from portal.profiles.documents import Writing, add_document
from portal.profiles.models import Profile, Proof, Status
from portal.words import Words

AGES = ((15, 17), (18, 29), (30, 44), (45, 59), (60, 69), (70, 78))
"""Whole years on the day they joined."""
AGE_WEIGHTS = (1, 13, 18, 28, 28, 12)
GENDERS, GENDER_WEIGHTS = (Gender.FEMALE, Gender.MALE), (0.62, 0.38)
OLD, WITHOUT_PHONE = 70, 0.3
HOW_MANY = (0, 1, 2, 3)
SKILL_WEIGHTS, SERVICE_WEIGHTS, TIME_WEIGHTS = (5, 4, 2, 1), (0, 4, 4, 2), (0, 5, 3, 0)
YEAR = timedelta(days=365.25)
CARDS = {"volunteer": "110105199001010002", "leader": "110105198001010008", "lead": "11010519750101000X"}
"""Right check digits, but 000 is nobody's place among those born on a day: they count from 001."""
CERTIFICATES = ("红十字救护员证", "社会工作者职业资格证书", "健康管理师证")
INSURANCE = "志愿者人身意外险"
DAYS_LEFT = (-20, 6, 18, 27, 45, 120, 200, 300)
"""Until the insurances of the lead's organisation run out, one after the other."""
INSURED = 32


class _Joined(NamedTuple):
    """Somebody without a file, and when she joined."""

    person: Newcomer
    at: datetime


def add_files(chance: random.Random, organisations: list[Organisation], cast: dict[str, Person]) -> None:
    """A file for every volunteer of the day she joined, and papers that run out for the lead's organisation."""
    for login, number in CARDS.items():
        _open_own(chance, cast[login], number)
    paper = _signed(by=cast["worker"])
    for at, joined in groupby(_without_file(), key=itemgetter(1)):
        _open(chance, [one.person for one in joined], paper, by=cast["worker"], at=at)
    _add_documents(organisations[0], by=cast["lead"])
    db.session.commit()


def _open_own(chance: random.Random, person: Person, number: str) -> None:
    """She has typed it herself, and agreed to each use."""
    at = person.created_at
    drawn = _drawn(chance, at.date())
    # The card says both.
    anybody = replace(drawn, gender=None, born_on=None, guardian=None, has_phone=True)
    own = replace(anybody, paper=Paper.RESIDENT, number=number)
    open_file(person, own, status=Status.ACTIVE, by=person, at=at)
    for purpose in (Purpose.JOIN, Purpose.IDENTITY, Purpose.REPORT, Purpose.PORTRAIT):
        give(person, purpose, by=person, at=at)


def _without_file() -> list[_Joined]:
    missing = (
        select(Person.id, Person.name, Person.created_at)
        .outerjoin(Profile, Profile.person_id == Person.id)
        .where(Person.volunteer_no.is_not(None), Profile.person_id.is_(None))
        .order_by(Person.created_at, Person.id)
    )
    return [_Joined(Newcomer(id, name), at) for id, name, at in db.session.execute(missing)]


def _open(chance: random.Random, people: list[Newcomer], paper: StoredFile, *, by: Person, at: datetime) -> None:
    """Files that the worker entered from signed forms."""
    openings = [Opening(person, _drawn(chance, at.date())) for person in people]
    open_files(openings, status=Status.ACTIVE, by=by, at=at)
    give_many(list(_agreeing(chance, openings)), paper=paper, by=by, at=at)


def _agreeing(chance: random.Random, openings: list[Opening]) -> Iterator[Agreeing]:
    for person, details in openings:
        guardian = details.guardian and Guardian(details.guardian.name, details.guardian.relation)
        yield Agreeing(person.id, Purpose.JOIN, guardian)
        if chance.random() < 0.5:
            yield Agreeing(person.id, Purpose.PORTRAIT, guardian)


# ── what a file says ────────────────────────────────────────────────────────────────────────────────
def _drawn(chance: random.Random, joined_on: date) -> Details:
    youngest, oldest = chance.choices(AGES, AGE_WEIGHTS)[0]
    age = chance.randint(youngest, oldest)
    return Details(
        gender=chance.choices(GENDERS, GENDER_WEIGHTS)[0],
        born_on=joined_on - age * YEAR - timedelta(days=chance.randint(1, 360)),
        area=chance.choice(PLACES),
        guardian=_guardian(chance) if age < OF_AGE else None,
        has_phone=age < OLD or chance.random() > WITHOUT_PHONE,
        skills=_some(chance, SKILLS, SKILL_WEIGHTS),
        services=_some(chance, SERVICES, SERVICE_WEIGHTS),
        times=_some(chance, TIMES, TIME_WEIGHTS),
    )


def _some(chance: random.Random, words: tuple[Words, ...], weights: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(word.text for word in chance.sample(words, k=chance.choices(HOW_MANY, weights)[0]))


def _guardian(chance: random.Random) -> Protector:
    return Protector("示例家长", "13900000000", chance.choice(RELATIONS[:2]).text)


def _signed(*, by: Person) -> StoredFile:
    """The photo of an empty sheet: invented people sign nothing."""
    sheet = BytesIO()
    Image.new("RGB", (420, 594), "white").save(sheet, "PNG")
    return keep_picture(picture_of(sheet.getvalue(), filename="同意书（演示）.jpg"), by=by, at=by.created_at)


# ── what runs out ───────────────────────────────────────────────────────────────────────────────────
def _add_documents(organisation: Organisation, *, by: Person) -> None:
    """Insurances of a year, some run out already or soon; now and then a certificate."""
    now, today = clock.now(), clock.today()
    for number, person in enumerate(_members(organisation)):
        until = today + timedelta(days=DAYS_LEFT[number % len(DAYS_LEFT)])
        begun = until - timedelta(days=364)
        add_document(person, Writing(Proof.INSURANCE, INSURANCE, f"YS{number:06d}", begun, until), by=by, at=now)
        if number % 4 == 0:
            name = CERTIFICATES[number // 4 % len(CERTIFICATES)]
            ends = until + timedelta(days=10)
            add_document(person, Writing(Proof.CERTIFICATE, name, None, ends - 3 * YEAR, ends), by=by, at=now)


def _members(organisation: Organisation) -> list[Person]:
    """Those of its people who joined first."""
    of_it = select(Membership.person_id).join(Team).where(Team.organisation_id == organisation.id)
    return list(db.session.scalars(select(Person).where(Person.id.in_(of_it)).order_by(Person.id).limit(INSURED)))
