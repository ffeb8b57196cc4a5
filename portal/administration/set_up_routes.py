"""The pages of the first day. Each but the first wants the token, which the session remembers as a digest."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, Response, session, url_for

from portal import clock
from portal.administration.actions import AlreadySetUp, WrongToken, found_portal, keep_draft
from portal.administration.first_day import PAGES
from portal.administration.plans import Plan
from portal.administration.queries import digest_of, opens, plan_so_far
from portal.administration.set_up_forms import AdministratorForm, AllianceForm, FundForm, MailForm, TokenForm
from portal.administration.set_up_pages import keys_page, next_step, steps
from portal.audit import record_apart
from portal.post import Channel, post
from portal.problems import DomainError
from portal.web.access import without_account
from portal.web.addresses import visitors_network
from portal.web.forms import PortalForm
from portal.web.libs import _
from portal.web.pages import done, go_to, page, refused
from portal.web.throttle import Guesses

bp = Blueprint(PAGES, __name__, url_prefix="/set-up")
P = ParamSpec("P")

ATTEMPTS_AN_ADDRESS = 10
OPENED = "set_up"
"""Where the session keeps the digest of the token."""


def opened(view: Callable[P, Response]) -> Callable[P, Response]:
    """Only for whoever has given the token, for as long as it counts; without an account, for there is none."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        if not opens(session.get(OPENED, ""), at=clock.now()):
            return go_to(url_for(".index"))
        return view(*args, **kwargs)

    return without_account(guarded)


@bp.get("")
@without_account
def index() -> Response:
    return page("administration/set_up/index.html", form=TokenForm(formdata=None))


@bp.post("")
@without_account
def enter() -> Response:
    form = TokenForm()
    if not form.validate():
        return refused("administration/set_up/index.html", form)
    try:
        digest = _right_digest(form.token.data or "")
    except DomainError as problem:
        return refused("administration/set_up/index.html", form, problem)
    session.clear()
    session[OPENED] = digest
    return go_to(next_step(plan_so_far()))


@bp.get("/alliance")
@opened
def alliance() -> Response:
    plan = plan_so_far()
    form = AllianceForm(formdata=None, alliance_name=plan.alliance_name, last_volunteer=plan.last_volunteer)
    return _step("alliance", form, plan)


@bp.post("/alliance")
@opened
def keep_alliance() -> Response:
    form = AllianceForm()
    name, last = form.alliance_name.data or "", form.last_volunteer.data or 0
    return _kept("alliance", form, lambda plan: plan.with_alliance(name, last), go=".funds")


@bp.get("/funds")
@opened
def funds() -> Response:
    plan = plan_so_far()
    return _step("funds", FundForm(formdata=None, **_host_before(plan)), plan)


@bp.post("/funds")
@opened
def add_fund() -> Response:
    form = FundForm()
    return _kept("funds", form, lambda plan: plan.with_fund(form.fund(), today=clock.today()), go=".funds")


@bp.post("/funds/<slug>/remove")
@opened
def remove_fund(slug: str) -> Response:
    keep_draft(lambda plan: plan.without_fund(slug))
    return go_to(url_for(".funds"))


@bp.get("/keys")
@opened
def keys() -> Response:
    return _step("keys", MailForm(formdata=None), plan_so_far())


@bp.post("/keys")
@opened
def send_letter() -> Response:
    """A letter to see whether mail arrives."""
    form = MailForm()
    if not form.validate():
        return _step_refused("keys", form)
    try:
        subject, text = _("爱心联盟的试寄"), _("收到这封信，说明门户的邮件设好了。不用回复。")
        post(Channel.MAIL, form.to.data or "", subject=subject, text=text, at=clock.now())
    except DomainError as problem:
        return _step_refused("keys", form, DomainError(problem.sentence, field="to"))
    return done(go=url_for(".keys"), say=_("信交给后台去寄了，几分钟里应该收到。收不到，请看服务的日志。"))


@bp.get("/administrator")
@opened
def administrator() -> Response:
    return _step("administrator", AdministratorForm(formdata=None), plan_so_far())


@bp.post("/administrator")
@opened
def finish() -> Response:
    """All of it, in this one transaction."""
    form = AdministratorForm()
    if not form.validate():
        return _step_refused("administrator", form)
    try:
        found_portal(form.administrator(), at=clock.now())
    except AlreadySetUp as problem:
        return done(go=url_for("accounts.login"), say=str(problem.sentence))
    except DomainError as problem:
        return _step_refused("administrator", form, problem)
    session.clear()
    return done(go=url_for("accounts.login"), say=_("门户设立好了。请用刚才的登录名和密码登录。"))


def _right_digest(token: str) -> str:
    """The token's digest, if it is the one that counts. Raises WrongToken, TooManyAttempts."""
    now = clock.now()
    guesses = Guesses({f"set-up:{visitors_network()}": ATTEMPTS_AN_ADDRESS})
    guesses.check(at=now)
    digest = digest_of(token)
    if not opens(digest, at=now):
        guesses.count(at=now)
        record_apart("administration.set_up.token_refused", None, by=None, at=now)
        raise WrongToken
    return digest


def _kept(step: str, form: PortalForm, change: Callable[[Plan], Plan], *, go: str) -> Response:
    """What a step says goes into the draft."""
    if not form.validate():
        return _step_refused(step, form)
    try:
        keep_draft(change)
    except DomainError as problem:
        return _step_refused(step, form, problem)
    return go_to(url_for(go))


def _step(step: str, form: PortalForm, plan: Plan) -> Response:
    return page(f"administration/set_up/{step}.html", form=form, plan=plan, steps=steps(step, plan), **keys_page())


def _step_refused(step: str, form: PortalForm, problem: DomainError | None = None) -> Response:
    plan = plan_so_far()
    more = {"plan": plan, "steps": steps(step, plan), **keys_page()}
    return refused(f"administration/set_up/{step}.html", form, problem, **more)


def _host_before(plan: Plan) -> dict[str, str]:
    """Funds mostly share one host charity: the next form begins with that of the last one."""
    if not plan.funds:
        return {}
    last = plan.funds[-1]
    return {"host_name": last.host_name, "host_short_name": last.host_short_name, "credit_code": last.credit_code}
