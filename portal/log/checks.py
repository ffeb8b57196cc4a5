from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.invariants import Found, invariant
from portal.log import verifying
from portal.log.models import Leaf, Tile


@invariant("log.leaves say what their facts say")
def leaves(session: Session) -> Found:
    """Each leaf, written anew from the rows of its fact, has the hash that it was given when the fact came in."""
    return _count(session, Leaf), verifying.leaves_wrong()


@invariant("log.tree")
def tree(session: Session) -> Found:
    """Tiles, root, size and signature are those of the leaves."""
    return _count(session, Tile), verifying.tree_wrong()


@invariant("log.every fact has a leaf")
def facts(session: Session) -> Found:
    """Nothing was booked past the log."""
    return _count(session, Leaf), verifying.facts_without_leaf()


@invariant("log.checkpoint kept outside")
def kept_outside(session: Session) -> Found:
    """The log goes on from the checkpoint that is kept outside the database."""
    return 1, verifying.outside_wrong()


def _count(session: Session, model: type[Leaf] | type[Tile]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0
