"""A donor puts her own confirmations together; the cashier a company's."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, make_response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.audit import record_apart
from portal.db import let_go
from portal.documents.client import DocumentUnavailable
from portal.funds.models import Fund
from portal.people.models import Person, Role
from portal.problems import DomainError
from portal.receipts import opened, policy
from portal.receipts.change_queries import funds_seen
from portal.receipts.models import Receipt
from portal.receipts.summary_forms import CompanyForm, PeriodForm
from portal.receipts.summary_models import Scope, Summary
from portal.receipts.summary_pages import context_of, drawn
from portal.receipts.summary_queries import held_receipts, receipts_named, summaries_found, summary_by_number
from portal.receipts.summing import put_together
from portal.receipts.unavailable import unavailable
from portal.settings import current_settings
from portal.web.access import found, require, without_account
from portal.web.exports import attachment
from portal.web.forms import number_in
from portal.web.libs import _, current_user
from portal.web.pages import done, page, refused
from portal.web.rates import DOCUMENTS, rated
from portal.web.tables import Listing, read_listing

bp = Blueprint("summaries", __name__, url_prefix="/summaries")


@bp.get("")
def index() -> Response:
    listing = read_listing(request.args, path=url_for(".index"), sorts=("new",), piece="summaries")
    shown = summaries_found(me(), listing)
    funds = _funds_for_companies()
    return page(
        "receipts/summaries/index.html",
        piece="receipts/summaries/_list.html",
        found=shown,
        scopes=Scope,
        for_companies=bool(funds),
    )


# ── a donor's own ───────────────────────────────────────────────────────────────────────────────────
@bp.get("/new")
@without_account
def new() -> Response:
    mine = _mine()
    asked = read_listing(request.args, path=url_for(".new"), sorts=("date",), extra=("fund",))
    form = PeriodForm(formdata=None, start=asked.start, end=asked.end)
    return page("receipts/summaries/new.html", form=form, **_offered(mine, asked))


@bp.post("/new")
@without_account
@rated(DOCUMENTS)
def make() -> Response:
    """What is not hers is as if it were not there."""
    mine, form = _mine(), PeriodForm()
    asked = read_listing({"fund": request.form.get("fund", "")}, path=url_for(".new"), sorts=("date",), extra=("fund",))
    if not form.validate():
        return refused("receipts/summaries/new.html", form, **_offered(mine, asked, form.ids))
    chosen = [one for one in mine if one.id in form.ids]
    try:
        if len(chosen) < len(form.ids):
            raise DomainError(_("只能汇总您收存的、或者刚才打开过的确认单，请重新勾选。"), field="receipt")
        summary = put_together(chosen, by=_person(), at=clock.now(), starts_on=form.start.data, ends_on=form.end.data)
    except DomainError as problem:
        return refused("receipts/summaries/new.html", form, problem, **_offered(_mine(), asked, form.ids))
    return done(go=url_for(".show", number=summary.number), say=_("汇总好了，可以打印或下载。"))


# ── a company's ─────────────────────────────────────────────────────────────────────────────────────
@bp.get("/company")
def company() -> Response:
    funds = _funds_for_companies()
    require(bool(funds))
    asked = read_listing(request.args, path=url_for(".company"), sorts=("date",), extra=("fund",))
    form = CompanyForm(formdata=None, name=asked.q, start=asked.start, end=asked.end)
    fund = _fund_of(asked, funds)
    if asked.q:
        record_apart("receipts.company.looked_at", fund, by=me(), at=clock.now())
    return page("receipts/summaries/company.html", form=form, **_of_company(fund, funds, asked))


@bp.post("/company")
@rated(DOCUMENTS)
def make_company() -> Response:
    funds = _funds_for_companies()
    require(bool(funds))
    form = CompanyForm()
    named = {"fund": request.form.get("fund", ""), "q": form.name.data or ""}
    asked = read_listing(named, path=url_for(".company"), sorts=("date",), extra=("fund",))
    fund = _fund_of(asked, funds)
    require(policy.can_issue_for_companies(me(), fund))
    if not form.validate():
        return refused("receipts/summaries/company.html", form, **_of_company(fund, funds, asked))
    offered = receipts_named(fund.id, form.name.data or "", form.start.data, form.end.data)
    try:
        summary = put_together(
            [one for one in offered if one.id in form.ids],
            by=me(),
            at=clock.now(),
            for_company=True,
            starts_on=form.start.data,
            ends_on=form.end.data,
        )
    except DomainError as problem:
        return refused("receipts/summaries/company.html", form, problem, **_of_company(fund, funds, asked))
    return done(go=url_for(".show", number=summary.number), say=_("汇总好了，可以打印或下载。"))


# ── one of them ─────────────────────────────────────────────────────────────────────────────────────
@bp.get("/<number>")
@without_account
def show(number: str) -> Response:
    summary = _seen(number)
    void = [one.number for one in summary.members if one.receipt.voided_at is not None]
    kind = Scope(summary.kind).label
    return page("receipts/summaries/show.html", summary=summary, void=void, kind=kind, demo=summary.fund.is_demo)


@bp.get("/<number>/pdf")
@without_account
@rated(DOCUMENTS)
def pdf(number: str) -> Response:
    summary = _seen(number)
    name, address = f"捐赠确认单汇总 {summary.number}.pdf", url_for(".show", number=summary.number)
    settings = current_settings()
    context = context_of(summary, base_url=settings.base_url)
    let_go()
    try:
        body = drawn(context)
    except DocumentUnavailable as problem:
        return unavailable(problem, back=address)
    response = make_response(body)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = attachment(name)
    return response


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _person() -> Person | None:
    return me() if current_user.is_authenticated else None


def _mine() -> Sequence[Receipt]:
    return held_receipts(_person(), opened.opened_numbers())


def _seen(number: str) -> Summary:
    """For whoever made it, holds all that it lists, or handles the fund's money; for others it is not there."""
    summary = found(summary_by_number(number))
    person = _person()
    if person is not None and summary.issued_by_id in person.selves:
        return summary
    held = {one.id for one in held_receipts(person, opened.opened_numbers(), void_too=True)}
    if held >= {one.receipt_id for one in summary.members}:
        return summary
    return found(_for_office(summary, person))


def _for_office(summary: Summary, person: Person | None) -> Summary | None:
    if person is None or not policy.can_issue_for_companies(person, summary.fund):
        return None
    record_apart("receipts.summary.looked_at", summary, by=person, at=clock.now())
    return summary


def _offered(mine: Sequence[Receipt], asked: Listing, ticked: set[int] | None = None) -> dict[str, Any]:
    """Her confirmations of one fund within the days asked for; all are ticked until she says otherwise."""
    funds = list({one.fund_id: one.fund for one in mine}.values())
    chosen = number_in(asked.extra.get("fund"))
    fund = next((one for one in funds if one.id == chosen), funds[0] if funds else None)
    shown = [one for one in mine if fund and one.fund_id == fund.id and _within(one.received_on, asked)]
    ids = {one.id for one in shown} if ticked is None else ticked
    return {"funds": funds, "fund": fund, "receipts": shown, "ticked": ids, "listing": asked}


def _within(day: date, asked: Listing) -> bool:
    return (asked.start is None or day >= asked.start) and (asked.end is None or day <= asked.end)


def _funds_for_companies() -> Sequence[Fund]:
    return funds_seen(me(), Role.CASHIER, Role.ACCOUNTANT)


def _fund_of(asked: Listing, funds: Sequence[Fund]) -> Fund:
    chosen = number_in(asked.extra.get("fund"))
    return found(next((one for one in funds if one.id == chosen), None if chosen else funds[0]))


def _of_company(fund: Fund, funds: Sequence[Fund], asked: Listing) -> dict[str, Any]:
    offered = receipts_named(fund.id, asked.q, asked.start, asked.end) if asked.q else []
    return {"funds": funds, "fund": fund, "receipts": offered, "listing": asked, "demo": fund.is_demo}
