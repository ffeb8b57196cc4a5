"""Applications: who waits, what is odd about it, approve and refuse."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.consents.queries import consents_of
from portal.contacts.queries import contacts_of
from portal.db import db
from portal.files import keep_picture, needed_photo_in
from portal.joining import actions, policy, queries
from portal.joining.doubts import doubts_of
from portal.joining.forms import PaperForm, ReasonForm
from portal.joining.models import Application, State
from portal.joining.sentences import said
from portal.privacy import mask_mobile, mask_name
from portal.problems import DomainError
from portal.profiles.queries import choices_of
from portal.web.access import found, local_path, require
from portal.web.forms import number_in
from portal.web.libs import _, _l
from portal.web.pages import done, page, refused
from portal.web.rates import SEARCHES, UPLOADS, rated
from portal.web.tables import read_listing

bp = Blueprint("applications", __name__, url_prefix="/applications")

ROWS_A_PAGE = 50


@bp.get("")
@rated(SEARCHES)
def index() -> Response:
    require(policy.can_open_applications(me()))
    return page("joining/applications.html", piece="joining/_applications.html", **_queue())


@bp.post("/approve")
def approve_ticked() -> Response:
    require(policy.can_open_applications(me()))
    ids = [number for text in request.form.getlist("application") if (number := number_in(text))]
    try:
        outcome = actions.approve_many(ids, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("joining/applications.html", ReasonForm(formdata=None), problem, **_queue())
    return done(go=_back(), say=said(outcome))


@bp.get("/<int:application_id>")
def show(application_id: int) -> Response:
    return page("joining/application.html", form=ReasonForm(formdata=None), **_shown(_known(application_id)))


@bp.post("/<int:application_id>/approve")
def approve(application_id: int) -> Response:
    application = _to_decide(application_id)
    name = application.person.name
    try:
        actions.approve(application, by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(application_id, ReasonForm(formdata=None), problem)
    return done(go=_back(), say=_("%(name)s是志愿者了，已经通知本人。", name=name))


@bp.post("/<int:application_id>/refuse")
def refuse(application_id: int) -> Response:
    application, form = _to_decide(application_id), ReasonForm()
    name = application.person.name
    if not form.validate():
        return _refused(application_id, form)
    try:
        actions.refuse(application, form.reason.data or "", by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(application_id, form, problem)
    return done(go=_back(), say=_("没有通过%(name)s的申请，本人会看到原因。", name=name))


@bp.post("/<int:application_id>/paper")
@rated(UPLOADS)
def add_paper(application_id: int) -> Response:
    require(policy.can_add_paper(me(), _known(application_id)))
    form = PaperForm()
    try:
        photo = needed_photo_in(form.photo.data, otherwise=_l("请先拍下签好字的同意书。"))
        paper = keep_picture(photo, by=me(), at=clock.now())
        actions.add_guardians_paper(_known(application_id), paper, by=me(), at=clock.now())
    except DomainError as problem:
        db.session.rollback()
        reason = ReasonForm(formdata=None)
        shown = _shown(_known(application_id)) | {"paper_form": form}
        form.blame(problem)
        return refused("joining/application.html", reason, **shown)
    return done(go=url_for(".show", application_id=application_id), say=_("监护人的同意书收好了，现在可以审核。"))


def _known(application_id: int) -> Application:
    """The application, or 404 for whoever has nothing to do with it."""
    application = found(queries.application_by_id(application_id))
    return found(application if policy.can_see_application(me(), application) else None)


def _to_decide(application_id: int) -> Application:
    application = _known(application_id)
    require(policy.can_decide(me(), application))
    return application


def _refused(application_id: int, form: ReasonForm, problem: DomainError | None = None) -> Response:
    """The page as it is now, with the sentence."""
    db.session.rollback()
    return refused("joining/application.html", form, problem, **_shown(_known(application_id)))


def _queue() -> dict[str, Any]:
    extra = ("state", "organisation")
    listing = read_listing(
        request.args,
        path=url_for(".index"),
        sorts=("date",),
        extra=extra,
        per_page=ROWS_A_PAGE,
        piece="applications",
    )
    listing, lines = queries.list_applications(me(), listing)
    decides = {line.application.id: policy.can_decide(me(), line.application) for line in lines}
    return {
        "listing": listing,
        "lines": lines,
        "doubts": doubts_of(lines, viewer=me()),
        "decides": decides,
        "waiting": queries.count_waiting(me()),
        "organisations": queries.organisations_asked(me()),
        "states": State,
        "today": clock.today(),
        "most": actions.MOST_AT_ONCE,
        "back": listing.address(page=listing.page),
    }


def _shown(application: Application) -> dict[str, Any]:
    (line,) = queries.lines_of([application.id])
    person_id, name = application.person_id, line.profile.guardian_name or ""
    decides = application.state is State.WAITING and policy.can_decide(me(), application)
    adds_paper = application.waits_for_guardian and policy.can_add_paper(me(), application)
    return {
        "line": line,
        "doubts": doubts_of([line], viewer=me())[application.id],
        "choices": choices_of(person_id),
        "contacts": [one.masked for one in contacts_of(person_id) if one.verified_at],
        "guardian_name": name if decides or adds_paper else mask_name(name),
        "guardian_mobile": mask_mobile(line.profile.guardian_mobile or ""),
        "consents": [one for one in consents_of(person_id) if one.withdrawn_at is None],
        "can_decide": decides,
        "can_add_paper": adds_paper,
        "paper_form": PaperForm(formdata=None),
        "today": clock.today(),
        "back": _back(),
    }


def _back() -> str:
    """To the queue as it was filtered, and nowhere else."""
    queue = url_for(".index")
    address = local_path(request.values.get("back"), queue)
    return address if address.partition("?")[0] == queue else queue
