from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.jobs.models import Job
from portal.operations import actions, policy
from portal.operations.forms import DropForm
from portal.operations.pages import job_page, list_page
from portal.operations.queries import job_by_id
from portal.problems import DomainError
from portal.web.access import found, require
from portal.web.libs import _, ngettext
from portal.web.pages import done, page, refused
from portal.web.tables import read_listing

bp = Blueprint("operations", __name__, url_prefix="/jobs")


@bp.get("")
def index() -> Response:
    require(policy.can_operate(me()))
    listing = read_listing(request.args, path=url_for(".index"), sorts=("new",), extra=("state", "name"), piece="jobs")
    return page("jobs/index.html", piece="jobs/_list.html", **list_page(listing, at=clock.now()))


@bp.post("/again")
def all_again() -> Response:
    """Have everything tried again that is set aside."""
    require(policy.can_operate(me()))
    count = actions.try_all_again(by=me(), at=clock.now())
    again = ngettext("%(num)d 项工作重新排队了。", "%(num)d 项工作重新排队了。", count)
    return done(go=url_for(".index"), say=again if count else _("没有搁置的工作，什么也没有改动。"))


@bp.get("/<int:job_id>")
def show(job_id: int) -> Response:
    job = _known(job_id)
    return page("jobs/show.html", form=DropForm(formdata=None), **job_page(job))


@bp.post("/<int:job_id>/again")
def again(job_id: int) -> Response:
    job = _known(job_id)
    try:
        actions.try_again(job, by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(job, DropForm(formdata=None), problem)
    return done(go=url_for(".show", job_id=job_id), say=_("重新排队了，后台进程会马上再试。"))


@bp.post("/<int:job_id>/drop")
def drop(job_id: int) -> Response:
    job, form = _known(job_id), DropForm()
    if not form.validate():
        return _refused(job, form)
    try:
        actions.drop(job, form.reason.data or "", by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(job, form, problem)
    return done(go=url_for(".show", job_id=job_id), say=_("不再做了，也不再提醒。"))


def _known(job_id: int) -> Job:
    require(policy.can_operate(me()))
    return found(job_by_id(job_id))


def _refused(job: Job, form: DropForm, problem: DomainError | None = None) -> Response:
    return refused("jobs/show.html", form, problem, **job_page(job, form))
