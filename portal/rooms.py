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
    from portal.books.routes import bp as books
    from portal.exports.routes import bp as exports
    from portal.finding.routes import bp as finding
    from portal.funds.routes import bp as funds
    from portal.home.routes import bp as home
    from portal.home.routes import own as me
    from portal.hours.routes import bp as hours
    from portal.hours.routes import photos
    from portal.joining.entering_routes import bp as volunteers
    from portal.joining.join_routes import bp as join
    from portal.joining.routes import bp as applications
    from portal.joining.standing_routes import bp as standing
    from portal.lists.routes import bp as imports
    from portal.log.routes import bp as log
    from portal.merging.routes import bp as merging
    from portal.mydata.deletion_routes import bp as deletion
    from portal.mydata.office_routes import bp as office
    from portal.mydata.routes import bp as mydata
    from portal.notices.routes import bp as notices
    from portal.numbers.routes import bp as numbers
    from portal.operations.routes import bp as operations
    from portal.operations.watchers import bp as watchers
    from portal.orgs.history_routes import bp as histories
    from portal.orgs.merge_routes import bp as merges
    from portal.orgs.registry_routes import bp as registry
    from portal.orgs.unit_routes import bp as units
    from portal.post.routes import bp as post
    from portal.profiles.routes import bp as profiles
    from portal.receipts.change_routes import bp as receipt_changes
    from portal.receipts.donor_routes import bp as own_receipts
    from portal.receipts.routes import bp as receipts
    from portal.receipts.state_routes import bp as state_receipts
    from portal.receipts.summary_routes import bp as summaries
    from portal.resets.routes import bp as reset
    from portal.roles.routes import bp as roles
    from portal.rosters.export_routes import bp as roster_exports
    from portal.rosters.routes import bp as rosters
    from portal.spending.routes import bp as spending
    from portal.teams.chain_routes import bp as chains
    from portal.teams.invitation_routes import bp as invitations
    from portal.teams.loan_routes import bp as loans
    from portal.teams.message_routes import bp as messages
    from portal.teams.routes import bp as teams
    from portal.trail.routes import bp as trail
    from portal.transparency.routes import bp as transparency
    from portal.verifying.routes import bp as verifying
    from portal.ways.routes import bp as ways

    return [
        accounts,
        factors,
        closing,
        contacts,
        reset,
        profiles,
        join,
        applications,
        volunteers,
        standing,
        registry,
        histories,
        units,
        merges,
        teams,
        invitations,
        chains,
        messages,
        loans,
        badges,
        activities,
        hours,
        photos,
        funds,
        imports,
        books,
        log,
        receipts,
        own_receipts,
        receipt_changes,
        state_receipts,
        summaries,
        operations,
        watchers,
        roles,
        rosters,
        roster_exports,
        trail,
        transparency,
        verifying,
        ways,
        spending,
        finding,
        numbers,
        administration,
        set_up,
        home,
        me,
        post,
        notices,
        merging,
        exports,
        mydata,
        deletion,
        office,
    ]


def tables() -> None:
    """Make all tables, guards, jobs, invariants and holdings known."""
    import portal.accounts.bell
    import portal.accounts.held
    import portal.accounts.models
    import portal.activities.held
    import portal.activities.models
    import portal.activities.on_teams
    import portal.activities.public_list
    import portal.activities.tallies
    import portal.administration.held
    import portal.administration.models
    import portal.audit.held
    import portal.audit.models
    import portal.badges.held
    import portal.badges.models
    import portal.consents.held
    import portal.consents.models
    import portal.contacts.held
    import portal.contacts.models
    import portal.exports.held
    import portal.exports.models
    import portal.exports.work
    import portal.files.held
    import portal.files.models
    import portal.finding.checks
    import portal.finding.guards
    import portal.finding.models
    import portal.finding.work
    import portal.funds.checks
    import portal.funds.guards
    import portal.funds.held
    import portal.funds.public_gifts
    import portal.funds.spending
    import portal.funds.tallies
    import portal.hours.checks
    import portal.hours.guards
    import portal.hours.held
    import portal.hours.models
    import portal.hours.on_teams
    import portal.hours.papers
    import portal.hours.tallies
    import portal.indexes
    import portal.jobs.models
    import portal.jobs.tidying
    import portal.joining.drafts
    import portal.joining.held
    import portal.joining.models
    import portal.joining.standing
    import portal.ledger.checks
    import portal.ledger.guards
    import portal.ledger.held
    import portal.ledger.leaves
    import portal.ledger.models
    import portal.ledger.trace_checks
    import portal.lists.checks
    import portal.lists.guards
    import portal.lists.held
    import portal.log.checks
    import portal.log.guards
    import portal.log.models
    import portal.log.work
    import portal.merging.checks
    import portal.merging.held
    import portal.merging.models
    import portal.mydata.checks
    import portal.mydata.coming_of_age
    import portal.mydata.held
    import portal.mydata.models
    import portal.mydata.retention
    import portal.notices.held
    import portal.notices.models
    import portal.notices.security
    import portal.notices.tallies
    import portal.notices.work
    import portal.numbers.work
    import portal.orgs.checks
    import portal.orgs.guards
    import portal.orgs.held
    import portal.orgs.histories
    import portal.orgs.models
    import portal.orgs.terms
    import portal.orgs.units
    import portal.people.checks
    import portal.people.guards
    import portal.people.held
    import portal.people.models
    import portal.people.tallies
    import portal.post.held
    import portal.post.models
    import portal.post.sending
    import portal.profiles.actions
    import portal.profiles.held
    import portal.profiles.models
    import portal.public
    import portal.receipts.booking
    import portal.receipts.change_models
    import portal.receipts.checks
    import portal.receipts.guards
    import portal.receipts.held
    import portal.receipts.leaves
    import portal.receipts.privacy
    import portal.receipts.state_models
    import portal.receipts.summary_models
    import portal.resets.actions
    import portal.resets.held
    import portal.resets.models
    import portal.roles.guards
    import portal.roles.held
    import portal.roles.models
    import portal.rosters.booking
    import portal.rosters.checks
    import portal.rosters.guards
    import portal.rosters.held
    import portal.rosters.models
    import portal.rosters.reader
    import portal.rosters.tidying
    import portal.rules.checks
    import portal.rules.held
    import portal.rules.models
    import portal.series.models
    import portal.spending.guards
    import portal.spending.held
    import portal.spending.models
    import portal.teams.guards
    import portal.teams.held
    import portal.teams.lending
    import portal.teams.models
    import portal.transparency.dependents
    import portal.web.held
    import portal.web.once
    import portal.web.rate_tables
    import portal.web.throttle  # noqa: F401
