"""Where roles count: scopes with their names, as people write and read them."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, null, select

from portal.db import db, rows
from portal.funds.models import Fund
from portal.orgs.models import Organisation, Team
from portal.people.models import ALLIANCE, Scope
from portal.words import _l

KIND_NAMES = {
    "alliance": _l("整个联盟"),
    "community": _l("社区"),
    "grid": _l("网格"),
    "organisation": _l("组织"),
    "team": _l("服务队"),
    "fund": _l("基金"),
}
_TABLES: dict[str, type[Organisation] | type[Team] | type[Fund]] = {
    "organisation": Organisation,
    "team": Team,
    "fund": Fund,
}


class Place(NamedTuple):
    """A scope that exists. `organisation_id` is that of an organisation, or of the one in which a team lies."""

    scope: Scope
    name: str
    organisation_id: int | None = None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Where a role counts for it: itself, the organisation around it, the whole alliance."""
        around = (Scope("organisation", self.organisation_id),) if self.organisation_id else ()
        return self.scope, *around, ALLIANCE

    @property
    def value(self) -> str:
        return written(self.scope)


def everywhere() -> Place:
    return Place(ALLIANCE, str(KIND_NAMES["alliance"]))


def written(scope: Scope) -> str:
    """As forms and addresses write it: `alliance`, `fund:3`."""
    return scope.kind if scope == ALLIANCE else f"{scope.kind}:{scope.id}"


def place_written(text: str) -> Place | None:
    """The place that a form names by its number; None when there is none."""
    if text == written(ALLIANCE):
        return everywhere()
    kind, _, number = text.partition(":")
    is_number = number.isascii() and number.isdigit() and len(number) < 19
    return place_of(Scope(kind, int(number))) if is_number else None


def place_called(text: str) -> Place | None:
    """The place that a command names by its short name: `alliance`, `fund:919`, `team:walk`."""
    if text == written(ALLIANCE):
        return everywhere()
    kind, _, slug = text.partition(":")
    if kind not in _TABLES or not slug:
        return None
    found = db.session.scalar(select(_TABLES[kind].id).where(_TABLES[kind].slug == slug))
    return place_of(Scope(kind, found)) if found else None


def place_of(scope: Scope) -> Place | None:
    if scope == ALLIANCE:
        return everywhere()
    return next(iter(places(scope.kind, [scope.id])), None)


def places(kind: str, ids: Collection[int] | None = None, *, of: Collection[int] | None = None) -> list[Place]:
    """Places of one kind by name. `ids`: only these; `of`: only what lies in these organisations."""
    if kind not in _TABLES:
        return []
    return [Place(Scope(kind, row.id), row.name, row.organisation_id) for row in rows(_places(kind, ids, of))]


def names_of(scopes: Iterable[Scope]) -> dict[Scope, str]:
    """What these scopes are called; a statement for each kind. One that is not there is called by its kind."""
    wanted = set(scopes)
    names = {scope: str(KIND_NAMES[scope.kind]) for scope in wanted}
    for kind in {scope.kind for scope in wanted} & _TABLES.keys():
        found = places(kind, [scope.id for scope in wanted if scope.kind == kind])
        names |= {place.scope: place.name for place in found}
    return names


def _places(kind: str, ids: Collection[int] | None, of: Collection[int] | None) -> Select[int, str, int | None]:
    table = _TABLES[kind]
    lies_in: ColumnElement[Any] = null()
    if table is not Fund:
        lies_in = Team.organisation_id.expression if table is Team else table.id.expression
    found = select(table.id, table.name, lies_in.label("organisation_id"))
    if ids is not None:
        found = found.where(table.id.in_(ids))
    elif table is not Fund:
        # Offered to be chosen: nobody gets a role where everything has ended.
        closed = select(Organisation.id).where(Organisation.closed_on.is_not(None))
        found = found.where(lies_in.not_in(closed))
    if of is not None:
        found = found.where(lies_in.in_(of))
    return found.order_by(table.name, table.id)
