from collections.abc import Callable
from pathlib import Path
import pytest
from flask import Flask
from tests.applications import application, migrate
from tests.engines import Engine, empty
from tests.ledger import throwaway

@pytest.fixture(scope="session")
def applications(worker: str, memory: Path) -> Callable[[str], tuple[Flask, Engine]]:
    made: dict[str, tuple[Flask, Engine]] = {}

    def for_engine(name: str) -> tuple[Flask, Engine]:
        if name not in made:
            engine = empty(name, memory, f"{worker}_ledger_{name}")
            app = application(engine, memory / f"ledger_{name}")
            migrate(app)
            throwaway.make(app)
            engine.keep()
            made[name] = app, engine
        return made[name]

    return for_engine
