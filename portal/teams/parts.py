"""What rooms above show on a team's page: what comes next, how much was served. A room says so once, by name."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal.orgs.models import Team

Part = Callable[[Team, datetime], Any]
_PARTS: dict[str, Part] = {}


def on_team_page(name: str) -> Callable[[Part], Part]:
    """Mark a function of the team and the moment: what it gives, the team's page shows as `parts.<name>`."""

    def register(part: Part) -> Part:
        _PARTS[name] = part
        return part

    return register


def parts_of(team: Team, *, at: datetime) -> dict[str, Any]:
    """All of them, by name."""
    return {name: part(team, at) for name, part in _PARTS.items()}
