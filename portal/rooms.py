"""The list of rooms: whoever needs all of them (the application, the migrations, the command line) asks here."""

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """The pages of all rooms."""
    from portal.accounts.routes import bp as accounts
    from portal.activities.routes import bp as activities
    from portal.funds.routes import bp as funds
    from portal.home.routes import bp as home
    from portal.home.routes import own as me
    from portal.hours.routes import bp as hours
    from portal.lists.routes import bp as imports
    from portal.operations.routes import bp as operations
    from portal.operations.watchers import bp as watchers
    from portal.orgs.routes import bp as orgs
    from portal.receipts.routes import bp as receipts
    from portal.trail.routes import bp as trail

    return [accounts, orgs, activities, hours, funds, imports, receipts, operations, watchers, trail, home, me]


def tables() -> None:
    """Make all tables, guards, jobs and invariants known."""
    import portal.accounts.models
    import portal.activities.models
    import portal.activities.public_list
    import portal.activities.tallies
    import portal.audit.models
    import portal.files.models
    import portal.funds.checks
    import portal.funds.guards
    import portal.funds.public_gifts
    import portal.funds.spending
    import portal.funds.tallies
    import portal.hours.checks
    import portal.hours.guards
    import portal.hours.models
    import portal.hours.tallies
    import portal.jobs.models
    import portal.jobs.tidying
    import portal.ledger.checks
    import portal.ledger.guards
    import portal.ledger.models
    import portal.lists.checks
    import portal.lists.guards
    import portal.orgs.models
    import portal.people.models
    import portal.people.tallies
    import portal.public
    import portal.receipts.booking
    import portal.receipts.checks
    import portal.receipts.guards
    import portal.series.models
    import portal.web.once
    import portal.web.throttle  # noqa: F401
