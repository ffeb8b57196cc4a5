"""One after the other: whoever changes a list holds its row until the end of the transaction."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import joinedload

from portal.db import db
from portal.lists.models import DonationImport
from portal.problems import ChangedMeanwhile
from portal.words import _l

_LOCKED = (
    select(DonationImport)
    .where(DonationImport.id == bindparam("list"))
    .with_for_update(of=DonationImport)
    .execution_options(populate_existing=True)
)
_LOCKED_TO_BOOK = _LOCKED.options(
    joinedload(DonationImport.fund), joinedload(DonationImport.handed_by), joinedload(DonationImport.confirmed_by)
)

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
    def turn(imported: DonationImport, /, *args: P.args, **kwargs: P.kwargs) -> R:
        locked(imported.id)
        try:
            return action(imported, *args, **kwargs)
        except DBAPIError as error:
            if not _GUARDS.match(str(error.orig)):
                raise
            raise ChangedMeanwhile(_l("这份名单刚才被别人改动过，请刷新页面再看。")) from error

    return turn


def locked(import_id: int, *, to_book: bool = False) -> DonationImport:
    """The list as it now is, its row locked until the end of the transaction: two workers on it take turns.

    `to_book`: with its fund and both people, by the same statement.
    """
    return db.session.scalars(_LOCKED_TO_BOOK if to_book else _LOCKED, {"list": import_id}).one()
