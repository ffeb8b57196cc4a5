"""What readers may ask of the public lists."""

from collections.abc import Mapping
from dataclasses import replace

from portal.funds.models import Method
from portal.web.libs import _
from portal.web.tables import Listing, read_listing


def gift_listing(args: Mapping[str, str], *, path: str) -> Listing:
    """The gifts that an address asks for, newest first unless it says otherwise."""
    listing = read_listing(args, path=path, sorts=("-date", "amount"), extra=("method",), piece="gifts")
    wanted = listing.extra.get("method")
    if wanted is None or wanted in set(Method):
        return _ordered(listing)
    problem = _("没有「%(text)s」这种捐赠方式。", text=wanted[:20])
    return _ordered(replace(listing, extra={}, problems={**listing.problems, "method": problem}))


def spending_listing(args: Mapping[str, str], *, path: str) -> Listing:
    """The payments that an address asks for, newest first unless it says otherwise."""
    return _ordered(read_listing(args, path=path, sorts=("-date", "amount"), piece="spending"))


def _ordered(listing: Listing) -> Listing:
    """A range turned round is said so, and its end is left out of the search."""
    problems = dict(listing.problems)
    if listing.start and listing.end and listing.end < listing.start:
        problems["to"] = _("结束日期早于开始日期。")
        listing = replace(listing, end=None)
    if listing.least is not None and listing.most is not None and listing.most < listing.least:
        problems["max"] = _("最多的金额小于最少的金额。")
        listing = replace(listing, most=None)
    return replace(listing, problems=problems)
