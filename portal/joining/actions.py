from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.actor import Actor
from portal.audit import record
from portal.consents import actions as consents
from portal.consents.actions import Guardian
from portal.consents.models import Consent, Purpose
from portal.db import DETACHED, db
from portal.files.models import StoredFile
from portal.identity import age_on
from portal.joining.models import Application, State
from portal.joining.policy import can_decide, can_see_application, takes_into
from portal.joining.queries import volunteer_grants_of
from portal.joining.telling import APPROVED, ENTERED, REFUSED
from portal.joining.wishes import NOWHERE, Wish
from portal.notices import tell
from portal.orgs.queries import is_member
from portal.people.actions import give_number, grant, require_reason
from portal.people.models import Person, Role
from portal.problems import ChangedMeanwhile, DomainError, NotAllowed
from portal.profiles.actions import change_file, move, open_file
from portal.profiles.agreeing import asked_for, require_agreed
from portal.profiles.details import OLD_ENOUGH_TO_AGREE, Details, checked, is_minor
from portal.profiles.models import Profile, Status
from portal.profiles.queries import profile_of, status_of
from portal.teams.admitting import admit
from portal.teams.invitations import use
from portal.teams.queries import is_closed
from portal.words import _l

MOST_AT_ONCE = 50


class AppliedAlready(DomainError):
    """She is a volunteer, or an application of hers waits."""


@dataclass
class Outcome:
    """A batch is answered row by row. `refused`: whose it is, and the sentence that stood in the way."""

    done: list[Application] = field(default_factory=list)
    refused: list[tuple[str, DomainError]] = field(default_factory=list)
    unknown: int = 0


# ── applying ────────────────────────────────────────────────────────────────────────────────────────
def apply(
    person: Person,
    details: Details,
    *,
    agreed: Collection[Purpose],
    by: Actor,
    at: datetime,
    wish: Wish = NOWHERE,
    guardian_agreed: bool = False,
    paper: StoredFile | None = None,
) -> Application:
    """Write down that somebody wishes to be a volunteer, with what she says of herself and what she agrees to.

    `by` is she herself, or whoever has her signed `paper`. Raises DomainError, AppliedAlready.
    """
    details = checked(details, today=at.date())
    _require_free(person)
    _require_consents(details, agreed, guardian_agreed=guardian_agreed or paper is not None, at=at)
    _open(person, details, by=by, at=at)
    application = Application(
        person_id=person.id,
        wish_organisation_id=wish.organisation.id if wish.organisation else None,
        wish_team_id=wish.team.id if wish.team else None,
        invitation_id=wish.invitation.id if wish.invitation else None,
        needs_guardian=is_minor(details, today=at.date()),
        guardian_agreed_at=at if details.guardian and (guardian_agreed or paper) else None,
        paper_id=paper.id if paper else None,
        applied_at=at,
        applied_by_id=by.id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(application)
    except IntegrityError as twice:
        raise _applied_already() from twice
    record("joining.application.made", application, by=by, at=at, person=person.id)
    _agree(person, details, by=by, at=at, guardian_agreed=guardian_agreed or paper is not None, paper=paper)
    return application


def _require_free(person: Person) -> None:
    """Raises AppliedAlready."""
    if status_of(person) not in (None, Status.REFUSED, Status.LEFT):
        raise _applied_already()


def _applied_already() -> AppliedAlready:
    return AppliedAlready(_l("已经是志愿者，或者已经交过申请了。"))


def _require_consents(details: Details, agreed: Collection[Purpose], *, guardian_agreed: bool, at: datetime) -> None:
    """Raises DomainError: nobody is kept here who did not agree, no child whose guardian did not (§31)."""
    if Purpose.JOIN not in agreed:
        raise DomainError(_l("请读一读同意书并勾选；不同意就不能注册。"), field="agree_join")
    require_agreed(details, agreed)
    born_on = details.born_on
    if born_on and age_on(at.date(), born_on=born_on) < OLD_ENOUGH_TO_AGREE:
        if not guardian_agreed:
            raise DomainError(_l("未满 14 周岁，要由监护人先同意。"), field="guardian_mobile")
        if details.party:
            raise DomainError(_l("未满 14 周岁，不登记政治面貌。"), field="party")


def _open(person: Person, details: Details, *, by: Actor, at: datetime) -> None:
    """Her file: a new one, or the one of somebody who was refused or left."""
    profile = profile_of(person.id)
    if profile is None:
        open_file(person, details, status=Status.APPLIED, by=by, at=at, is_entered=by.id != person.id)
        return
    move(profile, Status.APPLIED, by=by, at=at)
    change_file(profile, details, by=by, at=at)


def _agree(
    person: Person, details: Details, *, by: Actor, at: datetime, guardian_agreed: bool, paper: StoredFile | None
) -> None:
    guardian = Guardian(details.guardian.name, details.guardian.relation) if details.guardian else None
    for purpose in (Purpose.JOIN, *asked_for(details)):
        consents.give(person, purpose, by=by, at=at, paper=paper, guardian=guardian if guardian_agreed else None)


def add_guardians_paper(application: Application, paper: StoredFile, *, by: Person, at: datetime) -> None:
    """The guardian has signed on paper. Raises ChangedMeanwhile: decided meanwhile, or she had agreed already."""
    if application.state is not State.WAITING or not application.waits_for_guardian:
        raise _changed()
    application.paper_id, application.guardian_agreed_at = paper.id, at
    profile = profile_of(application.person_id)
    for consent in _consents_without_guardian(application.person_id):
        consent.paper_id = paper.id
        if profile and profile.guardian_name and profile.guardian_relation:
            consent.guardian, consent.guardian_relation = profile.guardian_name, profile.guardian_relation
    db.session.flush()
    record("joining.paper.added", application, by=by, at=at, person=application.person_id, file=paper.id)


def _consents_without_guardian(person_id: int) -> list[Consent]:
    hers = (Consent.person_id == person_id, Consent.withdrawn_at.is_(None), Consent.guardian.is_(None))
    return list(db.session.scalars(select(Consent).where(*hers)))


# ── deciding ────────────────────────────────────────────────────────────────────────────────────────
def approve(application: Application, *, by: Person, at: datetime) -> None:
    """She is a volunteer, with a number; and a member of the team she wished for, where `by` runs it.

    Raises NotAllowed, ChangedMeanwhile, PaperTaken, DomainError (her guardian has not agreed).
    """
    _require_decider(application, by)
    if application.waits_for_guardian:
        raise DomainError(_l("监护人还没有同意：请先收下监护人签字的同意书。"))
    _decide(application, State.APPROVED, None, by=by, at=at)
    person, profile = application.person, _file_of(application)
    move(profile, Status.APPROVED, by=by, at=at)
    number = give_number(person, by=by, at=at)
    if person.login is not None and person.login.startswith(FIRST_LOGIN):
        person.login = number.lower()
    if not volunteer_grants_of(person.id, on=at.date()):
        grant(person, Role.VOLUNTEER, by=by, at=at, reason=str(_l("志愿者申请通过")))
    _take_in(application, by=by, at=at)
    record("joining.application.approved", application, by=by, at=at, person=person.id)
    tell([person.id], APPROVED, at=at, url="/me/profile", number=number)
    if application.applied_by_id not in (person.id, by.id):
        tell(
            [application.applied_by_id],
            ENTERED,
            at=at,
            url=f"/volunteers/{person.id}/ready",
            name=person.name,
            number=number,
        )


FIRST_LOGIN = "sq"
"""Begins the login of somebody who has no number yet; it becomes her number."""


def refuse(application: Application, reason: str, *, by: Person, at: datetime) -> None:
    """She may apply again. Raises NotAllowed, ChangedMeanwhile, DomainError (no reason)."""
    _require_decider(application, by)
    require_reason(reason)
    _decide(application, State.REFUSED, reason.strip(), by=by, at=at)
    move(_file_of(application), Status.REFUSED, by=by, at=at, reason=reason.strip())
    record(
        "joining.application.refused", application, by=by, at=at, person=application.person_id, reason=reason.strip()
    )
    tell([application.person_id], REFUSED, at=at, url="/me/profile", reason=reason.strip())


def approve_many(ids: Sequence[int], *, by: Person, at: datetime) -> Outcome:
    """Row by row: one that cannot be approved is named with its reason. Raises DomainError when they are too many."""
    wanted = sorted(set(ids))
    if len(wanted) > MOST_AT_ONCE:
        raise DomainError(_l("一次最多处理 %(count)d 条。", count=MOST_AT_ONCE))
    outcome = Outcome()
    for application in db.session.scalars(
        select(Application).where(Application.id.in_(wanted)).order_by(Application.id)
    ).all():
        if not can_see_application(by, application):
            continue
        name = application.person.name
        try:
            with db.session.begin_nested():
                approve(application, by=by, at=at)
            outcome.done.append(application)
        except DomainError as problem:
            outcome.refused.append((name, problem))
    outcome.unknown = len(wanted) - len(outcome.done) - len(outcome.refused)
    return outcome


def withdraw(application: Application, *, by: Actor, at: datetime) -> None:
    """She thinks better of it, before anybody decided; where it is decided already, nothing happens."""
    if application.state is State.WAITING:
        _decide(application, State.WITHDRAWN, None, by=by, at=at)
        record("joining.application.withdrawn", application, by=by, at=at, person=application.person_id)


def _require_decider(application: Application, by: Person) -> None:
    if application.person_id in by.selves:
        raise NotAllowed(_l("自己的申请要由别人审核。"))
    if not can_decide(by, application):
        raise NotAllowed


def _decide(application: Application, to: State, reason: str | None, *, by: Actor, at: datetime) -> None:
    """Of two who decide at once, the second is told. Raises ChangedMeanwhile."""
    waits = update(Application).where(Application.id == application.id, Application.status == State.WAITING.value)
    decided = waits.values(status=to.value, decided_at=at, decided_by_id=by.id, reason=reason)
    if db.session.scalar(decided.returning(Application.id), execution_options=DETACHED) is None:
        raise _changed()
    db.session.refresh(application)


def _changed() -> ChangedMeanwhile:
    return ChangedMeanwhile(_l("这份申请刚刚有人处理过，请刷新再看。"))


def _file_of(application: Application) -> Profile:
    profile = profile_of(application.person_id)
    assert profile is not None, "an application comes with a file"
    return profile


def _take_in(application: Application, *, by: Person, at: datetime) -> None:
    """Into the team she wished for, where whoever decides runs it or its leader's link is good still."""
    team, person = application.team, application.person
    if team is None or is_closed(team.id) or is_member(person, team):
        return
    try:
        with db.session.begin_nested():
            if takes_into(by, team):
                admit(person, team, by=by, at=at)
            elif application.invitation is not None:
                use(application.invitation, person, by=by, at=at)
    except DomainError:
        # Too young for this team, or its link is used up: a volunteer she is all the same.
        return
