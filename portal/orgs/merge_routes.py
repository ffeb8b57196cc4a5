"""Two entries of one organisation: which may be one, what a merge would do, doing it, undoing it."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.orgs import merging, policy
from portal.orgs.duplicates import alike, all_merges, merge_by_id, organisations_open
from portal.orgs.forms import MergeForm
from portal.orgs.models import Organisation
from portal.orgs.registry import organisation_by_id
from portal.problems import DomainError
from portal.web.access import found, require
from portal.web.forms import PortalForm, number_in
from portal.web.libs import _
from portal.web.pages import done, page, refused

bp = Blueprint("merges", __name__, url_prefix="/organisations")


@bp.get("/duplicates")
def index() -> Response:
    require(policy.can_keep_registry(me()))
    return page("orgs/merges/index.html", pairs=alike(), merges=all_merges())


@bp.get("/manage/<int:organisation_id>/merge")
def merge(organisation_id: int) -> Response:
    """The organisation goes into another: `into` is the number of the one that stays."""
    gone = _kept_here(organisation_id)
    form = MergeForm(formdata=None, other=number_in(request.args.get("into")) or 0)
    return _page(gone, form.offer(organisations_open(), but=gone.id))


@bp.post("/manage/<int:organisation_id>/merge")
def do_merge(organisation_id: int) -> Response:
    gone = _kept_here(organisation_id)
    form = MergeForm().offer(organisations_open(), but=gone.id)
    if not form.validate():
        return _page(gone, form, is_refused=True)
    kept = found(organisation_by_id(form.other.data))
    try:
        merging.merge(kept, gone, reason=form.words, by=me(), at=clock.now())
    except DomainError as problem:
        return _page(gone, form, problem)
    said = _("「%(gone)s」已经并入「%(kept)s」。", gone=gone.name, kept=kept.name)
    return done(go=url_for("registry.show", organisation_id=kept.id), say=said)


@bp.get("/merges/<int:number>")
def show(number: int) -> Response:
    """What a merge did, and whether it can be undone."""
    require(policy.can_keep_registry(me()))
    merged = found(merge_by_id(number))
    return page("orgs/merges/show.html", merged=merged, obstacle=merging.why_not_undone(merged))


@bp.post("/merges/<int:number>/undo")
def undo(number: int) -> Response:
    require(policy.can_keep_registry(me()))
    merged = found(merge_by_id(number))
    try:
        merging.undo(merged, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("orgs/merges/show.html", PortalForm(), problem, merged=merged, obstacle=problem.sentence)
    said = _("「%(gone)s」和「%(kept)s」又分开了。", gone=merged.gone.name, kept=merged.kept.name)
    return done(go=url_for("registry.show", organisation_id=merged.gone_id), say=said)


def _page(
    gone: Organisation, form: MergeForm, problem: DomainError | None = None, *, is_refused: bool = False
) -> Response:
    """The form, and below it what the merge would do once the other one is chosen."""
    about: dict[str, Any] = {"organisation": gone, "plan": None}
    kept = organisation_by_id(form.other.data or 0)
    if problem is None and kept is not None:
        try:
            about["plan"] = merging.preview(kept, gone, by=me())
        except DomainError as refusal:
            problem = refusal
    if problem or is_refused:
        return refused("orgs/merges/merge.html", form, problem, **about)
    return page("orgs/merges/merge.html", form=form, **about)


def _kept_here(organisation_id: int) -> Organisation:
    organisation = found(organisation_by_id(organisation_id))
    found(organisation if policy.can_see_organisation(me(), organisation) else None)
    require(policy.can_keep_registry(me()))
    return organisation
