"""Volunteers without a phone: entering one, what she is given on paper, the photo of her consent; and anybody's
standing, for whoever looks after her."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.audit import record_apart, record_look
from portal.consents.models import Purpose
from portal.consents.texts import text_of
from portal.db import db
from portal.files import attachment, file_by_public_id, photo_in
from portal.joining import policy, queries, standing
from portal.joining.drafts import require_name
from portal.joining.entering import Newcomer, enter, wishes_to_enter
from portal.joining.forms import EnterForm, ReasonForm
from portal.joining.models import Application
from portal.joining.wishes import read_wish
from portal.orgs.queries import knows, teams_of
from portal.people.models import Person
from portal.problems import DomainError
from portal.profiles.fields import details_from
from portal.profiles.models import Status
from portal.profiles.queries import profile_of, status_of
from portal.web.access import found, require
from portal.web.libs import _, _l
from portal.web.once import answered, keep_answer
from portal.web.pages import done, go_to, page, refused
from portal.web.rates import UPLOADS, rated

bp = Blueprint("volunteers", __name__, url_prefix="/volunteers")

SLIPS = 6
"""On a page."""


# ── entering ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/new")
def new() -> Response:
    require(policy.can_enter(me()))
    form = EnterForm(formdata=None, wish=request.args.get("wish", "")[:20]).offer(wishes_to_enter(me()))
    return page("joining/enter.html", form=form, **_texts())


@bp.post("/new")
@rated(UPLOADS)
def add() -> Response:
    require(policy.can_enter(me()))
    form = EnterForm().offer(wishes_to_enter(me()))
    if not form.validate():
        return refused("joining/enter.html", form, **_texts())
    sent = form.content_sent()
    try:
        photo = photo_in(form.photo.data)
        if first := answered(form.key.data, sent, by=me()):
            return go_to(first)
        if photo is None:
            raise DomainError(_l("请拍下本人签字的同意书。"), field="photo")
        require_name(form.name.data or "")
        agreed = [*form.agreed, Purpose.JOIN]
        newcomer = Newcomer(form.name.data or "", details_from(form.data, has_phone=False), agreed, photo)
        application = enter(newcomer, read_wish(form.wish.data), by=me(), at=clock.now())
    except DomainError as problem:
        return refused("joining/enter.html", form, problem, **_texts())
    address = url_for(".ready", person_id=application.person_id)
    keep_answer(form.key.data, sent, address, by=me(), at=clock.now())
    said = (
        _("登记好了，%(name)s是志愿者了。")
        if application.person.volunteer_no
        else _("登记好了，%(name)s的申请等人审核。")
    )
    return done(go=address, say=said % {"name": application.person.name})


@bp.get("/<int:person_id>/ready")
def ready(person_id: int) -> Response:
    """What comes next for somebody who was entered: her card, her slips."""
    person, application = _entered(person_id)
    return page(
        "joining/ready.html",
        person=person,
        application=application,
        teams=teams_of(person),
        may_print=_may_print(person),
        decides=policy.can_decide(me(), application) if application else False,
    )


@bp.get("/<int:person_id>/slips")
def slips(person_id: int) -> Response:
    """A sheet of 时长小票 to be filled in by hand."""
    person, _application = _entered(person_id)
    require(_may_print(person))
    record_apart("joining.slips.printed", person, by=me(), at=clock.now(), person=person.id)
    return page("joining/slips.html", person=person, teams=teams_of(person), count=range(SLIPS))


@bp.get("/papers/<public_id>/<name>")
def paper(public_id: str, name: str) -> Response:
    """The photo of a signed consent, for whoever may open the person's file; its name is only for saving."""
    stored = found(file_by_public_id(public_id))
    mine = [one for one in queries.applications_with(stored.id) if _may_open(one)]
    application = found(mine[0] if mine else None)
    record_look("joining.paper.looked_at", application, [application.person_id], by=me(), at=clock.now())
    return attachment(stored)


# ── standing ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/<int:person_id>/standing")
def stand(person_id: int) -> Response:
    person = _cared_for(person_id)
    return page("joining/standing.html", form=ReasonForm(formdata=None), **_standing(person))


@bp.post("/<int:person_id>/standing")
def change_standing(person_id: int) -> Response:
    person, form = _cared_for(person_id), ReasonForm()
    if not form.validate():
        return refused("joining/standing.html", form, **_standing(person))
    deed = {"pause": standing.pause, "return": standing.come_back, "leave": standing.leave}.get(
        request.form.get("to", "")
    )
    deed = found(deed)
    try:
        deed(person, by=me(), at=clock.now(), reason=form.reason.data or "")
    except DomainError as problem:
        db.session.rollback()
        return refused("joining/standing.html", form, problem, **_standing(_cared_for(person_id)))
    go = url_for(".stand", person_id=person_id) if _still_cared_for(person_id) else url_for("me.index")
    return done(go=go, say=_("办好了，已经通知%(name)s。", name=person.name))


def _still_cared_for(person_id: int) -> bool:
    """Whether her page may still be opened: whoever left belongs to no team that one looks after."""
    person = db.session.get(Person, person_id)
    return person is not None and policy.can_change_standing(me(), person, queries.organisations_of(person_id))


# ── what they share ─────────────────────────────────────────────────────────────────────────────────
def _entered(person_id: int) -> tuple[Person, Application | None]:
    """The person whom one entered, decides on, or knows; 404 for everybody else."""
    person = found(db.session.get(Person, person_id))
    application = queries.last_application_of(person_id)
    may = knows(me(), person_id) or (application is not None and policy.can_see_application(me(), application))
    return found(person if may else None), application


def _may_open(application: Application) -> bool:
    return policy.can_see_application(me(), application) or knows(me(), application.person_id)


def _may_print(person: Person) -> bool:
    """Slips are for those who hand them out: whoever enters volunteers and knows her."""
    return person.volunteer_no is not None and person.id != me().id and policy.can_enter(me())


def _cared_for(person_id: int) -> Person:
    """A volunteer whose standing one may change; 404 for whoever does not even know her."""
    person = found(db.session.get(Person, person_id))
    may = policy.can_change_standing(me(), person, queries.organisations_of(person_id))
    found(person if may or knows(me(), person_id) else None)
    require(may)
    found(status_of(person))
    return person


def _standing(person: Person) -> dict[str, Any]:
    profile = profile_of(person.id)
    return {
        "person": person,
        "standing": status_of(person),
        "profile": profile,
        "teams": teams_of(person),
        "states": Status,
    }


def _texts() -> dict[str, Any]:
    return {"texts": {one: text_of(one) for one in Purpose}}
