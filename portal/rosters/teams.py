"""The teams that the rows of a roster may name."""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.files.cells import folded
from portal.orgs.models import Organisation, Team
from portal.teams.models import TeamCard

_BETWEEN = re.compile(r"[-—–·:/>]+")


class TeamBook:
    """The open teams of organisations, or (None) of all. Teams of one name are told apart by their organisation's."""

    def __init__(self, *organisation_ids: int | None, session: Session) -> None:
        teams = (
            select(Team.id, Team.name, Organisation.name)
            .join(Organisation, Organisation.id == Team.organisation_id)
            .outerjoin(TeamCard, TeamCard.team_id == Team.id)
            .where(TeamCard.closed_on.is_(None), Organisation.closed_on.is_(None))
            .order_by(Team.id)
        )
        if None not in organisation_ids:
            teams = teams.where(Team.organisation_id.in_(organisation_ids))
        self.teams = [(id, name, of) for id, name, of in session.connection().execute(teams)]

    @cached_property
    def names(self) -> dict[int, str]:
        """Id → name; with the organisation's where two have the same."""
        alike = self._by_text
        return {id: name if len(alike[_plain(name)]) == 1 else f"{of} {name}" for id, name, of in self.teams}

    def called(self, text: str) -> Sequence[int]:
        """The ids of the teams that a text may mean."""
        return self._by_text.get(_plain(text), ())

    @cached_property
    def _by_text(self) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for id, name, of in self.teams:
            found[_plain(name)].append(id)
            found[_plain(of + name)].append(id)
        return found


def _plain(text: str) -> str:
    return _BETWEEN.sub("", folded(text))
