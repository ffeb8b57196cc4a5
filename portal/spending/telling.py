"""How an expense fares is told to whoever is next, and to whoever entered it."""

from datetime import datetime

from portal.actor import Actor
from portal.notices import Kind, Way, kind, tell
from portal.people.models import Role
from portal.people.queries import holders_of
from portal.spending.models import STAGE_NAMES, Expense, Stage
from portal.words import _l

WAITS = kind(
    "spending.waits",
    words=_l("用款等您办"),
    detail=_l("%(fund)s的用款「%(purpose)s」%(fen)s，%(stage)s。"),
    mail=Way.NOW,
    roles=(Role.COUNCIL, Role.CASHIER, Role.ACCOUNTANT),
)
FARED = kind(
    "spending.fared",
    words=_l("用款有了结果"),
    detail=_l("%(fund)s的用款「%(purpose)s」%(fen)s：%(stage)s。%(reason)s"),
    roles=(Role.WORKER, Role.CASHIER),
)
NEXT = {Stage.ENTERED: Role.COUNCIL, Stage.APPROVED: Role.CASHIER, Stage.PAID: Role.ACCOUNTANT}


def tell_next(expense: Expense, *, by: Actor, at: datetime) -> None:
    """Those who can take the next step; whoever entered it when there is none."""
    if role := NEXT.get(Stage(expense.stage)):
        people = holders_of(role, on=expense.fund.scope, day=at.date())
        own = expense.entered_by_id if role is Role.COUNCIL else None
        _tell([one for one in people if one != own], WAITS, expense, by=by, at=at)
    else:
        _tell([expense.entered_by_id], FARED, expense, by=by, at=at)


def tell_undoers(expense: Expense, *, by: Actor, at: datetime) -> None:
    """A payment waits for an accountant to take it back."""
    people = holders_of(Role.ACCOUNTANT, on=expense.fund.scope, day=at.date())
    _tell(people, WAITS, expense, by=by, at=at, stage="等冲销")


def _tell(
    people: list[int], what: Kind, expense: Expense, *, by: Actor, at: datetime, stage: str | None = None
) -> None:
    about = {"fund": expense.fund.name, "purpose": expense.purpose, "reason": expense.reason or ""}
    about["stage"] = stage or STAGE_NAMES[Stage(expense.stage)].text
    if what is WAITS:
        del about["reason"]
    tell(people, what, at=at, but=by, url=f"/expenses/{expense.id}", fen=expense.fen, **about)
