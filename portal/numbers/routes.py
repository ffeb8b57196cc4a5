from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.fresh import freshly
from portal.accounts.session import me
from portal.exports import begin, signed_csv
from portal.exports.purposes import PurposeForm
from portal.numbers import policy
from portal.numbers.board import as_rows, board_of, papers_in_words
from portal.numbers.people import Away, Paper, away, every_paper, everybody_away, papers
from portal.numbers.views import PERIODS, Named, View, view_of
from portal.problems import DomainError
from portal.web.access import require
from portal.web.exports import csv_file
from portal.web.libs import _
from portal.web.pages import page, refused
from portal.web.rates import EXPORTS, rated
from portal.web.tables import Listing, read_listing

bp = Blueprint("numbers", __name__)
CHOICES = ("organisation", "team", "months")


@bp.app_template_global()
def chosen_of(named: Iterable[Named]) -> list[tuple[str, str]]:
    """Organisations or teams as the options of a select."""
    return [(one.slug, one.name) for one in named]


@bp.get("/numbers")
def index() -> Response:
    """The figures of members, as charts with their tables."""
    require(policy.can_see_numbers(me()))
    view = view_of(request.args, policy.organisations_counted(me()))
    shown: dict[str, Any] = {"view": view, "board": board_of(view), "words": papers_in_words(), "periods": PERIODS}
    return page("numbers/index.html", **shown, listing=_listing(view), sees_people=policy.can_see_people(me()))


@bp.get("/numbers.csv")
@rated(EXPORTS)
def export() -> Response:
    """The same figures as one table; it names nobody."""
    require(policy.can_see_numbers(me()))
    view = view_of(request.args, policy.organisations_counted(me()))
    head = (_("表"), _("组"), _("人数"))
    return csv_file(_("成员统计"), head, list(as_rows(board_of(view))))


@bp.get("/numbers/away")
def who_is_away() -> Response:
    """Whom to call: members who have not served for a year."""
    view = _view_with_people()
    listing, people = away(view, _listing(view, "numbers.who_is_away"))
    return page("numbers/away.html", view=view, listing=listing, people=people, periods=())


@bp.get("/numbers/papers")
def what_runs_out() -> Response:
    """Certificates and insurances that have run out, or will within ninety days."""
    view = _view_with_people()
    listing, found = papers(view, _listing(view, "numbers.what_runs_out"))
    return page("numbers/papers.html", view=view, listing=listing, papers=found, periods=())


@bp.get("/numbers/away/file", defaults={"which": "away"})
@bp.get("/numbers/papers/file", defaults={"which": "papers"})
@freshly
def ask_for_file(which: str) -> Response:
    """What for, before names leave."""
    view = _view_with_people()
    return page("numbers/file.html", form=PurposeForm(), **_about(which, view))


@bp.post("/numbers/away/file", defaults={"which": "away"})
@bp.post("/numbers/papers/file", defaults={"which": "papers"})
@rated(EXPORTS)
@freshly
def file(which: str) -> Response:
    """The list as a CSV file that says what it is for."""
    view, form = _view_with_people(), PurposeForm()
    if not form.validate_on_submit():
        return refused("numbers/file.html", form, **_about(which, view))
    name, head, lines = _file_of(which, view)
    try:
        export = begin(me(), what=name, purpose=form.said, count=len(lines), at=clock.now())
    except DomainError as problem:
        return refused("numbers/file.html", form, problem, **_about(which, view))
    return signed_csv(name, head, lines, export)


def _view_with_people() -> View:
    require(policy.can_see_people(me()))
    return view_of(request.args, policy.organisations_known(me()))


def _listing(view: View, endpoint: str = "numbers.index") -> Listing:
    """What was chosen, in the shape of all lists; a choice that is not there is forgotten."""
    args = view.values | {"page": request.args.get("page", "1")}
    return read_listing(args, path=url_for(endpoint), sorts=("",), extra=CHOICES)


def _about(which: str, view: View) -> dict[str, Any]:
    values: dict[str, Any] = dict(view.values)
    back = url_for({"away": "numbers.who_is_away", "papers": "numbers.what_runs_out"}[which], **values)
    return {"view": view, "which": which, "back": back, "title": _titles()[which]}


def _titles() -> dict[str, str]:
    return {"away": _("一年没有服务的成员"), "papers": _("证书和保险到期")}


def _file_of(which: str, view: View) -> tuple[str, Sequence[str], list[tuple[Any, ...]]]:
    """Name, head and lines."""
    person = (_("姓名"), _("志愿者编号"))
    if which == "away":
        return _titles()[which], (*person, _("最近一次服务"), _("队伍")), list(_away_lines(everybody_away(view)))
    head = (*person, _("类别"), _("名称"), _("有效期至"), _("还剩几天"))
    return _titles()[which], head, list(_paper_lines(every_paper(view)))


def _away_lines(people: Iterable[Away]) -> Iterable[tuple[Any, ...]]:
    return ((one.name, one.number, str(one.last or ""), one.teams) for one in people)


def _paper_lines(found: Iterable[Paper]) -> Iterable[tuple[Any, ...]]:
    return ((one.person, one.number, str(one.kind.label), one.name, str(one.until), one.days) for one in found)
