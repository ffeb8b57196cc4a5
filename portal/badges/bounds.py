"""What a member may do while she is in by her badge, and for how long. Whatever is not in this list is refused."""

from datetime import datetime
from typing import Any, NamedTuple

from flask import Response, flash, g, request, session, url_for
from sqlalchemy.orm.attributes import set_committed_value

from portal import clock
from portal.accounts.session import SIGN_IN
from portal.audit import Via, signed_in_by
from portal.badges.actions import end_visit
from portal.badges.models import Visit
from portal.badges.queries import visit_by_id
from portal.people.models import Person
from portal.problems import NotAllowed
from portal.web.access import is_public_page
from portal.web.libs import _, _l, current_user, login_user
from portal.web.pages import go_to
from portal.web.unit_of_work import apart

ALLOWED = frozenset(
    {
        "badges.visit",
        "badges.leave",
        "hours.index",
        "hours.show",
        "hours.new",
        "hours.enter",
    }
)
"""Her own hours, to see and to enter. Public pages are everybody's; coming activities are among them."""

INSTEAD = frozenset({"me.index", "accounts.login"})
"""Pages that lead to hers: signs and habits lead there."""

VISIT = "badge"
"""Where the session keeps the visit, and what it was before."""

KIOSK = "kiosk"
"""Where the session of a kiosk keeps its token."""


class Here(NamedTuple):
    """A visit in this browser. Times in seconds since 1970; `host` is the session that comes back afterwards."""

    visit: int
    sign_in: int
    until: float
    seen: float
    host: dict[str, Any]

    def is_over(self, at: datetime) -> bool:
        now = at.timestamp()
        return now >= self.until or now - self.seen >= Visit.IDLE.total_seconds()

    def seconds_left(self, at: datetime) -> int:
        """Until it is over, if nothing is done."""
        return max(0, int(min(self.until - at.timestamp(), Visit.IDLE.total_seconds())))


def here() -> Here | None:
    """The visit in this browser."""
    kept = session.get(VISIT)
    return Here(**kept) if kept else None


def go_in(visit: Visit, person: Person, token: str, *, at: datetime) -> None:
    """From now on the browser is hers, and knows whose it was."""
    host = {key: session[key] for key in ("_user_id", "_fresh", SIGN_IN, KIOSK) if key in session}
    until = (at + Visit.LASTS).timestamp()
    session.clear()
    session[SIGN_IN] = token
    login_user(person)
    session[VISIT] = Here(visit.id, visit.sign_in_id, until, at.timestamp(), host)._asdict()


def go_out() -> Here | None:
    """The browser is whose it was before; what ended there."""
    was = here()
    if was is not None:
        session.clear()
        session.update(was.host)
        session.permanent = True
    return was


# ── each request ────────────────────────────────────────────────────────────────────────────────────
def keep_bounds() -> Response | None:
    """Before each request: a visit that is over ends, and what is not in the list is refused."""
    if is_public_page():
        return None
    visit = here()
    if visit is None:
        return None
    now = clock.now()
    if visit.is_over(now) or not current_user.is_authenticated:
        return _over(visit, now)
    signed_in_by(visit.sign_in, via=Via.KIOSK)
    # A card and four digits, set at her leader's device, open none of her roles: here she is a member and no more.
    set_committed_value(current_user._get_current_object(), "grants", [])
    session[VISIT] = {**visit._asdict(), "seen": now.timestamp()}
    g.visit = visit
    return _refused()


def _refused() -> Response | None:
    if request.endpoint in ALLOWED:
        return None
    if request.endpoint in INSTEAD and request.method == "GET":
        return go_to(url_for("badges.visit"))
    raise NotAllowed(_l("刷卡只能看自己的时长、记时长、看活动。别的事请用自己的账号登录。"))


def _over(visit: Here, at: datetime) -> Response:
    """Written apart, for the request may be one that only reads."""
    go_out()
    apart(lambda: _end(visit.visit, at))
    flash(_("刷卡的时间到了，已经退出。要接着用，请再刷一次。"))
    return go_to(url_for("badges.desk"))


def _end(visit_id: int, at: datetime) -> None:
    if visit := visit_by_id(visit_id):
        end_visit(visit, at=at)


def leave_in_time(response: Response) -> Response:
    """Whoever walks away leaves no page of hers on the screen: the browser itself goes on when the time is over."""
    if (visit := g.get("visit")) and here() is not None:
        response.headers["Refresh"] = f"{visit.seconds_left(clock.now()) + 1}; url={url_for('badges.visit')}"
    return response


def of_this_visit() -> dict[str, Any]:
    """For templates: whether a member is in by her badge."""
    return {"by_badge": g.get("visit") is not None}
