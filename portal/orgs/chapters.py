"""The histories of an organisation, read and written: each chapter is a table of dated rows with papers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.actor import Actor
from portal.audit import record
from portal.db import db
from portal.files import Picture, StoredFile, keep_picture
from portal.orgs.histories import HISTORIES, Branch, CrossPost, Entry, LegalChange, Stage, Term
from portal.orgs.models import Organisation
from portal.orgs.registering import require_open, require_reason
from portal.problems import ChangedMeanwhile, DomainError
from portal.words import Words, _l

SOON = timedelta(days=90)
"""So long before a term runs out it is said."""

EARLIEST = date(1949, 10, 1)
FARTHEST = timedelta(days=366 * 10)
"""A term or post may end so far ahead."""


@dataclass(frozen=True)
class Chapter:
    """One kind of history. `key` stands in addresses, `by` is the column that its rows are sorted by."""

    key: str
    model: type[Entry]
    words: Words
    add_words: Words
    by: str


CHAPTERS: Mapping[str, Chapter] = {
    chapter.key: chapter
    for chapter in (
        Chapter("stages", Stage, _l("孵化"), _l("记一个孵化阶段"), "happened_on"),
        Chapter("branches", Branch, _l("党组织（双覆盖）"), _l("记党组织覆盖"), "starts_on"),
        Chapter("posts", CrossPost, _l("双向进入、交叉任职"), _l("记一位交叉任职"), "starts_on"),
        Chapter("terms", Term, _l("换届"), _l("记一次换届"), "starts_on"),
        Chapter("changes", LegalChange, _l("法人变更"), _l("记一次法人变更"), "changed_on"),
    )
}


def what_counts(model: type[Entry]) -> Select[Any]:
    """The rows that no other one replaces and that are not there only to take one away."""
    later = aliased(model)
    replaced = exists().where(later.replaces_id == model.id)
    return select(model).where(~replaced, model.void_reason.is_(None))


def entries_of(organisation: Organisation, chapter: Chapter) -> list[Entry]:
    """What counts, the earliest first."""
    mine = what_counts(chapter.model).where(chapter.model.organisation_id == organisation.id)
    return list(db.session.scalars(mine.order_by(getattr(chapter.model, chapter.by), chapter.model.id)))


def histories_of(organisation: Organisation) -> dict[str, list[Entry]]:
    return {key: entries_of(organisation, chapter) for key, chapter in CHAPTERS.items()}


def entry_of(organisation: Organisation, chapter: Chapter, entry_id: int) -> Entry | None:
    """A row that counts, of this organisation."""
    model = chapter.model
    one = what_counts(model).where(model.id == entry_id, model.organisation_id == organisation.id)
    entry: Entry | None = db.session.scalar(one)
    return entry


def papers_of(entries: Sequence[Entry]) -> dict[int, StoredFile]:
    """The papers behind rows, by the number of the file."""
    numbers = {entry.paper_id for entry in entries if entry.paper_id}
    if not numbers:
        return {}
    return {one.id: one for one in db.session.scalars(select(StoredFile).where(StoredFile.id.in_(numbers)))}


def organisations_with(paper: StoredFile) -> list[Organisation]:
    """Whose histories rest on a paper: whoever may see one of these may see it."""
    ids: set[int] = set()
    for model in HISTORIES:
        ids.update(db.session.scalars(select(model.organisation_id).where(model.paper_id == paper.id)))
    return list(db.session.scalars(select(Organisation).where(Organisation.id.in_(ids))))


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────
def add_entry(
    organisation: Organisation,
    chapter: Chapter,
    values: Mapping[str, Any],
    picture: Picture | None = None,
    *,
    replaces: Entry | None = None,
    by: Actor,
    at: datetime,
) -> Entry:
    """Write a row, or one in the place of another, whose paper it keeps unless there is a new one.

    Raises IsClosed, ChangedMeanwhile, DomainError with the field.
    """
    require_open(organisation)
    _check_days(chapter, values)
    if replaces:
        _require_counts(replaces)
    paper_id = keep_picture(picture, by=by, at=at).id if picture else (replaces.paper_id if replaces else None)
    entry = chapter.model(
        organisation_id=organisation.id,
        replaces_id=replaces.id if replaces else None,
        paper_id=paper_id,
        added_by_id=by.id,
        added_at=at,
        **values,
    )
    db.session.add(entry)
    db.session.flush()
    deed = "orgs.history.corrected" if replaces else "orgs.history.added"
    more = {"replaces": replaces.id} if replaces else {}
    record(deed, entry, by=by, at=at, organisation=organisation.id, day=values[chapter.by], **more)
    return entry


def void_entry(
    organisation: Organisation, chapter: Chapter, entry: Entry, *, reason: str, by: Actor, at: datetime
) -> None:
    """Take a row away, with the reason; it stays in the table. Raises ChangedMeanwhile, DomainError."""
    require_reason(reason)
    _require_counts(entry)
    inert = {name: getattr(entry, name) for name in _own_columns(chapter.model)}
    void = chapter.model(
        organisation_id=organisation.id,
        replaces_id=entry.id,
        void_reason=reason,
        added_by_id=by.id,
        added_at=at,
        **inert,
    )
    db.session.add(void)
    db.session.flush()
    record("orgs.history.voided", void, by=by, at=at, organisation=organisation.id, replaces=entry.id, reason=reason)


def _own_columns(model: type[Entry]) -> list[str]:
    """The columns of this history alone; names that lie sealed are not repeated in a void row."""
    common = {"id", "organisation_id", "replaces_id", "void_reason", "paper_id", "added_by_id", "added_at"}
    sealed = {"person", "head", "old_name", "new_name"}
    return [column.key for column in model.__table__.columns if column.key not in common | sealed]


def _require_counts(entry: Entry) -> None:
    """Raises ChangedMeanwhile when another row has taken its place already."""
    # The organisation's row is what two who write at once wait for.
    db.session.execute(select(Organisation.id).where(Organisation.id == entry.organisation_id).with_for_update())
    if db.session.scalar(select(type(entry).id).where(type(entry).replaces_id == entry.id)):
        raise ChangedMeanwhile(_l("刚才有人改过这一条，请看看现在的样子再改。"))


def _check_days(chapter: Chapter, values: Mapping[str, Any]) -> None:
    """Raises DomainError: what has happened is not ahead, and an end comes after its beginning."""
    for name, day in values.items():
        if not isinstance(day, date):
            continue
        latest = clock.today() + (FARTHEST if name in ("ends_on", "starts_on") else timedelta(0))
        if not EARLIEST <= day <= latest:
            raise DomainError(_l("这个日期不合理，请核对。"), field=name)
    starts, ends = values.get("starts_on"), values.get("ends_on")
    if starts and ends and (ends < starts or (chapter.model is Term and ends == starts)):
        raise DomainError(_l("结束的日期要在开始之后。"), field="ends_on")
    changed, filed = values.get("changed_on"), values.get("filed_on")
    if changed and filed and filed < changed:
        raise DomainError(_l("备案的日期不会早于变更的日期。"), field="filed_on")


# ── terms ───────────────────────────────────────────────────────────────────────────────────────────
def last_term_of(organisation: Organisation) -> Term | None:
    """The term that ends last."""
    mine = what_counts(Term).where(Term.organisation_id == organisation.id)
    term: Term | None = db.session.scalar(mine.order_by(Term.ends_on.desc(), Term.id.desc()).limit(1))
    return term


def terms_running_out(today: date) -> list[tuple[Organisation, Term]]:
    """The last terms of open organisations that end within 90 days or have ended, the longest overdue first."""
    counting = what_counts(Term).subquery()
    last = select(counting.c.organisation_id, func.max(counting.c.ends_on).label("ends_on")).group_by(
        counting.c.organisation_id
    )
    ends = last.subquery()
    term = aliased(Term, counting)
    due = (
        select(Organisation, term)
        .join(ends, ends.c.organisation_id == Organisation.id)
        .join(term, (term.organisation_id == Organisation.id) & (term.ends_on == ends.c.ends_on))
        .where(Organisation.closed_on.is_(None), ends.c.ends_on <= today + SOON)
        .order_by(ends.c.ends_on, Organisation.id)
    )
    return [(organisation, one) for organisation, one in db.session.execute(due)]
