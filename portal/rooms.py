"""The list of rooms: whoever needs all of them (the application, the migrations, the command line) asks here."""

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """The pages of all rooms."""
    from portal.accounts.closing_routes import bp as closing
    from portal.accounts.contact_routes import bp as contacts
    from portal.accounts.factor_routes import bp as factors
    from portal.accounts.routes import bp as accounts
    from portal.activities.routes import bp as activities
    from portal.administration.routes import bp as administration
    from portal.administration.set_up_routes import bp as set_up
    from portal.badges.routes import bp as badges
    from portal.funds.routes import bp as funds
    from portal.home.routes import bp as home
    from portal.home.routes import own as me
    from portal.hours.routes import bp as hours
    from portal.hours.routes import photos
    from portal.lists.routes import bp as imports
    from portal.notices.routes import bp as notices
    from portal.operations.routes import bp as operations
    from portal.operations.watchers import bp as watchers
    from portal.orgs.routes import bp as orgs
    from portal.post.routes import bp as post
    from portal.receipts.routes import bp as receipts
    from portal.resets.routes import bp as reset
    from portal.roles.routes import bp as roles
    from portal.trail.routes import bp as trail

    return [
        accounts,
        factors,
        closing,
        contacts,
        reset,
        orgs,
        badges,
        activities,
        hours,
        photos,
        funds,
        imports,
        receipts,
        operations,
        watchers,
        roles,
        trail,
        administration,
        set_up,
        home,
        me,
        post,
        notices,
    ]


def tables() -> None:
    """Make all tables, guards, jobs and invariants known."""
    import portal.accounts.bell
    import portal.accounts.models
    import portal.activities.models
    import portal.activities.public_list
    import portal.activities.tallies
    import portal.administration.models
    import portal.audit.models
    import portal.badges.models
    import portal.consents.models
    import portal.contacts.models
    import portal.files.models
    import portal.funds.checks
    import portal.funds.guards
    import portal.funds.public_gifts
    import portal.funds.spending
    import portal.funds.tallies
    import portal.hours.checks
    import portal.hours.guards
    import portal.hours.models
    import portal.hours.papers
    import portal.hours.tallies
    import portal.indexes
    import portal.jobs.models
    import portal.jobs.tidying
    import portal.ledger.checks
    import portal.ledger.guards
    import portal.ledger.models
    import portal.lists.checks
    import portal.lists.guards
    import portal.notices.models
    import portal.notices.security
    import portal.notices.tallies
    import portal.notices.work
    import portal.orgs.models
    import portal.people.checks
    import portal.people.guards
    import portal.people.models
    import portal.people.tallies
    import portal.post.models
    import portal.post.sending
    import portal.profiles.actions
    import portal.profiles.models
    import portal.public
    import portal.receipts.booking
    import portal.receipts.checks
    import portal.receipts.guards
    import portal.resets.actions
    import portal.resets.models
    import portal.roles.guards
    import portal.roles.models
    import portal.rules.checks
    import portal.rules.models
    import portal.series.models
    import portal.web.once
    import portal.web.rate_tables
    import portal.web.throttle  # noqa: F401
