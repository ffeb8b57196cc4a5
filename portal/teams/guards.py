"""What the database itself refuses about teams.

- A closed team takes no new members and no new activities.
- A person is not lent to one team twice for the same day. On PostgreSQL her row is locked first, so that two who ask at
  the same moment see each other's loan.
- Of a loan, a request and an invitation only their course changes; a message stays as it was sent.
"""

from portal.guards import append_only, declare, frozen, not_deleted, not_replaced, refusing

_CLOSED = "EXISTS (SELECT 1 FROM teams_team_card c WHERE c.team_id = NEW.team_id AND c.closed_on IS NOT NULL)"
_OVER = "('refused', 'withdrawn')"
_TWICE = f"""EXISTS (SELECT 1 FROM teams_loan o WHERE o.person_id = NEW.person_id AND o.team_id = NEW.team_id
    AND o.id IS NOT NEW.id AND o.status NOT IN {_OVER} AND o.starts_on <= NEW.until
    AND coalesce(o.ended_on, o.until) >= NEW.starts_on)"""
_LOCK = (
    """PERFORM 1 FROM people_person p WHERE p.id IN (SELECT person_id FROM added) ORDER BY p.id FOR NO KEY UPDATE;"""
)

for guard in (
    refusing(
        "orgs_membership_closed_team",
        "orgs_membership",
        verb="INSERT",
        when=_CLOSED,
        sentence="a closed team takes no new members",
    ),
    refusing(
        "activities_activity_closed_team",
        "activities_activity",
        verb="INSERT",
        when=_CLOSED,
        sentence="a closed team has no new activities",
    ),
    refusing(
        "teams_loan_twice",
        "teams_loan",
        verb="INSERT",
        when=_TWICE,
        sentence="a person is lent to a team once at a time",
        first=_LOCK,
    ),
):
    declare(guard)

frozen(
    "teams_loan", "id", "person_id", "lender_id", "team_id", "starts_on", "until", "purpose", "asked_by_id", "asked_at"
)
not_deleted("teams_loan")
not_replaced("teams_loan")
# Not her words: they go when she has her data deleted.
frozen("teams_join_request", "id", "team_id", "person_id", "invitation_id", "asked_at")
not_deleted("teams_join_request")
not_replaced("teams_join_request")
frozen("teams_invitation", "id", "team_id", "nonce", "token_digest", "made_by_id", "made_at", "most_uses")
not_deleted("teams_invitation")
not_replaced("teams_invitation", keys=("id", "token_digest"))
append_only("teams_message")
