"""Photos of paper sign-in sheets: what a claim rests on where there was no phone."""

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.activities.models import Activity
from portal.actor import Actor
from portal.audit import record
from portal.db import Model, db
from portal.files import Picture, StoredFile, keep_picture
from portal.guards import append_only
from portal.hours.actions import Service, correct_claim, enter_claim
from portal.hours.models import Claim, Evidence
from portal.people.models import Person


class ClaimPaper(Model):
    """The photo behind a claim; it stays as long as the claim does. A corrected claim may rest on the same one."""

    __tablename__ = "hours_paper"

    claim_id: Mapped[int] = mapped_column(ForeignKey("hours_claim.id"), primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("files_file.id"), index=True)


append_only("hours_paper", keys=("claim_id",))


def enter(
    person: Person,
    activity: Activity,
    service: Service,
    photo: Picture | None,
    *,
    otherwise: Evidence,
    by: Person,
    at: datetime,
) -> Claim:
    """Record a person's service; with a photo it rests on paper. Raises DomainError, AlreadyClaimed."""
    claim = enter_claim(person, activity, service, evidence=Evidence.PAPER if photo else otherwise, by=by, at=at)
    if photo:
        add_paper(claim, photo, by=by, at=at)
    return claim


def correct(old: Claim, service: Service, photo: Picture | None, *, seen: int, by: Person, at: datetime) -> Claim:
    """A corrected claim in a returned one's place, with a new photo or the old one. Raises DomainError."""
    kept = None if photo else paper_of(old)
    claim = correct_claim(old, service, seen=seen, by=by, at=at, has_paper=bool(photo or kept))
    if photo:
        add_paper(claim, photo, by=by, at=at)
    elif kept:
        take_over_paper(claim, kept, by=by, at=at)
    return claim


def add_paper(claim: Claim, picture: Picture, *, by: Actor, at: datetime) -> None:
    """Put the photo behind a claim that was just entered."""
    stored = keep_picture(picture, by=by, at=at)
    db.session.add(ClaimPaper(claim_id=claim.id, file_id=stored.id))
    db.session.flush()
    record("hours.paper.added", claim, by=by, at=at, file=stored.id)


def take_over_paper(claim: Claim, stored: StoredFile, *, by: Actor, at: datetime) -> None:
    """The photo behind a returned claim stands behind the corrected one too."""
    db.session.add(ClaimPaper(claim_id=claim.id, file_id=stored.id))
    db.session.flush()
    record("hours.paper.taken_over", claim, by=by, at=at, file=stored.id)


def paper_of(claim: Claim) -> StoredFile | None:
    """The photo behind a claim."""
    behind = select(StoredFile).join(ClaimPaper, ClaimPaper.file_id == StoredFile.id)
    return db.session.scalar(behind.where(ClaimPaper.claim_id == claim.id))


def claims_with(stored: StoredFile) -> list[Claim]:
    """The claims that rest on a photo: whoever may see one of them may see it."""
    behind = select(Claim).join(ClaimPaper, ClaimPaper.claim_id == Claim.id)
    return list(db.session.scalars(behind.where(ClaimPaper.file_id == stored.id).order_by(Claim.id)))
