"""Work that outlives a request: rows written in the transaction that wants it, leased by a worker.

A handler is found by name, commits as it goes and may be called again after a crash: it must know where it stopped.
"""

from portal.jobs.actions import enqueue, handler

__all__ = ["enqueue", "handler"]
