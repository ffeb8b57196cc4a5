"""What a personal file says, checked as a whole before any of it is written."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from portal.identity import Gender, Paper, age_on, read_paper, read_resident_id
from portal.privacy import digest_of
from portal.problems import DomainError
from portal.words import _l

OF_AGE = 18
"""民法典 §17."""
OLD_ENOUGH_TO_AGREE = 14
"""个人信息保护法 §31: below it the guardian agrees."""
OLDEST = 130
LONGEST_WORD = 40
MOST_WORDS = 20


class Protector(NamedTuple):
    """监护人: her name, how she is reached, and what she is to the child."""

    name: str
    mobile: str
    relation: str


@dataclass(frozen=True)
class Details:
    """None or empty is what nobody said. `number` belongs to `paper`."""

    gender: Gender | None = None
    born_on: date | None = None
    paper: Paper | None = None
    number: str | None = None
    area: str | None = None
    address: str | None = None
    health: str | None = None
    ethnic: str | None = None
    party: str | None = None
    guardian: Protector | None = None
    has_phone: bool = True
    skills: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    times: tuple[str, ...] = ()


def checked(details: Details, *, today: date, needs_guardian: bool = True) -> Details:
    """The same in one form; a resident's number fills in birth date and gender. Raises DomainError with the field.

    `needs_guardian` is not asked of whoever only applies and waits for her guardian.
    """
    details = _paper_read(details)
    if details.born_on is not None and not 0 <= age_on(today, born_on=details.born_on) <= OLDEST:
        raise DomainError(_l("出生日期不合理，请再看一遍。"), field="born_on")
    if needs_guardian and is_minor(details, today=today) and details.guardian is None:
        raise DomainError(_l("未满 18 周岁，请填写监护人的姓名、手机和关系。"), field="guardian_name")
    return replace(
        details, skills=_words(details.skills), services=_words(details.services), times=_words(details.times)
    )


def is_minor(details: Details, *, today: date) -> bool:
    """Under 18; whoever says no birth date is taken as of age."""
    return details.born_on is not None and age_on(today, born_on=details.born_on) < OF_AGE


def digest_of_paper(paper: Paper, number: str) -> str:
    """By which the same paper is found again, whoever typed it."""
    return digest_of(f"{paper.value}:{number}", purpose="paper")


def _paper_read(details: Details) -> Details:
    """Raises DomainError: a number without its kind, a wrong number, or one that says another birth date or gender."""
    if not details.number:
        return replace(details, paper=None, number=None)
    if details.paper is None:
        raise DomainError(_l("请选证件类型。"), field="id_kind")
    if details.paper is not Paper.RESIDENT:
        return replace(details, number=read_paper(details.paper, details.number))
    said = read_resident_id(details.number)
    if details.born_on not in (None, said.born_on):
        raise DomainError(_l("出生日期和身份证号里的不一样，请对照证件再看一遍。"), field="born_on")
    if details.gender not in (None, said.gender):
        raise DomainError(_l("性别和身份证号里的不一样，请对照证件再看一遍。"), field="gender")
    return replace(details, number=said.number, born_on=said.born_on, gender=said.gender)


def _words(words: Iterable[str]) -> tuple[str, ...]:
    """Each once, in the order given. Raises DomainError."""
    tidy = tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
    if len(tidy) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in tidy):
        raise DomainError(
            _l("每一项最多 %(most)d 个词，每个词最多 %(longest)d 个字。", most=MOST_WORDS, longest=LONGEST_WORD)
        )
    return tidy
