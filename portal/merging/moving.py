"""What goes over from an entry to the other of the same person, and back again: each thing with its own way back.

Facts stay where they are: hours, events, the trail. They are found through `Person.selves`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update

from portal.accounts.closing import close_account, reopen_account
from portal.badges.actions import revoke_badge
from portal.consents.models import Consent
from portal.contacts.models import Contact
from portal.db import DETACHED, db
from portal.joining.actions import withdraw as take_back_application
from portal.joining.queries import open_application_of
from portal.merging.queries import cards_of, receipts_of
from portal.orgs.models import Membership
from portal.people.actions import grant
from portal.people.models import ALLIANCE, Person, Role
from portal.people.policy import holds
from portal.profiles.actions import move
from portal.profiles.models import Choice, Document, Profile, Status
from portal.profiles.queries import profile_of
from portal.receipts.models import KeptReceipt
from portal.teams.asking import withdraw as take_back_request
from portal.teams.models import JoinRequest, Wish

PARTS: tuple[tuple[str, ...], ...] = (
    ("gender",),
    ("birth_year", "born_on"),
    ("id_kind", "id_number", "id_digest"),
    ("area",),
    ("address",),
    ("health",),
    ("ethnic",),
    ("party",),
    ("guardian_name", "guardian_mobile", "guardian_relation"),
)
"""What of a file goes over together, where the other file says nothing."""

WAY_BACK: dict[Status, tuple[Status, ...]] = {
    Status.APPLIED: (Status.APPLIED,),
    Status.REFUSED: (Status.APPLIED, Status.REFUSED),
    Status.APPROVED: (Status.ACTIVE,),
    Status.ACTIVE: (Status.ACTIVE,),
    Status.PAUSED: (Status.ACTIVE, Status.PAUSED),
    Status.LEFT: (),
}
"""By which steps who has left stands again where she stood."""


class Two(NamedTuple):
    """The two entries, by whom they are merged or parted, when and why."""

    twin: Person
    into: Person
    by: Person
    at: datetime
    reason: str


class Move(NamedTuple):
    """`over` gives what `back` needs, as JSON; nothing, when nothing went over."""

    name: str
    over: Callable[[Two], Any]
    back: Callable[[Two, Any], None]


def _account_over(two: Two) -> dict[str, bool]:
    """The twin's account closes; where the other has no login, she goes on with this one."""
    was_volunteer, was_open = holds(two.twin, Role.VOLUNTEER), two.twin.is_open
    if was_open:
        close_account(two.twin, by=two.by, at=two.at, reason=two.reason)
    gives_login = two.into.login is None and two.twin.login is not None
    if gives_login:
        _hand_login(two.twin, two.into)
    return {"was_open": was_open, "was_volunteer": was_volunteer, "login": gives_login}


def _account_back(two: Two, moved: dict[str, bool]) -> None:
    if moved["login"] and two.twin.login is None:
        _hand_login(two.into, two.twin)
    if moved["was_open"] and not two.twin.is_open:
        reopen_account(two.twin, by=two.by, at=two.at, reason=two.reason)
    if moved["was_volunteer"] and not holds(two.twin, Role.VOLUNTEER):
        grant(two.twin, Role.VOLUNTEER, on=ALLIANCE, by=two.by, at=two.at, reason=two.reason)


def _hand_login(giver: Person, taker: Person) -> None:
    login, password = giver.login, giver.password_hash
    giver.login = giver.password_hash = None
    db.session.flush()
    taker.login, taker.password_hash = login, password
    db.session.flush()


def _teams_over(two: Two) -> dict[str, list[int]]:
    """Her memberships end, and begin anew under the other entry unless it has them."""
    hers = db.session.scalars(_memberships(two.twin)).all()
    there = set(db.session.scalars(_memberships(two.into).with_only_columns(Membership.team_id)))
    for one in hers:
        one.left_on = max(two.at.date(), one.joined_on)
    begun = [
        Membership(person_id=two.into.id, team_id=one.team_id, joined_on=two.at.date(), until=one.until)
        for one in hers
        if one.team_id not in there
    ]
    db.session.add_all(begun)
    db.session.flush()
    return {"ended": [one.id for one in hers], "begun": [one.id for one in begun]}


def _teams_back(two: Two, moved: dict[str, list[int]]) -> None:
    there = set(db.session.scalars(_memberships(two.twin).with_only_columns(Membership.team_id)))
    for one in db.session.scalars(_memberships(two.into).where(Membership.id.in_(moved["begun"]))):
        one.left_on = max(two.at.date(), one.joined_on)
    for one in db.session.scalars(select(Membership).where(Membership.id.in_(moved["ended"]))):
        if one.team_id not in there:
            one.left_on = None
    db.session.flush()


def _memberships(person: Person) -> Any:
    return select(Membership).where(Membership.person_id == person.id, Membership.left_on.is_(None))


def _consents_over(two: Two) -> list[int]:
    """What she agreed to under one name she agreed to: it stands beside what rests on it."""
    now = Consent.withdrawn_at.is_(None)
    hers = select(Consent).where(Consent.person_id == two.twin.id, now)
    there = set(db.session.scalars(select(Consent.purpose).where(Consent.person_id == two.into.id, now)))
    copied = [_copy(one, two.into) for one in db.session.scalars(hers) if one.purpose not in there]
    db.session.add_all(copied)
    db.session.flush()
    return [one.id for one in copied]


def _copy(consent: Consent, into: Person) -> Consent:
    is_own = consent.given_by_id == consent.person_id
    kept = {name: getattr(consent, name) for name in ("purpose", "version", "given_at", "paper_id")}
    guardian = {"guardian": consent.guardian, "guardian_relation": consent.guardian_relation}
    return Consent(person_id=into.id, given_by_id=into.id if is_own else consent.given_by_id, **kept, **guardian)


def _consents_back(two: Two, moved: list[int]) -> None:
    for one in db.session.scalars(select(Consent).where(Consent.id.in_(moved), Consent.withdrawn_at.is_(None))):
        one.withdrawn_at, one.withdrawn_by_id = two.at, two.by.id
    db.session.flush()


def _file_over(two: Two) -> dict[str, Any]:
    """What her file says goes into the other's gaps; her own is closed."""
    hers = profile_of(two.twin.id)
    if hers is None:
        return {}
    theirs, is_new = profile_of(two.into.id), False
    if theirs is None:
        dates = {"status_at": two.at, "created_at": hers.created_at, "updated_at": two.at}
        theirs, is_new = Profile(person_id=two.into.id, status=hers.status, has_phone=hers.has_phone, **dates), True
        db.session.add(theirs)
    parts = [part for part in PARTS if any(getattr(hers, name) for name in part)]
    parts = [part for part in parts if not any(getattr(theirs, name) for name in part)]
    _hand_parts(hers, theirs, parts)
    status = hers.state
    if status is not Status.LEFT:
        move(hers, Status.LEFT, by=two.by, at=two.at, reason=two.reason)
    return {"parts": [list(part) for part in parts], "status": status.value, "is_new": is_new}


def _file_back(two: Two, moved: dict[str, Any]) -> None:
    hers, theirs = profile_of(two.twin.id), profile_of(two.into.id)
    if not moved or hers is None or theirs is None:
        return
    # What was written into a gap since then, by whoever knows better, is hers who keeps the entry.
    free = [part for part in moved["parts"] if not any(getattr(hers, name) for name in part)]
    _hand_parts(theirs, hers, free)
    if moved["is_new"]:
        db.session.delete(theirs)
        db.session.flush()
    if hers.state is Status.LEFT:
        for status in WAY_BACK[Status(moved["status"])]:
            move(hers, status, by=two.by, at=two.at, reason=two.reason)


def _hand_parts(giver: Profile, taker: Profile, parts: Any) -> None:
    """A paper is in one file only: it leaves the one before it comes into the other."""
    names = [name for part in parts for name in part]
    values = {name: getattr(giver, name) for name in names}
    for name in names:
        setattr(giver, name, None)
    db.session.flush()
    for name, value in values.items():
        setattr(taker, name, value)
    db.session.flush()


def _words_over(two: Two) -> list[list[str]]:
    def words(person: Person) -> set[tuple[str, str]]:
        rows = db.session.execute(select(Choice.topic, Choice.word).where(Choice.person_id == person.id))
        return {(topic, word) for topic, word in rows}

    new = sorted(words(two.twin) - words(two.into))
    db.session.add_all(Choice(person_id=two.into.id, topic=topic, word=word) for topic, word in new)
    db.session.flush()
    return [list(one) for one in new]


def _words_back(two: Two, moved: list[list[str]]) -> None:
    for topic, word in moved:
        if (choice := db.session.get(Choice, (two.into.id, topic, word))) is not None:
            db.session.delete(choice)
    db.session.flush()


def _contacts_over(two: Two) -> list[int]:
    there = set(db.session.scalars(select(Contact.digest).where(Contact.person_id == two.into.id)))
    hers = db.session.execute(select(Contact.id, Contact.digest).where(Contact.person_id == two.twin.id))
    ids = [number for number, digest in hers if digest not in there]
    _hand(Contact, ids, giver=two.twin, taker=two.into)
    return ids


def _documents_over(two: Two) -> list[int]:
    ids = list(db.session.scalars(select(Document.id).where(Document.person_id == two.twin.id)))
    _hand(Document, ids, giver=two.twin, taker=two.into)
    return ids


def _hand(model: type[Contact] | type[Document], ids: list[int], *, giver: Person, taker: Person) -> None:
    rows = update(model).where(model.id.in_(ids), model.person_id == giver.id)
    db.session.execute(rows.values(person_id=taker.id), execution_options=DETACHED)


def _receipts_over(two: Two) -> list[int]:
    new = sorted(receipts_of(two.twin.id) - receipts_of(two.into.id))
    _hand_receipts(two.twin, two.into, new)
    return new


def _receipts_back(two: Two, moved: list[int]) -> None:
    _hand_receipts(two.into, two.twin, sorted(set(moved) - receipts_of(two.twin.id)))


def _hand_receipts(giver: Person, taker: Person, ids: list[int]) -> None:
    rows = update(KeptReceipt).where(KeptReceipt.person_id == giver.id, KeptReceipt.receipt_id.in_(ids))
    db.session.execute(rows.values(person_id=taker.id), execution_options=DETACHED)


def _cards_over(two: Two) -> int:
    """A card opens the entry it was made for, which nobody uses any more."""
    cards = cards_of(two.twin.id)
    for card in cards:
        revoke_badge(card, by=two.by, at=two.at)
    return len(cards)


def _waiting_over(two: Two) -> int:
    """What the entry waits for would be decided about somebody who is no more; she asks anew, if she still wishes."""
    waits = (JoinRequest.person_id == two.twin.id, JoinRequest.status == Wish.WAITING.value)
    requests = db.session.scalars(select(JoinRequest).where(*waits)).all()
    for request in requests:
        take_back_request(request, by=two.by, at=two.at)
    application = open_application_of(two.twin.id)
    if application is not None:
        take_back_application(application, by=two.by, at=two.at)
    return len(requests) + (application is not None)


MOVES = (
    Move("waiting", _waiting_over, lambda two, moved: None),
    Move("cards", _cards_over, lambda two, moved: None),
    Move("teams", _teams_over, _teams_back),
    Move("consents", _consents_over, _consents_back),
    Move("file", _file_over, _file_back),
    Move("words", _words_over, _words_back),
    Move("documents", _documents_over, lambda two, moved: _hand(Document, moved, giver=two.into, taker=two.twin)),
    Move("contacts", _contacts_over, lambda two, moved: _hand(Contact, moved, giver=two.into, taker=two.twin)),
    Move("receipts", _receipts_over, _receipts_back),
    Move("account", _account_over, _account_back),
)
