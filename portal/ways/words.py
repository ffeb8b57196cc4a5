"""What the steps of a way and the sources of a payment are called."""

from collections.abc import Iterable, Iterator

from portal.funds.exports import plain_yuan
from portal.funds.public_gifts import KIND_PERSON
from portal.ledger.models import EntryKind
from portal.ways.gift_ways import Step
from portal.ways.payment_ways import Giver
from portal.web.exports import Cell
from portal.web.libs import _
from portal.words import Words, _l

KINDS: dict[str, Words] = {
    EntryKind.GIFT: _l("捐赠"),
    EntryKind.OPENING: _l("期初余额"),
    EntryKind.INTEREST: _l("利息"),
    EntryKind.FEE: _l("手续费"),
    EntryKind.TRANSFER: _l("资金调拨"),
    EntryKind.REFUND: _l("退款"),
    EntryKind.REVERSAL: _l("冲销退回"),
}


def step_title(step: Step) -> str:
    """A payment by its purpose, anything else by what it is."""
    if step.is_payment:
        return step.purpose or _("救助支出")
    if step.is_move:
        return _("转入「%(pool)s」", pool=step.to_pool)
    if step.is_of_gift:
        return _("补上先前垫付的支出") if step.kind != EntryKind.REVERSAL else _("退回给捐赠人")
    return str(KINDS.get(step.kind, _l("其他支出")))


def called(giver: Giver) -> str:
    """A gift by its public name, never by another one; other money by what it is."""
    if giver.is_gift:
        return giver.public_name or _("爱心人士")
    return str(KINDS.get(giver.kind, _l("其他收入")))


def giver_cells(givers: Iterable[Giver]) -> Iterator[tuple[Cell, ...]]:
    """Lines of the file, in Chinese whatever the reader's language."""
    for number, giver in enumerate(givers, 1):
        what = KINDS.get(giver.kind, _l("其他收入")).text
        name = (giver.public_name or KIND_PERSON) if giver.is_gift else ""
        intention = (giver.intention or "非定向") if giver.is_gift else ""
        money = plain_yuan(giver.whole_fen), plain_yuan(giver.fen)
        yield number, giver.on.isoformat(), str(what), name, intention, *money
