"""What `portal check` recomputes about organisations."""

from collections import Counter
from itertools import pairwise

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.identity import read_credit_code
from portal.invariants import ENOUGH, Found, invariant
from portal.orgs.details import PREFIXES
from portal.orgs.histories import HISTORIES
from portal.orgs.models import Kind, Organisation, Team
from portal.orgs.units import MemberUnit, Merge
from portal.problems import DomainError


@invariant("orgs.credit codes are valid and their own")
def codes_are_valid(session: Session) -> Found:
    """By their check digit and the prefix of the kind, and no two open organisations have the same."""
    told = (Organisation.id, Organisation.kind, Organisation.credit_code, Organisation.closed_on)
    coded = session.execute(select(*told).where(Organisation.credit_code.is_not(None))).all()
    uses = Counter(code for _, _, code, closed_on in coded if closed_on is None)
    wrong = [(number, code) for number, kind, code, _ in coded if not _fits(kind, code)]
    problems = [f"organisation {number}: code {code} does not hold" for number, code in wrong]
    problems += [f"code {code} is used {count} times" for code, count in uses.items() if count > 1]
    return len(coded), problems


@invariant("orgs.merged ones point to one that stays")
def merges_end(session: Session) -> Found:
    """A second entry is closed, has no teams, and points to an organisation that points nowhere."""
    kept = aliased(Organisation)
    teams = select(func.count()).where(Team.organisation_id == Organisation.id).scalar_subquery()
    wrong = or_(
        Organisation.closed_on.is_(None), kept.merged_into_id.is_not(None), kept.id == Organisation.id, teams > 0
    )
    merged = select(Organisation.id, Organisation.merged_into_id).join(kept, kept.id == Organisation.merged_into_id)
    found = session.execute(merged.where(wrong).limit(ENOUGH)).all()
    count = session.scalar(select(func.count()).where(Organisation.merged_into_id.is_not(None))) or 0
    return count, [f"organisation {one} points to {other}" for one, other in found]


@invariant("orgs.merged ones went by a merge")
def merges_hold(session: Session) -> Found:
    """Whatever points to another has a merge that holds, and whatever has one points somewhere."""
    held = set(session.scalars(select(Merge.gone_id).where(Merge.undone_at.is_(None))))
    said = set(session.scalars(select(Organisation.id).where(Organisation.merged_into_id.is_not(None))))
    return len(held), [f"organisation {one} is merged in one table only" for one in sorted(held ^ said)]


@invariant("orgs.member units have their days")
def unit_days_hold(session: Session) -> Found:
    """A unit left after it joined, and never belonged twice at a time."""
    told = (MemberUnit.organisation_id, MemberUnit.joined_on, MemberUnit.left_on)
    in_order = (MemberUnit.organisation_id, MemberUnit.joined_on, MemberUnit.id)
    times = session.execute(select(*told).order_by(*in_order)).all()
    backwards = [f"organisation {one}: left before {joined}" for one, joined, left in times if left and left < joined]
    twice = [
        f"organisation {one[0]}: still a unit on {other[1]}"
        for one, other in pairwise(times)
        if one[0] == other[0] and (one[2] is None or one[2] > other[1])
    ]
    return len(times), backwards + twice


@invariant("orgs.histories replace their own")
def histories_replace_their_own(session: Session) -> Found:
    """A row replaces an earlier one of the same organisation."""
    count, problems = 0, []
    for model in HISTORIES:
        before = aliased(model)
        wrong = or_(before.organisation_id != model.organisation_id, before.id >= model.id)
        pairs = select(model.id, before.id).join(before, before.id == model.replaces_id).where(wrong).limit(ENOUGH)
        problems += [f"{model.__tablename__} {one} replaces {other}" for one, other in session.execute(pairs)]
        count += session.scalar(select(func.count()).select_from(model)) or 0
    return count, problems


def _fits(kind: str, code: str | None) -> bool:
    try:
        code = read_credit_code(code or "")
    except DomainError:
        return False
    return Kind(kind) is not Kind.COMMUNITY and code.startswith(PREFIXES.get(Kind(kind), ""))
