"""What is done of itself: the day's letter, and forgetting."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import update

from portal import clock
from portal.clock import CHINA
from portal.db import DETACHED, db
from portal.jobs import daily, enqueue, handler
from portal.jobs.actions import breathe, keep_lease
from portal.notices.actions import forget
from portal.notices.kinds import KINDS, Channel, Way
from portal.notices.letters import DIGEST_AT, digest_letter
from portal.notices.models import Notice
from portal.notices.queries import addresses_of, mail_ways, next_for_digest, waiting_for_digest
from portal.post import Channel as Post
from portal.post import post_many
from portal.words import _l

PLAN, DIGEST, FORGET = "notices.plan_digest", "notices.digest", "notices.forget"
READ_KEPT = timedelta(days=180)
ALL_KEPT = timedelta(days=400)
"""Longer than a year: who looks once a year still finds what she was told."""

PEOPLE_A_CHUNK, ROWS_A_CHUNK = 200, 500

daily(PLAN)
daily(FORGET)


@handler(PLAN, words=_l("安排当天的通知邮件"))
def plan(payload: dict[str, Any]) -> None:
    """Ask for the day's letters, for the evening."""
    today = clock.today()
    evening = clock.now().replace(hour=DIGEST_AT.hour, minute=DIGEST_AT.minute, second=0, microsecond=0)
    enqueue(DIGEST, {}, at=evening.astimezone(CHINA), key=f"{DIGEST}:{today}")


@handler(DIGEST, words=_l("发当天的通知邮件"))
def send_digests(payload: dict[str, Any]) -> None:
    """One letter to each for whom something waits. What a letter has told waits no more, in the same transaction."""
    last = 0
    while people := next_for_digest(last, most=PEOPLE_A_CHUNK):
        _send_digests(people)
        keep_lease(payload["job_id"], at=clock.now(), got_on=True)
        db.session.commit()
        last = people[-1]
        breathe()


@handler(FORGET, words=_l("忘掉旧的通知"))
def forget_old(payload: dict[str, Any]) -> None:
    """Half a year after they were read, and all after a good year; chunk by chunk."""
    while True:
        at = clock.now()
        count = forget(read_before=at - READ_KEPT, any_before=at - ALL_KEPT, most=ROWS_A_CHUNK)
        keep_lease(payload["job_id"], at=at)
        db.session.commit()
        if count < ROWS_A_CHUNK:
            return
        breathe()


def _send_digests(people: Sequence[int]) -> None:
    waiting, addresses, ways = waiting_for_digest(people), addresses_of(people, Channel.MAIL), mail_ways(people)
    letters = []
    for person_id, own in groupby(waiting, key=lambda one: one.person_id):
        # Since it happened she may have read it, or chosen otherwise.
        still = [one for one in own if one.read_at is None and _way(ways, one) is Way.DAILY]
        if still and person_id in addresses:
            letters.append(digest_letter(person_id, still, addresses[person_id]))
    post_many(Post.MAIL, letters, at=clock.now())
    told = update(Notice).where(Notice.id.in_([one.id for one in waiting])).values(for_digest=False)
    db.session.execute(told, execution_options=DETACHED)


def _way(ways: dict[tuple[int, str], Way], notice: Notice) -> Way:
    known = KINDS.get(notice.kind)
    return ways.get((notice.person_id, notice.kind), known.mail if known else Way.OFF)
