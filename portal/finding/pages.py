"""What the page of results shows, and where a line leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import current_app, url_for

from portal.finding.asking import Asked
from portal.finding.models import Kind
from portal.finding.queries import A_PAGE, MOST_PAGES, Cut, Found, Hit, found, scope_of
from portal.orgs.policy import RUNS_TEAMS
from portal.people.models import Person
from portal.people.policy import holds_anywhere

SUGGESTED = 4
"""Lines of a kind below the box while somebody types."""

_PAGES: Mapping[Kind, tuple[str, ...]] = {
    Kind.PERSON: ("mydata.person",),
    Kind.ORGANISATION: ("transparency.show",),
    Kind.TEAM: ("teams.team", "orgs.team"),
}


class Line(NamedTuple):
    """A line and its page, where it has one that the reader may open."""

    hit: Hit
    url: str | None


@dataclass(frozen=True)
class Section:
    """The lines of one kind. `earlier` and `later` are addresses of its other pages."""

    kind: Kind
    lines: list[Line]
    earlier: str | None = None
    later: str | None = None


def results(asked: Asked, viewer: Person, *, kind: Kind | None, page: int) -> list[Section]:
    """The first lines of every kind, or a page of one."""
    page = min(max(page, 1), MOST_PAGES) if kind else 1
    cut = Cut((page - 1) * A_PAGE, A_PAGE)
    sections = [_section(found(asked, one, viewer, cut), asked, page) for one in ([kind] if kind else Kind)]
    return [section for section in sections if section.lines or section.earlier]


def suggestions(asked: Asked, viewer: Person) -> list[Section]:
    """A few lines of every kind; one Latin letter says too little."""
    if not asked.words and len("".join(asked.letters)) < 2:
        return []
    few = (found(asked, kind, viewer, Cut(0, SUGGESTED)) for kind in Kind)
    return [Section(one.kind, lines(one)) for one in few if one.hits]


def lines(of: Found) -> list[Line]:
    return [Line(hit, _page_of(of.kind, hit)) for hit in of.hits]


def about(viewer: Person) -> str:
    """Whom the viewer may find: everybody, those of her teams and organisations, or herself."""
    if scope_of(viewer) is None:
        return "all"
    return "own" if holds_anywhere(viewer, *RUNS_TEAMS) else "self"


def _section(of: Found, asked: Asked, page: int) -> Section:
    def at(number: int) -> str:
        return url_for("finding.index", q=asked.text, kind=of.kind.value, page=number)

    later = at(page + 1) if of.is_more and page < MOST_PAGES else None
    return Section(of.kind, lines(of), at(page - 1) if page > 1 else None, later)


def _page_of(kind: Kind, hit: Hit) -> str | None:
    """The page of a person, an organisation or a team, where this portal has one."""
    if kind is Kind.TEAM and not hit.opens:
        return None
    named: Any = hit.slug or hit.id
    for endpoint in _PAGES[kind]:
        if endpoint in current_app.view_functions:
            (argument,) = next(current_app.url_map.iter_rules(endpoint)).arguments
            return url_for(endpoint, **{argument: named})
    return None
