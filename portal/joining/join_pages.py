"""What the steps of the public form share: whose form it is, where its owner is in it, codes that come back."""

from typing import Any

from flask import Response, request, session, url_for

from portal import clock
from portal.accounts.session import me
from portal.audit import record_apart
from portal.consents.models import Purpose
from portal.consents.texts import text_of
from portal.contacts.reading import Address
from portal.db import db
from portal.joining import drafts, proving
from portal.joining.drafts import HalfDone, Step, draft_here
from portal.joining.queries import open_application_of
from portal.joining.registering import wish_of
from portal.joining.wishes import wish_invited, wish_named
from portal.people.models import Person
from portal.problems import DomainError
from portal.profiles.details import Protector
from portal.web.addresses import visitors_network
from portal.web.forms import SentCodeForm
from portal.web.libs import _, current_user
from portal.web.pages import done, go_to, refused
from portal.web.throttle import Guesses

TOKEN = "join"  # noqa: S105 - a name
"""Where the session keeps what a half-done form is known by."""

GUESSES_AN_ADDRESS = 30
ANYBODY = Protector("-", "-", "-")
"""Stands in for a guardian who is asked for in the next step."""

SENSITIVE = (Purpose.IDENTITY, Purpose.HEALTH, Purpose.ETHNIC, Purpose.PARTY)


def who() -> Person | None:
    return me() if current_user.is_authenticated else None


def here() -> HalfDone | None:
    return draft_here(session.get(TOKEN), of=who(), at=clock.now())


def at_step(step: Step) -> HalfDone | None:
    """The form in this browser, if its owner has come to this step."""
    half = here()
    return half if half is not None and half.may_open(step) else None


def lead_on() -> Response:
    """To the step that is due; to the first one where nothing is known any more."""
    half = here()
    if half is not None:
        return go_to(address_of(half.due))
    if (person := who()) is not None and open_application_of(person.id) is not None:
        return done(go=url_for("me.index"), say=_("这份申请已经交上去了，不用再交一次。"))
    return done(go=url_for("join.begin"), say=_("没有找到填了一半的申请，请从这里开始。"))


def address_of(step: Step) -> str:
    return url_for("join.begin" if step is Step.CONTACT else f"join.{step.value}")


def send(half: HalfDone, address: Address, purpose: str) -> None:
    """Raises TooManyAttempts."""
    proving.send_code(half.draft, address, purpose=purpose, network=visitors_network(), at=clock.now())


def wrong(half: HalfDone, address: Address, form: SentCodeForm, template: str, step: Step) -> Response | None:
    """The answer to a code that is not the one that was sent; None when it is."""
    now = clock.now()
    if not form.validate():
        return refused(template, form, **shown(half, step))
    guesses = Guesses({f"join-from:{visitors_network()}": GUESSES_AN_ADDRESS})
    try:
        guesses.check(at=now)
    except DomainError as problem:
        return refused(template, form, problem, **shown(half, step))
    is_right = proving.spend_try(half.draft, address, form.code.data or "", at=now)
    # Kept at once: of many guesses sent together each costs a try.
    db.session.commit()
    if is_right:
        return None
    guesses.count(at=now)
    record_apart("joining.code_refused", None, by=None, at=now)
    return refused(template, form, proving.wrong(), **shown(half, step))


def general(problem: DomainError) -> DomainError:
    """Above the form: the page has no field of that name."""
    return DomainError(problem.sentence)


def beside_mobile(problem: DomainError) -> DomainError:
    fields = {"contact": "guardian_mobile", "name": "guardian_name"}
    return DomainError(problem.sentence, field=fields.get(problem.field or "", problem.field))


def shown(half: HalfDone | None, step: Step = Step.CONTACT) -> dict[str, Any]:
    steps: list[Step] = half.steps if half else [one for one in Step if one is not Step.GUARDIAN]
    at = steps.index(step) if step in steps else 0
    back = address_of(steps[at - 1]) if at and steps[at - 1] is not Step.CODE else ""
    texts = {one: text_of(one) for one in (Purpose.JOIN, *SENSITIVE)}
    return {"half": half, "step": step, "number": at + 1, "count": len(steps), "back": back, "texts": texts}


def at_the_end(half: HalfDone) -> dict[str, Any]:
    return {**shown(half, Step.FINISH), "details": half.details, "wish": wish_of(half), "edit": address_of}


def with_contact(name: str, address: Address) -> HalfDone:
    half = here() or new_form(None)
    typed = {"name": name, "contact_kind": address.kind.value, "contact_value": address.value}
    half.keep(typed | wished(half), at=clock.now())
    return half


def wished(half: HalfDone) -> dict[str, str]:
    """Where the link led her from, if it did; what she wished for before stays."""
    invite, organisation = request.form.get("invite", "")[:200], request.form.get("organisation", "")[:200]
    wish = wish_invited(invite) if invite else wish_named(organisation)
    return {"wish": wish.text, "invite": invite} if wish.text else {}


def new_form(person: Person | None) -> HalfDone:
    half, session[TOKEN] = drafts.begin(by=person, at=clock.now())
    session.permanent = True
    return half
