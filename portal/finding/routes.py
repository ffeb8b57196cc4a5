from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.finding.actions import find_by_number
from portal.finding.asking import Asked, read
from portal.finding.forms import FindForm
from portal.finding.models import Kind
from portal.finding.pages import Section, about, lines, results, suggestions
from portal.problems import DomainError
from portal.web.libs import is_fragment
from portal.web.pages import go_to, page, refused
from portal.web.rates import FINDING, rated
from portal.web.throttle import Guesses

MOST_NUMBERS = 30
"""In a quarter of an hour, found or not: whoever has a list of numbers uses the import."""

bp = Blueprint("finding", __name__)


@bp.get("/find")
@rated(FINDING)
def index() -> Response:
    """Results by name; htmx gets a few of them, to be shown below the box. A number is not looked for here."""
    asked = read(request.args.get("q", ""))
    if is_fragment(request):
        return page("finding/_hits.html", sections=suggestions(asked, me()), asked=asked)
    if asked.is_secret:
        # Away from the address bar, and from what the page itself repeats of its address.
        return go_to(url_for("finding.index", ask="number"))
    kind = _kind(request.args.get("kind", ""))
    number = request.args.get("page", "1")
    sections = results(asked, me(), kind=kind, page=int(number) if number.isdecimal() and len(number) < 4 else 1)
    return _page(asked, FindForm(data={"q": asked.text}), sections, kind=kind)


@bp.post("/find")
def find() -> Response:
    """Names go on to their own address; a number is answered here and stands nowhere."""
    form = FindForm()
    typed = form.typed
    asked = read(typed)
    if not asked.is_secret:
        return go_to(url_for("finding.index", q=asked.text or None))
    form.q.data = ""
    tries = Guesses({f"finding:{me().id}": MOST_NUMBERS})
    try:
        tries.check(at=clock.now())
        tries.count_here(at=clock.now())
        found = find_by_number(typed, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("finding/index.html", form, problem, asked=asked, sections=[], sees=about(me()))
    return _page(asked, form, [Section(found.kind, lines(found))] if found.hits else [], is_number=True)


def _page(
    asked: Asked, form: FindForm, sections: list[Section], *, kind: Kind | None = None, is_number: bool = False
) -> Response:
    shown: dict[str, Any] = {"asked": asked, "form": form, "sections": sections, "kind": kind}
    shown |= {"is_number": is_number, "asks_number": request.args.get("ask") == "number"}
    return page("finding/index.html", **shown, sees=about(me()))


def _kind(text: str) -> Kind | None:
    return Kind(text) if text in list(Kind) else None
