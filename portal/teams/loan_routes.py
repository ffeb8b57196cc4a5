from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for
from sqlalchemy import select

from portal import clock
from portal.accounts.session import me
from portal.audit import record_look
from portal.db import db
from portal.files import StoredFile, attachment, keep_picture, needed_photo_in
from portal.orgs.models import Organisation, Team
from portal.problems import DomainError, NotAllowed
from portal.teams import lending, policy
from portal.teams.forms import LoanForm, PaperForm, ReasonForm
from portal.teams.loans import (
    Side,
    answers_of,
    can_see_loan,
    list_loans,
    loan_by_id,
    organisations_to_lend,
    parties_of,
)
from portal.teams.models import Loan
from portal.teams.pages import volunteer_called
from portal.web.access import found, require
from portal.web.libs import _, _l
from portal.web.pages import done, page, refused
from portal.web.rates import UPLOADS, rated
from portal.web.tables import read_listing

bp = Blueprint("loans", __name__, url_prefix="/loans")


@bp.get("")
def index() -> Response:
    listing, loans = list_loans(me(), read_listing(request.args, path=url_for(".index"), sorts=("newest",)))
    return page("teams/loans.html", listing=listing, loans=loans, may_ask=bool(policy.own_organisations(me())))


@bp.get("/new")
def new() -> Response:
    return page("teams/loan_new.html", form=_offered(LoanForm(formdata=None)))


@bp.post("/new")
def ask() -> Response:
    form = _offered(LoanForm())
    if not form.validate():
        return refused("teams/loan_new.html", form)
    lender = db.session.get_one(Organisation, int(form.lender.data))
    team = db.session.get_one(Team, int(form.team.data))
    require(bool(policy.own_organisations(me()) & {lender.id, team.organisation_id}))
    try:
        person = volunteer_called(form.number.data or "", form.name.data or "")
        loan = lending.ask_for(person, lender, team, form.terms, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("teams/loan_new.html", form, problem)
    return done(go=url_for(".show", loan_id=loan.id), say=_("提出来了，对方和本人会收到通知。"))


@bp.get("/<int:loan_id>")
def show(loan_id: int) -> Response:
    return page("teams/loan.html", **_loan_page(_known(loan_id)))


@bp.post("/<int:loan_id>/agree/<any(host, lender):side>")
def agree(loan_id: int, side: str) -> Response:
    loan = _known(loan_id)
    return _deed(loan, lambda: lending.agree(loan, Side(side), by=me(), at=clock.now()), _("同意了。"))


@bp.post("/<int:loan_id>/yes")
def say_yes(loan_id: int) -> Response:
    """She herself, and nobody for her."""
    loan = _known(loan_id)
    require(loan.person_id == me().id)
    return _deed(loan, lambda: lending.say_yes(loan, by=me(), at=clock.now()), _("同意了，谢谢您。"))


@bp.post("/<int:loan_id>/paper")
@rated(UPLOADS)
def paper(loan_id: int) -> Response:
    """For a volunteer without a phone: a leader of hers brings what she signed."""
    loan, form = _known(loan_id), PaperForm()
    require(answers_of(me(), loan).on_paper)
    try:
        picture = needed_photo_in(form.photo.data, otherwise=_l("请拍下本人签字的同意书。"))
        stored = keep_picture(picture, by=me(), at=clock.now())
        lending.say_yes(loan, by=me(), at=clock.now(), paper=stored)
    except DomainError as problem:
        db.session.rollback()
        return refused("teams/loan.html", form, problem, **_but_form(_loan_page(_known(loan_id))))
    return done(go=url_for(".show", loan_id=loan_id), say=_("本人的同意书收好了。"))


@bp.get("/<int:loan_id>/paper")
def see_paper(loan_id: int) -> Response:
    """What she signed, for whom the loan concerns."""
    loan = _known(loan_id)
    stored = found(db.session.get(StoredFile, loan.paper_id) if loan.paper_id else None)
    record_look("teams.loan.paper_looked_at", loan, [loan.person_id], by=me(), at=clock.now())
    return attachment(stored)


@bp.get("/<int:loan_id>/end")
def ask_end(loan_id: int) -> Response:
    loan = _endable(loan_id)
    return page("teams/loan_end.html", form=ReasonForm(formdata=None), loan=loan, answer=answers_of(me(), loan))


@bp.post("/<int:loan_id>/end")
def end(loan_id: int) -> Response:
    """Refuse it, take it back, or end it early: whichever its state allows."""
    loan, form = _endable(loan_id), ReasonForm()
    answer, reason = answers_of(me(), loan), form.reason.data or ""
    if not form.validate():
        return refused("teams/loan_end.html", form, loan=loan, answer=answer)
    try:
        (lending.end_early if answer.may_end else lending.refuse)(loan, reason, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("teams/loan_end.html", form, problem, loan=loan, answer=answer)
    return done(go=url_for(".show", loan_id=loan_id), say=_("好了，各方会收到通知。"))


# ── what they share ─────────────────────────────────────────────────────────────────────────────────
def _known(loan_id: int) -> Loan:
    loan = found(loan_by_id(loan_id))
    return found(loan if can_see_loan(me(), loan) else None)


def _endable(loan_id: int) -> Loan:
    loan = _known(loan_id)
    answer = answers_of(me(), loan)
    require(answer.may_end or answer.may_refuse)
    return loan


def _offered(form: LoanForm) -> LoanForm:
    """All organisations may lend, all teams may borrow; that one of the two is mine is asked when it is sent."""
    require(bool(policy.own_organisations(me())))
    teams = select(Team).join(Team.organisation).order_by(Organisation.name, Team.name)
    return form.offer(organisations_to_lend(), list(db.session.scalars(teams)))


def _loan_page(loan: Loan) -> dict[str, Any]:
    shown = {"loan": loan, "parties": parties_of(loan), "answer": answers_of(me(), loan), "side": Side}
    return {**shown, "form": PaperForm(formdata=None)}


def _but_form(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if name != "form"}


def _deed(loan: Loan, deed: Callable[[], None], said: str) -> Response:
    try:
        deed()
    except NotAllowed:
        raise
    except DomainError as problem:
        db.session.rollback()
        said = str(problem.sentence)
    return done(go=url_for(".show", loan_id=loan.id), say=said)
