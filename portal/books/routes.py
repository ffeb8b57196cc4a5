"""The books as everybody may take them along: no account, the same files for all."""

from flask import Blueprint, Response, jsonify, url_for

from portal import clock
from portal.books import feed as atom
from portal.books import files
from portal.books.balances import balances
from portal.books.page import state
from portal.funds.queries import all_funds
from portal.web.access import kept, public
from portal.web.pages import page
from portal.web.rates import EXPORTS, rated

bp = Blueprint("books", __name__)


@bp.get("/books")
@kept()
def index() -> Response:
    funds = all_funds()
    return page("books/index.html", state=state(), funds=funds, demo=any(fund.is_demo for fund in funds))


@bp.get("/books/ledger.<any(beancount, hledger, csv):kind>")
@public
@rated(EXPORTS)
def ledger(kind: str) -> Response:
    return files.answer(files.Kind(kind))


@bp.get("/books/balances.json")
@kept()
def balances_file() -> Response:
    return jsonify(balances())


@bp.get("/books/feed.atom")
@kept()
def feed() -> Response:
    addresses = atom.Addresses(url_for(".feed", _external=True), url_for(".index", _external=True))
    return Response(
        atom.feed(atom.newest(), addresses, now=clock.now()), content_type="application/atom+xml; charset=utf-8"
    )
