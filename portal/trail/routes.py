from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.trail import actions, policy
from portal.trail.exports import trail_file
from portal.trail.pages import filters_of, history_of, list_page
from portal.trail.queries import FILTERS
from portal.web.access import require
from portal.web.pages import page
from portal.web.tables import Listing, read_listing

bp = Blueprint("trail", __name__)
bp.add_app_template_global(history_of)


@bp.get("/audit")
def index() -> Response:
    """The trail, or with `kind` and `id` one record's own history."""
    require(policy.can_read_trail(me()))
    return page("trail/index.html", piece="trail/_list.html", **list_page(_listing()))


@bp.get("/audit.csv")
def export() -> Response:
    """The lines that the same filters find, without pages. Each export leaves a line itself."""
    require(policy.can_read_trail(me()))
    listing = _listing()
    actions.record_export(filters_of(listing), by=me(), at=clock.now())
    return trail_file(listing)


def _listing() -> Listing:
    return read_listing(request.args, path=url_for("trail.index"), sorts=("-at",), extra=FILTERS, piece="trail")
