"""Drafts of somebody who leaves become another's. What was handed in or published keeps its authors."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from portal.activities.models import OPEN_TO_CHANGE, Activity
from portal.activities.policy import DECIDES, can_draft_for
from portal.actor import Actor
from portal.audit import record
from portal.db import db
from portal.people.models import Person
from portal.people.policy import holds


def drafts_to_pass_on(author: Person, *, teams: Collection[int]) -> list[Activity]:
    """What she may still write for these teams, the nearest first."""
    hers = (Activity.drafted_by_id == author.id, Activity.status.in_(OPEN_TO_CHANGE), Activity.team_id.in_(teams))
    return list(db.session.scalars(select(Activity).where(*hers).order_by(Activity.starts_at, Activity.id)))


def pass_on(drafts: Collection[Activity], *, to: Person, by: Actor | None, at: datetime) -> list[Activity]:
    """Those that are the successor's now.

    Left out is what she may not write, what she has returned herself, and what its author might then decide on:
    two people look at an activity, whoever writes it.
    """
    passed = [draft for draft in drafts if _may_pass(draft, to)]
    for draft in passed:
        was = draft.drafted_by_id
        draft.drafted_by_id = to.id
        draft.seq += 1
        db.session.flush()
        record("activities.activity.passed_on", draft, by=by, at=at, person=to.id, was_by=was)
    return passed


def _may_pass(draft: Activity, to: Person) -> bool:
    is_decided_by_her = draft.decided_by_id == to.id
    would_decide = holds(draft.drafted_by, *DECIDES, on=draft.team.scopes)
    return can_draft_for(to, draft.team) and not is_decided_by_her and not would_decide
