from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.browsers import described
from portal.accounts.session import me
from portal.accounts.sign_ins import kept
from portal.audit import record_look
from portal.trail import actions, policy
from portal.trail.exports import trail_file
from portal.trail.looks import sign_in_by_id
from portal.trail.pages import filters_of, history_of, list_page, looks_page
from portal.trail.queries import FILTERS
from portal.web.access import found, require
from portal.web.pages import page
from portal.web.rates import EXPORTS, SEARCHES, rated
from portal.web.tables import Listing, read_listing

bp = Blueprint("trail", __name__)
bp.add_app_template_global(history_of)


@bp.get("/audit")
@rated(SEARCHES)
def index() -> Response:
    """The trail, or with `kind` and `id` one record's own history."""
    require(policy.can_read_trail(me()))
    return page("trail/index.html", piece="trail/_list.html", **list_page(_listing()))


@bp.get("/audit.csv")
@rated(EXPORTS)
def export() -> Response:
    """The lines that the same filters find, without pages. Each export leaves a line itself."""
    require(policy.can_read_trail(me()))
    listing = _listing()
    actions.record_export(filters_of(listing), by=me(), at=clock.now())
    return trail_file(listing)


@bp.get("/audit/sign-ins/<int:sign_in_id>")
def sign_in(sign_in_id: int) -> Response:
    """From where somebody did something, while that is known: address and browser are forgotten in half a year."""
    require(policy.can_see_sign_ins(me()))
    one, person = found(sign_in_by_id(sign_in_id))
    record_look("audit.sign_in.looked_at", one, [person.id], by=me(), at=clock.now())
    device, forgotten_on = described(one.browser), (one.at + kept(on=clock.today())).date()
    return page("trail/sign_in.html", sign_in=one, person=person, device=device, forgotten_on=forgotten_on)


@bp.get("/me/looks")
def looks() -> Response:
    """Who looked at one's own data where it is not masked (个人信息保护法 §44)."""
    listing = read_listing(request.args, path=url_for("trail.looks"), sorts=("-at",), piece="looks")
    return page("trail/looks.html", piece="trail/_looks.html", **looks_page(listing))


def _listing() -> Listing:
    return read_listing(request.args, path=url_for("trail.index"), sorts=("-at",), extra=FILTERS, piece="trail")
