"""The page that checks confirmations without the portal, to be kept on disk."""

import logging

from cryptography import x509
from flask import Blueprint, Response, make_response

from portal import clock
from portal.clock import in_china
from portal.documents import keyfile
from portal.log.queries import declared_keys
from portal.settings import current_settings
from portal.verifying.page import page as offline_page
from portal.web.access import kept
from portal.web.exports import attachment

bp = Blueprint("verifying", __name__)
log = logging.getLogger(__name__)

NAME = "离线核对捐赠确认单.html"


@bp.get("/verify/offline")
@kept()
def offline() -> Response:
    vkeys = [one.vkey for one in declared_keys()]
    day = in_china(clock.now()).date()
    response = make_response(offline_page(_certificates(), vkeys, portal=current_settings().base_url, on=day))
    response.headers["Content-Disposition"] = attachment(NAME)
    return response


def _certificates() -> list[x509.Certificate]:
    """The portal's own; none where documents are not signed."""
    try:
        file = keyfile.standing(current_settings())
        return keyfile.certificates(file) if file else []
    except keyfile.BadKeyFile:
        log.exception("the key file cannot be used")
        return []
