import time, collections
from datetime import date, datetime
import pytest
from sqlalchemy import event, text
from portal import clock
from portal.db import db
from portal.people.actions import add_person
from portal.ledger.actions import open_books, open_entity, open_pool, post, post_many
from portal.ledger.drafts import EntryDraft
from portal.ledger.models import EntryKind
from portal.ledger.patterns import gift_lines
import cProfile, pstats
AT = datetime(2026, 3, 2, 9, tzinfo=clock.CHINA)

def test_prof(session):
    a = add_person("甲", by=None, at=AT); b = add_person("乙", by=None, at=AT)
    open_books(); e = open_entity("海宁", "海", by=None, at=AT)
    p = open_pool(e, "919", "919爱心基金", is_restricted=True, by=None, at=AT)
    db.session.commit()
    drafts = [EntryDraft(on=date(2026, 1 + i % 12, 1), kind=EntryKind.GIFT, memo="捐赠", lines=gift_lines(p, 100 + i), idempotency_key=f"import:1:{i}") for i in range(48740)]
    tot = collections.Counter(); cnt = collections.Counter(); st = {}
    def before(conn, cur, s, *r): st['t']=time.perf_counter()
    def after(conn, cur, s, *r):
        k=s[:45].replace("\n"," "); tot[k]+=time.perf_counter()-st['t']; cnt[k]+=1
    event.listen(db.engine,'before_cursor_execute',before); event.listen(db.engine,'after_cursor_execute',after)
    t = time.perf_counter()
    pr=cProfile.Profile()
    posted = post_many(drafts, by=a, checked_by=b, at=AT)
    t1 = time.perf_counter()
    db.session.commit()
    print(f"\n{db.engine.dialect.name}: post {t1-t:.2f} commit {time.perf_counter()-t1:.2f}")
    for k,v in tot.most_common(8): print(f"{v:.2f} {cnt[k]} {k}")
    tot.clear(); cnt.clear()
    for i in range(50):
        post(EntryDraft(on=date(2026, 1 + i % 12, 1), kind=EntryKind.GIFT, memo="捐赠", lines=gift_lines(p, 100 + i), idempotency_key=f"one:{i}"), by=a, checked_by=b, at=AT)
        db.session.commit()
    for k,v in tot.most_common(20): print(f"{v/50*1000:.2f}ms {cnt[k]} {k}")
    event.remove(db.engine,'before_cursor_execute',before); event.remove(db.engine,'after_cursor_execute',after)
    drafts = [EntryDraft(on=date(2026, 1 + i % 12, 1), kind=EntryKind.GIFT, memo="捐赠", lines=gift_lines(p, 100 + i), idempotency_key=f"import:2:{i}") for i in range(48740)]
    pr.enable()
    posted = post_many(drafts, by=a, checked_by=b, at=AT)
    pr.disable()
    db.session.commit()
    pstats.Stats(pr).sort_stats('tottime').print_stats(14)
