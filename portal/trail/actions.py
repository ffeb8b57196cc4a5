"""Taking the trail away is a deed like any other."""

from datetime import datetime

from portal.actor import Actor
from portal.audit import record_apart


def record_export(filters: dict[str, str], *, by: Actor, at: datetime) -> None:
    """Say who took lines away and by which filters; a reading request keeps it all the same."""
    record_apart("audit.exported", None, by=by, at=at, filters=filters)
