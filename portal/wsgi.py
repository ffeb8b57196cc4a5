"""What the server calls."""

from portal import create_app

app = create_app()
