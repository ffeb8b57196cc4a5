"""Rows of an organisation's histories, and the papers behind them."""

from typing import Any

from flask import Blueprint, Response, url_for

from portal import clock
from portal.accounts.session import me
from portal.files import attachment, file_by_public_id, photo_in
from portal.orgs import policy
from portal.orgs.chapters import CHAPTERS, Chapter, add_entry, entry_of, organisations_with, void_entry
from portal.orgs.histories import Entry
from portal.orgs.history_forms import FORMS, EntryForm, VoidForm, form_for
from portal.orgs.models import Organisation
from portal.orgs.registry import organisation_by_id
from portal.problems import DomainError
from portal.web.access import found, require
from portal.web.libs import _
from portal.web.once import answered, keep_answer
from portal.web.pages import done, go_to, page, refused
from portal.web.rates import UPLOADS, rated

bp = Blueprint("histories", __name__, url_prefix="/organisations")

OF_ORGANISATION = "/manage/<int:organisation_id>/history/<chapter>"


@bp.get(f"{OF_ORGANISATION}/new")
def new(organisation_id: int, chapter: str) -> Response:
    organisation, of = _kept_here(organisation_id), _chapter(chapter)
    return page("orgs/registry/entry.html", form=form_for(of), **_about(organisation, of))


@bp.post(f"{OF_ORGANISATION}/new")
@rated(UPLOADS)
def add(organisation_id: int, chapter: str) -> Response:
    return _written(_kept_here(organisation_id), _chapter(chapter))


@bp.get(f"{OF_ORGANISATION}/<int:entry_id>")
def correct(organisation_id: int, chapter: str, entry_id: int) -> Response:
    organisation, of = _kept_here(organisation_id), _chapter(chapter)
    entry = found(entry_of(organisation, of, entry_id))
    return page("orgs/registry/entry.html", form=form_for(of, entry), **_about(organisation, of, entry))


@bp.post(f"{OF_ORGANISATION}/<int:entry_id>")
@rated(UPLOADS)
def replace(organisation_id: int, chapter: str, entry_id: int) -> Response:
    organisation, of = _kept_here(organisation_id), _chapter(chapter)
    return _written(organisation, of, found(entry_of(organisation, of, entry_id)))


@bp.get(f"{OF_ORGANISATION}/<int:entry_id>/void")
def voiding(organisation_id: int, chapter: str, entry_id: int) -> Response:
    organisation, of = _kept_here(organisation_id), _chapter(chapter)
    entry = found(entry_of(organisation, of, entry_id))
    return page("orgs/registry/void.html", form=VoidForm(formdata=None), **_about(organisation, of, entry))


@bp.post(f"{OF_ORGANISATION}/<int:entry_id>/void")
def void(organisation_id: int, chapter: str, entry_id: int) -> Response:
    organisation, of = _kept_here(organisation_id), _chapter(chapter)
    entry = found(entry_of(organisation, of, entry_id))
    form = VoidForm()
    about = _about(organisation, of, entry)
    if not form.validate():
        return refused("orgs/registry/void.html", form, **about)
    try:
        void_entry(organisation, of, entry, reason=form.words, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("orgs/registry/void.html", form, problem, **about)
    return done(go=_back(organisation), say=_("去掉了，原来的记录和原因都留着。"))


@bp.get("/papers/<public_id>/<name>")
def paper(public_id: str, name: str) -> Response:
    """A paper, for whoever may see an organisation whose history rests on it; the name is only for saving."""
    stored = found(file_by_public_id(public_id))
    found(next((one for one in organisations_with(stored) if policy.can_see_organisation(me(), one)), None))
    return attachment(stored)


def _written(organisation: Organisation, chapter: Chapter, entry: Entry | None = None) -> Response:
    form: EntryForm = FORMS[chapter.key]()
    about = _about(organisation, chapter, entry)
    if not form.validate():
        return refused("orgs/registry/entry.html", form, **about)
    sent = {**form.content_sent(), "organisation": organisation.id, "entry": entry.id if entry else None}
    try:
        picture = photo_in(form.photo.data)
        if first := answered(form.key.data, sent, by=me()):
            return go_to(first)
        add_entry(organisation, chapter, form.values(), picture, replaces=entry, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("orgs/registry/entry.html", form, problem, **about)
    keep_answer(form.key.data, sent, _back(organisation), by=me(), at=clock.now())
    return done(go=_back(organisation), say=_("记下了。"))


def _about(organisation: Organisation, chapter: Chapter, entry: Entry | None = None) -> dict[str, Any]:
    return {"organisation": organisation, "chapter": chapter, "entry": entry, "today": clock.today()}


def _chapter(key: str) -> Chapter:
    return found(CHAPTERS.get(key))


def _back(organisation: Organisation) -> str:
    return url_for("registry.show", organisation_id=organisation.id)


def _kept_here(organisation_id: int) -> Organisation:
    """404 for whoever has nothing to do with it, 403 for its own administrators: staff keep histories."""
    organisation = found(organisation_by_id(organisation_id))
    found(organisation if policy.can_see_organisation(me(), organisation) else None)
    require(policy.can_keep_registry(me()))
    return organisation
