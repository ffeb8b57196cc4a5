"""What nobody sees but those it is for: each column of text of each table, and which role may see it in which row.

A column that is not named here fails the crawl. `OPEN` holds what is public or says nothing of anybody; `NEVER` what
leaves the database for nobody; `PRIVATE` the rest, with a rule that says who of the cast may see it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.activities.models import Activity
from portal.db import db
from portal.hours.models import Claim
from portal.joining.models import Application
from portal.orgs.models import Membership, Team
from portal.people.models import Person
from portal.receipts.models import KeptReceipt
from portal.roles.models import DeputyWish
from portal.rosters.models import Roster
from tests.site.access_table import ROLES

Row = Mapping[str, Any]


@dataclass(frozen=True)
class World:
    """Whom and what the cast has to do with."""

    ids: Mapping[str, int]
    team: int
    organisation: int
    teams_of_organisation: frozenset[int]
    members: Mapping[int, frozenset[int]]
    claims: Mapping[int, Row]
    activities: Mapping[int, Row]
    kept: frozenset[int]
    members_now: Mapping[int, frozenset[int]]
    """Team → who has not left it."""
    applicants: frozenset[int]
    """Whose wish to be a volunteer the organisation's own administrators decide."""
    deputies: frozenset[tuple[int, int]]
    """Who wishes to be stood in for, and by whom."""
    rosters: Mapping[int, int]
    """Roster → who brought it."""

    def leads(self, role: str, team: int) -> bool:
        """Whether the role looks after the team: its leader, or the admin of its organisation."""
        return (role == "leader" and team == self.team) or (role == "lead" and team in self.teams_of_organisation)

    def looks_after(self, role: str, person: int) -> bool:
        """Whether the role looks after one of the teams that the person is in now."""
        return any(self.leads(role, team) for team, people in self.members_now.items() if person in people)

    def is_me(self, role: str, person: int | None) -> bool:
        return person is not None and self.ids.get(role) == person


Rule = Callable[[World, str, Row], bool]


def world() -> World:
    """As the copy of the demo data has it now."""
    walk = db.session.scalars(select(Team).where(Team.slug == "walk")).one()
    members: dict[int, set[int]] = {}
    now: dict[int, set[int]] = {}
    for team, person, left_on in db.session.execute(
        select(Membership.team_id, Membership.person_id, Membership.left_on)
    ):
        members.setdefault(team, set()).add(person)
        if left_on is None:
            now.setdefault(team, set()).add(person)
    cast = db.session.execute(select(Person.login, Person.id).where(Person.login.in_(ROLES)))
    return World(
        ids={str(login): number for login, number in cast},
        team=walk.id,
        organisation=walk.organisation_id,
        teams_of_organisation=frozenset(
            db.session.scalars(select(Team.id).where(Team.organisation_id == walk.organisation_id))
        ),
        members={team: frozenset(people) for team, people in members.items()},
        members_now={team: frozenset(people) for team, people in now.items()},
        applicants=frozenset(
            db.session.scalars(
                select(Application.person_id).where(Application.wish_organisation_id == walk.organisation_id)
            )
        ),
        claims=_rows(Claim),
        activities=_rows(Activity),
        kept=frozenset(db.session.scalars(select(KeptReceipt.receipt_id))),
        deputies=frozenset(
            (by, of) for by, of in db.session.execute(select(DeputyWish.wished_by_id, DeputyWish.person_id))
        ),
        rosters={one.id: one.brought_by_id for one in db.session.scalars(select(Roster))},
    )


def _rows(model: Any) -> dict[int, Row]:
    return {row["id"]: dict(row) for row in db.session.execute(select(model.__table__)).mappings()}


# ── rules ───────────────────────────────────────────────────────────────────────────────────────────
READS_ALL = ("supervisor", "admin")
MONEY = ("cashier", "accountant", *READS_ALL)


def roles(*may: str) -> Rule:
    return lambda world, role, row: role in may


def own(column: str = "person_id", *also: str) -> Rule:
    """The person whom the row is about, and these roles."""
    return lambda world, role, row: world.is_me(role, row[column]) or role in also


def of_claim(column: str = "id") -> Rule:
    """Whose hours they are, who entered them, who looks after the team, those who read everything."""

    def rule(world: World, role: str, row: Row) -> bool:
        claim = world.claims[row[column]]
        is_own = any(world.is_me(role, claim[name]) for name in ("person_id", "entered_by_id"))
        return is_own or world.leads(role, claim["team_id"]) or role in READS_ALL

    return rule


def of_activity(world: World, role: str, row: Row) -> bool:
    """A draft is its team's leaders'; what was published is everybody's."""
    if row["status"] in ("published", "closed"):
        return True
    return world.leads(role, row["team_id"]) or world.is_me(role, row["drafted_by_id"]) or role in READS_ALL


def of_activity_reason(world: World, role: str, row: Row) -> bool:
    return world.leads(role, row["team_id"]) or role in READS_ALL


def of_person(world: World, role: str, row: Row) -> bool:
    """A name: herself, who looks after her team, who decides on her wish to join, whom she stands in for, and who knows
    everybody: community workers, those who read everything."""
    teams = [team for team, people in world.members.items() if row["id"] in people]
    looks_after = any(world.leads(role, team) for team in teams)
    stands_in = any(world.is_me(role, wisher) for wisher, deputy in world.deputies if deputy == row["id"])
    decides = row["id"] in world.applicants and role == "lead"
    knows = looks_after or stands_in or decides or role in ("worker", *READS_ALL)
    return world.is_me(role, row["id"]) or knows


def of_grant(world: World, role: str, row: Row) -> bool:
    """Why somebody holds a role: herself, who looks after one of her teams and gives roles there."""
    teams = [team for team, people in world.members.items() if row["person_id"] in people]
    gives = role == "lead" and any(world.leads(role, team) for team in teams)
    return world.is_me(role, row["person_id"]) or gives or role in READS_ALL


def of_wish(world: World, role: str, row: Row) -> bool:
    """Whoever wishes to be stood in for, whoever would do it, those who read everything."""
    return any(world.is_me(role, row[name]) for name in ("wished_by_id", "person_id")) or role in READS_ALL


def of_registry(column: str = "organisation_id", *also: str) -> Rule:
    """What only those who keep the registry and the organisation's own administrators see; `also` reads it."""

    def rule(world: World, role: str, row: Row) -> bool:
        runs_it = role == "lead" and row[column] == world.organisation
        return runs_it or role in ("worker", "admin", *also)

    return rule


def of_receipt(world: World, role: str, row: Row) -> bool:
    """Those who keep the books, and the donor who keeps it among her own."""
    return role in MONEY or (role == "donor" and row["id"] in world.kept)


def of_roster(world: World, role: str, row: Row) -> bool:
    """Only whoever brought the roster sees its rows."""
    return world.is_me(role, world.rosters.get(row["roster_id"]))


def of_team(world: World, role: str, row: Row) -> bool:
    """What is said within a team: whoever looks after it, and the person whom the row is about."""
    return world.leads(role, row["team_id"]) or world.is_me(role, row.get("person_id"))


def to_team(world: World, role: str, row: Row) -> bool:
    """A message of a team: its members and whoever looks after it."""
    is_member = any(world.is_me(role, person) for person in world.members.get(row["team_id"], ()))
    return is_member or world.leads(role, row["team_id"])


def of_loan(world: World, role: str, row: Row) -> bool:
    """Whom a loan concerns: herself, who looks after the host's team or a team of hers, who reads everything."""
    at_home = (team for team, people in world.members.items() if row["person_id"] in people)
    looks_after = world.leads(role, row["team_id"]) or any(world.leads(role, team) for team in at_home)
    return world.is_me(role, row["person_id"]) or looks_after or role in READS_ALL


def of_application(world: World, role: str, row: Row) -> bool:
    """Why it was refused: herself, who decides in the organisation that she wished for, who decides on all."""
    decides = role == "lead" and row["wish_organisation_id"] == world.organisation
    return decides or world.is_me(role, row["person_id"]) or role in ("worker", *READS_ALL)


def of_file(*also: str) -> Rule:
    """What stands in a file: herself, who looks after a team of hers, who decides on her wish to join, and `also`."""

    def rule(world: World, role: str, row: Row) -> bool:
        person = row["person_id"]
        decides = role == "lead" and person in world.applicants
        return world.is_me(role, person) or world.looks_after(role, person) or decides or role in also

    return rule


def in_full(*may: str) -> Rule:
    """What lies sealed: herself; these roles, with a reason, of whom they look after (`portal.mydata.policy`)."""

    def rule(world: World, role: str, row: Row) -> bool:
        person = row["person_id"]
        return world.is_me(role, person) or (role in may and (role == "worker" or world.looks_after(role, person)))

    return rule


def of_guardian(world: World, role: str, row: Row) -> bool:
    """Who calls a member's guardian, and who compares the name with the paper that the guardian signed."""
    decides = (role == "lead" and row["person_id"] in world.applicants) or role == "admin"
    return decides or TO_CALL(world, role, row)


TO_CALL = in_full("leader", "lead", "worker")
TO_REGISTER = in_full("lead", "worker")
FILE = of_file("worker", *READS_ALL)

NEVER: dict[str, set[str]] = {
    "profiles_profile": {"id_digest"},
    "teams_invitation": {"nonce", "token_digest"},
    "people_person": {"password_hash"},
    "accounts_sign_in": {"token_digest"},
    "contacts_contact": {"digest"},
    "badges_badge": {"nonce", "pin_hash"},
    "badges_kiosk": {"token_digest"},
    "contacts_contact_code": {"digest"},
    "accounts_recovery_code": {"digest"},
    "resets_reset": {"nonce_digest", "code_digest"},
    "joining_draft": {"token_digest", "code_digest", "code_to"},
    "receipts_receipt": {"nonce"},
    "rosters_row": {"paper_digest", "reach_digest"},
    "mydata_copy": {"place"},
}
"""Digests, hashes, keys: their values as they are must be in no answer."""

PRIVATE: dict[str, dict[str, Rule]] = {
    "orgs_organisation": {"closed_reason": of_registry("id", "supervisor")},
    "orgs_contact": {name: of_registry() for name in ("name", "phone")},
    "orgs_stage": {name: of_registry("organisation_id", "supervisor") for name in ("place", "note", "void_reason")},
    "orgs_branch": {"void_reason": of_registry()},
    "orgs_term": {"head": of_registry(), "void_reason": of_registry()},
    "orgs_cross_post": {
        **{name: of_registry() for name in ("person", "void_reason")},
        **{name: of_registry("organisation_id", "supervisor") for name in ("post_there", "post_here")},
    },
    "orgs_legal_change": {name: of_registry() for name in ("old_name", "new_name", "void_reason")},
    "orgs_member_unit": {
        **{name: of_registry() for name in ("representative", "representative_phone")},
        "commitment": of_registry("organisation_id", "supervisor"),
    },
    "orgs_merge": {name: of_registry("kept_id", "supervisor") for name in ("reason", "was_closed_reason")},
    "teams_join_request": {"words": of_team, "reason": of_team},
    "teams_leaving": {"reason": roles()},
    "teams_loan": {"purpose": of_loan, "end_reason": of_loan},
    "teams_message": {"subject": to_team, "text": to_team},
    "people_person": {"name": of_person, "login": own("id", *READS_ALL)},
    "people_grant": {"reason": of_grant, "end_reason": of_grant},
    "accounts_sign_in": {"address": own("person_id", "admin"), "browser": own("person_id", "admin")},
    "activities_activity": {
        "name": of_activity,
        "place": of_activity,
        "content": of_activity,
        "return_reason": of_activity_reason,
    },
    "hours_claim": {"place": of_claim(), "content": of_claim()},
    "hours_event": {"reason": of_claim("claim_id"), "by_name": of_claim("claim_id")},
    "funds_gift": {"donor_name": roles(*MONEY), "memo": roles(*MONEY), "order_no": roles(*MONEY)},
    "receipts_receipt": {"donor_name": of_receipt, "memo": of_receipt, "void_reason": of_receipt},
    "lists_import": {"filename": roles(*MONEY), "return_reason": roles(*MONEY)},
    "lists_row": {"donor_name": roles(*MONEY), "memo": roles(*MONEY), "order_no": roles(*MONEY)},
    "ledger_entry": {name: roles(*MONEY) for name in ("memo", "source", "reason", "made_by_name", "checked_by_name")},
    "ledger_line": {"memo": roles(*MONEY)},
    "audit_line": {"actor_name": roles(*READS_ALL), "detail": roles(*READS_ALL)},
    "jobs_job": {"payload": roles(), "last_error": roles("admin"), "key": roles("admin")},
    "jobs_attempt": {"error": roles("admin")},
    "accounts_account": {"secret": roles()},
    "merging_merge": {
        "reason": roles("worker", *READS_ALL),
        "undo_reason": roles("worker", *READS_ALL),
        "moved": roles(),
    },
    "contacts_contact": {"value": TO_CALL},
    "finding_name": {name: roles() for name in ("name", "syllables", "initials")},
    "finding_reading": {name: roles() for name in ("syllables", "initials")},
    "resets_reset": {"asked": roles()},
    "joining_draft": {"content": roles()},
    "joining_application": {"reason": of_application},
    "profiles_move": {"reason": own("person_id")},
    "profiles_profile": {
        **dict.fromkeys(("born_on", "id_number", "address", "health"), TO_REGISTER),
        "guardian_name": of_guardian,
        "guardian_mobile": TO_CALL,
        **dict.fromkeys(("ethnic", "party"), own()),
        **dict.fromkeys(("area", "guardian_relation", "status_reason"), FILE),
    },
    "profiles_choice": {"word": FILE},
    "profiles_document": {"name": FILE, "number": own()},
    "consents_consent": {"guardian": own(), "guardian_relation": FILE},
    "administration_set_up": {"draft": roles("admin")},
    "notices_notice": {"values": own(), "url": own()},
    "post_letter": {name: roles() for name in ("sent_to", "subject", "text", "unsubscribe")},
    "badges_kiosk": {"browser": roles("leader", "lead", *READS_ALL)},
    "roles_deputy_wish": {"reason": of_wish, "answer": of_wish},
    "rules_value": {"set_by_name": roles(*READS_ALL), "reason": roles(*READS_ALL)},
    "exports_export": {name: own("person_id", *READS_ALL) for name in ("what", "purpose")},
    "mydata_correction": {"wanted": own("person_id", "worker"), "answer": own("person_id", "worker")},
    "mydata_deletion": {"name": roles()},
    "web_once": {"content": roles(), "address": roles()},
    "rosters_roster": {"filename": own("brought_by_id")},
    "rosters_row": dict.fromkeys(("name", "cells", "number", "changes"), of_roster),
    "rosters_part": {"content": roles()},
    "rosters_mapping": {"name": roles()},
    "web_attempt": {"bucket": roles()},
    "files_file": {"name": roles()},
}

OPEN: dict[str, set[str]] = {
    "joining_application": {"status"},
    "profiles_move": {"was", "status"},
    "profiles_profile": {"status", "gender", "id_kind"},
    "profiles_choice": {"topic"},
    "profiles_document": {"kind"},
    "consents_consent": {"purpose"},
    "teams_team_card": {"kind", "about", "close_reason"},
    "teams_join_request": {"status"},
    "teams_loan": {"status"},
    # public: names of houses and funds, what was consented to, what the law has published
    "orgs_organisation": {
        *("slug", "name", "kind", "standing", "credit_code", "filing_no", "authority", "address", "phone", "about"),
    },
    "orgs_stage": {"stage"},
    "orgs_branch": {"coverage", "kind", "name"},
    "orgs_legal_change": {"state"},
    "orgs_merge_move": {"kind"},
    "orgs_team": {"slug", "name"},
    "funds_fund": {"slug", "name", "purpose", "filing_no", "platform_url"},
    "funds_gift": {"public_name", "intention", "method"},
    "funds_spending": {"purpose", "voucher_no", "handler_name", "approver_name"},
    "lists_row": {"public_name", "intention", "method", "problem_words"},
    "receipts_receipt": {
        *("number", "method", "intention", "fund_full_name", "authorised_by"),
        *("handler_name", "checker_name", "state_receipt"),
    },
    "people_person": {"volunteer_no", "other_ids"},
    "ledger_entity": {"name", "short_name", "credit_code"},
    "ledger_account": {"code", "name", "kind", "normal_side"},
    "ledger_pool": {"code", "name"},
    # one of a few words, numbers, digests of what is public
    "people_grant": {"role", "scope_kind"},
    "activities_activity": {"status"},
    "activities_tally": {"status"},
    "audit_line": {"action", "subject_kind", "request_id", "via"},
    "files_file": {"sha256", "public_id", "media_type"},
    "funds_tally": {"method"},
    "funds_tally_month": {"month", "method"},
    "hours_claim": {"evidence", "status"},
    "hours_event": {"kind"},
    "hours_person_tally": {"status"},
    "hours_tally": {"month"},
    "jobs_attempt": {"worker", "outcome"},
    "jobs_job": {"name", "status", "worker", "request_id"},
    "jobs_worker": {"name"},
    "ledger_balance": {"month"},
    "ledger_entry": {"number", "kind", "idempotency_key", "fingerprint"},
    "series_series": {"name"},
    "web_once": {"key"},
    "web_rate": {"bucket"},
    "contacts_contact": {"kind"},
    "finding_name": {"kind"},
    "administration_set_up": {"token_digest", "alliance_name"},
    "badges_badge": {"number"},
    "notices_notice": {"kind", "key"},
    "mydata_correction": {"mistake", "outcome"},
    "mydata_kept": {"holding"},
    "mydata_sweep": {"kind"},
    "notices_preference": {"kind", "channel", "way"},
    "post_letter": {"channel", "status"},
    "rules_value": {"rule", "value"},
    "rosters_roster": {"status", "takes", "columns", "column_map", "reading", "refusal"},
    "rosters_row": {"problem_words", "kind", "doubt", "decision", "outcome", "candidates"},
    "rosters_mapping": {"fingerprint", "columns"},
    # how a list was read: only where the list itself is seen, and its rows hold the names
    "lists_import": {"status", "content_hash", "columns", "column_map", "reading", "refusal", "method"},
}

SHOWN_ON: dict[str, set[str]] = {
    "files_file.name": {"photos.photo", "volunteers.paper", "loans.see_paper", "histories.paper"},
    "people_person.name": {
        *("imports.index", "imports.show", "imports.progress", "roles.deputies", "roles.name_deputy"),
        *("teams.team", "teams.requests", "messages.show", "loans.index", "loans.show", "loans.ask_end"),
    },
    "post_letter.sent_to": {"post.mailbox"},
    "post_letter.subject": {"post.mailbox"},
    "post_letter.text": {"post.mailbox"},
}
"""Columns that a page shows to whoever may open it: what a photo was called, which colleague brought a list or stands
in; and the demo mailbox, which production does not have."""
