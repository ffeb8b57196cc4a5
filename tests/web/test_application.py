"""The quick way to an address says what Flask says."""

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask, url_for
from werkzeug.routing import BuildError

from portal.web.addresses import init_app
from portal.web.application import Portal
from tests.applications import clean_environment


@pytest.fixture
def both() -> tuple[Flask, Flask]:
    """The same routes in the portal's Flask and in Flask itself."""
    apps = Portal("portal"), Flask("flask")
    for app in apps:
        init_app(app)
        for rule, name in (
            ("/", "home"),
            ("/hours/<int:id>", "show"),
            ("/<int:one>/of/<int:two>", "pair"),
            ("/funds/<slug>", "fund"),
            ("/100%", "odd"),
        ):
            app.add_url_rule(rule, name, lambda **_: "")
        app.add_url_rule("/again", "twice", lambda: "")
        app.add_url_rule("/again/<int:id>", "twice")
    return apps


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("home", {}),
        ("home", {"q": "a b&c"}),
        ("home", {"_anchor": "top"}),
        ("home", {"_external": True}),
        ("show", {"id": 7}),
        ("show", {"id": 7, "back": "/hours?page=2"}),
        ("show", {"id": 7, "back": None}),
        ("pair", {"one": 1, "two": 2}),
        ("fund", {"slug": "爱心/基金"}),
        ("fund", {"slug": "919-a_b"}),
        ("fund", {"slug": "919", "year": 2026, "_anchor": "months"}),
        ("fund", {"slug": "919\n"}),
        ("fund", {"slug": '919" onclick="'}),
        ("fund", {"slug": 919}),
        ("odd", {}),
        ("twice", {}),
        ("twice", {"id": 3}),
        ("static", {"filename": "css/a b.css"}),
    ],
)
@pytest.mark.parametrize("root", ["/", "/portal/"])
def test_the_quick_address_is_flask_s(
    both: tuple[Flask, Flask], endpoint: str, values: dict[str, object], root: str
) -> None:
    said = []
    for app in both:
        with app.test_request_context("/", base_url=f"http://portal.test{root}"):
            said += [url_for(endpoint, **values), url_for(endpoint, **values)]  # type: ignore[arg-type]
    assert len(set(said)) == 1


@pytest.mark.parametrize(
    ("endpoint", "values"), [("show", {}), ("nobody", {}), ("show", {"id": None}), ("fund", {"slug": None})]
)
def test_an_address_that_cannot_be_is_refused_as_ever(
    both: tuple[Flask, Flask], endpoint: str, values: dict[str, object]
) -> None:
    with both[0].test_request_context("/"), pytest.raises((BuildError, TypeError)):
        url_for(endpoint, **values)  # type: ignore[arg-type]


def test_a_value_that_is_no_number_gets_into_no_address(both: tuple[Flask, Flask]) -> None:
    with both[0].test_request_context("/"), pytest.raises((TypeError, ValueError)):
        url_for("show", id='7" onclick="')


def test_a_web_worker_loads_nothing_that_only_commands_and_documents_need(tmp_path: Path) -> None:
    program = (
        "import sys\nimport portal.wsgi\n"
        "print(sorted({'alembic', 'flask_migrate', 'mako', 'granian', 'weasyprint', 'openpyxl'} & sys.modules.keys()))"
    )
    environment = clean_environment() | {"PORTAL_INSTANCE": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "[]"
