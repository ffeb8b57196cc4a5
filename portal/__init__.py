"""爱心联盟: the portal of a community's volunteers and charity funds."""

import os
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.settings import Settings


@dataclass(frozen=True)
class Resources:
    """Where templates, static files and migrations lie."""

    templates: Path
    static: Path
    migrations: Path


def resources() -> Resources:
    """In a checkout beside the package, in a wheel inside it."""
    package = Path(__file__).parent
    root = package / "_data" if (package / "_data").is_dir() else package.parent
    return Resources(root / "templates", root / "static", root / "migrations")


def create_app(settings: Settings | None = None) -> Flask:
    """The whole application, ready to serve."""
    from portal.web.application import Portal

    settings = settings or Settings.from_environment(os.environ)
    place = resources()
    app = Portal(__name__, template_folder=str(place.templates), static_folder=str(place.static))
    app.secret_key = settings.secret_key
    app.extensions["portal_settings"] = settings
    _add_database(app, settings)
    _add_web(app, settings)
    _add_rooms(app)
    _trust_proxies(app, settings.proxies)
    return app


def _add_database(app: Flask, settings: Settings) -> None:
    from portal import public
    from portal.db import db, engine_options, watch
    from portal.log import actions as log

    app.config.update(SQLALCHEMY_DATABASE_URI=settings.database_url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings))
    db.init_app(app)
    with app.app_context():
        watch(db.engine)
        public.watch(db.engine)
    log.watch()


def _add_web(app: Flask, settings: Settings) -> None:
    from portal.web import (
        access,
        addresses,
        assets,
        errors,
        filters,
        kept,
        preferences,
        rates,
        security,
        templating,
        unit_of_work,
        watching,
    )

    watching.init_app(app, settings)
    preferences.init_app(app)
    addresses.init_app(app)
    unit_of_work.init_app(app)
    security.init_app(app, settings)
    rates.init_app(app, settings)
    access.init_app(app)
    errors.init_app(app)
    filters.init_app(app)
    assets.init_app(app)
    templating.init_app(app, settings)
    kept.init_app(app)
    unit_of_work.ends_first(app)


def _trust_proxies(app: Flask, count: int) -> None:
    """Believe what so many proxies in front say of the visitor's address, scheme and host; nobody else may say it."""
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def _add_rooms(app: Flask) -> None:
    from portal.accounts import session
    from portal.administration import first_day
    from portal.rooms import blueprints, tables

    tables()
    first_day.init_app(app)
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    # After the rooms' own hooks: whoever is in by her badge has none of her roles, nor what they ask of her.
    session.init_app(app)
