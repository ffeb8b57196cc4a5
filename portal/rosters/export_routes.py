from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.fresh import freshly
from portal.accounts.session import me
from portal.exports import begin
from portal.problems import DomainError
from portal.rosters import policy
from portal.rosters.export_forms import ExportForm
from portal.rosters.exporting import HEAD, Bounds, bounds_for, count_of, record_full_look, signed_lines
from portal.web.access import require
from portal.web.exports import csv_file
from portal.web.libs import _
from portal.web.pages import page, refused
from portal.web.rates import EXPORTS, rated
from portal.web.workbooks import xlsx_file

bp = Blueprint("roster_exports", __name__, url_prefix="/rosters/export")


@bp.get("")
@freshly
def new() -> Response:
    form = _offered(ExportForm(formdata=None, data={"of": request.args.get("of", "")}))
    return page("rosters/export.html", form=form, back=url_for("rosters.index"))


@bp.post("")
@rated(EXPORTS)
@freshly
def take() -> Response:
    """The file itself; that it leaves, why and until when, is written down first."""
    form = _offered(ExportForm())
    if not form.validate():
        return refused("rosters/export.html", form, back=url_for("rosters.index"))
    try:
        return _file(form)
    except DomainError as problem:
        return refused("rosters/export.html", form, problem, back=url_for("rosters.index"))


def _offered(form: ExportForm) -> ExportForm:
    require(policy.can_export_anywhere(me()))
    return form.offer(bounds_for(me()))


def _file(form: ExportForm) -> Response:
    """Raises DomainError (no purpose, or in full without the right)."""
    at, bounds = clock.now(), form.bounds
    in_full = form.in_full.data and _require_full(bounds)
    count = count_of(bounds, today=at.date())
    what = _("志愿者名册（%(of)s）", of=bounds.name or _("整个联盟"))
    export = begin(me(), what=what, purpose=form.said, count=count, at=at)
    if in_full:
        record_full_look(export, bounds, by=me(), at=at)
    lines = signed_lines(bounds, export, in_full=in_full, today=at.date())
    name = f"{what}-{at:%Y-%m-%d}"
    if form.format.data == "xlsx":
        return xlsx_file(name, _("志愿者"), HEAD, lines)
    return csv_file(name, HEAD, lines)


def _require_full(bounds: Bounds) -> bool:
    """Raises DomainError."""
    if not policy.can_export_in_full(me(), bounds.organisation_id):
        raise DomainError(_("完整的证件号码和联系方式，只有社工和本组织的管理员能导出。"), field="in_full")
    return True
