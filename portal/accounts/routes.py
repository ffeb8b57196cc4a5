from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, request, url_for

from portal import clock, rules
from portal.accounts import sign_ins
from portal.accounts.browsers import described
from portal.accounts.factors import recovery_codes_left
from portal.accounts.forms import CodeForm, ConfirmForm, LoginForm, PasswordForm
from portal.accounts.fresh import proved
from portal.accounts.half import go_in, go_on, half_signed_in
from portal.accounts.proofs import person_who_knows, require_code, require_password, require_recovery_code
from portal.accounts.queries import sign_in_of, sign_ins_of
from portal.accounts.required import days_left
from portal.accounts.session import has_second_step, leave, me, my_account, token
from portal.chance import digest_of_token
from portal.db import let_go
from portal.people.models import Person, Role
from portal.people.passwords import hashed, require_good
from portal.people.policy import holds_anywhere
from portal.problems import DomainError
from portal.rules.catalogue import FORGET_SIGN_INS_DAYS, SIGN_IN_DAYS
from portal.web.access import found, local_path, without_account
from portal.web.libs import _, _l, current_user, ngettext
from portal.web.pages import done, go_to, page, refused
from portal.web.rates import GUESSES, rated

bp = Blueprint("accounts", __name__)


# ── signing in and out ──────────────────────────────────────────────────────────────────────────────
@bp.get("/login")
@without_account
def login() -> Response:
    if current_user.is_authenticated:
        return go_to(url_for("me.index"))
    return page("accounts/login.html", form=LoginForm(next=request.args.get("next")))


@bp.post("/login")
@without_account
@rated(GUESSES)
def sign_in() -> Response:
    form, now = LoginForm(), clock.now()
    if not form.validate():
        return refused("accounts/login.html", form)
    try:
        person = person_who_knows(form.login.data or "", form.password.data or "", at=now)
    except DomainError as problem:
        return refused("accounts/login.html", form, problem)
    return go_on(person, form.next.data, at=now)


@bp.get("/login/code")
@without_account
def second_step() -> Response:
    if half_signed_in(at=clock.now()) is None:
        return _begin_anew()
    return page("accounts/second_step.html", form=CodeForm(formdata=None))


@bp.post("/login/code")
@without_account
@rated(GUESSES)
def check_second_step() -> Response:
    form, now = CodeForm(), clock.now()
    person = half_signed_in(at=now)
    if person is None:
        return _begin_anew()
    try:
        by_paper = _take_code(person, form)
    except DomainError as problem:
        return refused("accounts/second_step.html", form, problem)
    if not by_paper:
        return go_in(person, at=now)
    left = recovery_codes_left(person)
    answer = go_in(person, at=now, otherwise=url_for("factors.index"))
    flash(ngettext("恢复码用掉了一个，还剩 %(num)d 个。", "恢复码用掉了一个，还剩 %(num)d 个。", left))
    return answer


@bp.post("/logout")
def sign_out() -> Response:
    leave(at=clock.now())
    return go_to(url_for("home.index"))


def _begin_anew() -> Response:
    flash(_("请先输入密码。密码对了以后，验证码要在 5 分钟内输入。"))
    return go_to(url_for(".login"))


def _take_code(person: Person, form: CodeForm) -> bool:
    """Whether it was one of those on paper. Raises DomainError."""
    if not form.validate():
        raise DomainError(_l("没有这么长的代码，请再看一眼。"))
    by_paper = bool((form.recovery.data or "").strip())
    take: Callable[..., None] = require_recovery_code if by_paper else require_code
    take(person, form.recovery.data if by_paper else form.code.data, at=clock.now())
    return by_paper


# ── one's own account ───────────────────────────────────────────────────────────────────────────────
@bp.get("/me/account")
def account() -> Response:
    return page("accounts/account.html", **_account())


@bp.post("/me/account/sign-ins/<int:sign_in_id>/end")
def end_sign_in(sign_in_id: int) -> Response:
    sign_ins.end_one(me(), found(sign_in_of(me(), sign_in_id)), at=clock.now())
    return done(go=url_for(".account"), say=_("那台设备已经退出登录。"))


@bp.post("/me/account/sign-ins/end")
def end_other_sign_ins() -> Response:
    count = sign_ins.end_others(me(), token(), at=clock.now())
    ended = ngettext("%(num)d 台设备已经退出登录。", "%(num)d 台设备已经退出登录。", count)
    return done(go=url_for(".account"), say=ended if count else _("没有别的设备登录着。"))


@bp.get("/me/account/password")
def password() -> Response:
    return page("accounts/password.html", form=PasswordForm(formdata=None))


@bp.post("/me/account/password")
@rated(GUESSES)
def change_password() -> Response:
    form, now = PasswordForm(), clock.now()
    if not form.validate():
        return refused("accounts/password.html", form)
    try:
        change = _change(form.old.data or "", form.new.data or "")
        count = sign_ins.set_password(me(), change, token=token(), at=now)
    except DomainError as problem:
        return refused("accounts/password.html", form, problem)
    if not has_second_step():
        # Where codes are asked for, the password alone proves nothing.
        proved(at=now)
    ended = ngettext("别的 %(num)d 台设备已经退出登录。", "别的 %(num)d 台设备已经退出登录。", count) if count else ""
    return done(go=url_for(".account"), say=_("密码改好了。") + ended)


def _account() -> dict[str, Any]:
    now = clock.now()
    here, account = digest_of_token(token() or ""), my_account()
    return {
        "sign_ins": [(one, described(one.browser), one.token_digest == here) for one in sign_ins_of(me(), at=now)],
        "person": me(),
        "account": account,
        "days_signed_in": rules.value(SIGN_IN_DAYS, on=now.date()),
        "days_known": rules.value(FORGET_SIGN_INS_DAYS, on=now.date()),
        "codes_left": recovery_codes_left(me()) if has_second_step() else 0,
        "days_left": days_left(me(), account, at=now),
        "runs_team": holds_anywhere(me(), Role.TEAM_LEADER, Role.ORGANISATION_ADMIN),
    }


def _change(old: str, new: str) -> sign_ins.PasswordChange:
    """The two passwords hashed, if the old one is right. Raises WrongLogin, TooManyAttempts, DomainError."""
    person = me()
    require_good(new, own=(person.name, person.login, person.volunteer_no), field="new")
    stored = require_password(person, old, field="old", at=clock.now())
    let_go()
    return sign_ins.PasswordChange(stored, hashed(new))


# ── who is there? ───────────────────────────────────────────────────────────────────────────────────
@bp.get("/me/account/confirm")
def confirm() -> Response:
    return _confirm_page(ConfirmForm(formdata=None, next=request.args.get("next")))


@bp.post("/me/account/confirm")
def prove() -> Response:
    form, now = ConfirmForm(), clock.now()
    try:
        _prove(form)
    except DomainError as problem:
        return _confirm_page(form, problem)
    proved(at=now)
    return go_to(local_path(form.next.data, url_for(".account")))


def _prove(form: ConfirmForm) -> None:
    """Raises DomainError unless the form holds her password, or a code if she has a second step."""
    if has_second_step():
        _take_code(me(), form)
        return
    if not form.password.data:
        raise DomainError(_l("请填写密码。"), field="password")
    if form.validate():
        require_password(me(), form.password.data, field="password", at=clock.now())
    else:
        raise DomainError(_l("密码最多 200 位。"))


def _confirm_page(form: ConfirmForm, problem: DomainError | None = None) -> Response:
    by_code = has_second_step()
    if problem is None:
        return page("accounts/confirm.html", form=form, by_code=by_code)
    return refused("accounts/confirm.html", form, problem, by_code=by_code)
