"""The roll of member units: who belongs to the alliance, one by one and many at once."""

from collections.abc import Iterator
from dataclasses import replace

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.db import let_go
from portal.files.inspection import LIMITS
from portal.orgs import policy
from portal.orgs.alliance import (
    UnitLine,
    change_unit,
    every_unit,
    join_alliance,
    leave_alliance,
    list_units,
    unit_of,
    units_by_kind,
)
from portal.orgs.forms import LeaveForm, ManyForm, UnitForm
from portal.orgs.lists import bring, lines_of_text, text_of_file
from portal.orgs.models import KIND_NAMES, Organisation
from portal.orgs.registry import organisation_by_id
from portal.problems import DomainError
from portal.web.access import found, require
from portal.web.exports import Cell, csv_file
from portal.web.forms import tidy
from portal.web.libs import _
from portal.web.pages import done, page, refused
from portal.web.rates import EXPORTS, SEARCHES, UPLOADS, rated
from portal.web.tables import Listing, read_listing

bp = Blueprint("units", __name__, url_prefix="/organisations")

HEAD = ("组织名称", "类别", "统一社会信用代码", "入会日期", "退出日期", "承诺")


@bp.get("/units")
@rated(SEARCHES)
def index() -> Response:
    require(policy.can_see_units(me()))
    listing, lines = list_units(_listing(url_for(".index")))
    return page(
        "orgs/units/index.html",
        piece="orgs/units/_list.html",
        listing=listing,
        lines=lines,
        kinds=KIND_NAMES,
        counts=units_by_kind(),
        can_keep=policy.can_keep_registry(me()),
        file=replace(listing, path=url_for(".export")).address(),
    )


@bp.get("/units.csv")
@rated(EXPORTS)
def export() -> Response:
    require(policy.can_see_units(me()))
    return csv_file("member-units", HEAD, _cells(every_unit(_listing(request.path))))


@bp.get("/units/add")
def many() -> Response:
    require(policy.can_keep_registry(me()))
    return page("orgs/units/add.html", form=ManyForm(formdata=None, joined_on=clock.today()), lines=None)


@bp.post("/units/add")
@rated(UPLOADS)
def add_many() -> Response:
    """First a look at what would come of it; sent again from there with `sure`, it happens."""
    require(policy.can_keep_registry(me()))
    form = ManyForm()
    if not form.validate() or form.joined_on.data is None:
        return refused("orgs/units/add.html", form, lines=None)
    try:
        form.rows.data = _text(form)
        lines = lines_of_text(form.rows.data, joined_on=form.joined_on.data)
        if "sure" not in request.form or not lines:
            return page("orgs/units/add.html", form=form, lines=lines)
        registered, joined = bring([line for line in lines if not line.problem], by=me(), at=clock.now())
    except DomainError as problem:
        return refused("orgs/units/add.html", form, problem, lines=None)
    said = _("新登记 %(registered)d 个组织，%(joined)d 个成为成员单位。", registered=registered, joined=joined)
    return done(go=url_for(".index"), say=said)


@bp.get("/manage/<int:organisation_id>/unit")
def unit(organisation_id: int) -> Response:
    organisation = _kept_here(organisation_id)
    now = unit_of(organisation)
    form = UnitForm.of(now, today=clock.today())
    return page("orgs/units/unit.html", form=form, organisation=organisation, unit=now, today=clock.today())


@bp.post("/manage/<int:organisation_id>/unit")
def change(organisation_id: int) -> Response:
    organisation = _kept_here(organisation_id)
    form, now = UnitForm(), unit_of(organisation)
    if not form.validate():
        return refused("orgs/units/unit.html", form, organisation=organisation, unit=now, today=clock.today())
    try:
        if now:
            change_unit(now, form.belonging(), by=me(), at=clock.now())
        else:
            join_alliance(organisation, form.belonging(), by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(form, problem, organisation)
    return done(go=url_for("registry.show", organisation_id=organisation_id), say=_("记下了。"))


@bp.post("/manage/<int:organisation_id>/unit/leave")
def leave(organisation_id: int) -> Response:
    organisation = _kept_here(organisation_id)
    form, now = LeaveForm(), found(unit_of(organisation))
    if not form.validate() or form.left_on.data is None:
        return refused("orgs/units/unit.html", form, organisation=organisation, unit=now, today=clock.today())
    try:
        leave_alliance(now, on=form.left_on.data, by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(form, problem, organisation)
    said = _("「%(name)s」不再是成员单位，以前的记录都留着。", name=organisation.name)
    return done(go=url_for("registry.show", organisation_id=organisation_id), say=said)


def _text(form: ManyForm) -> str:
    """What was pasted, or the table that came with the form, as lines."""
    upload = form.table.data
    if upload is None or not upload.filename:
        return form.rows.data or ""
    let_go()
    return text_of_file(upload.read(LIMITS.size + 1), filename=tidy(upload.filename) or "")


def _refused(form: UnitForm | LeaveForm, problem: DomainError, organisation: Organisation) -> Response:
    now = unit_of(organisation)
    return refused("orgs/units/unit.html", form, problem, organisation=organisation, unit=now, today=clock.today())


def _listing(path: str) -> Listing:
    return read_listing(request.args, path=path, sorts=("name",), extra=("kind", "state"), piece="units")


def _cells(lines: Iterator[UnitLine]) -> Iterator[tuple[Cell, ...]]:
    for line in lines:
        days = line.joined_on.isoformat(), line.left_on.isoformat() if line.left_on else ""
        yield line.name, KIND_NAMES[line.what].text, line.credit_code, *days, line.commitment


def _kept_here(organisation_id: int) -> Organisation:
    organisation = found(organisation_by_id(organisation_id))
    found(organisation if policy.can_see_organisation(me(), organisation) else None)
    require(policy.can_keep_registry(me()))
    return organisation
