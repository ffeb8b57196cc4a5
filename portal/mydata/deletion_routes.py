"""The pages on which a person has her data deleted, or a worker does it for somebody who signed."""

from typing import Any

from flask import Blueprint, Response, url_for

from portal import clock
from portal.accounts.fresh import freshly
from portal.accounts.session import me
from portal.files import keep_picture, needed_photo_in
from portal.holdings import Then
from portal.mydata import deleting
from portal.mydata.forms import DeleteForForm, DeleteForm
from portal.mydata.keeping import kept_by_heading
from portal.mydata.models import Deletion
from portal.mydata.policy import can_delete_for, can_open_file
from portal.mydata.queries import deletion_of, kept_of, person_by_id
from portal.people.models import Person
from portal.problems import DomainError
from portal.web.access import found, require
from portal.web.libs import _, _l
from portal.web.pages import done, page, refused
from portal.web.rates import UPLOADS, rated

bp = Blueprint("deletion", __name__)


@bp.get("/me/data/delete")
@freshly
def ask() -> Response:
    return page("mydata/delete.html", form=DeleteForm(formdata=None), **_state(me()))


@bp.post("/me/data/delete")
@freshly
def delete() -> Response:
    form = DeleteForm()
    if not form.validate():
        return refused("mydata/delete.html", form, **_state(me()))
    try:
        wish = deleting.ask_to_delete(me(), by=me(), at=clock.now())
    except DomainError as problem:
        return refused("mydata/delete.html", form, problem, **_state(me()))
    return done(go=url_for("mydata.index"), say=_asked(wish))


@bp.post("/me/data/delete/undo")
def undo() -> Response:
    deleting.take_back(found(deletion_of(me().id)), by=me(), at=clock.now())
    return done(go=url_for("mydata.index"), say=_("已经撤回，您的资料都还在。"))


@bp.get("/people/<int:person_id>/delete")
@freshly
def ask_for(person_id: int) -> Response:
    """For somebody without a telephone."""
    subject = _subject(person_id)
    return page("mydata/delete_for.html", form=DeleteForForm(formdata=None), **_state(subject))


@bp.post("/people/<int:person_id>/delete")
@freshly
@rated(UPLOADS)
def delete_for(person_id: int) -> Response:
    subject = _subject(person_id)
    form = DeleteForForm()
    if not form.validate():
        return refused("mydata/delete_for.html", form, **_state(subject))
    try:
        picture = needed_photo_in(form.photo.data, otherwise=_l("请拍下本人签字的申请。"))
        at = clock.now()
        wish = deleting.ask_to_delete(subject, by=me(), at=at, paper=keep_picture(picture, by=me(), at=at))
    except DomainError as problem:
        return refused("mydata/delete_for.html", form, problem, **_state(subject))
    return done(go=url_for("mydata.person", person_id=subject.id), say=_asked(wish))


@bp.post("/people/<int:person_id>/delete/undo")
def undo_for(person_id: int) -> Response:
    subject = _subject(person_id)
    deleting.take_back(found(deletion_of(subject.id)), by=me(), at=clock.now())
    return done(go=url_for("mydata.person", person_id=subject.id), say=_("已经撤回，资料都还在。"))


def _subject(person_id: int) -> Person:
    subject = found(person_by_id(person_id))
    subject = found(subject if can_open_file(me(), subject) else None)
    require(can_delete_for(me(), subject))
    return subject


def _asked(wish: Deletion) -> str:
    day = deleting.last_day_to_undo(wish.asked_at)
    return _("已经登记。%(day)s 24:00 之前还可以撤回，之后就删除。", day=f"{day:%m-%d}")


def _state(subject: Person) -> dict[str, Any]:
    now = clock.now()
    headings = kept_by_heading(subject, on=now.date())
    lines = [line for heading in headings for line in heading.lines]
    return {
        "person": subject,
        "goes": [line for line in lines if line.holding.then is not Then.STAYS and not line.holding.rule],
        "stays": [line for line in lines if line.holding.then is Then.STAYS or line.holding.rule],
        "last_day": deleting.last_day_to_undo(now),
        "wish": deletion_of(subject.id),
        "kept": kept_of(subject.id),
        "is_named": any(line.holding.is_named for line in lines),
    }
