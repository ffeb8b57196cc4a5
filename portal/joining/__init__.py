"""From an application to a volunteer."""
