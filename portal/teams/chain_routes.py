from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.orgs.models import Team
from portal.problems import DomainError
from portal.teams.forms import ChainForm
from portal.teams.importing import book
from portal.teams.pages import my_team
from portal.teams.recognising import preview
from portal.web.forms import number_in
from portal.web.libs import _, ngettext
from portal.web.pages import done, page, refused
from portal.web.rates import SEARCHES, Rate, rated

bp = Blueprint("chains", __name__, url_prefix="/teams/<slug>/chain")

# Names are looked up: as often as people paste lists, not as programs ask.
LISTS = Rate("lists", an_address=120, an_account=40, within=SEARCHES.within)


@bp.get("")
def paste(slug: str) -> Response:
    return page("teams/chain.html", team=my_team(slug), form=ChainForm(formdata=None))


@bp.post("")
@rated(LISTS)
def look(slug: str) -> Response:
    """Who is meant; nothing is booked."""
    team, form = my_team(slug), ChainForm()
    if not form.validate():
        return refused("teams/chain.html", form, team=team)
    shown = preview(form.text.data or "", team)
    if not shown.places:
        form.text.errors = [_("没有读出人名：请把群里的接龙整段粘贴过来。")]
        return refused("teams/chain.html", form, team=team)
    return page("teams/chain_preview.html", team=team, form=form, preview=shown)


@bp.post("/book")
@rated(LISTS)
def confirm(slug: str) -> Response:
    """Book what was ticked and chosen, and nothing else."""
    team, form = my_team(slug), ChainForm()
    text = form.text.data or ""
    try:
        booked = book(text, _picks(), team, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("teams/chain_preview.html", form, problem, **_again(text, team))
    count = len(booked.people)
    said = [ngettext("%(num)d 人入队了。", "%(num)d 人入队了。", count), *booked.changed]
    return done(go=url_for("teams.team", slug=slug), say=" ".join(said))


def _picks() -> dict[int, int]:
    """Index of a place → number of the person who was picked for it."""
    pairs = ((number_in(name.removeprefix("pick-")), number_in(value)) for name, value in request.form.items())
    return {index: person for index, person in pairs if index is not None and person is not None}


def _again(text: str, team: Team) -> dict[str, Any]:
    return {"team": team, "preview": preview(text, team)}
