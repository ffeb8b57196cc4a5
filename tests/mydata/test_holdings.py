"""What the portal holds of a person is declared: no column that names somebody may be missing."""

import re

import pytest
from flask import Flask
from sqlalchemy import Integer

from portal.db import Base
from portal.guards import GUARDS
from portal.holdings import HOLDINGS, Then
from portal.mydata.words import LABELS
from portal.rules.catalogue import RULES

LOOSE = re.compile(r"(^|_)(person|actor)_id$|_by_id$")
"""Columns that name people without a foreign key."""


def naming() -> list[tuple[str, str]]:
    """Every column that names a person: by its key, or by its own name."""
    found = []
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            keys = {key.column.table.name for key in column.foreign_keys}
            is_number = isinstance(column.type, Integer) or isinstance(getattr(column.type, "impl", None), Integer)
            if "people_person" in keys or (is_number and not keys and LOOSE.search(column.name)):
                found.append((table.name, column.name))
    return found


def test_every_column_that_names_a_person_is_declared(app: Flask) -> None:
    missing = [
        f"{table}.{column}"
        for table, column in naming()
        if table not in HOLDINGS or column not in HOLDINGS[table].columns
    ]
    assert not missing, "say in the room's held.py what these are: " + ", ".join(missing)


def test_a_column_that_nobody_declared_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(HOLDINGS, "contacts_contact")
    with pytest.raises(AssertionError, match=r"contacts_contact\.person_id"):
        test_every_column_that_names_a_person_is_declared(app)


def test_nothing_is_declared_that_is_not_there(app: Flask) -> None:
    for holding in HOLDINGS.values():
        columns = Base.metadata.tables[holding.table].columns.keys()
        named = {*holding.columns, *holding.hidden, *holding.emptied, *((holding.through or ())[:1])}
        assert named <= set(columns), holding.table
        assert not holding.rule or holding.rule in RULES


def test_what_is_to_be_deleted_the_database_lets_go(app: Flask) -> None:
    for holding in HOLDINGS.values():
        refusing = {f"{holding.table}_no_delete", f"{holding.table}_no_update"} & GUARDS.keys()
        assert not (holding.then is Then.DELETED and refusing), holding.table
        assert not (holding.then is Then.EMPTIED and f"{holding.table}_no_update" in GUARDS), holding.table


def test_every_column_of_a_copy_has_a_name_that_people_understand(app: Flask) -> None:
    for holding in HOLDINGS.values():
        if not holding.is_hers:
            continue
        columns = set(Base.metadata.tables[holding.table].columns.keys()) - set(holding.hidden)
        assert not columns - LABELS.keys() - holding.labels.keys(), holding.table


def test_digests_hashes_and_tokens_are_in_no_copy(app: Flask) -> None:
    secret = re.compile(r"digest|hash|nonce|token|^secret$")
    for holding in HOLDINGS.values():
        if holding.is_hers:
            columns = set(Base.metadata.tables[holding.table].columns.keys()) - set(holding.hidden)
            assert not [name for name in columns if secret.search(name)], holding.table
