"""What is answered when a PDF cannot be drawn now."""

from flask import Response

from portal.documents.client import DocumentsBusy, DocumentUnavailable
from portal.web.pages import page


def unavailable(problem: DocumentUnavailable, *, back: str) -> Response:
    """No PDF now, but the confirmation is safe; what to do, and for programs when."""
    response = page("receipts/unavailable.html", status=503, sentence=problem.sentence, back=back)
    if isinstance(problem, DocumentsBusy):
        response.headers["Retry-After"] = str(problem.RETRY_AFTER)
    return response
