"""What the database itself refuses about organisations, on both engines.

- Where an organisation is closed (已注销) nothing new begins: no team, no activity, no role. On PostgreSQL its row is
  held meanwhile, so that nobody closes it at the same moment.
- A credit code fits the kind: 51 社会团体, 52 社会服务机构, 53 基金会 (GB 32100); what is only on file has none.
- A second entry is closed and points to one that points nowhere: no chain, no circle.
"""

from portal.guards import declare, refusing

_ORGANISATION = "orgs_organisation"
_CLOSED = "EXISTS (SELECT 1 FROM orgs_organisation o WHERE o.closed_on IS NOT NULL AND o.id = {})"
_CLOSED_TEAM = (
    "EXISTS (SELECT 1 FROM orgs_team t JOIN orgs_organisation o ON o.id = t.organisation_id "
    "WHERE o.closed_on IS NOT NULL AND t.id = {})"
)
_HOLD = "PERFORM 1 FROM orgs_organisation o WHERE o.id IN ({}) ORDER BY o.id FOR SHARE;"
_OF_TEAMS = "SELECT t.organisation_id FROM orgs_team t WHERE t.id IN ({})"
_GRANTED = "SELECT scope_id FROM added WHERE scope_kind = 'organisation' UNION ALL " + _OF_TEAMS.format(
    "SELECT scope_id FROM added WHERE scope_kind = 'team'"
)

for guard in (
    refusing(
        "orgs_team_begins",
        "orgs_team",
        verb="INSERT",
        when=_CLOSED.format("NEW.organisation_id"),
        sentence="a closed organisation gets no team",
        first=_HOLD.format("SELECT organisation_id FROM added"),
    ),
    refusing(
        "orgs_team_moves",
        "orgs_team",
        verb="UPDATE",
        when=f"NEW.organisation_id <> OLD.organisation_id AND {_CLOSED.format('NEW.organisation_id')}",
        sentence="no team comes to a closed organisation",
    ),
    refusing(
        "activities_activity_begins",
        "activities_activity",
        verb="INSERT",
        when=_CLOSED_TEAM.format("NEW.team_id"),
        sentence="a closed organisation has no new activity",
        first=_HOLD.format(_OF_TEAMS.format("SELECT team_id FROM added")),
    ),
    refusing(
        "activities_activity_appears",
        "activities_activity",
        verb="UPDATE",
        when=f"NEW.status = 'published' AND OLD.status <> 'published' AND {_CLOSED_TEAM.format('NEW.team_id')}",
        sentence="a closed organisation publishes nothing",
    ),
    refusing(
        "people_grant_in_open",
        "people_grant",
        verb="INSERT",
        when=f"(NEW.scope_kind = 'organisation' AND {_CLOSED.format('NEW.scope_id')}) "
        f"OR (NEW.scope_kind = 'team' AND {_CLOSED_TEAM.format('NEW.scope_id')})",
        sentence="a closed organisation gives no roles",
        first=_HOLD.format(_GRANTED),
    ),
):
    declare(guard)

_WRONG_CODE = (
    "NEW.credit_code IS NOT NULL AND (NEW.kind = 'community' "
    "OR (NEW.kind = 'association' AND substr(NEW.credit_code, 1, 2) <> '51') "
    "OR (NEW.kind = 'service' AND substr(NEW.credit_code, 1, 2) <> '52') "
    "OR (NEW.kind = 'foundation' AND substr(NEW.credit_code, 1, 2) <> '53'))"
)
_WRONG_MERGE = (
    "NEW.merged_into_id IS NOT NULL AND (NEW.closed_on IS NULL OR NEW.merged_into_id = NEW.id "
    f"OR EXISTS (SELECT 1 FROM {_ORGANISATION} o WHERE o.merged_into_id IS NOT NULL AND o.id = NEW.merged_into_id) "
    f"OR EXISTS (SELECT 1 FROM {_ORGANISATION} o WHERE o.merged_into_id = NEW.id))"
)
for verb, name in (("INSERT", "begins"), ("UPDATE", "changes")):
    declare(
        refusing(
            f"{_ORGANISATION}_code_{name}",
            _ORGANISATION,
            verb=verb,
            when=_WRONG_CODE,
            sentence="the credit code does not fit the kind",
        )
    )
    declare(
        refusing(
            f"{_ORGANISATION}_merge_{name}",
            _ORGANISATION,
            verb=verb,
            when=_WRONG_MERGE,
            sentence="a second entry is closed and points to a first one",
        )
    )
