"""Whose data it is: looking, taking along, correcting, deleting; and how long anything is kept."""
