"""What the pages about roles show."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from portal import clock
from portal.people.models import Grant, Person, Role, Scope
from portal.people.policy import grants_today
from portal.people.queries import is_last_administrator
from portal.roles import policy
from portal.roles.actions import LONGEST_DEPUTY
from portal.roles.capabilities import Capability, allowed, beyond_everybody, by_area
from portal.roles.forms import DeputyForm, GiveForm
from portal.roles.open_work import open_for
from portal.roles.queries import (
    GrantLine,
    Somebody,
    deputies_of,
    grants_of,
    namesakes_of,
    people_found,
    wishes_open,
)
from portal.roles.scopes import Place, everywhere, names_of, place_of, places
from portal.web.tables import Listing
from portal.words import Words

SOON = 14
"""Days before its end that a grant is said to end soon."""


class Held(NamedTuple):
    """A grant as a page shows it: what it is called, what it allows, whether the reader may end it."""

    line: GrantLine
    place: str
    can: list[tuple[Words, list[Capability]]]
    may_end: bool
    ends_soon: bool


def list_page(listing: Listing, *, reader: Person) -> dict[str, Any]:
    """Who holds what, as far as the reader may see it."""
    within = within_of(reader)
    found = people_found(listing, within=within)
    is_asked = listing.extra.get("role") == Role.VOLUNTEER
    return {
        "found": found,
        "people": [
            (who, [one for one in lines if is_asked or one.role != Role.VOLUNTEER]) for who, lines in found.people
        ],
        "names": names_of(line.scope for _who, lines in found.people for line in lines),
        "roles": list(Role),
        "places": _places_to_filter(within),
        "can_give": policy.can_give_anywhere(reader),
        "sees_all": within is None,
        "today": clock.today(),
    }


def person_page(person: Person, *, reader: Person) -> dict[str, Any]:
    """What she may, and by which grant; what she held before; who stands in for her."""
    lines, today, deputies = grants_of(person), clock.today(), deputies_of(person)
    now = [line for line in lines if line.counts_on(today) and person.is_open]
    coming = [line for line in lines if not line.is_over(today) and line not in now]
    names = names_of(line.scope for line in (*lines, *(one for _who, one in deputies)))
    return {
        "person": somebody(person),
        "is_self": person.id == reader.id,
        "held": [_held(line, names, reader=reader, today=today) for line in now],
        "coming": [_held(line, names, reader=reader, today=today) for line in coming],
        "past": [line for line in lines if line not in now and line not in coming],
        "everybody": allowed(None, everywhere().scope),
        "names": names,
        "deputies": deputies,
        "namesakes": namesakes_of(person),
        "can_give": policy.can_give_anywhere(reader) and person.id != reader.id,
        "can_hand_over": policy.can_plan_hand_over(reader, person) and person.id != reader.id,
        "can_close": policy.can_close(reader, person) and not is_last_administrator(person.id),
        "can_name_deputy": person.id == reader.id and bool(policy.delegable(reader)),
    }


def give_page(person: Person) -> dict[str, Any]:
    return {"person": somebody(person), "namesakes": namesakes_of(person), "held": _short(person)}


def offered(form: GiveForm, giver: Person) -> GiveForm:
    """The form with what this giver may give, from today on."""
    if not form.is_submitted():
        form.starts_on.data = clock.today()
    return form.offer(policy.roles_to_give(giver), _places_to_give(giver))


def deputies_page(reader: Person) -> dict[str, Any]:
    """Her own roles that can be stood in for, who does, and what waits to be confirmed."""
    own, deputies = policy.delegable(reader), deputies_of(reader)
    confirms = policy.gives_everywhere(reader)
    wishes = wishes_open() if policy.sees_everybody(reader) else wishes_open(of=reader)
    standing_in = [one for one in grants_today(reader) if one.deputy_of_id]
    scopes = [one.scope for one in (*own, *standing_in, *(wish.grant for wish in wishes))]
    names = names_of([*scopes, *(line.scope for _who, line in deputies)])
    return {
        "own": own,
        "deputies": deputies,
        "wishes": wishes,
        "standing_in": [line for line in grants_of(reader) if line.id in {one.id for one in standing_in}],
        "names": names,
        "confirms": confirms,
        "may": [(policy.can_confirm(reader, one), policy.can_withdraw(reader, one)) for one in wishes],
        "longest": LONGEST_DEPUTY,
        "reader": reader,
    }


def deputy_form(reader: Person) -> DeputyForm:
    own = policy.delegable(reader)
    form = DeputyForm()
    if not form.is_submitted():
        form.starts_on.data = clock.today()
        form.ends_on.data = clock.today() + timedelta(days=6)
    return form.offer(own, names_of(one.scope for one in own))


class Passing(NamedTuple):
    """A role that may be handed over."""

    grant: Grant
    place: Place


def to_hand_over(person: Person, *, by: Person) -> list[Passing]:
    """Her own roles that the reader may pass on, now and to come; what she stands in for ends by itself."""
    today, found = clock.today(), []
    for one in person.grants:
        is_over = one.ends_on is not None and (one.ends_on < today or one.ends_on < one.starts_on)
        place = None if is_over or one.deputy_of_id else place_of(one.scope)
        if place and one.role != Role.VOLUNTEER and policy.can_hand_over(by, one, place):
            found.append(Passing(one, place))
    return found


def hand_over_page(person: Person, passing: list[Passing]) -> dict[str, Any]:
    return {"person": somebody(person), "passing": passing, "open": open_for(person)}


def somebody(person: Person) -> Somebody:
    return Somebody(person.id, person.name, person.login, person.volunteer_no, person.is_open)


def within_of(reader: Person) -> frozenset[int] | None:
    """The organisations whose people the reader sees; None for all people."""
    return None if policy.sees_everybody(reader) else policy.own_organisations(reader)


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _held(line: GrantLine, names: dict[Scope, str], *, reader: Person, today: date) -> Held:
    role, place = Role(line.role), place_of(line.scope)
    around = place.organisation_id if place else None
    may_end = _may_end(line, place, reader)
    ends_soon = line.ends_on is not None and line.ends_on <= today + timedelta(days=SOON)
    can = beyond_everybody(role, line.scope, organisation_id=around, is_deputy=line.deputy_of_id is not None)
    return Held(line, names[line.scope], list(by_area(can)), may_end, ends_soon)


def _may_end(line: GrantLine, place: Place | None, reader: Person) -> bool:
    if reader.id in (line.person_id, line.principal_id):
        return True
    return place is not None and policy.can_give(reader, Role(line.role), place)


def _short(person: Person) -> list[str]:
    held = grants_today(person)
    names = names_of(one.scope for one in held)
    return [f"{Role(one.role).label} · {names[one.scope]}" for one in held]


def _places_to_give(giver: Person) -> list[Place]:
    if policy.gives_everywhere(giver):
        return [everywhere(), *places("fund"), *places("organisation"), *places("team")]
    own = policy.own_organisations(giver)
    return [*places("organisation", own), *places("team", of=own)]


def _places_to_filter(within: frozenset[int] | None) -> list[Place]:
    if within is None:
        return [everywhere(), *places("fund"), *places("organisation")]
    return [*places("organisation", within), *places("team", of=within)]
