"""Work that outlives a request: rows written in the transaction that wants it, leased by a worker.

A handler is found by name, commits as it goes and may be called again after a crash: it must know where it stopped.
A long one calls `keep_lease` in the transaction of each chunk and `breathe` between two of them.
"""

from portal.jobs.actions import enqueue
from portal.jobs.handlers import daily, handler

__all__ = ["daily", "enqueue", "handler"]
