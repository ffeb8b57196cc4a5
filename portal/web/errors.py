"""When something goes wrong: one clear sentence, what to do next, a way back. Never a bare 500."""

import logging

from flask import Flask, Response, make_response, render_template, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from portal.db import db
from portal.problems import DomainError, NotAllowed
from portal.web.access import login_answer, needs_account
from portal.web.libs import CSRFError, _, current_user, generate_csrf, is_fragment

log = logging.getLogger(__name__)
SECRET_FIELDS = frozenset({"csrf_token", "password", "code"})


def init_app(app: Flask) -> None:
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(DomainError, _on_domain)
    app.register_error_handler(OperationalError, _on_database)
    app.register_error_handler(Exception, _on_anything)


def answer(status: int, sentence: str | None = None) -> Response:
    """The error page, or to htmx the sentence alone (it goes into #say)."""
    db.session.rollback()
    sentence = sentence or _sentence(status)
    if is_fragment(request):
        response = make_response(render_template("errors/_sentence.html", sentence=sentence), status)
        # 422 usually swaps a form into its place; this sentence belongs to no form.
        response.headers.update({"HX-Retarget": "#say", "HX-Reswap": "innerHTML"})
        return response
    return make_response(render_template("errors/error.html", status=status, sentence=sentence), status)


def _sentence(status: int) -> str:
    return {
        400: _("这个请求不完整，请返回重试。"),
        403: _("您没有做这件事的权限。"),
        404: _("没有找到这一页。"),
        405: _("这个地址不能这样打开。"),
        413: _("文件太大了，请控制在 20 MB 以内。"),
        429: _("尝试次数太多，请过一会儿再试。"),
        503: _("系统正忙，请稍等片刻再试。"),
    }.get(status, _("出了点问题，我们已经记下。您填写的内容没有被保存，请稍后再试。"))


def _on_http(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):
        # The host is not ours: no page can be built, for none of our addresses can.
        return make_response(_sentence(400), 400)
    if error.response is not None or error.code is None or error.code < 400:
        return make_response(error.get_response())
    response = answer(error.code)
    if error.code == 405 and "Allow" in (headers := dict(error.get_headers())):
        response.headers["Allow"] = headers["Allow"]
    return response


def _on_domain(error: DomainError) -> Response:
    return answer(403 if isinstance(error, NotAllowed) else 422, str(error.sentence))


def _on_database(error: OperationalError) -> Response:
    log.exception("the database did not answer")
    return answer(503)


def _on_anything(error: Exception) -> Response:
    log.exception("unforeseen")
    try:
        return answer(500)
    except Exception:
        log.exception("the error page failed too")
        return make_response(_sentence(500), 500)


def _on_csrf(error: CSRFError) -> Response:
    """A token grown old is no reason to lose what was typed: the same fields, a fresh token, one button."""
    if needs_account() and not current_user.is_authenticated:
        return login_answer()
    if is_fragment(request):
        return answer(400, _("页面放得太久了，请刷新后再提交。"))
    typed = request.form.items(multi=True)
    fields = [(name, value) for name, value in typed if name not in SECRET_FIELDS]
    body = render_template("errors/again.html", fields=fields, token=generate_csrf(), has_files=bool(request.files))
    return make_response(body, 400)
