"""Static files under addresses that change with their content, so browsers may keep them for a year."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for


def init_app(app: Flask) -> None:
    folder = Path(app.static_folder or "static")

    @cache
    def fingerprint(name: str) -> str:
        return hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]

    @cache
    def address(name: str, root: str) -> str:
        """`root`: where the portal lies on its host."""
        return url_for("static", filename=name, v=fingerprint(name))

    def asset(name: str) -> str:
        return address(name, request.root_path)

    def keep(response: Response) -> Response:
        if request.endpoint == "static" and request.args.get("v") and response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    app.jinja_env.globals["asset"] = asset
    app.after_request(keep)
