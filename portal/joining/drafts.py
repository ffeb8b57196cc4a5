"""Half-done forms: what was typed so far, sealed, and which step comes next."""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select

from portal import clock
from portal.actor import Actor
from portal.chance import digest_of_token, new_token
from portal.contacts.models import Kind
from portal.contacts.reading import Address, read_address
from portal.db import DETACHED, db
from portal.identity import age_on
from portal.jobs import daily, handler
from portal.joining.models import Draft
from portal.problems import ChangedMeanwhile, DomainError
from portal.profiles.details import OLD_ENOUGH_TO_AGREE, Details, Protector, is_minor
from portal.profiles.fields import details_from, guardian_from
from portal.words import Words, _l

FORGET = "joining.forget_drafts"


class Step(StrEnum):
    """The steps in their order; its value is the last part of the step's address."""

    CONTACT = "contact"
    CODE = "code"
    DETAILS = "details"
    GUARDIAN = "guardian"
    CHOICES = "choices"
    MORE = "more"
    FINISH = "finish"

    @property
    def label(self) -> Words:
        return STEP_NAMES[self]


STEP_NAMES: dict[Step, Words] = {
    Step.CONTACT: _l("姓名"),
    Step.CODE: _l("验证"),
    Step.DETAILS: _l("基本情况"),
    Step.GUARDIAN: _l("监护人"),
    Step.CHOICES: _l("特长和时间"),
    Step.MORE: _l("可选信息"),
    Step.FINISH: _l("同意并提交"),
}


class HalfDone:
    """What a draft says, and where its owner is in it. `said` is what was typed, by the names of the fields."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.said: dict[str, Any] = json.loads(draft.content)

    # ── what it says ────────────────────────────────────────────────────────────────────────────────
    @property
    def name(self) -> str:
        return str(self.said.get("name") or "")

    @property
    def address(self) -> Address | None:
        """Where she can be reached; None for whoever was signed in."""
        value = self.said.get("contact_value")
        return Address(Kind(self.said["contact_kind"]), value) if value else None

    @property
    def is_proved(self) -> bool:
        """Whether a code came back from the address that stands there now."""
        return self.address is not None and self.said.get("proved") == self.address.digest

    @property
    def details(self) -> Details:
        return details_from(self.said)

    @property
    def is_minor(self) -> bool:
        return is_minor(self.details, today=clock.today())

    @property
    def is_child(self) -> bool:
        """Under 14: her guardian agrees in her stead (个人信息保护法 §31)."""
        born_on = self.details.born_on
        return born_on is not None and age_on(clock.today(), born_on=born_on) < OLD_ENOUGH_TO_AGREE

    @property
    def guardian(self) -> Protector | None:
        return guardian_from(self.said) if self.is_minor else None

    @property
    def guardian_address(self) -> Address | None:
        return read_address(self.guardian.mobile) if self.guardian else None

    @property
    def guardian_agreed(self) -> bool:
        """Whether a code came back from the guardian's mobile, which may be the one that the child gave as hers."""
        address = self.guardian_address
        return address is not None and address.digest in (self.said.get("guardian_proved"), self.said.get("proved"))

    @property
    def on_paper(self) -> bool:
        """The guardian will sign on paper. Not for a child: nothing of hers may lie here before (§31)."""
        return bool(self.said.get("on_paper")) and self.is_minor and not self.is_child

    # ── where its owner is ──────────────────────────────────────────────────────────────────────────
    @property
    def steps(self) -> list[Step]:
        """Those that this person has to go."""
        known = (Step.CONTACT, Step.CODE) if self.draft.person_id else ()
        skipped = {*known, *(() if self.is_minor else (Step.GUARDIAN,))}
        return [step for step in Step if step not in skipped]

    def is_done(self, step: Step) -> bool:
        if step is Step.CONTACT:
            return self.address is not None
        if step is Step.CODE:
            return self.is_proved
        if step is Step.GUARDIAN:
            return self.guardian is not None and (self.guardian_agreed or self.on_paper)
        return step.value in self.said.get("seen", ())

    @property
    def due(self) -> Step:
        """The first step that is not done."""
        return next((step for step in self.steps if not self.is_done(step)), Step.FINISH)

    def may_open(self, step: Step) -> bool:
        """Back is always open, forward only what follows the steps that are done."""
        return step in self.steps and self.steps.index(step) <= self.steps.index(self.due)

    # ── writing ─────────────────────────────────────────────────────────────────────────────────────
    def keep(self, typed: Mapping[str, Any], *, at: datetime, seen: Step | None = None) -> None:
        """Write down what was typed in a step."""
        self.said |= {name: _plain(value) for name, value in typed.items()}
        if seen is not None:
            self.said["seen"] = sorted({*self.said.get("seen", ()), seen.value})
        self.draft.content, self.draft.changed_at = json.dumps(self.said, ensure_ascii=False), at
        db.session.flush()


def begin(*, by: Actor | None, at: datetime) -> tuple[HalfDone, str]:
    """An empty form, and the token that its browser is to keep, of 256 bits."""
    token = new_token()
    draft = Draft(token_digest=digest_of_token(token), person_id=by.id if by else None, began_at=at, changed_at=at)
    draft.content = json.dumps({"name": by.name} if by else {})
    db.session.add(draft)
    db.session.flush()
    return HalfDone(draft), token


def draft_here(token: str | None, *, of: Actor | None, at: datetime) -> HalfDone | None:
    """This browser's, if it is not forgotten, and belongs to whoever is signed in there now."""
    if not token:
        return None
    kept = (Draft.token_digest == digest_of_token(token), Draft.changed_at > at - Draft.KEPT)
    draft = db.session.scalar(select(Draft).where(*kept, Draft.person_id == (of.id if of else None)))
    return HalfDone(draft) if draft else None


def take(half: HalfDone) -> None:
    """The form is sent: of two who send it at once, the second finds it gone. Raises ChangedMeanwhile."""
    gone = delete(Draft).where(Draft.id == half.draft.id).returning(Draft.id)
    if db.session.scalar(gone, execution_options=DETACHED) is None:
        raise ChangedMeanwhile(_l("这份申请已经交上去了，不用再交一次。"))


def drop(half: HalfDone) -> None:
    """Its owner does not want it any more; twice is as good as once."""
    db.session.execute(delete(Draft).where(Draft.id == half.draft.id), execution_options=DETACHED)


daily(FORGET)


@handler(FORGET, words=_l("忘掉没填完的志愿者申请"))
def forget(payload: dict[str, Any]) -> None:
    """Whoever did not come back within a week does not want it kept."""
    old = delete(Draft).where(Draft.changed_at < clock.now() - Draft.KEPT)
    db.session.execute(old, execution_options=DETACHED)
    db.session.commit()


def require_name(name: str) -> None:
    """Raises DomainError for a name that is not what it seems to be."""
    from portal.people.names import strange_in

    if (strange := strange_in(name)) is not None:
        raise DomainError(_l("%(strange)s，请照证件上的姓名再写一遍。", strange=strange), field="name")


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
