"""Made-up people and things, of which policies are asked what a grant allows. They never come near the database."""

from typing import NamedTuple

from portal import clock
from portal.activities.models import Activity, Status
from portal.funds.models import Fund
from portal.hours.models import Claim
from portal.joining.models import Application
from portal.lists.models import DonationImport
from portal.orgs.models import Organisation, Team
from portal.people.models import ALLIANCE, Grant, Person, Role, Scope
from portal.receipts.change_models import ReceiptChange
from portal.receipts.models import Receipt
from portal.spending.models import Expense

NOBODY, SOMEBODY = -1, -2
"""Numbers that no row has: the asker's own, and that of whoever did everything else."""

ELSEWHERE = -3
"""A team, organisation or fund that is no row's."""


class Things(NamedTuple):
    """One thing of each kind, all in the same place and all somebody else's: what has been drafted, what waits."""

    team: Team
    fund: Fund
    draft: Activity
    waiting: Activity
    published: Activity
    claim: Claim
    imported: DonationImport
    receipt: Receipt
    change: ReceiptChange
    expense: Expense
    stranger: Person
    organisation: Organisation
    application: Application


def holder(role: Role | None, scope: Scope = ALLIANCE, *, is_deputy: bool = False) -> Person:
    """Somebody who holds this grant today, her own or another's, and nothing else."""
    grants = [] if role is None else [_grant(role, scope, deputy_of_id=SOMEBODY if is_deputy else None)]
    return Person(id=NOBODY, name="", is_open=True, grants=grants)


def things_in(scope: Scope, *, organisation_id: int | None = None) -> Things:
    """Things for which a role in this scope counts. `organisation_id`: of a team's scope."""
    team = Team(
        id=scope.id if scope.kind == "team" else ELSEWHERE,
        organisation_id=scope.id if scope.kind == "organisation" else organisation_id or ELSEWHERE,
    )
    fund = Fund(id=scope.id if scope.kind == "fund" else ELSEWHERE)
    return Things(
        team=team,
        fund=fund,
        draft=_activity(team, Status.DRAFT),
        waiting=_activity(team, Status.WAITING),
        published=_activity(team, Status.PUBLISHED),
        claim=Claim(team_id=team.id, organisation_id=team.organisation_id, person_id=SOMEBODY, entered_by_id=SOMEBODY),
        imported=DonationImport(fund=fund, uploaded_by_id=SOMEBODY, handed_by_id=SOMEBODY),
        receipt=Receipt(fund=fund),
        change=ReceiptChange(receipt=Receipt(fund=fund), asked_by_id=SOMEBODY),
        expense=Expense(fund=fund, entered_by_id=SOMEBODY),
        stranger=Person(id=SOMEBODY, name="", is_open=True),
        organisation=Organisation(id=team.organisation_id),
        application=Application(
            person_id=SOMEBODY, applied_by_id=SOMEBODY, wish_organisation_id=team.organisation_id, wish_team_id=team.id
        ),
    )


def _grant(role: Role, scope: Scope, *, deputy_of_id: int | None) -> Grant:
    where = {"scope_kind": scope.kind, "scope_id": scope.id}
    return Grant(role=role.value, starts_on=clock.today(), deputy_of_id=deputy_of_id, **where)


def _activity(team: Team, status: Status) -> Activity:
    return Activity(team=team, status=status.value, drafted_by_id=SOMEBODY, submitted_by_id=SOMEBODY)
