"""One after the other: whoever changes a list holds its row until the end of the transaction."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from portal.db import db
from portal.lists.models import DonationImport
from portal.problems import ChangedMeanwhile
from portal.words import _l

P = ParamSpec("P")
R = TypeVar("R")

_GUARDS = re.compile(r"lists_(import|row)_\w+: ")


def in_turn(
    action: Callable[Concatenate[DonationImport, P], R],
) -> Callable[Concatenate[DonationImport, P], R]:
    """The action, begun with the list's row locked and as it now is: two on one list take turns.

    Raises ChangedMeanwhile where a guard of the database still says no; the caller rolls back.
    """

    @wraps(action)
    def locked(imported: DonationImport, /, *args: P.args, **kwargs: P.kwargs) -> R:
        _lock(imported)
        try:
            return action(imported, *args, **kwargs)
        except DBAPIError as error:
            if not _GUARDS.match(str(error.orig)):
                raise
            raise ChangedMeanwhile(_l("这份名单刚才被别人改动过，请刷新页面再看。")) from error

    return locked


def _lock(imported: DonationImport) -> None:
    wanted = select(DonationImport).where(DonationImport.id == imported.id).with_for_update(of=DonationImport)
    db.session.scalars(wanted, execution_options={"populate_existing": True}).one()
