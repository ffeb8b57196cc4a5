"""How large the demo data is to be."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How much history there is before and beside the small demo; its people and stories are there in any case.

    `organisations`, `teams` and `volunteers` count those of the small demo in; the other numbers are on top of it.
    `units` are the member units of the alliance: all organisations, and others that have no teams.
    """

    weeks: int
    organisations: int
    units: int
    teams: int
    volunteers: int
    activities: int
    claims: int
    gifts: int
    payments: int

    @property
    def age(self) -> timedelta:
        """How long ago it all began: some weeks before the first activity."""
        return timedelta(weeks=self.weeks + 4)


SMALL: Scale | None = None
FULL = Scale(
    weeks=522,
    organisations=43,
    units=140,
    teams=600,
    volunteers=21_000,
    activities=50_000,
    claims=1_000_000,
    gifts=200_000,
    payments=20_000,
)
SCALES = {"small": SMALL, "full": FULL}
