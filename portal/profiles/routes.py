"""A volunteer's own file: what it says, her certificates, what she agreed to."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import enter, me
from portal.consents import actions as consents
from portal.consents.models import Purpose
from portal.consents.queries import consents_of, current_consent, purposes_agreed
from portal.consents.texts import text_of
from portal.db import db
from portal.privacy import mask_mobile, mask_paper
from portal.problems import DomainError
from portal.profiles import actions, policy
from portal.profiles.agreeing import RESTS_ON, asked_for, require_agreed
from portal.profiles.details import Details
from portal.profiles.documents import Writing, add_document, end_document
from portal.profiles.fields import details_from
from portal.profiles.forms import DocumentForm, ProfileForm, WithdrawForm
from portal.profiles.models import Profile, Proof, Status
from portal.profiles.queries import choices_of, details_of, document_of, documents_of, moves_of, profile_of, status_of
from portal.web.access import found, require
from portal.web.libs import _
from portal.web.pages import done, page, refused
from portal.web.throttle import Guesses

PAPERS_A_DAY = 3
"""So often may somebody write a number that is another's."""

bp = Blueprint("profiles", __name__, url_prefix="/me/profile")

FREE = tuple(one for one in Purpose if one is not Purpose.JOIN and one not in RESTS_ON)
"""Consents that rest on no part of the file: they can be given by themselves."""


@bp.get("")
def index() -> Response:
    profile, status = profile_of(me().id), status_of(me())
    return page(
        "profiles/index.html",
        person=me(),
        profile=profile,
        standing=status,
        moves=moves_of(me().id),
        choices=choices_of(me().id),
        documents=documents_of(me().id),
        agreed=[one for one in Purpose if one in purposes_agreed(me().id)],
        paper=mask_paper(profile.id_number or "") if profile else "",
        guardian_mobile=mask_mobile(profile.guardian_mobile or "") if profile else "",
        policy=policy,
        states=Status,
        today=clock.today(),
    )


# ── details ─────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/edit")
def edit() -> Response:
    return page("profiles/edit.html", form=ProfileForm.of(_details(_writable())), **_texts())


@bp.post("/edit")
def save() -> Response:
    profile, form = _writable(), ProfileForm()
    if not form.validate():
        return refused("profiles/edit.html", form, **_texts())
    guesses = Guesses({f"paper-of:{me().id}": PAPERS_A_DAY}, within=timedelta(days=1))
    try:
        guesses.check(at=clock.now())
        _save(profile, _written(form, profile), [*form.agreed, *purposes_agreed(me().id)])
    except actions.PaperTaken as problem:
        # Nobody finds out by trying numbers who is known here.
        guesses.count(at=clock.now())
        return refused("profiles/edit.html", form, problem, **_texts())
    except DomainError as problem:
        return refused("profiles/edit.html", form, problem, **_texts())
    return done(go=url_for(".index"), say=_("改好了。"))


def _written(form: ProfileForm, profile: Profile | None) -> Details:
    """What the form says; a number that was not written anew stays."""
    details = replace(details_from(form.data), address=form.address.data or None)
    if profile is None:
        return details
    if not details.number and details.paper is not None and details.paper is profile.paper:
        details = replace(details, number=profile.id_number)
    return replace(details, has_phone=profile.has_phone)


def _save(profile: Profile | None, details: Details, agreed: Collection[Purpose]) -> None:
    """Raises DomainError, PaperTaken."""
    now = clock.now()
    require_agreed(details, agreed)
    if profile is None:
        actions.open_file(me(), details, status=Status.ACTIVE, by=me(), at=now)
    else:
        actions.change_file(profile, details, by=me(), at=now)
    for purpose in asked_for(details):
        consents.give(me(), purpose, by=me(), at=now)


def _writable() -> Profile | None:
    """Her file; None for a volunteer of earlier days who has none yet. 403 for whoever is no volunteer."""
    require(policy.may_write(me(), status_of(me())))
    return profile_of(me().id)


def _details(profile: Profile | None) -> Details:
    return details_of(profile) if profile else Details()


# ── certificates and insurances ─────────────────────────────────────────────────────────────────────
@bp.get("/documents/new")
def new_document() -> Response:
    require(policy.may_write(me(), status_of(me())))
    return page("profiles/document.html", form=DocumentForm(formdata=None))


@bp.post("/documents/new")
def add() -> Response:
    require(policy.may_write(me(), status_of(me())))
    form = DocumentForm()
    if not form.validate():
        return refused("profiles/document.html", form)
    said = form.data
    writing = Writing(Proof(said["kind"]), said["name"], said["number"], said["valid_from"], said["valid_until"])
    try:
        add_document(me(), writing, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("profiles/document.html", form, problem)
    return done(go=url_for(".index"), say=_("登记好了。"))


@bp.post("/documents/<int:document_id>/end")
def end(document_id: int) -> Response:
    end_document(found(document_of(me().id, document_id)), by=me(), at=clock.now())
    return done(go=url_for(".index"), say=_("去掉了。"))


# ── consents ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/consents")
def agreed() -> Response:
    given = consents_of(me().id)
    current = [one for one in given if one.withdrawn_at is None]
    current.sort(key=lambda one: list(Purpose).index(one.what))
    holds = {one.what for one in current}
    return page(
        "profiles/consents.html",
        current=current,
        ended=[one for one in given if one.withdrawn_at is not None],
        free=[one for one in FREE if one not in holds] if policy.is_volunteer(status_of(me())) else [],
        text_of=text_of,
    )


@bp.post("/consents/<purpose>/give")
def give(purpose: str) -> Response:
    wanted = _purpose(purpose)
    found(wanted if wanted in FREE and policy.is_volunteer(status_of(me())) else None)
    if request.form.get("version") != str(text_of(wanted).version):
        return done(go=url_for(".agreed"), say=_("同意书刚刚改过，请再读一遍。"))
    consents.give(me(), wanted, by=me(), at=clock.now())
    return done(go=url_for(".agreed"), say=_("记下来了，随时可以撤回。"))


@bp.get("/consents/<purpose>/withdraw")
def ask_withdraw(purpose: str) -> Response:
    return page("profiles/withdraw.html", form=WithdrawForm(formdata=None), **_to_withdraw(purpose))


@bp.post("/consents/<purpose>/withdraw")
def withdraw(purpose: str) -> Response:
    wanted, form = _purpose(purpose), WithdrawForm()
    shown = _to_withdraw(purpose)
    if not form.validate():
        return refused("profiles/withdraw.html", form, **shown)
    try:
        consents.withdraw(me(), wanted, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("profiles/withdraw.html", form, problem, **shown)
    if wanted is Purpose.JOIN:
        # What she might has changed, which ended her sign-ins: here she stays in.
        db.session.flush()
        enter(me(), at=clock.now())
    return done(go=url_for(".agreed"), say=_("撤回了。"))


def _to_withdraw(purpose: str) -> dict[str, Any]:
    wanted = _purpose(purpose)
    consent = found(current_consent(me().id, wanted))
    return {"consent": consent, "text": text_of(wanted, consent.version), "is_join": wanted is Purpose.JOIN}


def _purpose(text: str) -> Purpose:
    return found(next((one for one in Purpose if one.value == text), None))


def _texts() -> dict[str, Any]:
    texts = {one: text_of(one) for one in Purpose}
    return {"texts": texts, "agreed": purposes_agreed(me().id), "person": me()}
