from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.exports import actions, policy
from portal.exports.models import Export
from portal.exports.queries import export_by_id, exports_seen
from portal.web.access import found, require
from portal.web.libs import _
from portal.web.pages import done, page
from portal.web.tables import read_listing

bp = Blueprint("exports", __name__, url_prefix="/exports")


@bp.get("")
def index() -> Response:
    """Which lists left the portal: one's own, or everybody's for those who answer for it."""
    return page("exports/index.html", piece="exports/_list.html", **_state())


@bp.post("/<int:export_id>/deleted")
def deleted(export_id: int) -> Response:
    """The exporter says that the file is gone."""
    export = _export_for(export_id)
    require(policy.can_mark_deleted(me(), export))
    actions.mark_deleted(export, by=me(), at=clock.now())
    return done("exports/_list.html", go=url_for("exports.index"), say=_("记下了，谢谢您按期删除。"), **_state())


def _export_for(export_id: int) -> Export:
    """A stranger does not learn whether it exists."""
    export = found(export_by_id(export_id))
    return found(export if policy.can_see_export(me(), export) else None)


def _state() -> dict[str, Any]:
    sees_all = policy.can_see_all_exports(me())
    listing = read_listing(request.args, path=url_for("exports.index"), sorts=("-at",), piece="exports")
    listing, exports = exports_seen(listing, of=None if sees_all else me())
    return {"listing": listing, "exports": exports, "sees_all": sees_all, "me_id": me().id, "today": clock.today()}
