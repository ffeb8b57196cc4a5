import hashlib
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from portal import clock
from portal.accounts.session import me
from portal.audit import record_apart
from portal.db import db, let_go
from portal.files import keep, path_of, put
from portal.files.inspection import FileTooLarge, first_look, is_long, shown_name
from portal.funds.models import Fund
from portal.lists import actions, policy
from portal.lists.forms import ColumnsForm, ReturnForm, RowsForm, UploadForm
from portal.lists.models import DonationImport, ImportStatus
from portal.lists.pages import head_piece, is_in_hand, listing_back, listing_of, rows_piece, whole_page
from portal.lists.queries import (
    count_to_confirm,
    funds_of_cashier,
    import_by_id,
    imports_by_status,
    imports_found,
    named_rows,
)
from portal.lists.reading import Reading, Unread, read_list
from portal.problems import DomainError, NotAllowed
from portal.web.access import found, require
from portal.web.errors import answer
from portal.web.forms import PortalForm
from portal.web.libs import _, current_user, is_fragment, ngettext
from portal.web.once import answered, keep_answer
from portal.web.pages import done, go_to, page, refused
from portal.web.rates import UPLOADS, rated
from portal.web.tables import read_listing
from portal.web.uploads import name_in_head

bp = Blueprint("imports", __name__, url_prefix="/imports")

NAMED = 3
"""Rows named in the sentence that says what was left out."""


@bp.get("")
def index() -> Response:
    require(policy.can_see_imports(me()))
    listing = read_listing(request.args, path=url_for(".index"), sorts=("new",), extra=("status",), piece="imports")
    by_status = imports_by_status(me())
    return page(
        "imports/index.html",
        piece="imports/_list.html",
        found=imports_found(me(), listing, by_status),
        by_status=by_status,
        statuses=ImportStatus,
        may_upload=policy.can_upload_anywhere(me()),
        waiting_for_me=count_to_confirm(me()),
    )


# ── bringing ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/new")
def new() -> Response:
    funds = _my_funds()
    return page("imports/new.html", form=UploadForm(formdata=None).offer(funds), funds=funds)


@bp.post("")
@rated(UPLOADS)
def upload() -> Response:
    funds = _my_funds()
    form = UploadForm().offer(funds)
    if not form.validate():
        return refused("imports/new.html", form, funds=funds)
    fund = next(fund for fund in funds if fund.id == form.fund.data)
    try:
        content, unread = form.file.data.read(), _unread(form)
        reading = _read_upload(content, unread)
        sent = _sent(form, content)
        if first := answered(form.key.data, sent, by=me()):
            return go_to(first)
        imported = _bring(fund, content, unread, reading)
    except DomainError as problem:
        return refused("imports/new.html", form, problem, funds=funds)
    address = url_for(".show", id=imported.id)
    keep_answer(form.key.data, sent, address, by=me(), at=clock.now())
    return go_to(address)


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> Response:
    """Nothing of the request was read: the file's name is found in its first bytes."""
    if not (current_user.is_authenticated and policy.can_upload_anywhere(me())):
        return answer(413)
    form, funds = UploadForm(formdata=None), _my_funds()
    return refused("imports/new.html", form.offer(funds), FileTooLarge(name_in_head()), funds=funds)


@bp.post("/<int:id>/columns")
def columns(id: int) -> Response:
    """Read the same file again, as the cashier says."""
    imported = _to_prepare(id)
    form = ColumnsForm().offer(imported)
    if not form.validate():
        return _refused(imported, form, columns=form)
    unread = Unread(imported.filename, form.default_method.data, form.default_date.data, form.column_map(imported))
    try:
        say = _read_again(imported, unread)
    except DomainError as problem:
        return _refused(imported, form, problem, columns=form)
    return _done(imported, say)


@bp.post("/<int:id>/again")
def again(id: int) -> Response:
    """A new preview of a list that was returned or withdrawn."""
    old = _known(id)
    require(policy.can_prepare(me(), old))
    unread = Unread(old.filename, old.method, old.default_date, old.column_map)
    try:
        if reading := _read_kept(old, unread):
            imported = actions.bring_again(old, reading, by=me(), at=clock.now())
        else:
            imported = actions.bring_again_unread(old, by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(old, PortalForm(formdata=None), problem)
    return done(go=url_for(".show", id=imported.id), say=_("重新打开了，剔除过的行还是剔除的。"))


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/<int:id>")
def show(id: int) -> Response:
    imported = _known(id)
    _record_look(imported)
    listing = listing_of(imported, request.args)
    if is_fragment(request):
        return page("imports/_rows.html", **rows_piece(imported, listing, me()))
    return page("imports/show.html", form=PortalForm(formdata=None), **whole_page(imported, listing, me()))


@bp.get("/<int:id>/progress")
def progress(id: int) -> Response:
    """Asked for every second while the list is read or booked; the last answer brings the whole page up to date."""
    imported = _known(id)
    if is_fragment(request) and is_in_hand(imported):
        return page("imports/_head.html", **head_piece(imported, me()))
    _record_look(imported)
    whole = whole_page(imported, listing_of(imported, {}), me())
    response = page("imports/show.html", piece="imports/_import.html", form=PortalForm(formdata=None), **whole)
    if is_fragment(request):
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#import", "outerHTML"
    return response


# ── the cashier's part ──────────────────────────────────────────────────────────────────────────────
@bp.post("/<int:id>/leave-out")
def leave_out(id: int) -> Response:
    return _mark(id, actions.leave_rows_out, _left_out)


@bp.post("/<int:id>/take-back")
def take_back(id: int) -> Response:
    return _mark(id, actions.take_rows_back, _taken_back)


@bp.post("/<int:id>/leave-out-booked")
def leave_out_booked(id: int) -> Response:
    imported = _to_prepare(id)
    try:
        count = actions.leave_booked_rows_out(imported, by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(imported, PortalForm(formdata=None), problem)
    return _done(imported, ngettext("剔除了 %(num)d 行已经入过账的。", "剔除了 %(num)d 行已经入过账的。", count))


@bp.post("/<int:id>/hand-over")
def hand_over(id: int) -> Response:
    return _act(id, policy.can_prepare, actions.hand_over, _("已移交给会计，确认后入账。"))


@bp.post("/<int:id>/withdraw")
def withdraw(id: int) -> Response:
    return _act(id, policy.can_prepare, actions.withdraw, _("已撤回，没有入账。改好文件后可以重新上传。"))


@bp.post("/<int:id>/read")
def read(id: int) -> Response:
    """Once more, after the job that reads the list was set aside."""
    return _act(id, policy.can_prepare, actions.have_read_once_more, _("再读一次，请稍等。"))


# ── the accountant's part ───────────────────────────────────────────────────────────────────────────
@bp.post("/<int:id>/confirm")
def confirm(id: int) -> Response:
    return _act(id, policy.is_accountant, actions.confirm, _("已确认，开始入账。"))


@bp.post("/<int:id>/return")
def send_back(id: int) -> Response:
    imported = _known(id)
    require(policy.can_send_back(me(), imported))
    form = ReturnForm()
    if not form.validate():
        return _refused(imported, form, send_back=form)
    try:
        actions.send_back(imported, form.reason.data or "", by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(imported, form, problem, send_back=form)
    return _done(imported, _("已退回给出纳。"))


@bp.post("/<int:id>/resume")
def resume(id: int) -> Response:
    return _act(id, policy.is_accountant, actions.resume, _("接着入账。"))


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _known(id: int) -> DonationImport:
    imported = found(import_by_id(id))
    return found(imported if policy.can_see_import(me(), imported) else None)


def _to_prepare(id: int) -> DonationImport:
    imported = _known(id)
    require(policy.can_prepare(me(), imported))
    return imported


def _my_funds() -> list[Fund]:
    require(policy.can_upload_anywhere(me()))
    return funds_of_cashier(me())


def _act(
    id: int,
    allowed: Callable[[Any, DonationImport], bool],
    action: Callable[..., None],
    say: str,
) -> Response:
    """A button of the list's page: do it, or say on the same page why not."""
    imported = _known(id)
    require(allowed(me(), imported))
    try:
        action(imported, by=me(), at=clock.now())
    except NotAllowed:
        raise
    except DomainError as problem:
        return _refused(imported, PortalForm(formdata=None), problem)
    return _done(imported, say)


def _mark(id: int, action: Callable[..., int], say: Callable[[DonationImport, list[int]], str]) -> Response:
    imported = _to_prepare(id)
    form = RowsForm(request.form.getlist("row"), formdata=None)
    if not form.row_nos:
        return _refused(imported, form, DomainError(_("请先勾选要处理的行。")))
    try:
        action(imported, form.row_nos, by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(imported, form, problem)
    return _done(imported, say(imported, form.row_nos))


def _left_out(imported: DonationImport, row_nos: list[int]) -> str:
    values = {"count": len(row_nos), "rows": _named(imported, row_nos)}
    return ngettext("剔除了 %(count)d 行：%(rows)s。", "剔除了 %(count)d 行：%(rows)s。", len(row_nos), **values)


def _taken_back(imported: DonationImport, row_nos: list[int]) -> str:
    values = {"count": len(row_nos), "rows": _named(imported, row_nos)}
    return ngettext("取回了 %(count)d 行：%(rows)s。", "取回了 %(count)d 行：%(rows)s。", len(row_nos), **values)


def _named(imported: DonationImport, row_nos: list[int]) -> str:
    rows = named_rows(imported, row_nos[:NAMED])
    names = [_("第 %(row)d 行 %(donor)s", row=row.row_no, donor=row.donor_name) for row in rows]
    return _("、").join(names) + ("…" if len(row_nos) > NAMED else "")


def _done(imported: DonationImport, say: str) -> Response:
    """The page as it now is: to htmx the changed piece, to a plain form the page it came from."""
    listing = listing_back(imported, request.form.get("back", ""))
    go = listing.address(page=listing.page)
    if not is_fragment(request):
        return done(go=go, say=say)
    _record_look(imported)
    whole = whole_page(imported, listing, me())
    return done("imports/_import.html", go=go, say=say, form=PortalForm(formdata=None), **whole)


def _refused(imported: DonationImport, form: PortalForm, problem: DomainError | None = None, **forms: Any) -> Response:
    """The page with what was wrong, as the list is without it."""
    db.session.rollback()
    _record_look(imported)
    listing = listing_back(imported, request.form.get("back", ""))
    whole = whole_page(imported, listing, me(), **forms)
    return refused("imports/show.html", form, problem, piece="imports/_import.html", **whole)


def _record_look(imported: DonationImport) -> None:
    """Donors' names stand here unmasked: whoever did not bring them herself leaves a trace (个人信息保护法)."""
    if me().id != imported.uploaded_by_id:
        record_apart("lists.list.looked_at", imported, by=me(), at=clock.now())


def _unread(form: UploadForm) -> Unread:
    return Unread(shown_name(form.file.data.filename or ""), form.method.data, form.default_date.data, {})


def _read_upload(content: bytes, unread: Unread) -> Reading | None:
    """What stands in the file; None for one that a job shall read: it is stored. No transaction is open meanwhile."""
    let_go()
    first_look(content, unread.filename)
    if not is_long(content):
        return _read(content, unread)
    put(content)
    return None


def _bring(fund: Fund, content: bytes, unread: Unread, reading: Reading | None) -> DonationImport:
    if reading:
        return actions.bring(fund, reading, by=me(), at=clock.now())
    file = keep(content, name=unread.filename, by=me(), at=clock.now())
    return actions.bring_unread(fund, unread, file, by=me(), at=clock.now())


def _read_again(imported: DonationImport, unread: Unread) -> str:
    if reading := _read_kept(imported, unread):
        actions.read_again(imported, reading, by=me(), at=clock.now())
        return _("重新读过了，请再核对一遍。")
    actions.have_read_again(imported, unread, by=me(), at=clock.now())
    return _("正在重新读取，读完请再核对一遍。")


def _read_kept(imported: DonationImport, unread: Unread) -> Reading | None:
    """The same of a list that is here already."""
    path = path_of(imported.file)
    let_go()
    content = path.read_bytes()
    return None if is_long(content) else _read(content, unread)


def _read(content: bytes, unread: Unread) -> Reading:
    return read_list(content, today=clock.today(), **asdict(unread))


def _sent(form: UploadForm, content: bytes) -> dict[str, Any]:
    return {
        "fund": form.fund.data,
        "file": hashlib.sha256(content).hexdigest(),
        "method": form.method.data,
        "date": form.default_date.data,
    }
