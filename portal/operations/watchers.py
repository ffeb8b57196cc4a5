"""What machines ask: is it alive, is it ready, how does it fare. None of it needs an account or names anyone."""

from ipaddress import IPv6Address, ip_address

from flask import Blueprint, Request, Response, abort, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST

from portal.operations.figures import Figures
from portal.operations.health import parts
from portal.settings import current_settings
from portal.web import metrics
from portal.web.access import public

bp = Blueprint("watchers", __name__)

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via")


@bp.get("/healthz")
@public
def alive() -> Response:
    """The process answers. Nothing else is asked, least of all the database."""
    return _unkept(Response("ok\n", mimetype="text/plain"))


@bp.get("/readyz")
@public
def ready() -> Response:
    """Whether the portal can do its work (200) or not (503); to this machine also which part cannot."""
    found = parts(current_settings())
    is_ready = all(part.is_ok for part in found.values())
    answer: dict[str, object] = {"status": "ready" if is_ready else "not ready"}
    if is_local(request):
        answer["parts"] = {name: {"ok": part.is_ok, **part.about} for name, part in found.items()}
    response = jsonify(answer)
    response.status_code = 200 if is_ready else 503
    return _unkept(response)


@bp.get("/metrics")
@public
def figures() -> Response:
    """Figures for Prometheus, on this machine only."""
    if not is_local(request):
        abort(404)
    return _unkept(Response(metrics.text(Figures()), content_type=CONTENT_TYPE_LATEST))


def is_local(request: Request) -> bool:
    """Whether a program on this machine asks for itself, not a proxy on this machine for somebody else."""
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
