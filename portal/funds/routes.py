"""The funds as everyone sees them: no account, no session, the same page for all."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.funds import exports
from portal.funds.forms import gift_listing, spending_listing
from portal.funds.models import Method
from portal.funds.months import books_of, chosen_year
from portal.funds.public_gifts import GiftLine, gifts_found
from portal.funds.queries import (
    Found,
    FundLine,
    all_funds,
    latest_spending,
    public_fund,
    spending_found,
    tells_how_to_give,
)
from portal.web.access import found, kept, public
from portal.web.libs import is_fragment
from portal.web.pages import page
from portal.web.rates import EXPORTS, SEARCHES, rated
from portal.web.tables import READS, Listing

bp = Blueprint("funds", __name__)

EXCERPT = 5
"""Payments shown on a fund's own page."""

bp.add_app_template_filter(lambda method: str(Method(method).label), "method")


@bp.get("/funds")
@kept()
def index() -> Response:
    funds, this_year = all_funds(), clock.today().year
    demo, books = any(fund.is_demo for fund in funds), books_of(funds, since=this_year)
    return page("funds/index.html", funds=funds, books=books, this_year=this_year, demo=demo)


@bp.get("/funds/<slug>")
@kept(*READS, "method", "year")
@rated(SEARCHES)
def fund(slug: str) -> Response:
    fund = found(public_fund(slug))
    gifts = gifts_found(fund, gift_listing(request.args, path=url_for("funds.fund", slug=slug)))
    more: dict[str, Any] = {}
    if not is_fragment(request):
        books, today = books_of([fund]), clock.today()
        more = {
            "year": chosen_year(request.args.get("year"), books.years(today.year)),
            "years": books.years(today.year),
            "this_year": today.year,
            "books": books,
            "spent": latest_spending(fund, EXCERPT),
            "tells_how_to_give": tells_how_to_give(fund),
        }
    return _gifts("funds/fund.html", fund, gifts, **more)


@bp.get("/funds/<slug>/donations")
@kept(*READS, "method")
@rated(SEARCHES)
def donations(slug: str) -> Response:
    fund = found(public_fund(slug))
    gifts = gifts_found(fund, gift_listing(request.args, path=url_for("funds.donations", slug=slug)))
    return _gifts("funds/donations.html", fund, gifts)


@bp.get("/funds/<slug>/donations.<any(csv, json):kind>")
@public
@rated(EXPORTS)
def gifts_file(slug: str, kind: str) -> Response:
    fund = found(public_fund(slug))
    return exports.gifts_file(fund, gift_listing(request.args, path=request.path), kind)


@bp.get("/funds/<slug>/spending")
@kept(*READS)
@rated(SEARCHES)
def spending(slug: str) -> Response:
    fund = found(public_fund(slug))
    spent = spending_found(fund, spending_listing(request.args, path=url_for("funds.spending", slug=slug)))
    files = _files(spent.listing, "funds.spending_file", fund)
    return _in_place("funds/spending.html", "funds/_payments.html", spent.listing, fund=fund, spent=spent, files=files)


@bp.get("/funds/<slug>/spending.<any(csv, json):kind>")
@public
@rated(EXPORTS)
def spending_file(slug: str, kind: str) -> Response:
    fund = found(public_fund(slug))
    return exports.spending_file(fund, spending_listing(request.args, path=request.path), kind)


def _gifts(template: str, fund: FundLine, gifts: Found[GiftLine], **context: Any) -> Response:
    files = _files(gifts.listing, "funds.gifts_file", fund)
    return _in_place(template, "funds/_gifts.html", gifts.listing, fund=fund, gifts=gifts, files=files, **context)


def _files(listing: Listing, endpoint: str, fund: FundLine) -> dict[str, str]:
    """Where the list with its filters lies as data."""
    paths = {kind: url_for(endpoint, slug=fund.slug, kind=kind) for kind in ("csv", "json")}
    return {kind: replace(listing, path=path).address() for kind, path in paths.items()}


def _in_place(template: str, piece: str, listing: Listing, **context: Any) -> Response:
    """The page; to htmx its list alone, with the address that the browser shall show for it."""
    response = page(template, piece=piece, listing=listing, demo=context["fund"].is_demo, **context)
    if is_fragment(request):
        response.headers["HX-Push-Url"] = listing.address(page=listing.page)
    return response
