"""People who go on working while a backup is made: gifts, hours and uploads by the real actions, each acknowledged."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.activities.models import Activity
from portal.db import db
from portal.files import keep
from portal.funds.actions import GiftDraft, book_gifts
from portal.funds.queries import fund_by_slug
from portal.hours.actions import Service, enter_claim
from portal.hours.models import Evidence
from portal.people.models import Person
from portal.receipts.actions import issue_many
from tests import factories, volunteers
from tests.giving import DAY, opened
from tests.volunteers import MONDAY

DEADLINE = 60.0
"""Seconds in which so many more must be acknowledged; whoever blocks the writers fails here."""

PAUSE = 0.02
"""Seconds between two writes of one writer: the machine has other work too."""


@dataclass
class Load:
    """Running writers, and what they committed: receipts' numbers, ids of people with hours, hashes of uploads."""

    app: Flask
    activity_id: int
    gifts: set[str] = field(default_factory=set)
    hours: set[str] = field(default_factory=set)
    uploads: set[str] = field(default_factory=set)
    waits: list[float] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def acknowledged(self) -> tuple[set[str], set[str], set[str]]:
        return set(self.gifts), set(self.hours), set(self.uploads)

    def wait_for_more(self, more: int) -> None:
        """Until each kind of writer has done so many more."""
        wanted = [len(done) + more for done in self.acknowledged()]
        deadline = time.monotonic() + DEADLINE
        while any(len(done) < least for done, least in zip(self.acknowledged(), wanted, strict=True)):
            assert not self.faults, self.faults
            assert time.monotonic() < deadline, "the writers do not get on"
            time.sleep(0.02)

    def book_gift(self, number: int) -> None:
        fund, cashier, accountant = fund_by_slug("919"), _called("沈知秋"), _called("罗予安")
        assert fund is not None
        draft = GiftDraft(received_on=DAY, donor_name=f"捐赠人{number}", fen=100 + number)
        at = clock.now()
        booked = book_gifts(fund, [draft], by=cashier, checked_by=accountant, at=at)
        issued = issue_many(fund, booked, handler=cashier, checker=accountant, at=at)
        db.session.commit()
        self.gifts |= {str(number) for number in issued}

    def log_hours(self, number: int) -> None:
        activity = db.session.get_one(Activity, self.activity_id)
        person = factories.person(f"志愿者{number}", teams=[activity.team])
        service = Service(activity.starts_at, 60, activity.place)
        enter_claim(person, activity, service, evidence=Evidence.SELF, by=person, at=MONDAY)
        db.session.commit()
        self.hours.add(str(person.id))

    def upload(self, number: int) -> None:
        content = f"{number} 名单\n".encode() * 1_000
        keep(content, name=f"名单{number}.csv", by=_called("沈知秋"), at=clock.now())
        db.session.commit()
        self.uploads.add(hashlib.sha256(content).hexdigest())

    def keep_doing(self, work: Callable[[int], None]) -> None:
        for number in count(1):
            if self.stopping.is_set():
                return
            began = time.monotonic()
            try:
                with self.app.app_context():
                    work(number)
            except BaseException as fault:
                self.faults.append(fault)
                return
            self.waits.append(time.monotonic() - began)
            self.stopping.wait(PAUSE)


@contextmanager
def under_load(app: Flask) -> Iterator[Load]:
    """Three writers, until the end of the block."""
    load = _prepared(app)
    works = (load.book_gift, load.log_hours, load.upload)
    threads = [threading.Thread(target=load.keep_doing, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.stopping.set()
        for thread in threads:
            thread.join(DEADLINE)
    assert not load.faults, load.faults


def _prepared(app: Flask) -> Load:
    with app.app_context(), clock.frozen(MONDAY):
        opened()
        activity = volunteers.closed(volunteers.cast())
        db.session.commit()
        return Load(app, activity.id)


def _called(name: str) -> Person:
    return db.session.scalars(select(Person).where(Person.name == name).order_by(Person.id).limit(1)).one()
