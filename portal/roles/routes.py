from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.closing import close_account, reopen_account
from portal.accounts.fresh import freshly
from portal.accounts.session import me
from portal.db import db
from portal.mydata.queries import deletion_of
from portal.people.models import Grant, Person, Role
from portal.people.queries import is_last_administrator
from portal.problems import DomainError
from portal.resets.actions import issue_reset_code
from portal.roles import actions, policy
from portal.roles.capabilities import table
from portal.roles.forms import END, KEEP, DeputyForm, EndForm, GiveForm, HandOverForm, ReasonForm, hand_over_form
from portal.roles.models import Answer, DeputyWish
from portal.roles.pages import (
    Passing,
    deputies_page,
    deputy_form,
    give_page,
    hand_over_page,
    list_page,
    offered,
    person_page,
    somebody,
    to_hand_over,
    within_of,
)
from portal.roles.queries import grant_by_id, people_to_choose, person_by_id, person_exactly, wish_by_id
from portal.roles.scopes import Place, names_of, place_of, place_written
from portal.web.access import found, require
from portal.web.forms import tidy
from portal.web.libs import _, _l, ngettext
from portal.web.pages import done, page, refused
from portal.web.tables import read_listing

bp = Blueprint("roles", __name__, url_prefix="/roles")


@bp.get("")
def index() -> Response:
    require(policy.can_open_roles(me()))
    listing = read_listing(
        request.args, path=url_for(".index"), sorts=("name",), extra=("role", "scope"), piece="people"
    )
    return page("roles/index.html", piece="roles/_people.html", **list_page(listing, reader=me()))


@bp.get("/table")
def what_roles_may() -> Response:
    return page("roles/table.html", areas=table(), roles=list(Role))


@bp.get("/people/<int:person_id>")
def person(person_id: int) -> Response:
    return page("roles/person.html", **person_page(_known(person_id), reader=me()))


# ── giving ──────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/give")
@freshly
def give() -> Response:
    """First who, then what."""
    require(policy.can_give_anywhere(me()))
    if chosen := request.args.get("person", type=int):
        return _give_page(_known(chosen), GiveForm(formdata=None, person=str(chosen)))
    text = (tidy(request.args.get("q")) or "")[:100]
    people = people_to_choose(text, within=within_of(me()))
    return page("roles/choose.html", q=text, people=[one for one in people if one.id != me().id])


@bp.post("/give")
@freshly
def given() -> Response:
    require(policy.can_give_anywhere(me()))
    form = offered(GiveForm(), me())
    chosen = _known(_number(form.person.data))
    if not form.validate():
        return _give_page(chosen, form)
    try:
        _give(chosen, form)
    except DomainError as problem:
        return _give_page(chosen, form, problem)
    said = _("%(name)s现在是%(role)s。", name=chosen.name, role=Role(form.role.data).label)
    if form.starts_on.data and form.starts_on.data > clock.today():
        said = _("已经授予，到那天生效。")
    return done(go=url_for(".person", person_id=chosen.id), say=said + _("请本人重新登录。"))


# ── ending ──────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/<int:grant_id>/end")
@freshly
def end(grant_id: int) -> Response:
    return page("roles/end.html", form=EndForm(formdata=None), **_end_page(_endable(grant_id)))


@bp.post("/<int:grant_id>/end")
@freshly
def ended(grant_id: int) -> Response:
    grant, form = _endable(grant_id), EndForm()
    if not form.validate():
        return refused("roles/end.html", form, **_end_page(grant))
    try:
        actions.end(grant, by=me(), at=clock.now(), reason=form.reason.data or "", last_day=form.last_day.data)
    except DomainError as problem:
        return refused("roles/end.html", form, problem, **_end_page(grant))
    said = _("已经定好，过了那天就不再有效。") if form.last_day.data else _("已经结束，立即生效。")
    return done(go=url_for(".person", person_id=grant.person_id), say=said)


# ── deputies ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/deputies")
def deputies() -> Response:
    require(policy.can_open_deputies(me()))
    return page("roles/deputies.html", form=deputy_form(me()), **deputies_page(me()))


@bp.post("/deputies")
@freshly
def name_deputy() -> Response:
    require(bool(policy.delegable(me())))
    form = deputy_form(me())
    if not form.validate():
        return refused("roles/deputies.html", form, **deputies_page(me()))
    try:
        named = _name_deputy(form)
    except DomainError as problem:
        return refused("roles/deputies.html", form, problem, **deputies_page(me()))
    waits = isinstance(named, DeputyWish)
    said = _("已经提交，等系统管理员确认后生效。") if waits else _("已经请%(name)s代班。", name=named.person.name)
    return done(go=url_for(".deputies"), say=said)


@bp.post("/deputies/<int:wish_id>/confirm")
@freshly
def confirm(wish_id: int) -> Response:
    wish = _wish(wish_id)
    require(policy.gives_everywhere(me()))
    try:
        actions.confirm(wish, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("roles/deputies.html", deputy_form(me()), problem, **deputies_page(me()))
    return done(go=url_for(".deputies"), say=_("已经确认，到日子自动开始、自动结束。"))


@bp.post("/deputies/<int:wish_id>/refuse")
def refuse(wish_id: int) -> Response:
    wish = _wish(wish_id)
    require(policy.can_refuse(me(), wish))
    return _turned_down(wish, Answer.REFUSED, _("没有同意，已经记下。"))


@bp.post("/deputies/<int:wish_id>/withdraw")
def withdraw(wish_id: int) -> Response:
    wish = _wish(wish_id)
    require(policy.can_withdraw(me(), wish))
    return _turned_down(wish, Answer.WITHDRAWN, _("已经撤回。"))


# ── leaving ─────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/people/<int:person_id>/hand-over")
@freshly
def hand_over(person_id: int) -> Response:
    leaver, passing = _leaver(person_id)
    form = hand_over_form([one.grant.id for one in passing], formdata=None)
    return page("roles/hand_over.html", form=form, **_hand_over_page(leaver, passing))


@bp.post("/people/<int:person_id>/hand-over")
@freshly
def handed_over(person_id: int) -> Response:
    leaver, passing = _leaver(person_id)
    form = hand_over_form([one.grant.id for one in passing])
    if not form.validate():
        return refused("roles/hand_over.html", form, **_hand_over_page(leaver, passing))
    try:
        count, drafts = _handed_over(form, passing)
    except DomainError as problem:
        # What was done before the one that is refused is not shown either.
        db.session.rollback()
        return refused("roles/hand_over.html", form, problem, **_hand_over_page(leaver, passing))
    if not count:
        return done(go=url_for(".hand_over", person_id=person_id), say=_("没有选择要交接的身份。"))
    said = ngettext("办好了 %(num)d 个身份。", "办好了 %(num)d 个身份。", count)
    if drafts:
        said += ngettext("%(num)d 份活动草稿归接任人。", "%(num)d 份活动草稿归接任人。", drafts)
    return done(go=url_for(".person", person_id=person_id), say=said)


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/people/<int:person_id>/account")
@freshly
def account(person_id: int) -> Response:
    other = _of_administrator(person_id)
    return page("roles/account.html", form=ReasonForm(formdata=None), **_account_page(other))


@bp.post("/people/<int:person_id>/account/close")
@freshly
def close(person_id: int) -> Response:
    return _change_account(_of_administrator(person_id), close_account, _("账号已经停用，所有设备都退出了登录。"))


@bp.post("/people/<int:person_id>/account/reopen")
@freshly
def reopen(person_id: int) -> Response:
    return _change_account(
        _not_deleted(_of_administrator(person_id)), reopen_account, _("账号恢复了。身份要重新授予。")
    )


@bp.post("/people/<int:person_id>/account/code")
@freshly
def reset_code(person_id: int) -> Response:
    """The code is shown this once, to be printed or written down."""
    other = _of_administrator(person_id)
    try:
        code = issue_reset_code(other, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("roles/account.html", ReasonForm(formdata=None), problem, **_account_page(other))
    return page("roles/code.html", code=code, person=somebody(other))


def _not_deleted(person: Person) -> Person:
    """Whoever had her data deleted comes back as somebody new."""
    wish = deletion_of(person.id)
    require(wish is None or wish.done_at is None)
    return person


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _known(person_id: int) -> Person:
    """Strangers get 404, whether there is such a person or not."""
    person = found(person_by_id(person_id))
    return found(person if policy.can_see_person(me(), person) else None)


def _give_page(person: Person, form: GiveForm, problem: DomainError | None = None) -> Response:
    form, shown = offered(form, me()), give_page(person)
    if form.is_submitted():
        return refused("roles/give.html", form, problem, **shown)
    return page("roles/give.html", form=form, **shown)


def _give(person: Person, form: GiveForm) -> Grant:
    """Raises DomainError."""
    place = place_written(form.place.data)
    if place is None:
        raise DomainError(_l("没有这个范围，请重新选。"), field="place")
    reason = form.reason.data or ""
    return actions.give(person, Role(form.role.data), place, form.days, by=me(), at=clock.now(), reason=reason)


def _endable(grant_id: int) -> Grant:
    """A grant that the person may see; to end it she needs the right as well."""
    grant = found(grant_by_id(grant_id))
    place, principal = _place(grant), grant_by_id(grant.deputy_of_id) if grant.deputy_of_id else None
    may = policy.can_end(me(), grant, place, principal_id=principal.person_id if principal else None)
    if not may:
        found(grant if policy.can_see_person(me(), grant.person) else None)
    require(may)
    return grant


def _end_page(grant: Grant) -> dict[str, Any]:
    place = _place(grant)
    return {
        "grant": grant,
        "role": Role(grant.role),
        "place": place.name,
        "person": somebody(grant.person),
        "is_self": grant.person_id == me().id,
        "is_last": grant.role == Role.ADMIN and is_last_administrator(grant.person_id),
    }


def _place(grant: Grant) -> Place:
    """Where it counts; a place that is not there any more is called by its kind."""
    return place_of(grant.scope) or Place(grant.scope, names_of([grant.scope])[grant.scope])


def _name_deputy(form: DeputyForm) -> Grant | DeputyWish:
    """Raises DomainError."""
    deputy = person_exactly(form.who.data or "")
    if deputy is None:
        raise DomainError(_l("没有这个登录名或志愿者编号，请核对。"), field="who")
    original = found(grant_by_id(_number(form.grant.data)))
    reason = form.reason.data or ""
    return actions.name_deputy(original, _place(original), deputy, form.days, by=me(), at=clock.now(), reason=reason)


def _wish(wish_id: int) -> DeputyWish:
    """One that concerns the person, or that she reads as everything else."""
    wish = found(wish_by_id(wish_id))
    is_known = policy.can_withdraw(me(), wish) or policy.sees_everybody(me())
    return found(wish if is_known else None)


def _turned_down(wish: DeputyWish, answer: Answer, said: str) -> Response:
    try:
        actions.turn_down(wish, answer, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("roles/deputies.html", deputy_form(me()), problem, **deputies_page(me()))
    return done(go=url_for(".deputies"), say=said)


def _leaver(person_id: int) -> tuple[Person, list[Passing]]:
    leaver = _known(person_id)
    require(policy.can_plan_hand_over(me(), leaver))
    return leaver, to_hand_over(leaver, by=me())


def _hand_over_page(leaver: Person, passing: list[Passing]) -> dict[str, Any]:
    return {**hand_over_page(leaver, passing), "can_close": policy.can_close(me(), leaver)}


def _handed_over(form: HandOverForm, passing: list[Passing]) -> tuple[int, int]:
    """How many roles ended and how many drafts became the successors'. Raises DomainError: then none of it is done."""
    ended = drafts = 0
    reason = form.reason.data or ""
    for grant, place in passing:
        fate, to = form.fate(grant.id)
        if fate == KEEP:
            continue
        ended += 1
        if fate == END:
            actions.end(grant, by=me(), at=clock.now(), reason=reason)
        else:
            drafts += _passed(grant, place, to, reason)
    return ended, drafts


def _passed(grant: Grant, place: Place, to: str, reason: str) -> int:
    """How many drafts went with it. Raises DomainError beside the successor's field."""
    field = f"to-{grant.id}"
    successor = person_exactly(to)
    if successor is None or not policy.can_see_person(me(), successor):
        raise DomainError(_l("没有这个登录名或志愿者编号，请核对。"), field=field)
    try:
        passed = actions.hand_over(grant, place, successor, by=me(), at=clock.now(), reason=reason)
    except DomainError as problem:
        problem.field = field if problem.field in ("role", "person", "place", None) else problem.field
        raise
    return len(passed.drafts)


def _of_administrator(person_id: int) -> Person:
    other = _known(person_id)
    require(policy.can_close(me(), other))
    return other


def _account_page(person: Person) -> dict[str, Any]:
    return {
        "person": somebody(person),
        "is_last": is_last_administrator(person.id),
        "has_way_in": bool(person.login or person.volunteer_no),
    }


def _change_account(person: Person, change: Callable[..., None], said: str) -> Response:
    form = ReasonForm()
    if not form.validate():
        return refused("roles/account.html", form, **_account_page(person))
    try:
        change(person, by=me(), at=clock.now(), reason=form.reason.data or "")
    except DomainError as problem:
        return refused("roles/account.html", form, problem, **_account_page(person))
    return done(go=url_for(".person", person_id=person.id), say=said)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
