"""A person's own contacts: adding one, proving that it is hers, signing in with it, removing it."""

from typing import Any

from flask import Blueprint, Response, url_for

from portal import clock
from portal.accounts.forms import ContactForm
from portal.accounts.fresh import freshly
from portal.accounts.session import me
from portal.contacts import actions, codes
from portal.contacts.models import Contact
from portal.contacts.queries import code_under_way, contact_of, contacts_of
from portal.contacts.reading import read_address
from portal.db import db
from portal.problems import DomainError
from portal.web.access import found
from portal.web.addresses import visitors_network
from portal.web.forms import SentCodeForm
from portal.web.libs import _
from portal.web.pages import done, go_to, page, refused

bp = Blueprint("contacts", __name__, url_prefix="/me/account/contacts")


@bp.get("")
def index() -> Response:
    return page("contacts/index.html", form=ContactForm(formdata=None), **_own())


@bp.get("/new")
@freshly
def new() -> Response:
    return page("contacts/new.html", form=ContactForm(formdata=None))


@bp.post("/new")
@freshly
def add() -> Response:
    form = ContactForm()
    if not form.validate():
        return refused("contacts/new.html", form)
    try:
        contact = actions.add_contact(me(), read_address(form.contact.data or ""), at=clock.now())
        codes.send(contact, address=visitors_network(), at=clock.now())
    except DomainError as problem:
        return refused("contacts/new.html", form, problem)
    return done(go=url_for(".verify", contact_id=contact.id), say=_("验证码发出了，请看手机短信或邮箱。"))


@bp.get("/<int:contact_id>")
def verify(contact_id: int) -> Response:
    contact = _known(contact_id)
    if contact.verified_at:
        return go_to(url_for(".index"))
    return page("contacts/verify.html", form=SentCodeForm(formdata=None), **_to_verify(contact))


@bp.post("/<int:contact_id>")
def prove(contact_id: int) -> Response:
    contact, form = _known(contact_id), SentCodeForm()
    if contact.verified_at:
        return go_to(url_for(".index"))
    if not form.validate():
        return refused("contacts/verify.html", form, **_to_verify(contact))
    is_right = codes.spend_try(contact, form.code.data or "", at=clock.now())
    # Kept at once: of many guesses sent together each costs a try.
    db.session.commit()
    if not is_right:
        return refused("contacts/verify.html", form, codes.wrong(), **_to_verify(contact))
    signs_in = actions.verify_contact(contact, me(), at=clock.now())
    said = _("验证好了，以后可以用它登录，忘了密码也能找回。") if signs_in else _("验证好了，忘了密码可以用它找回。")
    return done(go=url_for(".index"), say=said)


@bp.post("/<int:contact_id>/code")
def send_again(contact_id: int) -> Response:
    contact = _known(contact_id)
    if contact.verified_at:
        return go_to(url_for(".index"))
    try:
        codes.send(contact, address=visitors_network(), at=clock.now())
    except DomainError as problem:
        return refused("contacts/verify.html", SentCodeForm(formdata=None), problem, **_to_verify(contact))
    return done(go=url_for(".verify", contact_id=contact.id), say=_("又发了一个验证码，先前的作废。"))


@bp.post("/<int:contact_id>/sign-in")
@freshly
def sign_in_with(contact_id: int) -> Response:
    contact = _known(contact_id)
    try:
        actions.sign_in_with(contact, me(), at=clock.now())
    except DomainError as problem:
        db.session.rollback()
        return refused("contacts/index.html", ContactForm(formdata=None), problem, **_own())
    return done(go=url_for(".index"), say=_("以后可以用 %(contact)s 登录。", contact=contact.masked))


@bp.post("/<int:contact_id>/no-sign-in")
def stop_signing_in_with(contact_id: int) -> Response:
    contact = _known(contact_id)
    actions.stop_signing_in_with(contact, me(), at=clock.now())
    return done(go=url_for(".index"), say=_("不再用 %(contact)s 登录。", contact=contact.masked))


@bp.post("/<int:contact_id>/remove")
@freshly
def remove(contact_id: int) -> Response:
    contact = _known(contact_id)
    masked = contact.masked
    actions.remove_contact(contact, me(), at=clock.now())
    return done(go=url_for(".index"), say=_("去掉了 %(contact)s。", contact=masked))


def _known(contact_id: int) -> Contact:
    return found(contact_of(me(), contact_id))


def _own() -> dict[str, Any]:
    return {"contacts": contacts_of(me().id)}


def _to_verify(contact: Contact) -> dict[str, Any]:
    return {"contact": contact, "code": code_under_way(contact), "tries": codes.TRIES}
