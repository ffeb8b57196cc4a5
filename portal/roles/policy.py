"""Who gives which role where, who ends it, and who sees who holds what. Each refusal has a sentence that says why."""

from collections.abc import Collection

from portal.people.duties import DELEGABLE, FITS, MONEY
from portal.people.models import ALLIANCE, Grant, Person, Role, Scope
from portal.people.names import strange_in
from portal.people.policy import READS_ALL, grants_today, holds, scopes_of
from portal.problems import DomainError
from portal.roles.models import DeputyWish
from portal.roles.queries import belongs_to
from portal.roles.scopes import KIND_NAMES, Place
from portal.words import _l

GIVES: dict[Role, tuple[Role, ...]] = {
    Role.ADMIN: tuple(Role),
    Role.ORGANISATION_ADMIN: (Role.VOLUNTEER, Role.TEAM_LEADER, Role.REVIEWER),
}
"""Who gives what, each within her own scope. Nobody else gives anything."""


# ── seeing ──────────────────────────────────────────────────────────────────────────────────────────
def can_open_roles(person: Person) -> bool:
    """Those who read everything, and whoever runs an organisation."""
    return sees_everybody(person) or bool(own_organisations(person))


def sees_everybody(person: Person) -> bool:
    return holds(person, *READS_ALL)


def can_see_person(person: Person, other: Person) -> bool:
    """Herself; everybody; or those who belong to an organisation that she runs."""
    return person.id == other.id or sees_everybody(person) or belongs_to(other, own_organisations(person))


def own_organisations(person: Person) -> frozenset[int]:
    """The organisations that the person runs; a deputy runs them too."""
    return scopes_of(person, Role.ORGANISATION_ADMIN, kind="organisation") or frozenset()


# ── giving ──────────────────────────────────────────────────────────────────────────────────────────
def can_give(giver: Person, role: Role, place: Place) -> bool:
    """By a role of her own that covers the place. Who only stands in for somebody gives nothing."""
    return any(role in GIVES[Role(one.role)] and one.scope in place.scopes for one in _giving(giver))


def can_give_anywhere(giver: Person) -> bool:
    return bool(_giving(giver))


def roles_to_give(giver: Person) -> list[Role]:
    """In the order of the list."""
    return [role for role in Role if any(role in GIVES[Role(one.role)] for one in _giving(giver))]


def gives_everywhere(giver: Person) -> bool:
    return any(one.role == Role.ADMIN and one.scope == ALLIANCE for one in _giving(giver))


def require_may_give(giver: Person, person: Person, role: Role, place: Place) -> None:
    """Raises DomainError: why this giver may not give this role to this person there."""
    if giver.id == person.id:
        raise DomainError(_l("不能给自己授权，请另一位管理员来办。"))
    require_fits(role, place.scope)
    if not can_give(giver, role, place):
        raise DomainError(_l("这超出了您自己的范围：您只能在自己管的组织里授予队长、审核人和志愿者。"), field="place")
    require_can_hold(person)


def require_fits(role: Role, scope: Scope) -> None:
    """Raises DomainError when the role makes no sense there."""
    if scope.kind not in FITS[role]:
        kinds = "、".join(str(KIND_NAMES[kind]) for kind in FITS[role])
        raise DomainError(_l("「%(role)s」的范围只能是：%(kinds)s。", role=role.label, kinds=kinds), field="place")


def require_can_hold(person: Person) -> None:
    """Raises DomainError: a closed account, or a name that may be meant to pass for another's."""
    if not person.is_open:
        raise DomainError(_l("%(name)s的账号已经停用，先恢复账号再授权。", name=person.name), field="person")
    if why := strange_in(person.name):
        raise DomainError(_l("%(why)s，先核对本人、改正姓名，再授权。", why=why), field="person")


# ── ending ──────────────────────────────────────────────────────────────────────────────────────────
def can_end(person: Person, grant: Grant, place: Place, *, principal_id: int | None = None) -> bool:
    """Who may give it, who holds it, and for a deputy's grant who is stood in for (`principal_id`)."""
    return person.id in (grant.person_id, principal_id) or can_give(person, Role(grant.role), place)


def can_hand_over(person: Person, grant: Grant, place: Place) -> bool:
    """Pass it on to a successor: whoever may give it to both."""
    return person.id != grant.person_id and can_give(person, Role(grant.role), place)


def can_plan_hand_over(person: Person, other: Person) -> bool:
    """See what is open for another before she leaves."""
    return can_give_anywhere(person) and can_see_person(person, other)


# ── deputies ────────────────────────────────────────────────────────────────────────────────────────
def delegable(person: Person) -> list[Grant]:
    """What somebody else may do for her: her own roles that can be stood in for, not what she stands in for herself."""
    return [one for one in grants_today(person) if one.role in DELEGABLE and one.deputy_of_id is None]


def can_open_deputies(person: Person) -> bool:
    """Whoever may name a deputy or is one, who confirms them, and those who read everything."""
    is_deputy = any(one.deputy_of_id for one in person.grants)
    return bool(delegable(person)) or is_deputy or sees_everybody(person)


def needs_confirmation(role: Role) -> bool:
    """Who handles money is stood in for only when an administrator agrees."""
    return role in MONEY


def can_confirm(person: Person, wish: DeputyWish) -> bool:
    """An administrator who is neither of the two."""
    return gives_everywhere(person) and person.id not in (wish.wished_by_id, wish.person_id)


def can_refuse(person: Person, wish: DeputyWish) -> bool:
    """Administrators."""
    return gives_everywhere(person)


def can_withdraw(person: Person, wish: DeputyWish) -> bool:
    """Either of the two."""
    return person.id in (wish.wished_by_id, wish.person_id)


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────
def can_close(person: Person, other: Person) -> bool:
    """An administrator closes and reopens others' accounts, and hands out codes for a new password."""
    return gives_everywhere(person) and person.id != other.id


def _giving(giver: Person) -> Collection[Grant]:
    return [one for one in grants_today(giver) if one.role in GIVES and one.deputy_of_id is None]
