"""Writing into the registry: a new organisation, what it is, its public page, its contact, its end."""

import secrets
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from portal.actor import Actor
from portal.audit import changes, record
from portal.db import db
from portal.files import Picture, keep_picture
from portal.orgs.details import Contact, Details, PublicText, checked
from portal.orgs.models import Organisation, OrganisationContact
from portal.orgs.registry import hold_organisation, organisation_at, taken_by
from portal.people.models import Scope
from portal.problems import ChangedMeanwhile, DomainError
from portal.words import _l

SHORTEST_REASON, LONGEST_REASON = 2, 200


class NameTaken(DomainError):
    """There is an organisation of this name, code or address already."""


class IsClosed(DomainError):
    """Nothing new happens in an organisation that is closed."""


def register(
    details: Details,
    text: PublicText | None = None,
    *,
    contact: Contact | None = None,
    is_complete: bool = True,
    by: Actor | None,
    at: datetime,
) -> Organisation:
    """Enter an organisation into the registry. Raises NameTaken, DomainError with the field."""
    details = checked(details, is_complete=is_complete)
    _require_free(details)
    slug = details.slug or f"org-{secrets.token_hex(3)}"
    organisation = Organisation(**_columns(details), **asdict(text or PublicText()), slug=slug, created_at=at)
    db.session.add(organisation)
    _flush(details)
    record("orgs.organisation.added", organisation, by=by, at=at, name=details.name)
    if contact:
        set_contact(organisation, contact, by=by, at=at)
    return organisation


def change_details(organisation: Organisation, details: Details, *, seen: int, by: Actor, at: datetime) -> None:
    """Change name, kind, code or registration. Raises ChangedMeanwhile, NameTaken, DomainError."""
    _take(organisation, seen)
    details = checked(details)
    _require_free(details, but=organisation.id)
    after = _columns(details) | {"slug": details.slug or organisation.slug}
    _change(organisation, after, by=by, at=at)
    _flush(details)


def change_text(organisation: Organisation, text: PublicText, *, seen: int, by: Actor, at: datetime) -> None:
    """Change what its public page says. Raises ChangedMeanwhile, IsClosed."""
    _take(organisation, seen)
    require_open(organisation)
    _change(organisation, asdict(text), by=by, at=at)
    db.session.flush()


def set_logo(organisation: Organisation, picture: Picture | None, *, by: Actor, at: datetime) -> None:
    """Put up another logo; None takes it down."""
    organisation.logo_id = keep_picture(picture, by=by, at=at).id if picture else None
    organisation.seq += 1
    db.session.flush()
    record("orgs.logo.set" if picture else "orgs.logo.removed", organisation, by=by, at=at)


def set_contact(organisation: Organisation, contact: Contact, *, by: Actor | None, at: datetime) -> None:
    """Say whom the alliance calls. Their name and number stand nowhere else, not in the audit either."""
    known = db.session.get(OrganisationContact, organisation.id)
    if known is None:
        known = OrganisationContact(organisation_id=organisation.id)
        db.session.add(known)
    elif (known.name, known.phone) == (contact.name, contact.phone):
        return
    known.name, known.phone = contact.name, contact.phone
    known.changed_at, known.changed_by_id = at, by.id if by else None
    db.session.flush()
    record("orgs.contact.changed", organisation, by=by, at=at)


def close(organisation: Organisation, *, on: date, reason: str, by: Actor, at: datetime) -> None:
    """注销: nothing new begins there; teams, hours and pages stay. Raises IsClosed, DomainError."""
    hold_organisation(organisation)
    require_open(organisation)
    require_reason(reason)
    if on > at.date():
        raise DomainError(_l("注销日期不能在今天之后。"), field="closed_on")
    organisation.closed_on, organisation.closed_reason = on, reason
    organisation.seq += 1
    db.session.flush()
    record("orgs.organisation.closed", organisation, by=by, at=at, reason=reason, to=on)


def reopen(organisation: Organisation, *, reason: str, by: Actor, at: datetime) -> None:
    """It goes on after all. Raises DomainError: it is open, is a second entry, or its code is used by another now."""
    hold_organisation(organisation)
    require_reason(reason)
    if organisation.is_open:
        raise DomainError(_l("这个组织没有注销。"))
    if organisation.merged_into_id:
        raise DomainError(_l("这个组织已经并入另一个，要分开请撤销合并。"))
    if organisation.credit_code and (other := taken_by("credit_code", organisation.credit_code, but=organisation.id)):
        raise NameTaken(_l("「%(name)s」现在用着同一个统一社会信用代码，不能恢复。", name=other.name))
    organisation.closed_on = organisation.closed_reason = None
    organisation.seq += 1
    db.session.flush()
    record("orgs.organisation.reopened", organisation, by=by, at=at, reason=reason)


def require_open(organisation: Organisation) -> None:
    if not organisation.is_open:
        raise IsClosed(_l("「%(name)s」已经注销，不能再改，也不能添新的。", name=organisation.name))


def require_open_at(scope: Scope) -> None:
    """The same for the organisation of a scope, or of the team that is one. Raises IsClosed."""
    if organisation := organisation_at(scope):
        require_open(organisation)


def require_reason(reason: str) -> None:
    """Raises DomainError: who looks back later wants to know why."""
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise DomainError(
            _l("请写明原因，%(least)d 到 %(most)d 个字。", least=SHORTEST_REASON, most=LONGEST_REASON), field="reason"
        )


def _take(organisation: Organisation, seen: int) -> None:
    """Nobody else changes it until the transaction ends. Raises ChangedMeanwhile."""
    hold_organisation(organisation)
    if organisation.seq != seen:
        raise ChangedMeanwhile(_l("刚才有人改过这个组织，下面是现在的样子，请对照再改。"))


def _columns(details: Details) -> dict[str, Any]:
    """What of the details stands in the row, without its address."""
    columns = {name: value or None for name, value in asdict(details).items() if name != "slug"}
    return columns | {"kind": details.kind.value, "standing": details.standing.value if details.standing else None}


def _change(organisation: Organisation, after: dict[str, Any], *, by: Actor, at: datetime) -> None:
    before = {name: getattr(organisation, name) for name in after}
    told = changes(before, after)
    if not told:
        return
    for name, value in after.items():
        setattr(organisation, name, value)
    organisation.seq += 1
    record("orgs.organisation.changed", organisation, by=by, at=at, changed=told)


def _require_free(details: Details, *, but: int | None = None) -> None:
    """Raises NameTaken beside the field that another organisation has already."""
    if taken_by("name", details.name, but=but):
        raise NameTaken(_l("已经有叫「%(name)s」的组织了。", name=details.name), field="name")
    if details.credit_code and (other := taken_by("credit_code", details.credit_code, but=but)):
        raise NameTaken(_l("这个统一社会信用代码是「%(name)s」的。", name=other.name), field="credit_code")
    if details.slug and (other := taken_by("slug", details.slug, but=but)):
        raise NameTaken(_l("「%(name)s」已经用了这个网址。", name=other.name), field="slug")


def _flush(details: Details) -> None:
    """Of two who register the same at once, the second is told as if she had come later."""
    try:
        db.session.flush()
    except IntegrityError as taken:
        raise NameTaken(_l("刚刚有人登记了同名或同代码的组织，请先查一查。"), field="name") from taken
