"""The pages of the second step: setting it up, codes on paper, turning it off."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, session, url_for

from portal import clock
from portal.accounts import factors, totp
from portal.accounts.forms import CodeForm, HelpForm
from portal.accounts.fresh import freshly, proved
from portal.accounts.policy import can_help_in
from portal.accounts.required import days_left, is_overdue, needs_second_step
from portal.accounts.session import has_second_step, me, my_account, token
from portal.accounts.sign_ins import end_others
from portal.db import db
from portal.documents.qr import svg
from portal.people.models import Person
from portal.privacy import Unreadable, opened, sealed
from portal.problems import AlreadyDone, DomainError
from portal.web.access import found
from portal.web.libs import _, _l
from portal.web.pages import done, go_to, page, refused

bp = Blueprint("factors", __name__)

PENDING = "second_step"
"""Where the session keeps the sealed secret of a set-up under way: the page loaded twice shows the same."""
PENDING_LASTS = timedelta(hours=1)


@bp.get("/me/account/second-step")
def index() -> Response:
    return page("accounts/factor.html", **_state())


@bp.get("/me/account/second-step/set-up")
@freshly
def set_up() -> Response:
    return page("accounts/factor_set_up.html", form=CodeForm(formdata=None), **_offer())


@bp.post("/me/account/second-step/set-up")
@freshly
def turn_on() -> Response:
    form, offer, now = CodeForm(), _offer(), clock.now()
    try:
        codes = factors.turn_on(me(), offer["secret"], factors.digits_of(form.code.data), at=now)
    except AlreadyDone as before:
        return done(go=url_for(".index"), say=str(before.sentence))
    except DomainError as problem:
        return refused("accounts/factor_set_up.html", form, problem, **offer)
    end_others(me(), token(), at=now)
    proved(at=now)
    return page("accounts/recovery_codes.html", codes=codes, person=me(), made_at=now)


@bp.get("/me/account/second-step/codes")
@freshly
def codes() -> Response:
    return page("accounts/recovery_new.html", **_state()) if has_second_step() else go_to(url_for(".index"))


@bp.post("/me/account/second-step/codes")
@freshly
def new_codes() -> Response:
    if not has_second_step():
        return done(go=url_for(".index"), say=_("先开启两步验证，才有恢复码。"))
    now = clock.now()
    made = factors.new_recovery_codes(me(), at=now)
    return page("accounts/recovery_codes.html", codes=made, person=me(), made_at=now)


@bp.get("/me/account/second-step/off")
@freshly
def off() -> Response:
    return page("accounts/factor_off.html", **_state()) if has_second_step() else go_to(url_for(".index"))


@bp.post("/me/account/second-step/off")
@freshly
def turn_off() -> Response:
    if not has_second_step():
        return done(go=url_for(".index"), say=_("两步验证没有开启。"))
    if needs_second_step(me()):
        raise DomainError(_l("您的身份要求两步验证，不能关；手机换了，可以换一个验证器。"))
    factors.turn_off(me(), by=me(), at=clock.now())
    return done(go=url_for(".index"), say=_("两步验证关掉了，以后登录只要密码。"))


# ── for somebody who lost telephone and paper ───────────────────────────────────────────────────────
@bp.get("/people/<int:person_id>/second-step")
@freshly
def help_out(person_id: int) -> Response:
    return page("accounts/factor_help.html", form=HelpForm(formdata=None), **_helped(person_id))


@bp.post("/people/<int:person_id>/second-step/off")
@freshly
def turn_off_for(person_id: int) -> Response:
    form, helped = HelpForm(), _helped(person_id)
    if not form.validate():
        return refused("accounts/factor_help.html", form, **helped)
    try:
        factors.turn_off(helped["person"], by=me(), at=clock.now(), reason=form.reason.data or "")
    except DomainError as problem:
        return refused("accounts/factor_help.html", form, problem, **_helped(person_id))
    said = _("%(name)s的两步验证关掉了，所有设备都退出了登录。", name=helped["person"].name)
    return done(go=url_for(".help_out", person_id=person_id), say=said)


def _helped(person_id: int) -> dict[str, Any]:
    """Who is helped; nobody but the administrator learns whether there is such a person."""
    person = db.session.get(Person, person_id)
    person = found(person if person and can_help_in(me(), person) else None)
    return {"person": person, "is_on": factors.is_on(person)}


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _state() -> dict[str, Any]:
    account = my_account()
    return {
        "account": account,
        "is_on": has_second_step(),
        "is_required": needs_second_step(me()),
        "codes_left": factors.recovery_codes_left(me()) if has_second_step() else 0,
        "days_left": days_left(me(), account, at=clock.now()),
        "is_overdue": is_overdue(me(), account, at=clock.now()),
    }


def _offer() -> dict[str, Any]:
    """The secret that the page offers, as a picture and as letters."""
    secret, person = _pending_secret(), me()
    account = person.login or person.volunteer_no or str(person.id)
    address = totp.address_of(secret, issuer=_("爱心联盟"), account=account)
    return _state() | {"secret": secret, "qr": svg(address), "groups": totp.in_groups(secret), "address": address}


def _pending_secret() -> str:
    now, kept = clock.now(), session.get(PENDING)
    if kept and kept["person"] == me().id and now.timestamp() - kept["at"] < PENDING_LASTS.total_seconds():
        try:
            return opened(kept["secret"], place=PENDING)
        except Unreadable:
            pass
    secret = totp.new_secret()
    session[PENDING] = {"person": me().id, "at": now.timestamp(), "secret": sealed(secret, place=PENDING)}
    return secret
