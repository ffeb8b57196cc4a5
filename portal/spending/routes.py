from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.db import db
from portal.problems import DomainError
from portal.spending import actions, policy, undoing
from portal.spending.forms import ExpenseForm, StepForm
from portal.spending.models import Expense, Stage, Undoing
from portal.spending.queries import count_waiting, expense_by_id, expenses_found, funds_to_enter_for
from portal.web.access import found, require
from portal.web.libs import _
from portal.web.once import answered, keep_answer
from portal.web.pages import done, go_to, page, refused
from portal.web.tables import read_listing

bp = Blueprint("spending", __name__, url_prefix="/expenses")


@bp.get("")
def index() -> Response:
    require(policy.can_see_expenses(me()))
    listing = read_listing(request.args, path=url_for(".index"), sorts=("new",), extra=("stage",), piece="expenses")
    return page(
        "spending/index.html",
        piece="spending/_list.html",
        found=expenses_found(me(), listing),
        stages=Stage,
        may_enter=policy.can_enter_anywhere(me()),
        waiting_for_me=count_waiting(me()),
    )


# ── entering ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/new")
def new() -> Response:
    require(policy.can_enter_anywhere(me()))
    return page("spending/new.html", form=ExpenseForm(formdata=None).offer(funds_to_enter_for(me())))


@bp.post("")
def enter() -> Response:
    require(policy.can_enter_anywhere(me()))
    funds = funds_to_enter_for(me())
    form = ExpenseForm().offer(funds)
    if not form.validate():
        return refused("spending/new.html", form)
    sent = {"fund": form.fund.data, **asdict(form.wanted)}
    try:
        if first := answered(form.key.data, sent, by=me()):
            return go_to(first)
        fund = next(fund for fund in funds if fund.id == form.fund.data)
        expense = actions.enter(fund, form.wanted, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("spending/new.html", form, problem)
    address = url_for(".show", expense_id=expense.id)
    keep_answer(form.key.data, sent, address, by=me(), at=clock.now())
    return done(go=address, say=_("登记好了，等管委会审批。"))


# ── step by step ────────────────────────────────────────────────────────────────────────────────────
@bp.get("/<int:expense_id>")
def show(expense_id: int) -> Response:
    expense = _known(expense_id)
    return page("spending/show.html", form=_fresh_form(), **_parts(expense))


@bp.post("/<int:expense_id>/approve")
def approve(expense_id: int) -> Response:
    return _act(
        expense_id, policy.is_council, lambda expense, _form, **by: actions.approve(expense, **by), _("同意了。")
    )


@bp.post("/<int:expense_id>/pay")
def pay(expense_id: int) -> Response:
    return _act(expense_id, policy.is_cashier, _pay, _("记下了付款，等会计复核入账。"))


@bp.post("/<int:expense_id>/post")
def post(expense_id: int) -> Response:
    say = _("入账了，公开页上已经能看到，也能看到由哪些捐赠支付。")
    return _act(expense_id, policy.is_accountant, _plainly(actions.post), say)


@bp.post("/<int:expense_id>/give-back")
def give_back(expense_id: int) -> Response:
    return _act(expense_id, policy.is_accountant, _give_back, _("退给出纳了，没有入账。"))


@bp.post("/<int:expense_id>/return")
def send_back(expense_id: int) -> Response:
    return _act(expense_id, _may_send_back, _ending(Stage.RETURNED), _("退回了，改好可以重新登记。"))


@bp.post("/<int:expense_id>/refuse")
def refuse(expense_id: int) -> Response:
    return _act(expense_id, policy.is_council, _ending(Stage.REFUSED), _("没有同意，登记的人会看到原因。"))


@bp.post("/<int:expense_id>/withdraw")
def withdraw(expense_id: int) -> Response:
    return _act(expense_id, policy.can_withdraw, _ending(Stage.WITHDRAWN), _("撤回了。"))


# ── taking a payment back ───────────────────────────────────────────────────────────────────────────
@bp.post("/<int:expense_id>/undo")
def undo(expense_id: int) -> Response:
    return _act(expense_id, policy.can_undo, _ask_to_undo, _("提出来了，等另一位会计办。"))


@bp.post("/<int:expense_id>/undo/confirm")
def confirm_undoing(expense_id: int) -> Response:
    return _act(expense_id, policy.is_accountant, _on_undoing(undoing.confirm), _("冲销了，钱退回了原来的捐赠。"))


@bp.post("/<int:expense_id>/undo/refuse")
def refuse_undoing(expense_id: int) -> Response:
    return _act(expense_id, policy.is_accountant, _on_undoing(undoing.refuse), _("没有冲销，付款照旧。"))


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
Step = Callable[..., object]


def _known(expense_id: int) -> Expense:
    expense = found(expense_by_id(expense_id))
    return found(expense if policy.can_see_expense(me(), expense) else None)


def _act(expense_id: int, allowed: Callable[[Any, Expense], bool], step: Step, say: str) -> Response:
    """A button of the expense's page: do it, or say on the same page why not."""
    expense, form = _known(expense_id), StepForm()
    require(allowed(me(), expense))
    if not form.validate():
        return refused("spending/show.html", form, **_parts(expense))
    try:
        step(expense, form, by=me(), at=clock.now())
    except DomainError as problem:
        db.session.rollback()
        return refused("spending/show.html", form, problem, **_parts(_known(expense_id)))
    return done(go=url_for(".show", expense_id=expense_id), say=say)


def _plainly(step: Step) -> Step:
    return lambda expense, _form, **by: step(expense, **by)


def _pay(expense: Expense, form: StepForm, **by: Any) -> None:
    if form.paid_on.data is None:
        raise DomainError(_("请填写付款日期。"), field="paid_on")
    actions.pay(expense, form.paid_on.data, **by)


def _give_back(expense: Expense, form: StepForm, **by: Any) -> None:
    actions.give_back(expense, form.note.data or "", **by)


def _ending(stage: Stage) -> Step:
    return lambda expense, form, **by: actions.end(expense, stage, form[stage.value].data or "", **by)


def _may_send_back(person: Any, expense: Expense) -> bool:
    return policy.is_council(person, expense) or policy.is_cashier(person, expense)


def _ask_to_undo(expense: Expense, form: StepForm, **by: Any) -> None:
    undoing.ask(expense, form.undo_reason.data or "", **by)


def _on_undoing(step: Step) -> Step:
    return lambda expense, _form, **by: step(found(_open_undoing(expense)), expense, **by)


def _open_undoing(expense: Expense) -> Undoing | None:
    return next((one for one in expense.undoings if one.status == "asked"), None)


def _fresh_form() -> StepForm:
    return StepForm(formdata=None, data={"paid_on": clock.today()})


def _parts(expense: Expense) -> dict[str, Any]:
    viewer, stage = me(), Stage(expense.stage)
    approvers = {approval.person_id for approval in expense.approvals}
    has_approved = bool(approvers & set(viewer.selves))
    is_own = expense.entered_by_id in viewer.selves
    asked = _open_undoing(expense)
    is_accountant = policy.is_accountant(viewer, expense)
    return {
        "expense": expense,
        "stage": stage,
        "stages": Stage,
        "needed": actions.approvals_needed(expense.fund, expense.fen, on=clock.today()),
        "is_own": is_own,
        "is_council": policy.is_council(viewer, expense),
        "may_approve": policy.is_council(viewer, expense) and not is_own and not has_approved,
        "may_pay": policy.is_cashier(viewer, expense) and not has_approved,
        "may_post": _is_other(viewer, expense.paid_by_id)
        and policy.is_accountant(viewer, expense)
        and not has_approved,
        "may_send_back": _may_send_back(viewer, expense),
        "may_undo": policy.can_undo(viewer, expense) and asked is None and not _is_undone(expense),
        "may_decide": asked and is_accountant and _is_other(viewer, asked.asked_by_id),
        "asked": asked,
        "is_undone": _is_undone(expense),
        "demo": expense.fund.is_demo,
    }


def _is_other(viewer: Any, person_id: int | None) -> bool:
    return person_id not in viewer.selves


def _is_undone(expense: Expense) -> bool:
    return any(one.status == "done" for one in expense.undoings)
