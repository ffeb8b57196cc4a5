"""Who did what to which record, when, from where: lines that the database never lets go of again.

A line is written in the transaction of the deed itself, so a deed without its line, or a line without its deed,
cannot be. `record_apart` is for what a rollback would swallow: failed log-ins and refused looks. `record_look` is for
pages that show somebody's unmasked data to others; she sees it at /me/looks.
"""

from portal.audit.actions import record, record_apart, record_each, record_look, record_taking
from portal.audit.masks import changes
from portal.audit.origin import Via, signed_in_by

__all__ = ["Via", "changes", "record", "record_apart", "record_each", "record_look", "record_taking", "signed_in_by"]
