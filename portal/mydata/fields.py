"""The parts of a person's file: what each is called, how it looks masked, and what it says."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from portal.contacts.models import Contact
from portal.identity import GENDER_NAMES, Gender
from portal.privacy import mask_birth, mask_mobile, mask_name, mask_paper, mask_place
from portal.profiles.models import Profile
from portal.words import Words, _, _l


class Field(StrEnum):
    """One part that is masked unless somebody has a reason."""

    MOBILE = "mobile"
    GUARDIAN = "guardian"
    BIRTH = "birth"
    PAPER = "paper"
    ADDRESS = "address"
    HEALTH = "health"
    ETHNIC = "ethnic"
    PARTY = "party"

    @property
    def label(self) -> Words:
        return FIELD_NAMES[self]


FIELD_NAMES: dict[Field, Words] = {
    Field.MOBILE: _l("手机和邮箱"),
    Field.GUARDIAN: _l("监护人"),
    Field.BIRTH: _l("出生日期"),
    Field.PAPER: _l("证件号码"),
    Field.ADDRESS: _l("住址"),
    Field.HEALTH: _l("健康情况"),
    Field.ETHNIC: _l("民族"),
    Field.PARTY: _l("政治面貌"),
}


class Known(NamedTuple):
    """What is known of somebody: her file, if she has one, and her contacts."""

    profile: Profile | None
    contacts: Sequence[Contact]


class Entry(NamedTuple):
    """A part as a page shows it."""

    field: Field
    value: str


def masked(known: Known) -> list[Entry]:
    """All that is there, masked; what nobody said is left out."""
    return _entries(known, _MASKED)


def in_full(known: Known, fields: Sequence[Field]) -> list[Entry]:
    """These parts as they are."""
    return [entry for entry in _entries(known, _FULL) if entry.field in fields]


def _entries(known: Known, how: dict[Field, Callable[[Known], str]]) -> list[Entry]:
    return [Entry(field, value) for field in Field if (value := how[field](known))]


def _contacts(known: Known) -> str:
    return _("、").join(contact.value for contact in known.contacts)


def _masked_contacts(known: Known) -> str:
    return _("、").join(contact.masked for contact in known.contacts)


def _guardian(known: Known) -> str:
    profile = known.profile
    if profile is None or not profile.guardian_name:
        return ""
    return _joined(profile.guardian_name, profile.guardian_relation, profile.guardian_mobile)


def _masked_guardian(known: Known) -> str:
    profile = known.profile
    if profile is None or not profile.guardian_name:
        return ""
    mobile = mask_mobile(profile.guardian_mobile) if profile.guardian_mobile else ""
    return _joined(mask_name(profile.guardian_name), profile.guardian_relation, mobile)


def _birth(known: Known) -> str:
    return (known.profile.born_on or "") if known.profile else ""


def _masked_birth(known: Known) -> str:
    born_on = known.profile.birthday if known.profile else None
    return mask_birth(born_on) if born_on else ""


def _paper(known: Known) -> str:
    return _of_paper(known, lambda number: number)


def _masked_paper(known: Known) -> str:
    return _of_paper(known, mask_paper)


def _of_paper(known: Known, how: Callable[[str], str]) -> str:
    profile = known.profile
    if profile is None or profile.paper is None or not profile.id_number:
        return ""
    return _joined(str(profile.paper.label), how(profile.id_number))


def _address(known: Known) -> str:
    return (known.profile.address or "") if known.profile else ""


def _masked_address(known: Known) -> str:
    address = _address(known)
    return mask_place(address) if address else ""


def _of(name: str) -> Callable[[Known], str]:
    return lambda known: str(getattr(known.profile, name, None) or "")


def _is_there(name: str) -> Callable[[Known], str]:
    """That something was said, never what: one character of it would be too much."""
    return lambda known: _("已登记") if getattr(known.profile, name, None) else ""


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


def gender_of(profile: Profile | None) -> str:
    return str(GENDER_NAMES[Gender(profile.gender)]) if profile and profile.gender else ""


_MASKED: dict[Field, Callable[[Known], str]] = {
    Field.MOBILE: _masked_contacts,
    Field.GUARDIAN: _masked_guardian,
    Field.BIRTH: _masked_birth,
    Field.PAPER: _masked_paper,
    Field.ADDRESS: _masked_address,
    Field.HEALTH: _is_there("health"),
    Field.ETHNIC: _is_there("ethnic"),
    Field.PARTY: _is_there("party"),
}
_FULL: dict[Field, Callable[[Known], str]] = {
    Field.MOBILE: _contacts,
    Field.GUARDIAN: _guardian,
    Field.BIRTH: _birth,
    Field.PAPER: _paper,
    Field.ADDRESS: _address,
    Field.HEALTH: _of("health"),
    Field.ETHNIC: _of("ethnic"),
    Field.PARTY: _of("party"),
}
