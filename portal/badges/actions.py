from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.accounts.models import SignIn
from portal.accounts.sign_ins import LONGEST_BROWSER, new_sign_in
from portal.audit import Via, record, signed_in_by
from portal.badges.models import Badge, Kiosk, Visit
from portal.badges.queries import good_badge_of
from portal.chance import digest_of_token, new_digits, new_token
from portal.contacts.letters import tell
from portal.db import DETACHED, db
from portal.jobs import enqueue, handler
from portal.orgs.models import Team
from portal.people.models import Person
from portal.problems import ChangedMeanwhile
from portal.words import _, _l

END_VISIT = "badges.end_visit"


# ── cards ───────────────────────────────────────────────────────────────────────────────────────────
def issue_badges(people: Iterable[Person], team: Team, *, by: Person, at: datetime) -> list[Badge]:
    """A card for each of these members who has none; those who have one keep it."""
    return [_issue(person, team, by=by, at=at) for person in people if good_badge_of(person.id) is None]


def _issue(person: Person, team: Team, *, by: Person, at: datetime) -> Badge:
    badge = Badge(
        person_id=person.id,
        team_id=team.id,
        number=new_digits(8),
        nonce=new_token(),
        issued_at=at,
        issued_by_id=by.id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(badge)
    except IntegrityError as twice:
        raise ChangedMeanwhile(_l("%(name)s的证刚刚有人发了，请刷新再看。", name=person.name)) from twice
    record("badges.badge.issued", badge, by=by, at=at, person=person.id, team=team.id)
    return badge


def set_pin(badge: Badge, pin_hash: str, *, by: Person, at: datetime) -> None:
    """The member has typed a PIN at the device of `by`, who does not see it. She is told at her contacts."""
    badge.pin_hash, badge.pin_set_at = pin_hash, at
    record("badges.pin.set", badge, by=by, at=at, person=badge.person_id)
    news = _("您的志愿者证在%(name)s的设备上设了密码。", name=by.name)
    tell(badge.person_id, news, at=at)


def revoke_badge(badge: Badge, *, by: Person, at: datetime) -> None:
    """The card is lost: it opens nothing any more, and whoever is in by it is out. Raises ChangedMeanwhile."""
    still = update(Badge).where(Badge.id == badge.id, Badge.revoked_at.is_(None))
    revoked = still.values(revoked_at=at, revoked_by_id=by.id).returning(Badge.id)
    if db.session.scalar(revoked, execution_options=DETACHED) is None:
        raise ChangedMeanwhile(_l("这张证已经挂失了。"))
    for visit in _visits(Visit.badge_id == badge.id):
        _end(visit, at=at)
    record("badges.badge.revoked", badge, by=by, at=at, person=badge.person_id)


# ── kiosks ──────────────────────────────────────────────────────────────────────────────────────────
def open_kiosk(team: Team, *, browser: str, by: Person, at: datetime) -> str:
    """A browser becomes the team's for twelve hours; the token that it is to keep, of 256 bits."""
    token = new_token()
    kiosk = Kiosk(
        team_id=team.id,
        token_digest=digest_of_token(token),
        browser=browser[:LONGEST_BROWSER],
        opened_at=at,
        opened_by_id=by.id,
        ends_at=at + Kiosk.LASTS,
    )
    db.session.add(kiosk)
    db.session.flush()
    record("badges.kiosk.opened", kiosk, by=by, at=at, team=team.id)
    return token


def end_kiosk(kiosk: Kiosk, *, by: Person, at: datetime) -> None:
    """Nobody acts there any more; twice is as good as once."""
    if kiosk.ended_at is not None:
        return
    kiosk.ended_at = at
    for visit in _visits(Visit.kiosk_id == kiosk.id):
        _end(visit, at=at)
    record("badges.kiosk.ended", kiosk, by=by, at=at, team=kiosk.team_id)


# ── visits ──────────────────────────────────────────────────────────────────────────────────────────
def begin_visit(
    badge: Badge, *, host: Person | None, kiosk: Kiosk | None, address: str, browser: str, at: datetime
) -> tuple[Visit, str]:
    """The member acts by her badge, for ten minutes at most; the token of the sign-in that this is."""
    token, sign_in_id = new_sign_in(badge.person_id, address=address, browser=browser, at=at)
    visit = Visit(
        badge_id=badge.id,
        sign_in_id=sign_in_id,
        kiosk_id=kiosk.id if kiosk else None,
        host_id=host.id if host else None,
        began_at=at,
    )
    db.session.add(visit)
    db.session.flush()
    signed_in_by(sign_in_id, via=Via.KIOSK)
    where: dict[str, int] = {"kiosk": kiosk.id} if kiosk else {"host": visit.host_id or 0}
    record("badges.visit.began", visit, by=badge.person, at=at, **where)
    # Whoever walks away and never comes back is out all the same.
    enqueue(END_VISIT, {"visit": visit.id}, at=at + Visit.LASTS)
    return visit, token


def end_visit(visit: Visit, *, at: datetime) -> None:
    """She leaves, or her time is over; twice is as good as once."""
    if visit.ended_at is None:
        _end(visit, at=at)
        record("badges.visit.ended", visit, by=visit.badge.person, at=at)


@handler(END_VISIT, words=_l("结束刷卡"))
def end_in_time(payload: dict[str, Any]) -> None:
    """Ten minutes after it began."""
    visit = db.session.get(Visit, payload["visit"])
    if visit is not None:
        end_visit(visit, at=clock.now())
    db.session.commit()


def _visits(which: Any) -> list[Visit]:
    return list(db.session.scalars(select(Visit).where(which, Visit.ended_at.is_(None))))


def _end(visit: Visit, *, at: datetime) -> None:
    visit.ended_at = at
    still = update(SignIn).where(SignIn.id == visit.sign_in_id, SignIn.ended_at.is_(None))
    db.session.execute(still.values(ended_at=at), execution_options=DETACHED)
