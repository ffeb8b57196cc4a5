from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from portal.db import db
from portal.exports.models import Export
from portal.people.models import Person
from portal.web.tables import Listing


def exports_seen(listing: Listing, *, of: Person | None) -> tuple[Listing, Sequence[Export]]:
    """The exports of one person, or (None) of everybody; files that should be gone already come first."""
    wanted: Select[Export] = select(Export)
    if of is not None:
        wanted = wanted.where(Export.person_id == of.id)
    listing = listing.counted(db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0)
    ordered = wanted.order_by(Export.deleted_at.is_not(None), Export.id.desc())
    page = ordered.options(joinedload(Export.person)).offset(listing.offset).limit(listing.per_page)
    return listing, db.session.scalars(page).all()


def export_by_id(export_id: int) -> Export | None:
    return db.session.get(Export, export_id)


def expired(*, on: date, after: int, most: int) -> Sequence[Export]:
    """Exports whose day has come and that nobody has said to be deleted, by number."""
    due = (Export.deleted_at.is_(None), Export.expires_on <= on, Export.id > after)
    return db.session.scalars(select(Export).where(*due).order_by(Export.id).limit(most)).all()
