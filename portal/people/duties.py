"""Where a role makes sense, and which roles must never lie in one hand at the same time.

Whoever receives money never books it (民间非营利组织会计制度: 不相容职务分离), whoever supervises changes nothing.
"""

from portal.people.models import Role

FITS: dict[Role, tuple[str, ...]] = {
    Role.VOLUNTEER: ("alliance", "organisation", "team"),
    Role.TEAM_LEADER: ("team",),
    Role.ORGANISATION_ADMIN: ("organisation",),
    Role.REVIEWER: ("organisation",),
    Role.CASHIER: ("fund", "alliance"),
    Role.ACCOUNTANT: ("fund", "alliance"),
    Role.COUNCIL: ("fund", "alliance"),
    Role.SUPERVISOR: ("alliance",),
    Role.WORKER: ("alliance", "community"),
    Role.ADMIN: ("alliance",),
}
"""The kinds of scope in which a role may be given, the usual one first."""

MONEY = (Role.CASHIER, Role.ACCOUNTANT)
DELEGABLE = (Role.TEAM_LEADER, Role.ORGANISATION_ADMIN, Role.REVIEWER, *MONEY)
"""What somebody else may do during a holiday; a seat in the council is a person's own."""

BESIDE_SUPERVISION = (Role.SUPERVISOR, Role.VOLUNTEER)
"""All that a supervisor may be besides."""

APART = tuple(role for role in Role if role not in BESIDE_SUPERVISION)
"""Roles that change something."""
