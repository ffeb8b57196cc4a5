"""What would be torn apart by undoing a merge of organisations: hours that rest on it."""

from sqlalchemy import func, select

from portal.db import db
from portal.hours.models import Claim
from portal.orgs.merging import depends
from portal.orgs.units import Merge
from portal.words import Words, _l


@depends
def hours_since(merged: Merge, teams: list[int]) -> Words | None:
    """Hours of teams that went over, entered for the organisation that stays, keep it for good."""
    if not teams:
        return None
    there = (Claim.organisation_id == merged.kept_id, Claim.team_id.in_(teams))
    count = db.session.scalar(select(func.count()).select_from(Claim).where(*there)) or 0
    if not count:
        return None
    return _l(
        "合并以后，这些队已经有 %(num)d 条时长记在「%(name)s」名下，不能再分开。", num=count, name=merged.kept.name
    )
