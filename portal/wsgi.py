"""What the server calls."""

import gc

from portal import create_app, logbook

app = create_app()
logbook.of(app.extensions["portal_settings"])

# What the start has made stays. Looking through it for what is left over would be a tenth of every answer's time.
gc.collect()
gc.freeze()
