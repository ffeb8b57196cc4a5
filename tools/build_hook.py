"""A wheel without front-end files or compiled words would start, and look broken: refuse to build it."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompleteWheel(BuildHookInterface[Any]):
    """Called by hatchling before it builds; an editable install comes before the files are there."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if version == "editable":
            return
        if not (root / "static" / "vendor" / "htmx.min.js").exists():
            raise RuntimeError("static/vendor is empty: run `make setup` before building a wheel")
        for source in root.glob("portal/translations/*/LC_MESSAGES/*.po"):
            if not source.with_suffix(".mo").exists():
                raise RuntimeError(f"{source} is not compiled: run `make setup` before building a wheel")
