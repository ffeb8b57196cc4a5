from flask import Blueprint, Response, abort

from portal.post.models import CHANNEL_NAMES
from portal.post.queries import newest_letters
from portal.privacy import mask_address
from portal.settings import current_settings
from portal.web.access import without_account
from portal.web.pages import page

bp = Blueprint("post", __name__)


@bp.get("/mailbox")
@without_account
def mailbox() -> Response:
    """What was sent, for trying the portal out: in production there is no such page, for nobody."""
    settings = current_settings()
    if settings.is_production:
        abort(404)
    letters = [(letter, mask_address(letter.to)) for letter in newest_letters()]
    return page("post/mailbox.html", channels=CHANNEL_NAMES, letters=letters)
