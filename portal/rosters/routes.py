import hashlib
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from portal import clock
from portal.accounts.session import me
from portal.audit import record_apart
from portal.db import db, let_go
from portal.files import keep, keep_picture, photo_in
from portal.files.inspection import FileTooLarge, first_look, shown_name
from portal.files.models import StoredFile
from portal.files.pictures import Picture
from portal.problems import DomainError, NotAllowed
from portal.rosters import actions, policy
from portal.rosters.forms import ColumnsForm, DecisionsForm, MendForm, UploadForm, own_headers
from portal.rosters.keeping import packed, texts_of
from portal.rosters.models import Roster, RosterRow
from portal.rosters.pages import IN_HAND, head_piece, listing_back, listing_of, rows_piece, whole_page
from portal.rosters.queries import organisations_for, roster_by_id, rosters_found, row_of
from portal.rosters.teams import TeamBook
from portal.rosters.wrong import wrong_csv
from portal.web.access import found, require
from portal.web.errors import answer
from portal.web.forms import PortalForm
from portal.web.libs import _, current_user, is_fragment, ngettext
from portal.web.once import answered, keep_answer
from portal.web.pages import done, go_to, page, refused
from portal.web.rates import EXPORTS, UPLOADS, rated
from portal.web.tables import read_listing
from portal.web.uploads import name_in_head

bp = Blueprint("rosters", __name__, url_prefix="/rosters")


@bp.get("")
def index() -> Response:
    require(policy.can_export_anywhere(me()))
    listing = read_listing(request.args, path=url_for(".index"), sorts=("new",), piece="rosters")
    shown = rosters_found(me(), listing)
    may_import = policy.can_import_anywhere(me())
    return page("rosters/index.html", piece="rosters/_list.html", found=shown, may_import=may_import)


# ── bringing ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/new")
def new() -> Response:
    return page("rosters/new.html", form=_offered(UploadForm(formdata=None)), headers=own_headers())


@bp.post("")
@rated(UPLOADS)
def upload() -> Response:
    form = _offered(UploadForm())
    if not form.validate():
        return refused("rosters/new.html", form, headers=own_headers())
    try:
        require(policy.can_import_for(me(), form.organisation_id))
        address = _brought(form)
    except NotAllowed:
        raise
    except DomainError as problem:
        db.session.rollback()
        return refused("rosters/new.html", _offered(form), problem, headers=own_headers())
    return go_to(address)


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> Response:
    """Nothing of the request was read: the file's name is found in its first bytes."""
    if not (current_user.is_authenticated and policy.can_import_anywhere(me())):
        return answer(413)
    form = _offered(UploadForm(formdata=None))
    return refused("rosters/new.html", form, FileTooLarge(name_in_head()), headers=own_headers())


@bp.post("/<int:roster_id>/columns")
def columns(roster_id: int) -> Response:
    """Read the same file again, as the importer says, and remember the layout where she names it."""
    roster = _known(roster_id)
    form = ColumnsForm.of(roster, request.form)
    if not form.validate():
        return _refused(roster, form, columns=form)
    try:
        actions.have_read_again(roster, form.column_map(), by=me(), at=clock.now())
        if form.name.data:
            actions.keep_mapping(roster, form.name.data, by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(roster, form, problem)
    return _done(roster, _("正在重新读取，读完请再核对一遍。"))


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/<int:roster_id>")
def show(roster_id: int) -> Response:
    roster = _known(roster_id)
    listing = listing_of(roster, request.args)
    if is_fragment(request):
        return page("rosters/_rows.html", **rows_piece(roster, listing))
    return page("rosters/show.html", form=PortalForm(formdata=None), **whole_page(roster, listing))


@bp.get("/<int:roster_id>/progress")
def progress(roster_id: int) -> Response:
    """Asked for every second while the roster is read or booked; the last answer brings the whole page up to date."""
    roster = _known(roster_id)
    if is_fragment(request) and roster.state in IN_HAND:
        return page("rosters/_head.html", **head_piece(roster))
    whole = whole_page(roster, listing_of(roster, {}))
    response = page("rosters/show.html", piece="rosters/_roster.html", form=PortalForm(formdata=None), **whole)
    if is_fragment(request):
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#roster", "outerHTML"
    return response


@bp.get("/<int:roster_id>/wrong.csv")
@rated(EXPORTS)
def wrong(roster_id: int) -> Response:
    """The rows that are wrong as the file has them, each with its sentences: to be mended and brought again."""
    roster = _known(roster_id)
    record_apart("rosters.roster.wrong_taken", roster, by=me(), at=clock.now(), count=roster.wrong)
    return wrong_csv(roster)


# ── rows ────────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/<int:roster_id>/rows/<int:row_no>")
def row(roster_id: int, row_no: int) -> Response:
    roster, row = _row(roster_id, row_no)
    form = MendForm.of(roster, row, texts_of(roster, row))
    return page("rosters/row.html", form=form, roster=roster, row=row, back=_back(roster))


@bp.post("/<int:roster_id>/rows/<int:row_no>")
def mend(roster_id: int, row_no: int) -> Response:
    roster, row = _row(roster_id, row_no)
    texts = texts_of(roster, row)
    form = MendForm.of(roster, row, texts, request.form)
    if not form.validate():
        return refused("rosters/row.html", form, roster=roster, row=row, back=_back(roster))
    try:
        mended = actions.mend(roster, row_no, form.texts(texts), by=me(), at=clock.now())
    except DomainError as problem:
        return refused("rosters/row.html", form, problem, roster=roster, row=row, back=_back(roster))
    if mended.problem_words:
        db.session.commit()
        form = MendForm.of(roster, mended, texts_of(roster, mended))
        return page("rosters/row.html", status=422, form=form, roster=roster, row=mended, back=_back(roster))
    return done(go=_back(roster), say=_("第 %(row)d 行改好了。", row=row_no))


@bp.post("/<int:roster_id>/decide")
def decide(roster_id: int) -> Response:
    roster = _known(roster_id)
    form = DecisionsForm(request.form, formdata=None)
    if not form.decisions:
        return _refused(roster, form, DomainError(_("请先在每一行选好。")))
    try:
        count = actions.decide(roster, form.decisions, by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(roster, form, problem)
    return _done(roster, ngettext("决定了 %(num)d 行。", "决定了 %(num)d 行。", count))


@bp.post("/<int:roster_id>/decide-twins")
def decide_twins(roster_id: int) -> Response:
    return _act(roster_id, actions.decide_twins, _("同名、同编号或同证件的行，都合成一个人。"))


@bp.post("/<int:roster_id>/leave-doubts-out")
def leave_doubts_out(roster_id: int) -> Response:
    return _act(roster_id, actions.leave_doubts_out, _("没有决定的行都不登记。"))


# ── the way ─────────────────────────────────────────────────────────────────────────────────────────
@bp.post("/<int:roster_id>/confirm")
def confirm(roster_id: int) -> Response:
    return _act(roster_id, actions.confirm, _("已确认，开始登记。"))


@bp.post("/<int:roster_id>/withdraw")
def withdraw(roster_id: int) -> Response:
    return _act(roster_id, actions.withdraw, _("已撤回，没有登记。文件已经删掉。"))


@bp.post("/<int:roster_id>/resume")
def resume(roster_id: int) -> Response:
    return _act(roster_id, actions.resume, _("接着登记。"))


@bp.post("/<int:roster_id>/read")
def read(roster_id: int) -> Response:
    """Once more, after the job that reads the roster was set aside."""
    return _act(roster_id, actions.have_read_once_more, _("再读一次，请稍等。"))


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _known(roster_id: int) -> Roster:
    roster = found(roster_by_id(roster_id))
    return found(roster if policy.can_see_roster(me(), roster) else None)


def _row(roster_id: int, row_no: int) -> tuple[Roster, RosterRow]:
    roster = _known(roster_id)
    return roster, found(row_of(roster, row_no))


def _offered(form: UploadForm) -> UploadForm:
    require(policy.can_import_anywhere(me()))
    organisations = organisations_for(me())
    everywhere = policy.can_import_for_all(me())
    ids = [None] if everywhere else [one.id for one in organisations]
    return form.offer(organisations, TeamBook(*ids, session=db.session()), everywhere=everywhere)


def _brought(form: UploadForm) -> str:
    """Take the roster in; gives its address. Nobody waits for packing and photos: no transaction is open meanwhile."""
    content, filename = form.file.data.read(), shown_name(form.file.data.filename or "")
    sent = {"file": hashlib.sha256(content).hexdigest(), "of": form.organisation.data, "team": form.team.data}
    let_go()
    first_look(content, filename)
    parts, photo = packed(content), photo_in(form.photo.data)
    if first := answered(form.key.data, sent, by=me()):
        return first
    _require_own_team(form)
    what = actions.Bringing(
        filename=filename,
        parts=parts,
        organisation_id=form.organisation_id,
        team_id=form.team_id,
        takes=form.takes,
        paper=_paper(form, photo),
        column_map={},
    )
    roster = actions.bring(what, by=me(), at=clock.now())
    address = url_for(".show", roster_id=roster.id)
    keep_answer(form.key.data, sent, address, by=me(), at=clock.now())
    return address


def _require_own_team(form: UploadForm) -> None:
    """Raises DomainError: the team of rows that name none belongs to another organisation."""
    if form.team_id and form.team_id not in TeamBook(form.organisation_id, session=db.session()).names:
        raise DomainError(_("这个队不属于选中的组织。"), field="team")


def _paper(form: UploadForm, photo: Picture | None) -> StoredFile:
    """The photo of the papers, or what the importer declares of where they lie."""
    at = clock.now()
    if photo:
        return keep_picture(photo, by=me(), at=at)
    said = f"{me().name}于 {at:%Y-%m-%d %H:%M} 声明：名册中各人签字的同意书存放于：{form.place.data}\n"
    return keep(said.encode(), name="同意书存放说明.txt", by=me(), at=at)


def _act(roster_id: int, action: Callable[..., Any], say: str) -> Response:
    """A button of the roster's page: do it, or say on the same page why not."""
    roster = _known(roster_id)
    try:
        action(roster, by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(roster, PortalForm(formdata=None), problem)
    return _done(roster, say)


def _back(roster: Roster) -> str:
    """The rows the reader came from."""
    listing = listing_back(roster, request.values.get("back", ""))
    return listing.address(page=listing.page) + "#rows"


def _done(roster: Roster, say: str) -> Response:
    """The page as it now is: to htmx the changed piece, to a plain form the page it came from."""
    listing = listing_back(roster, request.form.get("back", ""))
    go = listing.address(page=listing.page)
    if not is_fragment(request):
        return done(go=go, say=say)
    whole = whole_page(roster, listing)
    return done("rosters/_roster.html", go=go, say=say, form=PortalForm(formdata=None), **whole)


def _refused(
    roster: Roster, form: PortalForm, problem: DomainError | None = None, *, columns: ColumnsForm | None = None
) -> Response:
    """The page with what was wrong, as the roster is without it."""
    db.session.rollback()
    listing = listing_back(roster, request.form.get("back", ""))
    whole = whole_page(roster, listing, columns=columns)
    return refused("rosters/show.html", form, problem, piece="rosters/_roster.html", **whole)
