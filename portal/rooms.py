"""The list of rooms: whoever needs all of them (the application, the migrations, the command line) asks here."""

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """The pages of all rooms."""
    from portal.orgs.routes import bp as orgs
    from portal.people.routes import bp as people

    return [people, orgs]


def tables() -> None:
    """Make all tables, guards, jobs and invariants known."""
    import portal.audit.models
    import portal.files.models
    import portal.jobs.models
    import portal.orgs.models
    import portal.people.models
    import portal.series.models
    import portal.web.once
    import portal.web.throttle  # noqa: F401
