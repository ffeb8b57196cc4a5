"""Rosters on their way: brought, read by a job, mended and decided row by row, confirmed, then booked by a job.

The web and the command line call the same functions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update

from portal.actor import Actor
from portal.audit import changes, record
from portal.consents.models import Purpose
from portal.db import DETACHED, db
from portal.files.models import StoredFile
from portal.files.told import told_problems
from portal.jobs import enqueue
from portal.jobs.actions import try_again
from portal.problems import DomainError
from portal.rosters import reader
from portal.rosters.columns import FIELDS, IGNORE, fingerprint
from portal.rosters.keeping import as_kept, forget_file, keep_file, layout_of, recount
from portal.rosters.known import Known
from portal.rosters.matching import Doubt, Matcher, Placement, are_two, twin
from portal.rosters.models import Decision, Roster, RosterMapping, RosterRow, RosterStatus, RowKind
from portal.rosters.problems import NothingToBook, Undecided, not_in_state
from portal.rosters.queries import mapping_called, row_of
from portal.rosters.row_reader import read_row
from portal.rosters.rows import Someone
from portal.rosters.teams import TeamBook
from portal.rosters.work import BOOK, in_turn, job_key, work_on
from portal.words import _l

LONGEST_NAME = 60
NAMED_IN_AUDIT = 200


@dataclass(frozen=True)
class Bringing:
    """What is known of a roster before it is read. `parts` are its file, packed; `paper` what its consents rest on."""

    filename: str
    parts: Sequence[str]
    organisation_id: int | None
    team_id: int | None
    takes: frozenset[Purpose]
    paper: StoredFile
    column_map: Mapping[str, str]


def bring(what: Bringing, *, by: Actor, at: datetime) -> Roster:
    """Keep a roster whose file a job is to read."""
    roster = Roster(
        filename=what.filename,
        status=RosterStatus.READING.value,
        organisation_id=what.organisation_id,
        team_id=what.team_id,
        takes=sorted(one.value for one in what.takes),
        paper_id=what.paper.id,
        columns={"header_no": 0, "titles": []},
        column_map=dict(what.column_map),
        reading={},
        brought_by_id=by.id,
        brought_at=at,
    )
    db.session.add(roster)
    db.session.flush()
    keep_file(roster.id, what.parts)
    reader.ask(roster, by=by, at=at)
    record("rosters.roster.brought", roster, by=by, at=at, purposes=roster.takes, paper=what.paper.id)
    return roster


@in_turn
def have_read_again(roster: Roster, column_map: Mapping[str, str], *, by: Actor, at: datetime) -> None:
    """Read the same file anew, its columns as somebody says. What was mended or decided is gone. Raises DomainError."""
    _require(roster, RosterStatus.PREVIEW)
    if wrong := sorted(set(column_map.values()) - {*FIELDS, IGNORE}):
        raise DomainError(_l("没有「%(field)s」这一项。", field=wrong[0]), field="column_map")
    before = {"columns": dict(roster.column_map)}
    roster.column_map = dict(column_map)
    reader.ask(roster, by=by, at=at)
    record("rosters.roster.read_again", roster, by=by, at=at, **changes(before, {"columns": dict(column_map)}))


@in_turn
def have_read_once_more(roster: Roster, *, by: Actor, at: datetime) -> None:
    """Ask for another job where the one that reads the roster was set aside. Raises ChangedMeanwhile."""
    _require(roster, RosterStatus.READING)
    if not work_on(roster).is_set_aside:
        raise not_in_state(roster)
    reader.ask(roster, by=by, at=at)
    record("rosters.roster.read_once_more", roster, by=by, at=at)


def keep_mapping(roster: Roster, name: str, *, by: Actor, at: datetime) -> None:
    """Remember what the columns of this layout mean: the next file with the same titles is known by itself."""
    titles = {one["title"]: one["field"] or IGNORE for one in roster.columns["titles"]}
    mark = fingerprint(titles)
    kept = mapping_called(mark, roster.organisation_id)
    if kept is None:
        kept = RosterMapping(fingerprint=mark, organisation_id=roster.organisation_id or 0)
        db.session.add(kept)
    kept.name = name.strip()[:LONGEST_NAME] or str(roster.id)
    kept.columns = titles | dict(roster.column_map)
    kept.kept_by_id, kept.kept_at = by.id, at
    db.session.flush()
    record("rosters.mapping.kept", kept, by=by, at=at, name=kept.name, columns=len(titles))


# ── rows ────────────────────────────────────────────────────────────────────────────────────────────
@in_turn
def mend(roster: Roster, row_no: int, texts: Sequence[str], *, by: Actor, at: datetime) -> RosterRow:
    """Put other texts into a row's cells, and place it anew. Raises DomainError (no such row), ChangedMeanwhile."""
    _require(roster, RosterStatus.PREVIEW)
    row = _row(roster, row_no)
    book = TeamBook(roster.organisation_id, session=db.session())
    layout = layout_of(roster, book, today=at.date())
    one = read_row(layout, row_no, texts)
    known = Known([one], organisation_id=roster.organisation_id, today=at.date(), session=db.session())
    placement = _beside_others(roster, one, Matcher(layout, known, book.names).place(one))
    row.decision = None
    for name, value in as_kept(one, placement, texts, told_problems([placement.problems])).items():
        setattr(row, name, value)
    db.session.flush()
    recount(roster)
    record("rosters.row.mended", roster, by=by, at=at, row=row_no)
    return row


@in_turn
def decide(roster: Roster, decisions: Mapping[int, str], *, by: Actor, at: datetime) -> int:
    """Decide doubts: row number → "new", "out", "this" (the person of the row it is a twin of) or "p17" (somebody
    known). Gives how many. Raises DomainError for what cannot be chosen."""
    _require(roster, RosterStatus.PREVIEW)
    for row_no, choice in decisions.items():
        row = _row(roster, row_no)
        row.decision, row.person_id = _decision(row, choice)
    db.session.flush()
    recount(roster)
    told = [{"row": row_no, "action": choice} for row_no, choice in list(decisions.items())[:NAMED_IN_AUDIT]]
    record("rosters.rows.decided", roster, by=by, at=at, count=len(decisions), rows=told)
    return len(decisions)


def decide_twins(roster: Roster, *, by: Actor, at: datetime) -> int:
    """Rows of the same name and the same number or paper are one person; gives how many were decided."""
    return _decide_all(roster, RosterRow.doubt == Doubt.TWIN.value, Decision.THIS, by=by, at=at)


def leave_doubts_out(roster: Roster, *, by: Actor, at: datetime) -> int:
    """Leave out every doubt that nobody has decided; gives how many."""
    return _decide_all(roster, RosterRow.kind == RowKind.DOUBT.value, Decision.OUT, by=by, at=at)


# ── the way ─────────────────────────────────────────────────────────────────────────────────────────
@in_turn
def confirm(roster: Roster, *, by: Actor, at: datetime) -> None:
    """It is right: book it. The job is asked for in the same transaction. Raises Undecided, NothingToBook,
    ChangedMeanwhile."""
    _require(roster, RosterStatus.PREVIEW)
    if roster.undecided:
        raise Undecided(roster)
    if roster.refusal or not roster.new + roster.updates + roster.doubts - roster.left_out:
        raise NothingToBook
    roster.status = RosterStatus.BOOKING.value
    roster.confirmed_by_id, roster.confirmed_at = by.id, at
    db.session.flush()
    enqueue(BOOK, {"roster_id": roster.id}, at=at, key=job_key(roster.id))
    sums = {name: getattr(roster, name) for name in ("rows", "new", "updates", "same", "wrong", "left_out")}
    record("rosters.roster.confirmed", roster, by=by, at=at, **sums)


@in_turn
def resume(roster: Roster, *, by: Actor, at: datetime) -> None:
    """Go on with a booking that was set aside after failing again and again. Raises ChangedMeanwhile."""
    _require(roster, RosterStatus.BOOKING)
    if not try_again(job_key(roster.id), at=at):
        raise not_in_state(roster)
    record("rosters.roster.resumed", roster, by=by, at=at, booked=roster.booked)


@in_turn
def withdraw(roster: Roster, *, by: Actor | None, at: datetime) -> None:
    """Nothing of it is entered; the file is forgotten at once, its rows by the next tidying."""
    if roster.state not in (RosterStatus.READING, RosterStatus.PREVIEW):
        raise not_in_state(roster)
    roster.status, roster.finished_at = RosterStatus.WITHDRAWN.value, at
    forget_file(roster.id)
    db.session.flush()
    record("rosters.roster.withdrawn", roster, by=by, at=at)


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _require(roster: Roster, status: RosterStatus) -> None:
    if roster.status != status:
        raise not_in_state(roster)


def _row(roster: Roster, row_no: int) -> RosterRow:
    row = row_of(roster, row_no)
    if row is None:
        raise DomainError(_l("名册里没有第 %(row)s 行。", row=row_no), field="row")
    return row


def _decision(row: RosterRow, choice: str) -> tuple[str, int | None]:
    """Raises DomainError for a choice that this row does not offer."""
    if row.doubt is not None:
        if choice == Decision.OUT or (choice == Decision.NEW and Doubt(row.doubt).may_be_new):
            return choice, None
        if choice == Decision.THIS and row.twin_of is not None:
            return choice, None
        if choice in {f"p{one}" for one in row.candidates} and row.twin_of is None:
            return Decision.THIS.value, int(choice[1:])
    raise DomainError(_l("第 %(row)d 行不能这样选，请刷新页面再试。", row=row.row_no), field="row")


@in_turn
def _decide_all(roster: Roster, which: ColumnElement[bool], how: Decision, *, by: Actor, at: datetime) -> int:
    _require(roster, RosterStatus.PREVIEW)
    open_ones = (RosterRow.roster_id == roster.id, RosterRow.decision.is_(None), which)
    decided = update(RosterRow).where(*open_ones).values(decision=how.value, person_id=None)
    count = len(db.session.execute(decided.returning(RosterRow.id), execution_options=DETACHED).all())
    recount(roster)
    if count:
        record("rosters.rows.decided", roster, by=by, at=at, count=count, rows=[{"action": how.value}])
    return count


def _beside_others(roster: Roster, one: Someone, placement: Placement) -> Placement:
    """The mended row in the light of the roster's other rows."""
    if placement.kind in (RowKind.WRONG, RowKind.DOUBT):
        return placement
    alike: list[ColumnElement[bool]] = []
    if one.number:
        alike.append(RosterRow.number == one.number)
    if one.paper_digest:
        alike.append(RosterRow.paper_digest == one.paper_digest)
    if placement.person:
        alike.append(RosterRow.person_id == placement.person.id)
    for is_sure, same in ((True, alike), (False, [RosterRow.reach_digest.in_(one.reach_digests)])):
        if same and (other := _other(roster, one, or_(*same))) and (is_sure or not are_two(one, other)):
            return twin(one, other, is_sure=is_sure)
    return placement


def _other(roster: Roster, one: Someone, same: ColumnElement[bool]) -> RosterRow | None:
    others = (RosterRow.roster_id == roster.id, RosterRow.row_no != one.row_no, RosterRow.kind != RowKind.WRONG.value)
    return db.session.scalar(select(RosterRow).where(*others, same).order_by(RosterRow.row_no).limit(1))
