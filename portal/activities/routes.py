from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.activities import actions, policy, queries
from portal.activities.forms import EditActivityForm, NewActivityForm, ReturnForm, SeenForm, seen
from portal.activities.models import Activity, Status
from portal.activities.pasting import text_of
from portal.activities.public_list import list_public
from portal.activities.stations import day_of, way_of
from portal.orgs.models import Team
from portal.problems import DomainError
from portal.settings import current_settings
from portal.web.access import found, kept, require
from portal.web.libs import _
from portal.web.once import answered, keep_answer
from portal.web.pages import done, go_to, page, refused
from portal.web.rates import SEARCHES, rated
from portal.web.tables import READS, Listing, read_listing

bp = Blueprint("activities", __name__, url_prefix="/activities")


# ── for everybody ───────────────────────────────────────────────────────────────────────────────────
@bp.get("")
@kept(*READS)
@rated(SEARCHES)
def index() -> Response:
    today = clock.today()
    listing, activities = list_public(_listing("activities.index"), day=today)
    coming = queries.count_coming(today)
    return page(
        "activities/index.html",
        piece="activities/_list.html",
        listing=listing,
        activities=activities,
        coming=coming,
        today=today,
    )


@bp.get("/<int:activity_id>")
@kept()
def show(activity_id: int) -> Response:
    activity = found(queries.public_activity(activity_id))
    today = clock.today()
    return page("activities/show.html", activity=activity, stations=day_of(activity, today), today=today)


# ── for those who lead a team ───────────────────────────────────────────────────────────────────────
@bp.get("/mine")
def mine() -> Response:
    require(policy.can_draft_anywhere(me()))
    listing, activities = queries.list_mine(me(), _listing("activities.mine", "status"))
    return page(
        "activities/mine.html", piece="activities/_mine.html", listing=listing, activities=activities, statuses=Status
    )


@bp.get("/new")
def new() -> Response:
    require(policy.can_draft_anywhere(me()))
    teams = queries.teams_to_draft_for(me())
    return page("activities/new.html", form=NewActivityForm(team=_first(teams)).offer(teams))


@bp.post("/new")
def draft() -> Response:
    require(policy.can_draft_anywhere(me()))
    teams = queries.teams_to_draft_for(me())
    form = NewActivityForm().offer(teams)
    if not form.validate():
        return refused("activities/new.html", form)
    team = found(next((team for team in teams if team.id == form.team.data), None))
    try:
        if first := answered(form.key.data, form.content_sent(), by=me()):
            return go_to(first)
        activity = actions.draft_activity(team, form.plan(), by=me(), at=clock.now())
    except DomainError as problem:
        return refused("activities/new.html", form, problem)
    address = url_for(".review", activity_id=activity.id)
    keep_answer(form.key.data, form.content_sent(), address, by=me(), at=clock.now())
    return done(go=address, say=_("草稿已存好。看一遍，没有问题就提交审核。"))


@bp.get("/<int:activity_id>/edit")
def edit(activity_id: int) -> Response:
    activity = _known(activity_id)
    require(policy.can_edit(me(), activity))
    return page("activities/edit.html", form=EditActivityForm.of(activity), activity=activity)


@bp.post("/<int:activity_id>/edit")
def change(activity_id: int) -> Response:
    activity = _known(activity_id)
    require(policy.can_draft_for(me(), activity.team))
    form = EditActivityForm()
    if not form.validate():
        return refused("activities/edit.html", form, activity=activity)
    try:
        actions.edit_activity(activity, form.plan(), seen=seen(form.seq.data), by=me(), at=clock.now())
    except DomainError as problem:
        return refused("activities/edit.html", form, problem, activity=activity)
    return done(go=url_for(".review", activity_id=activity_id), say=_("改好了。"))


@bp.post("/<int:activity_id>/submit")
def submit(activity_id: int) -> Response:
    activity = _known(activity_id)
    require(policy.can_draft_for(me(), activity.team))
    form = SeenForm()
    try:
        actions.submit_activity(activity, seen=form.seen, by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(activity, problem)
    return _done(activity, say=_("「%(name)s」已提交，等组织管理员审核。", name=activity.name))


@bp.post("/<int:activity_id>/close")
def close(activity_id: int) -> Response:
    activity = _known(activity_id)
    require(policy.can_close(me(), activity))
    form = SeenForm()
    try:
        actions.close_activity(activity, seen=form.seen, by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(activity, problem)
    return _done(activity, say=_("「%(name)s」已办结。", name=activity.name))


@bp.get("/<int:activity_id>/text")
def text(activity_id: int) -> Response:
    """The published activity as text for a chat group."""
    activity = _known(activity_id)
    require(policy.can_close(me(), activity))
    if not activity.is_public:
        return go_to(url_for(".review", activity_id=activity_id))
    settings = current_settings()
    address = settings.base_url + url_for(".show", activity_id=activity_id)
    return page("activities/text.html", activity=activity, text=text_of(activity, address))


# ── for those who decide ────────────────────────────────────────────────────────────────────────────
@bp.get("/review")
def to_review() -> Response:
    require(policy.can_decide_anywhere(me()))
    listing, activities = queries.list_to_review(me(), _listing("activities.to_review"))
    return page(
        "activities/to_review.html",
        piece="activities/_to_review.html",
        listing=listing,
        activities=activities,
        count=queries.count_to_review(me()),
        can_decide=policy.can_decide,
        me=me(),
    )


@bp.get("/<int:activity_id>/review")
def review(activity_id: int) -> Response:
    activity = _known(activity_id)
    require(policy.can_read_draft(me(), activity))
    return page("activities/review.html", form=ReturnForm(formdata=None), **_shown(activity))


@bp.post("/<int:activity_id>/publish")
def publish(activity_id: int) -> Response:
    activity = _known(activity_id)
    require(policy.can_decide(me(), activity))
    form = SeenForm()
    try:
        actions.publish_activity(activity, seen=form.seen, by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(activity, problem)
    return _done(activity, say=_("「%(name)s」已发布，大家都能看到了。", name=activity.name))


@bp.post("/<int:activity_id>/return")
def send_back(activity_id: int) -> Response:
    activity = _known(activity_id)
    require(policy.can_decide(me(), activity))
    form = ReturnForm()
    if not form.validate():
        return _refused(activity, form=form)
    try:
        actions.return_activity(activity, form.words, seen=form.seen, by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(activity, problem, form=form)
    return _done(activity, say=_("「%(name)s」已退回，队长会看到原因。", name=activity.name))


# ── what they share ─────────────────────────────────────────────────────────────────────────────────
def _known(activity_id: int) -> Activity:
    """The activity, or 404 for whoever has nothing to do with its team."""
    activity = found(queries.activity_by_id(activity_id))
    return found(activity if policy.is_known_to(me(), activity) else None)


def _shown(activity: Activity, *, is_fresh: bool = False) -> dict[str, Any]:
    """What the piece `_activity.html` needs. `is_fresh`: it has just been changed and takes the focus."""
    return {
        "activity": activity,
        "stations": way_of(activity),
        "can_edit": policy.can_edit(me(), activity),
        "can_decide": activity.state is Status.WAITING and policy.can_decide(me(), activity),
        "can_close": activity.state is Status.PUBLISHED
        and activity.is_over(clock.now())
        and policy.can_close(me(), activity),
        "can_paste": activity.state is Status.PUBLISHED and policy.can_close(me(), activity),
        "is_fresh": is_fresh,
    }


def _done(activity: Activity, *, say: str) -> Response:
    return done(
        "activities/_activity.html",
        go=url_for(".review", activity_id=activity.id),
        say=say,
        form=ReturnForm(formdata=None),
        **_shown(activity, is_fresh=True),
    )


def _refused(activity: Activity, problem: DomainError | None = None, *, form: ReturnForm | None = None) -> Response:
    form = form or ReturnForm(formdata=None)
    return refused("activities/review.html", form, problem, piece="activities/_activity.html", **_shown(activity))


def _first(teams: list[Team]) -> int | None:
    """A form with one team has it chosen already; so has one whose address names the team."""
    wanted = request.args.get("team", "")
    return next((team.id for team in teams if team.slug == wanted), teams[0].id if teams else None)


def _listing(endpoint: str, *extra: str) -> Listing:
    return read_listing(request.args, path=url_for(endpoint), sorts=("date",), extra=extra, piece="activities")
