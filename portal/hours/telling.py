"""What becomes of hours is told to whose hours they are, and of returned ones to whoever entered them for her."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select

from portal.activities.models import Activity
from portal.db import rows
from portal.hours.models import Claim, Kind
from portal.notices import Told, Way, kind, tell_each
from portal.words import _l

NOTICES = {
    Kind.APPROVED: kind(
        "hours.approved",
        words=_l("时长通过"),
        detail=_l("「%(activity)s」的 %(minutes)s通过了审核。"),
        many=_l("%(count)s 条时长通过了审核，一共 %(minutes)s。"),
    ),
    Kind.RETURNED: kind(
        "hours.returned",
        words=_l("时长退回"),
        detail=_l("「%(activity)s」的 %(minutes)s被退回：%(reason)s"),
        many=_l("%(count)s 条时长被退回：%(reason)s"),
        mail=Way.NOW,
    ),
    Kind.UNDONE: kind(
        "hours.undone",
        words=_l("时长的审核撤销"),
        detail=_l("「%(activity)s」的审核撤销了，%(minutes)s重新等着审核。"),
        many=_l("%(count)s 条时长的审核撤销了，重新等着审核。"),
    ),
}


def tell_of(claims: Sequence[Claim], deed: Kind, reason: str | None, *, at: datetime) -> None:
    """Tell of what was decided; several of one person in one notice."""
    if deed not in NOTICES:
        return
    ids = sorted({claim.activity_id for claim in claims})
    names = {one.id: one.name for one in rows(select(Activity.id, Activity.name).where(Activity.id.in_(ids)))}
    told = sorted(_receivers(claims, deed), key=lambda pair: (pair[0], pair[1].id))
    each = [
        _told(person_id, [claim for _, claim in own], names, reason)
        for person_id, own in groupby(told, key=lambda pair: pair[0])
    ]
    tell_each(NOTICES[deed], each, at=at)


def _receivers(claims: Iterable[Claim], deed: Kind) -> set[tuple[int, Claim]]:
    owners = {(claim.person_id, claim) for claim in claims}
    return owners | {(claim.entered_by_id, claim) for claim in claims} if deed is Kind.RETURNED else owners


def _told(person_id: int, claims: Sequence[Claim], names: dict[int, str], reason: str | None) -> Told:
    values: dict[str, Any] = {"minutes": sum(claim.minutes for claim in claims)}
    values |= {"reason": reason} if reason else {}
    if len(claims) == 1:
        return Told(person_id, f"/hours/{claims[0].id}", values | {"activity": names[claims[0].activity_id]})
    return Told(person_id, "/hours", values | {"count": len(claims)})
