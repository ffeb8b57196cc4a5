"""The public form, step by step; it works without JavaScript and is found again by the browser that began it."""

from dataclasses import replace

from flask import Blueprint, Response, request, session, url_for

from portal import clock
from portal.accounts.session import enter, me
from portal.contacts.queries import person_by_contact
from portal.contacts.reading import read_address
from portal.db import db, let_go
from portal.joining import drafts, proving
from portal.joining.drafts import HalfDone, Step
from portal.joining.forms import (
    ChoicesStep,
    ContactStep,
    DetailsStep,
    FinishStep,
    FinishWithPassword,
    GuardianStep,
    MoreStep,
)
from portal.joining.join_pages import (
    ANYBODY,
    TOKEN,
    address_of,
    at_step,
    at_the_end,
    beside_mobile,
    general,
    here,
    lead_on,
    new_form,
    send,
    shown,
    who,
    wished,
    with_contact,
    wrong,
)
from portal.joining.registering import apply_with, register, wish_of
from portal.joining.wishes import organisations_to_wish
from portal.people.models import Person
from portal.people.passwords import hashed, require_good
from portal.problems import ChangedMeanwhile, DomainError
from portal.profiles.agreeing import require_agreed
from portal.profiles.details import checked
from portal.profiles.fields import details_from
from portal.profiles.models import Status
from portal.profiles.queries import status_of
from portal.web.access import without_account
from portal.web.forms import SentCodeForm, number_in
from portal.web.libs import _
from portal.web.pages import done, go_to, page, refused
from portal.web.rates import GUESSES, rated

bp = Blueprint("join", __name__, url_prefix="/join")


# ── the first step ──────────────────────────────────────────────────────────────────────────────────
@bp.get("")
@without_account
def begin() -> Response:
    half = here()
    if (person := who()) is not None:
        return _begin_known(person, half)
    said = half.said if half else {}
    typed = {"name": said.get("name"), "contact": said.get("contact_value")}
    came_by = {name: request.args.get(name, "")[:200] for name in ("invite", "organisation")}
    return page("joining/contact.html", form=ContactStep(formdata=None, data=typed | came_by), **shown(half))


def _begin_known(person: Person, half: HalfDone | None) -> Response:
    status = status_of(person)
    if status not in (None, Status.REFUSED, Status.LEFT):
        return go_to(url_for("profiles.index"))
    invite, organisation = request.args.get("invite", "")[:200], request.args.get("organisation", "")[:200]
    return page("joining/known.html", half=half, standing=status, invite=invite, organisation=organisation)


@bp.post("")
@without_account
def begun() -> Response:
    person = who()
    if person is not None:
        half = here() or new_form(person)
        half.keep(wished(half), at=clock.now())
        return go_to(address_of(half.due))
    form = ContactStep()
    if not form.validate():
        return refused("joining/contact.html", form, **shown(here()))
    try:
        drafts.require_name(form.name.data or "")
        address = read_address(form.contact.data or "")
        half = with_contact(form.name.data or "", address)
        if not half.is_proved:
            send(half, address, _("注册志愿者"))
    except DomainError as problem:
        return refused("joining/contact.html", form, problem, **shown(None))
    return go_to(address_of(half.due))


# ── the code ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/code")
@without_account
def code() -> Response:
    half = at_step(Step.CODE)
    if half is None or half.is_proved:
        return lead_on()
    return page("joining/code.html", form=SentCodeForm(formdata=None), **shown(half, Step.CODE))


@bp.post("/code")
@without_account
@rated(GUESSES)
def prove() -> Response:
    half = at_step(Step.CODE)
    if half is None or half.is_proved or half.address is None:
        return lead_on()
    form = SentCodeForm()
    if (answer := wrong(half, half.address, form, "joining/code.html", Step.CODE)) is not None:
        return answer
    half.keep({"proved": half.address.digest}, at=clock.now())
    proving.use_up(half.draft)
    if person_by_contact(half.address.value) is None:
        return go_to(address_of(half.due))
    # Said only now: whoever has the code has the telephone.
    said = _("已经有人用它登录。是您自己就请直接登录；是家里人共用，请接着填。")
    return done(go=address_of(half.due), say=said)


@bp.post("/code/again")
@without_account
def send_again() -> Response:
    half = at_step(Step.CODE)
    if half is None or half.is_proved or half.address is None:
        return lead_on()
    try:
        send(half, half.address, _("注册志愿者"))
    except DomainError as problem:
        return refused("joining/code.html", SentCodeForm(formdata=None), general(problem), **shown(half, Step.CODE))
    return done(go=url_for(".code"), say=_("又发了一个验证码，先前的作废。"))


# ── who she is ──────────────────────────────────────────────────────────────────────────────────────
@bp.get("/details")
@without_account
def details() -> Response:
    half = at_step(Step.DETAILS)
    if half is None:
        return lead_on()
    typed = {name: half.said.get(name) for name in ("gender", "area", "wish")} | {"born_on": half.details.born_on}
    return page(
        "joining/details.html",
        form=_offering(half, DetailsStep(formdata=None, data=typed)),
        **shown(half, Step.DETAILS),
    )


@bp.post("/details")
@without_account
def say_details() -> Response:
    half = at_step(Step.DETAILS)
    if half is None:
        return lead_on()
    form = _offering(half, DetailsStep())
    if not form.validate():
        return refused("joining/details.html", form, **shown(half, Step.DETAILS))
    typed = {name: form.data[name] for name in ("gender", "born_on", "area", "wish")}
    try:
        # The guardian is asked for in the next step, the papers in a later one.
        checked(replace(details_from(typed), guardian=ANYBODY), today=clock.today())
    except DomainError as problem:
        return refused("joining/details.html", form, problem, **shown(half, Step.DETAILS))
    half.keep(typed, seen=Step.DETAILS, at=clock.now())
    return go_to(address_of(Step.GUARDIAN if half.is_minor else Step.CHOICES))


def _offering(half: HalfDone, form: DetailsStep) -> DetailsStep:
    wish = wish_of(half)
    return form.offer(organisations_to_wish(), wish.name, wish.text)


# ── the guardian ────────────────────────────────────────────────────────────────────────────────────
@bp.get("/guardian")
@without_account
def guardian() -> Response:
    half = at_step(Step.GUARDIAN)
    if half is None:
        return lead_on()
    names = ("guardian_name", "guardian_mobile", "guardian_relation", "on_paper")
    form = GuardianStep(formdata=None, data={name: half.said.get(name) for name in names})
    return page("joining/guardian.html", form=form, **shown(half, Step.GUARDIAN))


@bp.post("/guardian")
@without_account
def say_guardian() -> Response:
    half = at_step(Step.GUARDIAN)
    if half is None:
        return lead_on()
    form = GuardianStep()
    if not form.validate():
        return refused("joining/guardian.html", form, **shown(half, Step.GUARDIAN))
    try:
        _keep_guardian(half, form)
        if half.is_done(Step.GUARDIAN):
            return go_to(address_of(half.due))
        send(half, read_address(form.guardian_mobile.data or ""), _("同意孩子注册志愿者"))
    except DomainError as problem:
        return refused("joining/guardian.html", form, beside_mobile(problem), **shown(half, Step.GUARDIAN))
    return go_to(url_for(".guardian_code"))


def _keep_guardian(half: HalfDone, form: GuardianStep) -> None:
    """Raises DomainError: an address that is none, a name that is not what it seems, a child's guardian on paper."""
    drafts.require_name(form.guardian_name.data or "")
    address = read_address(form.guardian_mobile.data or "")
    if form.on_paper.data and half.is_child:
        raise DomainError(
            _("未满 14 周岁，要由监护人用手机验证码同意；收不到的，请带上纸上的同意书找队长或社工登记。"),
            field="on_paper",
        )
    names = ("guardian_name", "guardian_relation", "on_paper")
    half.keep({name: form.data[name] for name in names} | {"guardian_mobile": address.value}, at=clock.now())


@bp.get("/guardian/code")
@without_account
def guardian_code() -> Response:
    half = at_step(Step.GUARDIAN)
    if half is None or half.guardian is None or half.is_done(Step.GUARDIAN):
        return lead_on()
    return page("joining/guardian_code.html", form=SentCodeForm(formdata=None), **shown(half, Step.GUARDIAN))


@bp.post("/guardian/code")
@without_account
@rated(GUESSES)
def guardian_proves() -> Response:
    half = at_step(Step.GUARDIAN)
    address = half.guardian_address if half else None
    if half is None or address is None or half.is_done(Step.GUARDIAN):
        return lead_on()
    form = SentCodeForm()
    if (answer := wrong(half, address, form, "joining/guardian_code.html", Step.GUARDIAN)) is not None:
        return answer
    half.keep({"guardian_proved": address.digest}, at=clock.now())
    proving.use_up(half.draft)
    return go_to(address_of(half.due))


@bp.post("/guardian/again")
@without_account
def send_to_guardian_again() -> Response:
    half = at_step(Step.GUARDIAN)
    address = half.guardian_address if half else None
    if half is None or address is None or half.is_done(Step.GUARDIAN):
        return lead_on()
    try:
        send(half, address, _("同意孩子注册志愿者"))
    except DomainError as problem:
        form = SentCodeForm(formdata=None)
        return refused("joining/guardian_code.html", form, general(problem), **shown(half, Step.GUARDIAN))
    return done(go=url_for(".guardian_code"), say=_("又发了一个验证码，先前的作废。"))


# ── what she likes, and what nobody need say ────────────────────────────────────────────────────────
@bp.get("/choices")
@without_account
def choices() -> Response:
    half = at_step(Step.CHOICES)
    if half is None:
        return lead_on()
    return page("joining/choices.html", form=ChoicesStep(formdata=None, data=half.said), **shown(half, Step.CHOICES))


@bp.post("/choices")
@without_account
def say_choices() -> Response:
    half = at_step(Step.CHOICES)
    if half is None:
        return lead_on()
    form = ChoicesStep()
    if not form.validate():
        return refused("joining/choices.html", form, **shown(half, Step.CHOICES))
    try:
        checked(details_from(half.said | form.data), today=clock.today())
    except DomainError as problem:
        return refused("joining/choices.html", form, problem, **shown(half, Step.CHOICES))
    half.keep(form.data, seen=Step.CHOICES, at=clock.now())
    return go_to(address_of(Step.MORE))


@bp.get("/more")
@without_account
def more() -> Response:
    half = at_step(Step.MORE)
    if half is None:
        return lead_on()
    ticks = {f"agree_{name}": True for name in half.said.get("agreed", {})}
    return page("joining/more.html", form=MoreStep(formdata=None, data=half.said | ticks), **shown(half, Step.MORE))


@bp.post("/more")
@without_account
def say_more() -> Response:
    half = at_step(Step.MORE)
    if half is None:
        return lead_on()
    form = MoreStep()
    if not form.validate():
        return refused("joining/more.html", form, **shown(half, Step.MORE))
    typed = {name: form.data[name] for name in ("id_kind", "id_number", "health", "ethnic", "party")}
    typed |= {"party": ""} if half.is_child else {}
    try:
        said = checked(details_from(half.said | typed), today=clock.today())
        require_agreed(said, form.agreed)
    except DomainError as problem:
        return refused("joining/more.html", form, problem, **shown(half, Step.MORE))
    versions = {one.value: number_in(request.form.get(f"version_{one.value}")) or 0 for one in form.agreed}
    half.keep(typed | {"id_number": said.number, "agreed": versions}, seen=Step.MORE, at=clock.now())
    return go_to(address_of(Step.FINISH))


# ── the end ─────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/finish")
@without_account
def finish() -> Response:
    half = at_step(Step.FINISH)
    if half is None:
        return lead_on()
    form = FinishStep(formdata=None) if half.draft.person_id else FinishWithPassword(formdata=None)
    return page("joining/finish.html", form=form, **at_the_end(half))


@bp.post("/finish")
@without_account
def send_in() -> Response:
    half = at_step(Step.FINISH)
    if half is None:
        return lead_on()
    form = FinishStep() if half.draft.person_id else FinishWithPassword()
    if not form.validate():
        return refused("joining/finish.html", form, **at_the_end(half))
    try:
        return _sent_in(half, form)
    except ChangedMeanwhile as problem:
        db.session.rollback()
        return done(go=url_for("me.index"), say=str(problem.sentence))
    except DomainError as problem:
        db.session.rollback()
        half = here()
        return refused("joining/finish.html", form, problem, **at_the_end(half)) if half else lead_on()


def _sent_in(half: HalfDone, form: FinishStep) -> Response:
    now = clock.now()
    if not isinstance(form, FinishWithPassword):
        apply_with(half, me(), agreed_version=form.version, at=now)
        session.pop(TOKEN, None)
        return done(go=url_for("me.index"), say=_("申请交上去了，审核好了会通知您。"))
    password_hash = _hashed(half, form.new.data or "")
    if (half_now := here()) is None:
        raise ChangedMeanwhile(_("这份申请已经交上去了，不用再交一次。"))
    person, signs_in = register(half_now, password_hash, agreed_version=form.version, at=now)
    number = (person.login or "").upper()
    enter(person, at=now)
    said = (
        _("申请交上去了，审核好了会通知您。")
        if signs_in
        else _(
            "申请交上去了。这个手机或邮箱已经有人用来登录，审核好之前请用申请编号 %(number)s 登录，记下来。",
            number=number,
        )
    )
    return done(go=url_for("me.index"), say=said)


def _hashed(half: HalfDone, password: str) -> str:
    """Hashed outside of any transaction, for it takes long. Raises DomainError for a poor password."""
    require_good(password, own=(half.name, half.address.value if half.address else None), field="new")
    let_go()
    return hashed(password)


@bp.post("/forget")
@without_account
def forget() -> Response:
    if (half := here()) is not None:
        drafts.drop(half)
    session.pop(TOKEN, None)
    return done(go=url_for(".begin"), say=_("填过的都删掉了。"))
