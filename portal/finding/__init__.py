"""One search for people, organisations and teams."""
