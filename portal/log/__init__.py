"""The public log: a Merkle tree (RFC 6962) over every fact that counts, appended in the transaction that makes it.

A room says how its facts read (`leaves.leaf`) and that one is there (`note`). The unit of work does the rest: before
COMMIT, as its last write, what was noted becomes leaves, and the head is signed. Nothing of it rests on trust in this
portal: whoever kept an old checkpoint sees every later change of what it stood for.
"""

from portal.log.actions import note
from portal.log.leaves import Body, leaf, rows_beside

__all__ = ["Body", "leaf", "note", "rows_beside"]
