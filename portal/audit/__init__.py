"""Who did what to which record, when, from where: lines that the database never lets go of again.

A line is written in the transaction of the deed itself, so a deed without its line, or a line without its deed,
cannot be. `record_apart` is for what a rollback would swallow: failed log-ins and refused looks.
"""

from portal.audit.actions import record, record_apart, record_each

__all__ = ["record", "record_apart", "record_each"]
