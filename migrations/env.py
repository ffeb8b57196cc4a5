"""How migrations run: on the application's own engine, each in a transaction of its own."""

from alembic import context
from flask import current_app

from portal.db import Base
from portal.rooms import tables
from portal.search import is_of_models

tables()


def run() -> None:
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            transaction_per_migration=True,
            include_schemas=False,
            include_name=is_of_models,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
