"""What a chunk of a roster writes, gathered and then written by the bulk forms of the rooms below."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.actor import Actor
from portal.audit import record
from portal.bulk import insert_many
from portal.consents.actions import Guardian
from portal.consents.bulk_actions import Agreeing, give_many
from portal.consents.models import Purpose
from portal.contacts.bulk_actions import Reaching, add_contacts
from portal.contacts.models import Kind
from portal.db import db
from portal.joining.models import Application, State
from portal.notices import Told, tell_each
from portal.orgs.bulk_actions import Joining, join_many
from portal.orgs.models import Team
from portal.people.actions import add_person
from portal.people.bulk_actions import Giving, Newcomer, add_people, grant_many
from portal.people.models import ALLIANCE, Person, Role
from portal.profiles.actions import move
from portal.profiles.bulk_actions import Changing, Opening, change_files, open_files
from portal.profiles.details import Details
from portal.profiles.models import Profile, Status
from portal.rosters.changing import Patch
from portal.rosters.models import Outcome, Roster, RosterRow
from portal.rosters.rows import Someone
from portal.rosters.telling import ADDED_TO_TEAM

Done = tuple[RosterRow, Outcome, int | None]

SENSITIVE: tuple[tuple[Purpose, str], ...] = (
    (Purpose.IDENTITY, "number"),
    (Purpose.HEALTH, "health"),
    (Purpose.ETHNIC, "ethnic"),
    (Purpose.PARTY, "party"),
)
"""What each consent is for, by the field of the details."""

_COLUMNS = {"number": "id_number", "health": "health", "ethnic": "ethnic", "party": "party"}


class _Update(NamedTuple):
    row: RosterRow
    patch: Patch
    is_elsewhere: bool
    comes_back: bool


class Entering:
    """Rows on their way in; `done` writes them all."""

    def __init__(self, roster: Roster, *, at: datetime) -> None:
        self._roster, self._by, self._at = roster, roster.brought_by, at
        self._new: list[tuple[RosterRow, Someone]] = []
        self._waiting: list[tuple[RosterRow, Someone]] = []
        self._updates: list[_Update] = []
        self._left: list[Done] = []

    # ── gathering ───────────────────────────────────────────────────────────────────────────────────
    def leave(self, row: RosterRow, outcome: Outcome, person_id: int | None = None) -> None:
        """Nothing is written for this row."""
        self._left.append((row, outcome, person_id))

    def add(self, row: RosterRow, one: Someone) -> None:
        """Somebody new; whoever is under age and has no guardian waits as an applicant."""
        (self._waiting if one.is_waiting else self._new).append((row, one))

    def update(self, row: RosterRow, patch: Patch, *, is_elsewhere: bool = False, comes_back: bool = False) -> bool:
        """Somebody known; False where there is nothing to write."""
        if patch.is_empty and not comes_back:
            return False
        self._updates.append(_Update(row, patch, is_elsewhere, comes_back))
        return True

    # ── writing ─────────────────────────────────────────────────────────────────────────────────────
    def done(self) -> list[Done]:
        """Write what was gathered; gives each row with its outcome and whom it is about."""
        done = [*self._left, *self._add_new(), *self._add_waiting(), *self._update()]
        self._new, self._waiting, self._updates, self._left = [], [], [], []
        return done

    def _add_new(self) -> Iterator[Done]:
        if not self._new:
            return
        newcomers = add_people([one.name for _, one in self._new], by=self._by, at=self._at)
        pairs = [(newcomer, one) for newcomer, (_, one) in zip(newcomers, self._new, strict=True)]
        self._open([pair for pair in pairs if pair[1].teams], Status.ACTIVE)
        self._open([pair for pair in pairs if not pair[1].teams], Status.APPROVED)
        reason = f"导入志愿者名册第 {self._roster.id} 号"
        grant_many(
            [Giving(one, Role.VOLUNTEER, ALLIANCE) for one in newcomers], by=self._by, at=self._at, reason=reason
        )
        agreeing = [agreed for newcomer, one in pairs for agreed in _agreed(newcomer.id, one.details)]
        give_many(agreeing, paper=self._roster.paper, by=self._by, at=self._at)
        self._reach([(newcomer.id, one) for newcomer, one in pairs])
        joinings = [Joining(newcomer, team) for newcomer, one in pairs for team in one.teams]
        join_many(joinings, by=self._by, at=self._at)
        for newcomer, (row, _) in zip(newcomers, self._new, strict=True):
            yield row, Outcome.ADDED, newcomer.id

    def _open(self, pairs: list[tuple[Newcomer, Someone]], status: Status) -> None:
        openings = [Opening(newcomer, _with_phone(one)) for newcomer, one in pairs]
        open_files(openings, status=status, by=self._by, at=self._at)

    def _reach(self, people: list[tuple[int, Someone]]) -> None:
        reaching = [Reaching(person_id, address) for person_id, one in people for address in one.contacts]
        add_contacts(reaching, by=self._by, at=self._at)

    def _add_waiting(self) -> Iterator[Done]:
        """Applicants get their number when they are approved."""
        if not self._waiting:
            return
        people = [(add_person(one.name, by=self._by, at=self._at), one) for _, one in self._waiting]
        openings = [Opening(person, _with_phone(one)) for person, one in people]
        open_files(openings, status=Status.APPLIED, by=self._by, at=self._at)
        self._reach([(person.id, one) for person, one in people])
        self._apply(people)
        for (person, _), (row, _) in zip(people, self._waiting, strict=True):
            yield row, Outcome.AWAITS, person.id

    def _apply(self, people: list[tuple[Person, Someone]]) -> None:
        homes = {team.id: team.organisation_id for team in _teams({team for _, one in people for team in one.teams})}
        rows = []
        for person, one in people:
            team = one.teams[0] if one.teams else None
            organisation = homes[team] if team else self._roster.organisation_id
            rows.append({"person_id": person.id, "wish_team_id": team, "wish_organisation_id": organisation})
        common = {
            "status": State.WAITING.value, "needs_guardian": True, "guardian_agreed_at": None,
            "paper_id": self._roster.paper_id, "applied_at": self._at, "applied_by_id": self._by.id,
            "decided_at": None, "decided_by_id": None, "reason": None,
        }  # fmt: skip
        insert_many(Application, rows, common=common)

    def _update(self) -> Iterator[Done]:
        for one in self._updates:
            if one.patch.name:
                _rename(one.patch, by=self._by, at=self._at)
            if one.comes_back:
                move(db.session.get_one(Profile, one.patch.person.id), Status.ACTIVE, by=self._by, at=self._at)
        changing = [Changing(one.patch.person.id, one.patch.values, one.patch.chosen) for one in self._updates]
        change_files(changing, by=self._by, at=self._at)
        agreeing = [agreed for one in self._updates for agreed in _agreed_anew(one.patch)]
        give_many(agreeing, paper=self._roster.paper, by=self._by, at=self._at)
        reaching = [Reaching(one.patch.person.id, way) for one in self._updates for way in one.patch.contacts]
        add_contacts(reaching, by=self._by, at=self._at)
        joinings = [Joining(_actor(one.patch), team) for one in self._updates for team in one.patch.teams]
        join_many(joinings, by=self._by, at=self._at)
        self._tell_elsewhere()
        for one in self._updates:
            yield one.row, Outcome.UPDATED, one.patch.person.id

    def _tell_elsewhere(self) -> None:
        """Whoever belongs to another organisation learns who has taken her in."""
        pairs = [(one.patch.person.id, team) for one in self._updates if one.is_elsewhere for team in one.patch.teams]
        teams = {team.id: team for team in _teams({team for _, team in pairs})}
        told = [
            Told(person, f"/teams/{teams[team].slug}", {"team": teams[team].name, "name": self._by.name})
            for person, team in pairs
        ]
        tell_each(ADDED_TO_TEAM, told, at=self._at)


def _with_phone(one: Someone) -> Details:
    """Whoever names no mobile is entered as somebody without a phone."""
    return replace(one.details, has_phone=any(way.kind is Kind.MOBILE for way in one.contacts))


def _agreed(person_id: int, details: Details) -> Iterator[Agreeing]:
    """What the signed papers of somebody new are for; her guardian's, where the row names one."""
    guardian = Guardian(details.guardian.name, details.guardian.relation) if details.guardian else None
    yield Agreeing(person_id, Purpose.JOIN, guardian)
    for purpose, field in SENSITIVE:
        if getattr(details, field):
            yield Agreeing(person_id, purpose, guardian)


def _agreed_anew(patch: Patch) -> Iterator[Agreeing]:
    for purpose, field in SENSITIVE:
        if patch.values.get(_COLUMNS[field]):
            yield Agreeing(patch.person.id, purpose)


def _rename(patch: Patch, *, by: Actor, at: datetime) -> None:
    person = db.session.get_one(Person, patch.person.id)
    person.name = patch.name or person.name
    db.session.flush()
    record("people.person.renamed", person, by=by, at=at, fields=["name"])


def _actor(patch: Patch) -> Newcomer:
    return Newcomer(patch.person.id, patch.person.name)


def _teams(ids: set[int]) -> list[Team]:
    return list(db.session.scalars(select(Team).where(Team.id.in_(ids)))) if ids else []
