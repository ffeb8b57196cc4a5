import time
from datetime import date, datetime
import pytest
from portal import clock
from portal.db import db
from portal.people.actions import add_person
from portal.ledger.actions import open_books, open_entity, open_pool, post, post_many
from portal.ledger.drafts import EntryDraft
from portal.ledger.models import EntryKind
from portal.ledger.patterns import gift_lines

AT = datetime(2026, 3, 2, 9, tzinfo=clock.CHINA)

def test_48740(session):
    a = add_person("甲", by=None, at=AT); b = add_person("乙", by=None, at=AT)
    open_books(); e = open_entity("海宁", "海", by=None, at=AT)
    p = open_pool(e, "919", "919爱心基金", is_restricted=True, by=None, at=AT)
    db.session.commit()
    drafts = [EntryDraft(on=date(2026, 1 + i % 12, 1), kind=EntryKind.GIFT, memo="捐赠", lines=gift_lines(p, 100 + i), idempotency_key=f"import:1:{i}") for i in range(48740)]
    t = time.perf_counter()
    posted = post_many(drafts, by=a, checked_by=b, at=AT)
    t1 = time.perf_counter()
    db.session.commit()
    t2 = time.perf_counter()
    print(f"\n{db.engine.dialect.name}: post {t1-t:.2f} commit {t2-t1:.2f}; {p.balance_fen} {posted[-1]}")
    t = time.perf_counter()
    for i in range(200):
        post(EntryDraft(on=date(2026, 1 + i % 12, 1), kind=EntryKind.GIFT, memo="捐赠", lines=gift_lines(p, 100 + i), idempotency_key=f"one:{i}"), by=a, checked_by=b, at=AT)
        db.session.commit()
    print(f"one: {(time.perf_counter()-t)/200*1000:.2f} ms")
