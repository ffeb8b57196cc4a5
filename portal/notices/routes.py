from typing import Any

from flask import Blueprint, Response, g, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.db import db
from portal.notices import actions
from portal.notices.forms import ChoicesForm, choices_form
from portal.notices.kinds import KINDS, Channel
from portal.notices.queries import addresses_of, notice_of, notices_of
from portal.notices.tokens import ALL, Unsubscribe, read_token
from portal.people.models import Person
from portal.privacy import mask_address
from portal.problems import DomainError
from portal.web.access import found, local_path, without_account
from portal.web.forms import number_in
from portal.web.libs import _, ngettext
from portal.web.pages import done, go_to, page, refused
from portal.web.security import from_anywhere

bp = Blueprint("notices", __name__, url_prefix="/notices")


@bp.get("")
def index() -> Response:
    only_unread, before = request.args.get("show") == "unread", number_in(request.args.get("before"))
    own = notices_of(me(), only_unread=only_unread, before=before)
    unread = g.get("unread_notices") or 0
    return page("notices/index.html", own=own, only_unread=only_unread, before=before, unread=unread)


@bp.post("/<int:notice_id>/go")
def go(notice_id: int) -> Response:
    """She opens one: it is read, and leads to what it is about."""
    notice = found(notice_of(me(), notice_id))
    actions.mark_read(notice, at=clock.now())
    return go_to(local_path(notice.url, url_for(".index")))


@bp.post("/read")
def read_all() -> Response:
    count = actions.mark_all_read(me(), up_to=number_in(request.form.get("newest")) or 0, at=clock.now())
    said = ngettext("%(num)d 条通知都算看过了。", "%(num)d 条通知都算看过了。", count)
    return done(go=url_for(".index"), say=said if count else _("没有新通知。"))


# ── choosing ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/preferences")
def preferences() -> Response:
    return _preferences_page(choices_form(me(), formdata=None))


@bp.post("/preferences")
def choose() -> Response:
    form = choices_form(me())
    if not form.validate():
        return refused("notices/preferences.html", form, **_reached())
    try:
        actions.choose(me(), form.wishes, at=clock.now())
    except DomainError as problem:
        return refused("notices/preferences.html", form, problem, **_reached())
    return done(go=url_for(".preferences"), say=_("记下了，从下一条通知起照办。"))


def _preferences_page(form: ChoicesForm) -> Response:
    return page("notices/preferences.html", form=form, **_reached())


def _reached() -> dict[str, Any]:
    """Where letters to her go now, masked; empty when nowhere."""
    own = me().id
    mail, sms = (addresses_of([own], channel).get(own, "") for channel in (Channel.MAIL, Channel.SMS))
    needed = [kind for kind in KINDS.values() if kind.is_needed]
    return {"mail": mask_address(mail), "sms": mask_address(sms), "needed": needed}


# ── ending letters by their link ────────────────────────────────────────────────────────────────────
@bp.get("/off/<wish>")
@without_account
def ask_to_stop(wish: str) -> Response:
    """A page with a button: programs that look into mails open every link."""
    kind = KINDS.get(_read(wish)[0].kind)
    return page("notices/stop.html", wish=wish, kind=kind, is_done=False)


@bp.post("/off/<wish>")
@from_anywhere
@without_account
def stop(wish: str) -> Response:
    """By that button, or by the mail program's own (RFC 8058), which comes from nowhere and knows no session."""
    read, person = _read(wish)
    name = None if read.kind == ALL or request.form.get("which") == "all" else read.kind
    actions.stop_letters(person, name, Channel.MAIL, at=clock.now())
    return page("notices/stop.html", wish=wish, kind=KINDS.get(name or ""), is_done=True)


def _read(wish: str) -> tuple[Unsubscribe, Person]:
    read = found(read_token(wish))
    return read, found(db.session.get(Person, read.person_id))
