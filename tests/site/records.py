"""Records for the access table beside the demo's own: one's own, others' of the same organisation, strangers'.

`{variable: value}` for the variable parts of addresses; made by the portal's own actions on a copy of the demo data.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.accounts.models import SignIn
from portal.accounts.sign_ins import begin
from portal.activities.actions import Plan, draft_activity, publish_activity, submit_activity
from portal.activities.models import Activity
from portal.activities.telling import PUBLISHED
from portal.badges.actions import issue_badges, open_kiosk
from portal.badges.models import Kiosk
from portal.chance import digest_of_token
from portal.clock import now
from portal.consents.models import Purpose
from portal.contacts.actions import add_contact
from portal.contacts.reading import read_address
from portal.db import db
from portal.files import Picture, keep, keep_picture
from portal.funds.models import Fund
from portal.hours.actions import Service
from portal.hours.models import Claim, Evidence
from portal.hours.papers import enter, paper_of
from portal.joining.actions import apply
from portal.joining.wishes import Wish
from portal.notices import tell
from portal.notices.models import Notice
from portal.orgs.alliance import Belonging, join_alliance, unit_of
from portal.orgs.chapters import CHAPTERS, add_entry
from portal.orgs.histories import IncubationStage
from portal.orgs.merging import merge
from portal.orgs.models import Organisation, Team
from portal.people.actions import add_person
from portal.people.models import Grant, Person, Role
from portal.profiles.details import Details
from portal.profiles.documents import Writing, add_document
from portal.profiles.models import Proof
from portal.receipts.change_models import Change
from portal.receipts.changing import Wish as Wished
from portal.receipts.changing import ask as ask_to_change
from portal.receipts.codes import share_key_of
from portal.receipts.donors import keep_receipt
from portal.receipts.models import Receipt
from portal.receipts.summing import put_together
from portal.roles.models import DeputyWish
from portal.rosters.models import Roster, RosterRow
from portal.spending.actions import Wanted
from portal.spending.actions import enter as enter_expense
from portal.teams.actions import About, write_card
from portal.teams.asking import ask
from portal.teams.invitations import make as make_invitation
from portal.teams.lending import Terms, ask_for
from portal.teams.messages import send
from portal.teams.models import TeamKind
from portal.teams.queries import membership_of
from tests.factories import organisation, person, team
from tests.giving import Giving, opened
from tests.importing import handed

Examples = dict[str, str]
_WANTED = Wanted(fen=100, purpose="别家用款", voucher_no="9901-01")
PHOTO = Picture(b"\xff\xd8\xff\xe0 no real photo", "sheet.jpg")


def own(people: dict[str, Person]) -> Examples:
    """What belongs to one of the cast alone: the volunteer's hours and sign-in, the donor's confirmation."""
    volunteer, donor = people["volunteer"], people["donor"]
    walk = db.session.scalars(select(Team).where(Team.slug == "walk")).one()
    claim = _claim(volunteer, _published(walk, people["leader"], people["lead"]))
    receipt = db.session.scalars(select(Receipt).order_by(Receipt.id.desc()).limit(1)).one()
    keep_receipt(receipt, by=donor, at=now())
    told = {"<int:notice_id>": _notice(volunteer), "<int:sign_in_id>": _sign_in(volunteer)}
    (given,) = volunteer.grants
    told |= {"<int:contact_id>": _contact(volunteer)} | _badge(volunteer, walk, by=people["leader"])
    told |= _wishes_to_join(volunteer, walk) | _lent(volunteer, walk.organisation)
    told |= _document(volunteer) | _roster(None, by=people["worker"])
    told |= _of_receipt(receipt, by=people["cashier"], issued_by=donor)
    return _about(claim) | told | {"<number>": receipt.number} | _role(given, wished=people["cashier"])


def of_team_mate(people: dict[str, Person]) -> Examples:
    """A photo behind the hours of somebody who leads the cast's team too, and may stand in for the cashier."""
    walk = db.session.scalars(select(Team).where(Team.slug == "walk")).one()
    mate = person("队友", grants=[(Role.TEAM_LEADER, walk.scopes[0])], teams=[walk])
    claim = _claim(mate, _published(walk, people["leader"], people["lead"]))
    mine = {"<public_id>": _about(claim)["<public_id>"]} | _in_registry(walk.organisation, by=people["worker"])
    return mine | _role(mate.grants[0], wished=people["cashier"])


def of_same_organisation(people: dict[str, Person]) -> Examples:
    """Another team of the cast's organisation; another cashier of the cast's fund."""
    walk = db.session.scalars(select(Team).where(Team.slug == "walk")).one()
    fund = db.session.scalars(select(Fund).where(Fund.slug == "919")).one()
    return _house(walk.organisation, Giving(fund), people["lead"])


def of_strangers() -> Examples:
    """Another organisation and another fund, with which none of the cast has anything to do."""
    stranger = organisation("别家社会组织")
    return _house(
        stranger,
        opened("stranger", "别家基金"),
        person("别家管理员", grants=[(Role.ORGANISATION_ADMIN, stranger.scope)]),
    )


def _house(of: Organisation, giving: Giving, lead: Person) -> Examples:
    crew = team("别队", of=of)
    leader = person("别队队长", grants=[(Role.TEAM_LEADER, crew.scopes[0])], teams=[crew])
    member = person("别队队员", teams=[crew])
    waiting = draft_activity(crew, _plan("别队的活动"), by=leader, at=now())
    submit_activity(waiting, seen=waiting.seq, by=leader, at=now())
    claim = _claim(member, _published(crew, leader, lead))
    donations = handed(giving, f"2026-11-03,别家捐赠人,{giving.cashier.id}.5,,")
    receipt = giving.gift(f"别家捐赠人{giving.cashier.id}")
    return _about(claim) | {
        **_of_receipt(receipt, by=giving.cashier, issued_by=giving.cashier),
        "<int:activity_id>": str(waiting.id),
        "<int:id>": str(donations.id),
        "<int:expense_id>": str(enter_expense(giving.fund, _WANTED, by=giving.cashier, at=now()).id),
        "<number>": receipt.number,
        "/teams/<slug>": f"/teams/{crew.slug}",
        "<int:sign_in_id>": _sign_in(member),
        "<int:notice_id>": _notice(member),
        "<int:contact_id>": _contact(member),
        **_badge(member, crew, by=leader),
        **_running(crew, leader, member),
        **_lent(member, of),
        **_document(member),
        **_applied(of, by=leader),
        **_roster(of, by=lead),
        **_in_registry(of, by=lead),
        **_role(leader.grants[0], wished=giving.cashier),
    }


def _of_receipt(receipt: Receipt, *, by: Person, issued_by: Person) -> Examples:
    """A correction of a confirmation that waits, a summary of it, the link to its masked view."""
    wish = Wished(kind=Change.VOID, reason="重复录入")
    change = ask_to_change(receipt, wish, by=by, at=now())
    summary = put_together([receipt], by=issued_by, at=now())
    return {
        "<int:change_id>": str(change.id),
        "/summaries/<number>": f"/summaries/{summary.number}",
        "<key>": share_key_of(receipt),
    }


def _in_registry(of: Organisation, *, by: Person) -> Examples:
    """An organisation that is a member unit, with a stage, and what was merged into it."""
    stage = {"stage": IncubationStage.APPLIED.value, "happened_on": now().date(), "place": None, "note": None}
    entry = add_entry(of, CHAPTERS["stages"], stage, by=by, at=now())
    if unit_of(of) is None:
        join_alliance(of, Belonging(now().date()), by=by, at=now())
    merged = merge(of, organisation(f"又登记一次的{of.name}{entry.id}"), reason="登记了两次", by=by, at=now())
    told = {"<int:organisation_id>": of.id, "<int:entry_id>": entry.id, "<int:number>": merged.id}
    return {"<chapter>": "stages"} | {variable: str(number) for variable, number in told.items()}


def _running(crew: Team, leader: Person, member: Person) -> Examples:
    """What belongs to running a team: a member, a link, a message, somebody who asks to join."""
    hopeful = person("想入队的人")
    membership = membership_of(member.id, crew.id)
    assert membership is not None
    link = make_invitation(crew, days=3, most_uses=None, by=leader, at=now())
    message = send(crew, "别队的消息", "别队的事", by=leader, at=now())
    made = {"membership": membership.id, "invitation": link.id, "message": message.id}
    return {f"<int:{name}_id>": str(number) for name, number in made.items()} | _wishes_to_join(hopeful, crew)


def _wishes_to_join(somebody: Person, crew: Team) -> Examples:
    """She asks; where she belongs to the team already, another team of the organisation."""
    if membership_of(somebody.id, crew.id) is not None:
        crew = team("招人的队", of=crew.organisation)
    write_card(crew, About(TeamKind.SERVICE, "", is_open_to_join=True, asks_approval=False), by=somebody, at=now())
    return {"<int:request_id>": str(ask(somebody, crew, words="想来", by=somebody, at=now()).id)}


def _lent(somebody: Person, lender: Organisation) -> Examples:
    """Another organisation asks for her; nobody has answered yet."""
    host = organisation(f"缺人的组织{somebody.id}")
    admin = person("缺人的管理员", grants=[(Role.ORGANISATION_ADMIN, host.scope)])
    terms = Terms(now().date(), now().date() + timedelta(days=6), "帮忙")
    loan = ask_for(somebody, lender, team("缺人的队", of=host), terms, by=admin, at=now())
    return {"<int:loan_id>": str(loan.id)}


def _role(given: Grant, *, wished: Person) -> Examples:
    """Somebody with a role, and a cashier's wish, not confirmed yet, that she stands in."""
    wish = DeputyWish(
        grant_id=next(one.id for one in wished.grants if one.role == Role.CASHIER),
        person_id=given.person_id,
        starts_on=now().date(),
        ends_on=now().date() + timedelta(days=6),
        reason="休假",
        wished_by_id=wished.id,
        wished_at=now(),
    )
    db.session.add(wish)
    db.session.flush()
    about = {"<int:person_id>": given.person_id, "<int:grant_id>": given.id, "<int:wish_id>": wish.id}
    return {variable: str(number) for variable, number in about.items()}


def _plan(name: str, *, ago: timedelta = timedelta(days=2)) -> Plan:
    starts_at = (now() - ago).replace(hour=8, minute=0, second=0, microsecond=0)
    return Plan(name=name, place="别处", content="", starts_at=starts_at, ends_at=starts_at + timedelta(hours=4))


def _published(crew: Team, leader: Person, lead: Person) -> Activity:
    activity = draft_activity(crew, _plan("办过的活动"), by=leader, at=now())
    submit_activity(activity, seen=activity.seq, by=leader, at=now())
    publish_activity(activity, seen=activity.seq, by=lead, at=now())
    return activity


def _claim(member: Person, activity: Activity) -> Claim:
    service = Service(starts_at=_on(activity), minutes=90, place="别处")
    return enter(member, activity, service, PHOTO, otherwise=Evidence.SELF, by=member, at=now())


def _on(activity: Activity) -> datetime:
    return activity.starts_at + timedelta(minutes=30)


def _about(claim: Claim) -> Examples:
    paper = paper_of(claim)
    assert paper is not None and paper.public_id is not None
    return {"<int:claim_id>": str(claim.id), "<public_id>": paper.public_id}


def _notice(somebody: Person) -> str:
    tell([somebody.id], PUBLISHED, at=now(), url="/hours", activity="办过的活动")
    return str(db.session.scalar(select(func.max(Notice.id))))


def _contact(somebody: Person) -> str:
    """A mobile that is not verified yet."""
    return str(add_contact(somebody, read_address(f"138{somebody.id:08d}"), at=now()).id)


def _badge(member: Person, crew: Team, *, by: Person) -> Examples:
    """A badge of hers, and a kiosk of her team's."""
    (badge,) = issue_badges([member], crew, by=by, at=now())
    open_kiosk(crew, browser="", by=by, at=now())
    kiosk = db.session.scalar(select(func.max(Kiosk.id)))
    return {"<int:badge_id>": str(badge.id), "<int:kiosk_id>": str(kiosk)}


def _roster(of: Organisation | None, *, by: Person) -> Examples:
    """A roster that waits for its importer, with a wrong row."""
    paper = keep(b"signed", name="consents.txt", by=by, at=now())
    columns = {"header_no": 1, "titles": [{"title": "姓名", "field": "name", "sample": ""}]}
    roster = Roster(
        filename="名册.csv", status="preview", organisation_id=of.id if of else None, takes=[], paper_id=paper.id,
        columns=columns, column_map={}, reading={}, rows=1, wrong=1, brought_by_id=by.id, brought_at=now(),
    )  # fmt: skip
    db.session.add(roster)
    db.session.flush()
    row = RosterRow(roster_id=roster.id, row_no=2, name="", cells="", kind="wrong", problem_words=[], candidates=[])
    db.session.add(row)
    db.session.flush()
    return {"<int:roster_id>": str(roster.id), "<int:row_no>": "2"}


def _document(somebody: Person) -> Examples:
    """A certificate of hers."""
    document = add_document(somebody, Writing(Proof.CERTIFICATE, "急救证"), by=somebody, at=now())
    return {"<int:document_id>": str(document.id)}


def _applied(to: Organisation, *, by: Person) -> Examples:
    """Somebody without a phone wishes to join; the photo of her consent."""
    paper = keep_picture(PHOTO, by=by, at=now())
    applicant = add_person("申请人", by=None, at=now())
    application = apply(applicant, Details(), agreed=[Purpose.JOIN], by=by, at=now(), wish=Wish(to), paper=paper)
    return {
        "<int:application_id>": str(application.id),
        "/volunteers/papers/<public_id>": f"/volunteers/papers/{paper.public_id}",
    }


def _sign_in(somebody: Person) -> str:
    token = begin(somebody, address="192.0.2.44", browser="", at=now())
    digest = digest_of_token(token)
    return str(db.session.scalars(select(SignIn.id).where(SignIn.token_digest == digest)).one())
