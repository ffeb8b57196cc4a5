from typing import Any

from flask import Blueprint, Response, url_for

from portal import clock
from portal.accounts.fresh import freshly
from portal.accounts.session import me
from portal.db import db
from portal.merging import actions, queries
from portal.merging.forms import PairForm, ReasonForm
from portal.merging.models import Merge
from portal.merging.policy import can_merge
from portal.people.models import Person
from portal.problems import DomainError
from portal.web.access import found, require
from portal.web.libs import _
from portal.web.pages import done, go_to, page, refused

bp = Blueprint("merging", __name__, url_prefix="/people/duplicates")


@bp.get("")
def index() -> Response:
    """Entries that may be one person's, and what was merged of late."""
    require(can_merge(me()))
    return page("merging/index.html", form=PairForm(formdata=None), **_lists())


@bp.post("/choose")
def choose() -> Response:
    """Two numbers that somebody typed lead to the page that compares them."""
    require(can_merge(me()))
    form = PairForm()
    try:
        if form.validate():
            twin, into = form.people()
            return go_to(url_for(".compare", twin_id=twin.id, into_id=into.id))
    except DomainError as problem:
        return refused("merging/index.html", form, problem, **_lists())
    return refused("merging/index.html", form, **_lists())


@bp.get("/<int:twin_id>/into/<int:into_id>")
def compare(twin_id: int, into_id: int) -> Response:
    """The two side by side, what would go over, and what stands against it."""
    require(can_merge(me()))
    return _compare(_person(twin_id), _person(into_id))


@bp.post("/<int:twin_id>/into/<int:into_id>")
def merge(twin_id: int, into_id: int) -> Response:
    require(can_merge(me()))
    return _merge(_person(twin_id), _person(into_id))


@bp.post("/<int:twin_id>/apart-from/<int:into_id>")
def apart(twin_id: int, into_id: int) -> Response:
    require(can_merge(me()))
    actions.tell_apart(_person(twin_id), _person(into_id), by=me(), at=clock.now())
    return done(go=url_for(".index"), say=_("记下了：是两个人，以后不再提示。"))


@bp.get("/merges/<int:merge_id>")
def show(merge_id: int) -> Response:
    """One merge, and its undoing."""
    require(can_merge(me()))
    return _show(found(queries.merge_by_id(merge_id)))


@bp.post("/merges/<int:merge_id>/undo")
def undo(merge_id: int) -> Response:
    require(can_merge(me()))
    return _undo(found(queries.merge_by_id(merge_id)))


@freshly
def _compare(twin: Person, into: Person) -> Response:
    return page("merging/compare.html", form=ReasonForm(formdata=None), **_two(twin, into))


@freshly
def _merge(twin: Person, into: Person) -> Response:
    form = ReasonForm()
    if not form.validate():
        return refused("merging/compare.html", form, **_two(twin, into))
    try:
        merged = actions.merge(twin, into, by=me(), at=clock.now(), reason=form.reason.data or "")
    except DomainError as problem:
        return refused("merging/compare.html", form, problem, **_two(twin, into))
    return done(go=url_for(".show", merge_id=merged.id), say=_("两份登记并成一份了。弄错了可以撤销。"))


@freshly
def _show(merged: Merge) -> Response:
    return page("merging/show.html", form=ReasonForm(formdata=None), merged=merged)


@freshly
def _undo(merged: Merge) -> Response:
    form = ReasonForm()
    if not form.validate():
        return refused("merging/show.html", form, merged=merged)
    try:
        actions.part(merged, by=me(), at=clock.now(), reason=form.reason.data or "")
    except DomainError as problem:
        return refused("merging/show.html", form, problem, merged=merged)
    return done(go=url_for(".show", merge_id=merged.id), say=_("撤销了，两份登记又各归各的。"))


def _person(person_id: int) -> Person:
    return found(db.session.get(Person, person_id))


def _lists() -> dict[str, Any]:
    return {"suggestions": queries.suggestions(), "merges": queries.recent_merges()}


def _two(twin: Person, into: Person) -> dict[str, Any]:
    return {
        "twin": queries.entry_of(twin),
        "into": queries.entry_of(into),
        "problems": list(actions.problems(twin, into, by=me())),
    }
