"""Answers: a whole page or the changed piece of it, a redirect or a sentence."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request
from markupsafe import Markup

from portal.db import db
from portal.problems import DomainError
from portal.web.forms import PortalForm
from portal.web.libs import is_fragment

VARY = "HX-Request, HX-Boosted, HX-History-Restore-Request"


def page(template: str, *, piece: str | None = None, status: int = 200, **context: Any) -> Response:
    """The page, or only its piece when htmx asked for that. The page includes the piece, so both are one text."""
    # Else a word of the context called `status` would come out as one, and the server end its process over it.
    if not 200 <= status < 600:
        raise ValueError(f"{template}: status {status}")
    chosen = piece if piece and is_fragment(request) else template
    response = make_response(render_template(chosen, **context), status)
    response.headers["Vary"] = VARY
    return response


def done(piece: str | None = None, *, go: str, say: str, **context: Any) -> Response:
    """It worked: htmx gets the changed piece and the sentence, a plain form goes on to `go` (303)."""
    if piece is None or not is_fragment(request):
        flash(say)
        return go_to(go)
    body = render_template(piece, **context)
    response = make_response(Markup("{}\n{}").format(Markup(body), _said(say)))  # noqa: S704 - rendered by Jinja
    response.headers["Vary"] = VARY
    return response


def go_to(address: str) -> Response:
    """See other: a plain form goes there, htmx is sent there with a whole page."""
    if is_fragment(request):
        response = make_response("", 204)
        response.headers["HX-Redirect"] = address
        return response
    return make_response(redirect(address, 303))


def refused(
    template: str,
    form: PortalForm,
    problem: DomainError | None = None,
    *,
    piece: str | None = None,
    **context: Any,
) -> Response:
    """Bad input: the form again, filled as it was, the sentence beside its field. Nothing of it is kept (422)."""
    db.session.rollback()
    if problem is not None:
        form.blame(problem)
    response = page(template, piece=piece, status=422, form=form, **context)
    body = response.get_data(as_text=True)
    if piece and is_fragment(request) and 'id="say"' not in body:
        # What went well before no longer stands above what did not.
        response.set_data(f"{body}{_said('')}")
    return response


def _said(sentence: str) -> Markup:
    said = Markup("<p>{}</p>").format(sentence) if sentence else ""
    return Markup('<div id="say" role="status" hx-swap-oob="innerHTML">{}</div>').format(said)
