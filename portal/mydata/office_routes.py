"""The office's pages: corrections that people ask for; and what has been deleted because its time was over."""

from typing import Any

from flask import Blueprint, Response, url_for

from portal import clock
from portal.accounts.session import me
from portal.holdings import HOLDINGS
from portal.mydata import corrections, retention
from portal.mydata.forms import AnswerForm
from portal.mydata.keeping import personal, then_of
from portal.mydata.models import Correction
from portal.mydata.policy import can_answer_corrections, can_see_retention
from portal.mydata.queries import correction_by_id, corrections_open
from portal.problems import DomainError
from portal.web.access import found, require
from portal.web.libs import _
from portal.web.pages import done, page, refused

bp = Blueprint("office", __name__)


@bp.get("/corrections")
def index() -> Response:
    require(can_answer_corrections(me()))
    return page("mydata/corrections.html", corrections=corrections_open(), today=clock.today(), me_id=me().id)


@bp.get("/corrections/<int:correction_id>")
def show(correction_id: int) -> Response:
    correction = _correction(correction_id)
    return page("mydata/answer.html", form=AnswerForm(formdata=None), **_state(correction))


@bp.post("/corrections/<int:correction_id>")
def answer(correction_id: int) -> Response:
    correction, form = _correction(correction_id), AnswerForm()
    if not form.validate():
        return refused("mydata/answer.html", form, **_state(correction))
    try:
        corrections.answer(
            correction,
            is_done=form.outcome.data == "done",
            words=form.words.data or "",
            name=form.name.data or "",
            by=me(),
            at=clock.now(),
        )
    except DomainError as problem:
        return refused("mydata/answer.html", form, problem, **_state(correction))
    return done(go=url_for("office.index"), say=_("答复已经发给本人。"))


@bp.get("/retention")
def kept() -> Response:
    """What is due, what was deleted, and how long everything stays."""
    require(can_see_retention(me()))
    now = clock.now()
    return page(
        "mydata/retention.html",
        outlooks=retention.outlooks(at=now),
        by_year=[(HOLDINGS[name].words, year, count) for name, year, count in retention.kept_by_year()],
        table=[(holding, then_of(holding, on=clock.today())) for holding in personal()],
    )


def _correction(correction_id: int) -> Correction:
    require(can_answer_corrections(me()))
    return found(correction_by_id(correction_id))


def _state(correction: Correction) -> dict[str, Any]:
    return {"correction": correction, "is_own": correction.person_id in me().selves, "today": clock.today()}
