from collections.abc import Callable

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.activities.models import Activity
from portal.activities.queries import public_activity, teams_to_draft_for
from portal.audit import record_look
from portal.db import db
from portal.files import attachment, file_by_public_id, photo_in
from portal.hours import actions, papers, policy, queries
from portal.hours.actions import Outcome
from portal.hours.forms import CorrectionForm, DecisionForm, MemberClaimForm, NewClaimForm, ReturnForm, number
from portal.hours.models import Claim, Evidence, Kind, Status
from portal.hours.pages import claim_page, decided_row, queue_address, queue_page
from portal.hours.sentences import said
from portal.hours.stars import way_to_stars
from portal.orgs.queries import is_member, members_of
from portal.problems import DomainError, NotAllowed
from portal.web.access import found, require
from portal.web.filters import hours_and_minutes
from portal.web.libs import _, _l
from portal.web.once import answered, keep_answer
from portal.web.pages import done, go_to, page, refused
from portal.web.rates import UPLOADS, rated
from portal.web.tables import read_listing

bp = Blueprint("hours", __name__, url_prefix="/hours")
photos = Blueprint("photos", __name__, url_prefix="/files")


@bp.get("")
def index() -> Response:
    listing = read_listing(request.args, path=url_for("hours.index"), sorts=("date",), extra=("status",), piece="hours")
    sums = queries.sums_of(me())
    listing, rows = queries.list_own(me(), listing, sums)
    summary = queries.summary_of(sums)
    return page(
        "hours/index.html",
        piece="hours/_own.html",
        listing=listing,
        rows=rows,
        summary=summary,
        line=way_to_stars(summary.approved),
        statuses=Status,
    )


@bp.get("/<int:claim_id>")
def show(claim_id: int) -> Response:
    claim = _known(claim_id)
    return page("hours/show.html", piece="hours/_row.html", form=ReturnForm(formdata=None), **claim_page(claim))


# ── entering one's own ──────────────────────────────────────────────────────────────────────────────
@bp.get("/new")
def new() -> Response:
    if "activity" not in request.args:
        activities = queries.activities_to_claim(me(), at=clock.now())
        return page("hours/choose.html", activities=activities, endpoint="hours.new")
    activity = _of_my_team(request.args["activity"])
    return page("hours/new.html", form=NewClaimForm.for_activity(activity), activity=activity)


@bp.post("/new")
@rated(UPLOADS)
def enter() -> Response:
    activity = _of_my_team(request.form.get("activity"))
    form = NewClaimForm()
    if not form.validate():
        return refused("hours/new.html", form, activity=activity)
    sent = {**form.content_sent(), "activity": activity.id}
    try:
        photo = photo_in(form.photo.data)
        if first := answered(form.key.data, sent, by=me()):
            return go_to(first)
        papers.enter(me(), activity, form.service(), photo, otherwise=Evidence.SELF, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("hours/new.html", form, problem, activity=activity)
    keep_answer(form.key.data, sent, url_for(".index"), by=me(), at=clock.now())
    return done(go=url_for(".index"), say=_("记好了，等组织管理员审核。"))


@bp.get("/<int:claim_id>/correct")
def correct(claim_id: int) -> Response:
    claim = _to_correct(claim_id)
    return page("hours/correct.html", form=CorrectionForm.of(claim), claim=claim, last=queries.last_event(claim))


@bp.post("/<int:claim_id>/correct")
@rated(UPLOADS)
def resubmit(claim_id: int) -> Response:
    claim = _to_correct(claim_id)
    form = CorrectionForm()
    if not form.validate():
        return refused("hours/correct.html", form, claim=claim, last=queries.last_event(claim))
    try:
        photo = photo_in(form.photo.data)
        if first := answered(form.key.data, form.content_sent(), by=me()):
            return go_to(first)
        papers.correct(claim, form.service(), photo, seen=form.seen, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("hours/correct.html", form, problem, claim=claim, last=queries.last_event(claim))
    keep_answer(form.key.data, form.content_sent(), url_for(".index"), by=me(), at=clock.now())
    return done(go=url_for(".index"), say=_("改好的记录已重交，等组织管理员审核。"))


# ── entering for a member without a phone ───────────────────────────────────────────────────────────
@bp.get("/for-member")
def for_member() -> Response:
    if "activity" not in request.args:
        teams = teams_to_draft_for(me())
        require(bool(teams))
        activities = queries.activities_of([team.id for team in teams], at=clock.now())
        return page("hours/choose.html", activities=activities, endpoint="hours.for_member")
    activity = _of_team_i_lead(request.args["activity"])
    members = queries.members_to_enter(activity, by=me())
    form = MemberClaimForm.for_activity(activity).offer(members)
    return page("hours/for_member.html", form=form, activity=activity, members=members)


@bp.post("/for-member")
@rated(UPLOADS)
def enter_for_member() -> Response:
    activity = _of_team_i_lead(request.form.get("activity"))
    # All members: whoever was entered a moment ago is answered by the key or by the action's sentence.
    members = [member for member in members_of(activity.team) if member.id != me().id]
    form = MemberClaimForm().offer(members)
    if not form.validate():
        return refused("hours/for_member.html", form, activity=activity, members=members)
    member = found(next((member for member in members if member.id == form.person.data), None))
    address, sent = url_for(".for_member", activity=activity.id), {**form.content_sent(), "activity": activity.id}
    try:
        photo = photo_in(form.photo.data)
        if first := answered(form.key.data, sent, by=me()):
            return go_to(first)
        papers.enter(member, activity, form.service(), photo, otherwise=Evidence.LEADER, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("hours/for_member.html", form, problem, activity=activity, members=members)
    keep_answer(form.key.data, sent, address, by=me(), at=clock.now())
    return done(go=address, say=_("替%(name)s记好了，可以接着记下一位。", name=member.name))


# ── photos of sign-in sheets ────────────────────────────────────────────────────────────────────────
@photos.get("/<public_id>/<name>")
def photo(public_id: str, name: str) -> Response:
    """A photo, for whoever may see a claim that rests on it; the name in the address is only for saving."""
    stored = found(file_by_public_id(public_id))
    claims = papers.claims_with(stored)
    found(next((claim for claim in claims if policy.can_see_claim(me(), claim)), None))
    if me().id not in (people := {claim.person_id for claim in claims}):
        record_look("hours.paper.looked_at", claims[0], people, by=me(), at=clock.now())
    return attachment(stored)


# ── deciding ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/queue")
def queue() -> Response:
    require(policy.can_open_queue(me()))
    ticked = None if request.args.get("select") == "all" else ()
    shown = queue_page(request.full_path, ticked=ticked)
    return page("hours/queue.html", piece="hours/_queue.html", form=ReturnForm(formdata=None), **shown)


@bp.post("/queue/approve")
def approve_ticked() -> Response:
    form = DecisionForm()
    return _batch(form, Kind.APPROVED, lambda: actions.approve_claims(form.tickets, by=me(), at=clock.now()))


@bp.post("/queue/return")
def return_ticked() -> Response:
    form = ReturnForm()
    if not form.validate():
        return _batch_refused(form)
    return _batch(form, Kind.RETURNED, lambda: actions.return_claims(form.tickets, form.words, by=me(), at=clock.now()))


@bp.post("/queue/undo")
def undo_ticked() -> Response:
    form = DecisionForm()
    return _batch(form, Kind.UNDONE, lambda: actions.undo_decisions(form.tickets, by=me(), at=clock.now()))


@bp.post("/<int:claim_id>/approve")
def approve(claim_id: int) -> Response:
    claim, form = _to_decide(claim_id), DecisionForm()
    try:
        actions.approve_claim(claim, seen=form.seen, by=me(), at=clock.now())
    except DomainError as problem:
        return _too_late(claim, form, problem)
    hours = hours_and_minutes(claim.minutes)
    return _decided(claim, form, say=_("通过了%(name)s的 %(hours)s。", name=claim.person.name, hours=hours))


@bp.get("/<int:claim_id>/return")
def ask_reason(claim_id: int) -> Response:
    claim, form = _to_decide(claim_id), ReturnForm(formdata=None)
    shown = claim_page(claim, request.args.get("back"))
    return page("hours/return.html", piece="hours/_row_return.html", form=form, **shown)


@bp.post("/<int:claim_id>/return")
def send_back(claim_id: int) -> Response:
    claim, form = _to_decide(claim_id), ReturnForm()
    if not form.validate():
        shown = claim_page(claim, form.back.data)
        return refused("hours/return.html", form, piece="hours/_row_return.html", **shown)
    try:
        actions.return_claim(claim, form.words, seen=form.seen, by=me(), at=clock.now())
    except DomainError as problem:
        return _too_late(claim, form, problem)
    return _decided(claim, form, say=_("退回了，%(name)s会看到原因。", name=claim.person.name))


@bp.post("/<int:claim_id>/undo")
def undo(claim_id: int) -> Response:
    claim, form = _to_decide(claim_id), DecisionForm()
    try:
        actions.undo_decision(claim, seen=form.seen, by=me(), at=clock.now())
    except DomainError as problem:
        return _too_late(claim, form, problem)
    return _decided(claim, form, say=_("撤回了，%(name)s的时长又在待审核里。", name=claim.person.name))


# ── what they share ─────────────────────────────────────────────────────────────────────────────────
def _known(claim_id: int) -> Claim:
    """The claim, or 404 for whoever has nothing to do with it."""
    claim = found(queries.claim_by_id(claim_id))
    return found(claim if policy.can_see_claim(me(), claim) else None)


def _to_decide(claim_id: int) -> Claim:
    claim = _known(claim_id)
    require(policy.can_decide(me(), claim))
    return claim


def _to_correct(claim_id: int) -> Claim:
    claim = _known(claim_id)
    require(policy.can_correct(me(), claim))
    return claim


def _of_my_team(activity_id: str | None) -> Activity:
    """A published activity of one of my teams."""
    activity = found(public_activity(number(activity_id)))
    if not is_member(me(), activity.team):
        raise NotAllowed(_l("这场活动只有「%(team)s」的队员能记时长。", team=activity.team.name))
    return activity


def _of_team_i_lead(activity_id: str | None) -> Activity:
    activity = found(public_activity(number(activity_id)))
    require(policy.can_enter_for_others(me(), activity))
    return activity


def _decided(claim: Claim, form: DecisionForm, *, say: str) -> Response:
    """The row as it is now, and the counts above the queue."""
    go = queue_address(form.back.data)
    return done("hours/_row_done.html", go=go, say=say, **decided_row(claim, form.back.data))


def _too_late(claim: Claim, form: DecisionForm, problem: DomainError) -> Response:
    """The row as somebody else left it, with the sentence that says so."""
    db.session.rollback()
    shown = claim_page(claim, form.back.data)
    return refused("hours/show.html", ReturnForm(formdata=None), problem, piece="hours/_row_refused.html", **shown)


def _batch(form: DecisionForm, kind: Kind, decide: Callable[[], Outcome]) -> Response:
    """Decide on what was ticked and show the queue anew."""
    require(policy.can_decide_anywhere(me()))
    try:
        outcome = decide()
    except DomainError as problem:
        return _batch_refused(form, problem)
    back, fresh = form.back.data, ReturnForm(formdata=None)
    return done("hours/_queue.html", go=queue_address(back), say=said(outcome, kind), form=fresh, **queue_page(back))


def _batch_refused(form: DecisionForm, problem: DomainError | None = None) -> Response:
    """The queue with its ticks and words as they were sent."""
    require(policy.can_decide_anywhere(me()))
    db.session.rollback()
    shown = queue_page(form.back.data, ticked={ticket.claim_id for ticket in form.tickets})
    return refused("hours/queue.html", form, problem, piece="hours/_queue.html", **shown)
