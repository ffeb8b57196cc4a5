"""What the database itself refuses about consents and personal files, and what happens where it does not."""

from portal.consents.actions import give
from portal.consents.models import Purpose
from portal.exports import begin
from portal.people.models import Person
from portal.profiles.actions import open_file
from portal.profiles.details import Details
from portal.profiles.models import Status
from tests.importing import refused, run, without
from tests.volunteers import MONDAY, Cast


def agreed(person: Person) -> int:
    return give(person, Purpose.HEALTH, by=person, at=MONDAY).id


def test_nobody_agrees_to_another_text_afterwards(people: Cast) -> None:
    consent = agreed(people.member)
    change = "UPDATE consents_consent SET purpose = 'party' WHERE id = :consent"
    with refused("consents_consent"):
        run(change, consent=consent)
    consent = agreed(people.other)
    with without("consents_consent_frozen"):
        assert run(change, consent=consent) == 1


def test_a_consent_is_ended_and_never_gone(people: Cast) -> None:
    consent = agreed(people.member)
    with refused("no delete"):
        run("DELETE FROM consents_consent WHERE id = :consent", consent=consent)
    consent = agreed(people.other)
    with without("consents_consent_no_delete"):
        assert run("DELETE FROM consents_consent WHERE id = :consent", consent=consent) == 1


def test_who_has_applied_is_not_active_at_a_stroke(people: Cast) -> None:
    change = "UPDATE profiles_profile SET status = 'active' WHERE person_id = :person"
    for person in (people.member, people.other):
        open_file(person, Details(), status=Status.APPLIED, by=person, at=MONDAY)
        if person is people.member:
            with refused("profiles_profile_moves"):
                run(change, person=person.id)
        else:
            with without("profiles_profile_moves"):
                assert run(change, person=person.id) == 1


def test_what_an_export_was_for_stays(people: Cast) -> None:
    change = "UPDATE exports_export SET purpose = '别的用途' WHERE id = :export"
    first = begin(people.lead, what="teams.roster", purpose="保险花名册", count=3, at=MONDAY)
    with refused("exports_export"):
        run(change, export=first.id)
    second = begin(people.lead, what="teams.roster", purpose="保险花名册", count=3, at=MONDAY)
    with without("exports_export_frozen"):
        assert run(change, export=second.id) == 1
