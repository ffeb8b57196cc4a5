"""When something goes wrong: one clear sentence, what to do next, a way back. Never a bare 500."""

import logging

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from portal.faults import Fault, fault_of
from portal.problems import DomainError, NotAllowed
from portal.web.access import is_public_page, login_answer, needs_account
from portal.web.libs import CSRFError, _, current_user, generate_csrf, is_fragment
from portal.web.unit_of_work import SAFE, roll_back
from portal.web.watching import request_number

log = logging.getLogger(__name__)
SECRET_FIELDS = frozenset(
    {"csrf_token", "password", "code", "recovery", "token", "card", "pin", "pin_again", "old", "new", "again"}
)


def init_app(app: Flask) -> None:
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(DomainError, _on_domain)
    app.register_error_handler(Exception, _on_anything)


def answer(status: int, sentence: str | None = None) -> Response:
    """The error page, or to htmx the sentence alone (it goes into #say)."""
    roll_back()
    sentence = sentence or _sentence(status)
    number = request_number() if status == 500 else ""
    if is_fragment(request):
        response = make_response(render_template("errors/_sentence.html", sentence=sentence, number=number), status)
        # 422 usually swaps a form into its place; this sentence belongs to no form.
        response.headers.update({"HX-Retarget": "#say", "HX-Reswap": "innerHTML"})
        return response
    page = render_template("errors/error.html", status=status, sentence=sentence, number=number)
    return make_response(page, status)


def _sentence(status: int) -> str:
    return {
        400: _("这个请求不完整，请返回重试。"),
        403: _("您没有做这件事的权限。"),
        404: _("没有找到这一页。"),
        405: _("这个地址不能这样打开。"),
        413: _("内容太大了：文件请控制在 20 MB 以内，文字请写短一些。"),
        429: _("尝试次数太多，请过一会儿再试。"),
    }.get(status, _("出了点问题，我们已经记下。您填写的内容没有被保存，请稍后再试。"))


def _on_http(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):
        # The host is not ours: no page can be built, for none of our addresses can.
        return make_response(_sentence(400), 400)
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        return _on_anything(error.original_exception)
    if error.response is not None or error.code is None or error.code < 400:
        return make_response(error.get_response())
    response = answer(error.code)
    if error.code == 405 and "Allow" in (headers := dict(error.get_headers())):
        response.headers["Allow"] = headers["Allow"]
    return response


def _on_domain(error: DomainError) -> Response:
    return answer(403 if isinstance(error, NotAllowed) else 422, str(error.sentence))


def _on_anything(error: BaseException) -> Response:
    try:
        if fault := _passing(error):
            return _on_fault(fault)
        log.error("unforeseen", exc_info=error)
        return answer(500)
    except Exception:
        log.exception("the error page failed too")
        return make_response(_sentence(500), 500)


def _passing(error: BaseException) -> Fault | None:
    fault = fault_of(error)
    # A page that only reads was made to write: that is our mistake and will not pass.
    return None if fault is Fault.READ_ONLY and request.method in SAFE else fault


def _on_fault(fault: Fault) -> Response:
    """It mends by itself. One line and no traceback: a minute without a database is a thousand requests."""
    log.warning("answered 503: the database or the disk is %s", fault.value)
    roll_back()
    sentence = str(fault.sentence)
    response = _again(503, sentence) if _can_be_sent_again() else answer(503, sentence)
    response.headers["Retry-After"] = str(fault.retry_after)
    return response


def _can_be_sent_again() -> bool:
    """Whether a page could hold all that was typed. To htmx the form itself stays; public pages have no token."""
    if request.method in SAFE or is_fragment(request) or is_public_page():
        return False
    return bool(request.form) and not request.form.keys() & (SECRET_FIELDS - {"csrf_token"})


def _on_csrf(error: CSRFError) -> Response:
    """A token grown old is no reason to lose what was typed: the same fields, a fresh token, one button."""
    if needs_account() and not current_user.is_authenticated:
        return login_answer()
    if is_fragment(request):
        return answer(400, _("页面放得太久了，请刷新后再提交。"))
    return _again(400, _("页面放得太久了，请再提交一次。"))


def _again(status: int, sentence: str) -> Response:
    """What was typed, ready to be sent once more; secrets and files have to be given anew."""
    typed = request.form.items(multi=True)
    fields = [(name, value) for name, value in typed if name not in SECRET_FIELDS]
    has_files = any(file.filename for file in request.files.values())
    body = render_template(
        "errors/again.html", sentence=sentence, fields=fields, token=generate_csrf(), has_files=has_files
    )
    return make_response(body, status)
