"""What the server calls."""

from portal import create_app, logbook

app = create_app()
logbook.of(app.extensions["portal_settings"])
