"""The registry: what staff and an organisation's own administrators see and change of it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.files import attachment, file_by_public_id
from portal.orgs import policy, registering
from portal.orgs.alliance import units_of
from portal.orgs.chapters import CHAPTERS, SOON, histories_of, last_term_of, papers_of
from portal.orgs.duplicates import merges_of
from portal.orgs.forms import CloseForm, DetailsForm, ReasonForm, RegisterForm, TextForm
from portal.orgs.models import KIND_NAMES, STANDING_NAMES, Organisation
from portal.orgs.papers import logo_in
from portal.orgs.registry import (
    FILTERS,
    RegistryLine,
    contact_of,
    counts_by_kind,
    every_line,
    list_registry,
    organisation_by_id,
    organisation_with_logo,
)
from portal.problems import ChangedMeanwhile, DomainError
from portal.web.access import found, public, require
from portal.web.exports import Cell, csv_file
from portal.web.libs import _
from portal.web.once import answered, keep_answer
from portal.web.pages import done, go_to, page, refused
from portal.web.rates import EXPORTS, SEARCHES, UPLOADS, rated
from portal.web.tables import Listing, read_listing

bp = Blueprint("registry", __name__, url_prefix="/organisations")

HEAD = (
    "组织名称", "类别", "统一社会信用代码", "登记/备案", "日期", "登记/备案机关", "备案编号",
    "入会日期", "注销日期", "网址",
)  # fmt: skip


# ── the list ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/manage")
@rated(SEARCHES)
def index() -> Response:
    require(policy.can_see_registry(me()))
    listing, lines = list_registry(me(), _listing(url_for(".index")))
    return page(
        "orgs/registry/index.html",
        piece="orgs/registry/_list.html",
        listing=listing,
        lines=lines,
        kinds=KIND_NAMES,
        standings=STANDING_NAMES,
        counts=counts_by_kind() if policy.can_keep_registry(me()) else {},
        can_keep=policy.can_keep_registry(me()),
        file=replace(listing, path=url_for(".export")).address(),
    )


@bp.get("/manage.csv")
@rated(EXPORTS)
def export() -> Response:
    """The list with its filters, with the headers that the import reads too."""
    require(policy.can_see_registry(me()))
    return csv_file("organisations", HEAD, _cells(every_line(me(), _listing(request.path))))


def _cells(lines: Iterator[RegistryLine]) -> Iterator[tuple[Cell, ...]]:
    for line in lines:
        stands = STANDING_NAMES[line.stands].text if line.stands else ""
        days = [day.isoformat() if day else "" for day in (line.standing_on, line.joined_on, line.closed_on)]
        told = line.name, KIND_NAMES[line.what].text, line.credit_code, stands, days[0], line.authority, line.filing_no
        yield *told, days[1], days[2], f"/organisations/{line.slug}"


def _listing(path: str) -> Listing:
    return read_listing(request.args, path=path, sorts=("name",), extra=FILTERS, piece="registry")


# ── a new one ───────────────────────────────────────────────────────────────────────────────────────
@bp.get("/manage/new")
def new() -> Response:
    require(policy.can_keep_registry(me()))
    return page("orgs/registry/new.html", form=RegisterForm(formdata=None))


@bp.post("/manage/new")
@rated(UPLOADS)
def register() -> Response:
    require(policy.can_keep_registry(me()))
    form = RegisterForm()
    if not form.validate():
        return refused("orgs/registry/new.html", form)
    try:
        logo = logo_in(form.photo.data)
        if first := answered(form.key.data, form.content_sent(), by=me()):
            return go_to(first)
        organisation = registering.register(
            form.details(), form.text(), contact=form.contact(), by=me(), at=clock.now()
        )
        if logo:
            registering.set_logo(organisation, logo, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("orgs/registry/new.html", form, problem)
    address = url_for(".show", organisation_id=organisation.id)
    keep_answer(form.key.data, form.content_sent(), address, by=me(), at=clock.now())
    return done(go=address, say=_("「%(name)s」登记好了，公开页已经能看到。", name=organisation.name))


# ── one organisation ────────────────────────────────────────────────────────────────────────────────
@bp.get("/manage/<int:organisation_id>")
def show(organisation_id: int) -> Response:
    organisation = _known(organisation_id)
    histories = histories_of(organisation)
    runs = policy.runs_organisation(me(), organisation)
    term = last_term_of(organisation)
    return page(
        "orgs/registry/show.html",
        organisation=organisation,
        chapters=CHAPTERS,
        histories=histories,
        papers=papers_of([entry for entries in histories.values() for entry in entries]),
        contact=contact_of(organisation) if runs else None,
        units=units_of(organisation),
        merges=merges_of(organisation),
        into=organisation_by_id(organisation.merged_into_id) if organisation.merged_into_id else None,
        term=term,
        term_is_due=bool(organisation.is_open and term and term.ends_on <= clock.today() + SOON),
        today=clock.today(),
        runs=runs,
        can_keep=policy.can_keep_registry(me()),
    )


@bp.get("/manage/<int:organisation_id>/details")
def details(organisation_id: int) -> Response:
    organisation = _kept_here(organisation_id)
    return page("orgs/registry/details.html", form=DetailsForm.of(organisation), organisation=organisation)


@bp.post("/manage/<int:organisation_id>/details")
def change_details(organisation_id: int) -> Response:
    organisation = _kept_here(organisation_id)
    form = DetailsForm()
    if not form.validate():
        return refused("orgs/registry/details.html", form, organisation=organisation)
    try:
        registering.change_details(organisation, form.details(), seen=form.seen, by=me(), at=clock.now())
    except DomainError as problem:
        return _refused("orgs/registry/details.html", form, problem, organisation)
    return done(go=url_for(".show", organisation_id=organisation_id), say=_("改好了。"))


@bp.get("/manage/<int:organisation_id>/public")
def public_text(organisation_id: int) -> Response:
    organisation = _run_by_me(organisation_id)
    form = TextForm.of_both(organisation, contact_of(organisation))
    return page("orgs/registry/public.html", form=form, organisation=organisation)


@bp.post("/manage/<int:organisation_id>/public")
@rated(UPLOADS)
def change_public_text(organisation_id: int) -> Response:
    organisation = _run_by_me(organisation_id)
    form = TextForm()
    if not form.validate():
        return refused("orgs/registry/public.html", form, organisation=organisation)
    try:
        _change_public(organisation, form)
    except DomainError as problem:
        return _refused("orgs/registry/public.html", form, problem, organisation)
    return done(go=url_for(".show", organisation_id=organisation_id), say=_("改好了，公开页已经是新的。"))


def _change_public(organisation: Organisation, form: TextForm) -> None:
    logo, at = logo_in(form.photo.data), clock.now()
    registering.change_text(organisation, form.text(), seen=form.seen, by=me(), at=at)
    if logo or (form.without_logo.data and organisation.logo_id):
        registering.set_logo(organisation, logo, by=me(), at=at)
    registering.set_contact(organisation, form.contact(), by=me(), at=at)


# ── its end ─────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/manage/<int:organisation_id>/close")
def closing(organisation_id: int) -> Response:
    organisation = _kept_here(organisation_id)
    form = CloseForm(formdata=None, closed_on=clock.today())
    return page("orgs/registry/close.html", form=form, organisation=organisation)


@bp.post("/manage/<int:organisation_id>/close")
def close(organisation_id: int) -> Response:
    organisation = _kept_here(organisation_id)
    form = CloseForm()
    if not form.validate():
        return refused("orgs/registry/close.html", form, organisation=organisation)
    try:
        registering.close(organisation, on=form.day, reason=form.words, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("orgs/registry/close.html", form, problem, organisation=organisation)
    said = _("「%(name)s」已注销，历史都留着。", name=organisation.name)
    return done(go=url_for(".show", organisation_id=organisation_id), say=said)


@bp.post("/manage/<int:organisation_id>/reopen")
def reopen(organisation_id: int) -> Response:
    organisation = _kept_here(organisation_id)
    if organisation.is_open:
        return done(go=url_for(".show", organisation_id=organisation_id), say=_("这个组织没有注销。"))
    form = ReasonForm()
    if not form.validate():
        return refused("orgs/registry/close.html", form, organisation=organisation)
    try:
        registering.reopen(organisation, reason=form.words, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("orgs/registry/close.html", form, problem, organisation=organisation)
    return done(go=url_for(".show", organisation_id=organisation_id), say=_("恢复了，可以照常办事。"))


# ── logos ───────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/logos/<public_id>")
@public
def logo(public_id: str) -> Response:
    """A logo, under 128 bits of chance; any other photo is not found here."""
    stored = found(file_by_public_id(public_id))
    found(organisation_with_logo(stored.id))
    response = attachment(stored)
    # What lies under this address never changes: another logo has another one.
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


# ── what they share ─────────────────────────────────────────────────────────────────────────────────
def _known(organisation_id: int) -> Organisation:
    """The organisation, or 404 for whoever has nothing to do with it."""
    organisation = found(organisation_by_id(organisation_id))
    return found(organisation if policy.can_see_organisation(me(), organisation) else None)


def _run_by_me(organisation_id: int) -> Organisation:
    organisation = _known(organisation_id)
    require(policy.runs_organisation(me(), organisation))
    return organisation


def _kept_here(organisation_id: int) -> Organisation:
    organisation = _known(organisation_id)
    require(policy.can_keep_registry(me()))
    return organisation


def _refused(template: str, form: Any, problem: DomainError, organisation: Organisation) -> Response:
    if isinstance(problem, ChangedMeanwhile):
        # The page now shows what somebody else has set: whoever sends the form again knows of it.
        form.seq.data = str(organisation.seq)
    return refused(template, form, problem, organisation=organisation)
