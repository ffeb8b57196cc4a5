"""Organisations as everyone sees them: no account, no session, the same page for all."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for

from portal import clock
from portal.orgs.models import KIND_NAMES
from portal.orgs.registry import counts_by_kind
from portal.transparency.exports import about_organisation, line_cells, line_object
from portal.transparency.queries import (
    Facts,
    coming_of,
    every_line,
    facts_of,
    history_of,
    list_public,
    projects_of,
    teams_of,
)
from portal.web.access import found, kept, public
from portal.web.exports import csv_file, json_file
from portal.web.pages import page
from portal.web.rates import EXPORTS, SEARCHES, rated
from portal.web.tables import Listing, read_listing

bp = Blueprint("transparency", __name__)

HEAD = ("组织名称", "类别", "服务队", "成员单位", "网址")


@bp.get("/organisations")
@kept("q", "page", "kind")
@rated(SEARCHES)
def index() -> Response:
    listing, lines = list_public(_listing(url_for(".index")))
    files = {kind: replace(listing, path=url_for(".list_file", kind=kind)).address() for kind in ("csv", "json")}
    return page(
        "transparency/index.html",
        piece="transparency/_list.html",
        listing=listing,
        lines=lines,
        kinds=KIND_NAMES,
        counts=counts_by_kind(),
        files=files,
    )


@bp.get("/organisations.<any(csv, json):kind>")
@public
@rated(EXPORTS)
def list_file(kind: str) -> Response:
    """The list with its filters, as data."""
    lines = every_line(_listing(request.path))
    if kind == "json":
        return json_file("organisations", {}, "organisations", (line_object(line) for line in lines))
    return csv_file("organisations", HEAD, (line_cells(line) for line in lines))


@bp.get("/organisations/<slug>")
@kept()
def show(slug: str) -> Response:
    """One organisation; a second entry that was merged leads to the one that stays."""
    facts = found(facts_of(slug, clock.today()))
    if facts.merged_into:
        return _moved(url_for(".show", slug=facts.merged_into))
    return page("transparency/show.html", **_shown(facts))


@bp.get("/organisations/<slug>.json")
@public
@rated(EXPORTS)
def show_file(slug: str) -> Response:
    """The same as data: hours in minutes."""
    facts = found(facts_of(slug, clock.today()))
    if facts.merged_into:
        return _moved(url_for(".show_file", slug=facts.merged_into))
    shown = _shown(facts)
    # Read already: the file is written when the request is over.
    teams = [{"name": team.name, "members": team.members} for team in shown["teams"]]
    return json_file(facts.slug, about_organisation(**shown), "teams", teams)


def _shown(facts: Facts) -> dict[str, Any]:
    today = clock.today()
    return {
        "facts": facts,
        "teams": teams_of(facts.id, today),
        "coming": [] if facts.closed_on else coming_of(facts.id, today),
        "projects": projects_of(facts.id, today),
        "history": history_of(facts.id, today),
        "today": today,
    }


def _moved(address: str) -> Response:
    """To where it is now, though a merge can be undone."""
    return redirect(address, 302)  # type: ignore[return-value]


def _listing(path: str) -> Listing:
    return read_listing(request.args, path=path, sorts=("name",), extra=("kind",), piece="organisations")
