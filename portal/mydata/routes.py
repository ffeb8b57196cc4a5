from typing import Any

from flask import Blueprint, Response, url_for
from werkzeug.exceptions import NotFound

from portal import clock
from portal.accounts.fresh import freshly
from portal.accounts.session import me
from portal.mydata import coming_of_age, copies, corrections
from portal.mydata.forms import CorrectionForm, LookForm
from portal.mydata.keeping import kept_by_heading
from portal.mydata.looking import allowed_to, file_of, look
from portal.mydata.models import Mistake
from portal.mydata.policy import can_open_file
from portal.mydata.queries import copies_of, copy_of, corrections_of, deletion_of, person_by_id
from portal.people.models import Person
from portal.problems import DomainError
from portal.web.access import found, require
from portal.web.exports import attachment
from portal.web.libs import _
from portal.web.pages import done, page, refused
from portal.web.rates import DOCUMENTS, LOOKS, rated

bp = Blueprint("mydata", __name__)


# ── somebody's file ─────────────────────────────────────────────────────────────────────────────────
@bp.get("/people/<int:person_id>")
def person(person_id: int) -> Response:
    """Masked; for whoever looks after her, and for herself."""
    return page("mydata/person.html", **file_of(person_for(person_id), viewer=me()))


@bp.get("/people/<int:person_id>/look")
@freshly
def ask_to_look(person_id: int) -> Response:
    """Why, and what."""
    subject = person_for(person_id)
    return page("mydata/look.html", form=_look_form(subject), person=subject)


@bp.post("/people/<int:person_id>/look")
@freshly
@rated(LOOKS)
def look_in_full(person_id: int) -> Response:
    """Shown in this answer alone: no address leads to it, and nothing keeps it."""
    subject = person_for(person_id)
    form = _look_form(subject)
    if not form.validate():
        return refused("mydata/look.html", form, person=subject)
    seen = look(subject, form.chosen, reason=form.reason, by=me(), at=clock.now())
    return page("mydata/seen.html", person=subject, seen=seen, reason=form.reason)


def person_for(person_id: int) -> Person:
    """A stranger does not learn whether there is such a person."""
    subject = found(person_by_id(person_id))
    if not can_open_file(me(), subject):
        raise NotFound
    return subject


def _look_form(subject: Person) -> LookForm:
    allowed = allowed_to(me(), subject)
    require(bool(allowed))
    form = LookForm()
    form.allow(allowed)
    return form


# ── my data ─────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/me/data")
def index() -> Response:
    return page("mydata/index.html", form=None, **_state())


@bp.post("/me/data/copy")
@freshly
@rated(DOCUMENTS)
def make_copy() -> Response:
    """At once when there is little of her, else by a job."""
    at = clock.now()
    try:
        copy = copies.ask_for_copy(me(), at=at)
    except DomainError as problem:
        return refused("mydata/index.html", CorrectionForm(formdata=None), problem, **_state())
    if not copies.is_small(me()):
        copies.make_later(copy, at=at)
        return done(go=url_for("mydata.index"), say=_("正在准备，备好了会通知您。"))
    copies.make_now(copy, at=at)
    return done(go=url_for("mydata.index"), say=_("副本备好了，可以下载。"))


@bp.get("/me/data/copies/<int:copy_id>")
@freshly
@rated(DOCUMENTS)
def copy(copy_id: int) -> Response:
    """Her own, and nobody else's."""
    mine = found(copy_of(me(), copy_id))
    response = Response(copies.content_of(mine, by=me(), at=clock.now()), mimetype="application/zip")
    response.headers["Content-Disposition"] = attachment(f"我的资料-{mine.asked_at:%Y%m%d}.zip")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/me/data/copies/<int:copy_id>/delete")
def delete_copy(copy_id: int) -> Response:
    mine = found(copy_of(me(), copy_id))
    copies.forget(mine, at=clock.now())
    return done(go=url_for("mydata.index"), say=_("副本已经删掉。"))


@bp.post("/me/data/renew")
def renew() -> Response:
    """Of age by now, she agrees herself to what her guardian agreed to."""
    coming_of_age.renew(me(), at=clock.now())
    return done(go=url_for("mydata.index"), say=_("谢谢，以后由您自己决定。"))


@bp.get("/me/data/correct")
def correct() -> Response:
    return page("mydata/correct.html", form=CorrectionForm())


@bp.post("/me/data/correct")
def ask_to_correct() -> Response:
    form = CorrectionForm()
    if not form.validate():
        return refused("mydata/correct.html", form)
    try:
        asked = corrections.ask(me(), Mistake(form.mistake.data), form.wanted.data or "", at=clock.now())
    except DomainError as problem:
        return refused("mydata/correct.html", form, problem)
    say = _("已经交给办公室，%(day)s 前答复您。", day=f"{asked.due_on:%m-%d}")
    return done(go=url_for("mydata.index"), say=say)


def _state() -> dict[str, Any]:
    now = clock.now()
    return {
        "person": me(),
        "headings": kept_by_heading(me(), on=now.date()),
        "copies": copies_of(me()),
        "corrections": corrections_of(me()),
        "wish": deletion_of(me().id),
        "to_renew": coming_of_age.to_renew(me(), on=now.date()),
        "now": now,
    }
