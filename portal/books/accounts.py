"""What a place is called in a file."""

from collections.abc import Mapping
from functools import cache

from portal.books.naming import NO_POOL_PART, OUTSIDE_PART, account_parts, entity_parts, pool_parts
from portal.books.queries import OUTSIDE, Ledger, Place
from portal.ledger.models import NO_POOL, AccountKind


class Accounts:
    """The names under these roots: `Assets:1-海宁市慈善会:1002-银行存款:919-爱心基金`."""

    def __init__(self, ledger: Ledger, roots: Mapping[AccountKind, str]) -> None:
        self._ledger, self._roots = ledger, roots
        self._entities = entity_parts(ledger.entities)
        self._accounts = account_parts(ledger.accounts)
        self._pools = {**pool_parts(ledger.pools), NO_POOL: NO_POOL_PART}
        self.name = cache(self._name)

    def all(self) -> list[str]:
        """Names of all places that were ever booked in, and of what lies outside a part."""
        places = self._ledger.places()
        if self._ledger.pool_ids is not None:
            places += [Place(entity_id, OUTSIDE, NO_POOL) for entity_id in sorted({one.entity_id for one in places})]
        return [self.name(place) for place in places]

    def _name(self, place: Place) -> str:
        entity = self._entities[place.entity_id]
        if place.account_id == OUTSIDE:
            return f"{self._roots[AccountKind.NET_ASSETS]}:{entity}:{OUTSIDE_PART}"
        root = self._roots[self._ledger.kinds[place.account_id]]
        return f"{root}:{entity}:{self._accounts[place.account_id]}:{self._pools[place.pool_id]}"
