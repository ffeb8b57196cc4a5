"""The lines of everyday entries. Amounts in 分; each pattern balances, in total and in every pool it touches."""

from portal.ledger import accounts
from portal.ledger.drafts import LineDraft
from portal.ledger.models import Pool

Lines = tuple[LineDraft, ...]


def gift_lines(pool: Pool, fen: int, into: str = accounts.BANK) -> Lines:
    """Money given to a pool: 借 银行存款 贷 捐赠收入, restricted as the pool is."""
    income = accounts.RESTRICTED_GIFTS if pool.is_restricted else accounts.UNRESTRICTED_GIFTS
    return _pair(into, income, fen, pool)


def opening_lines(pool: Pool, fen: int, into: str = accounts.BANK) -> Lines:
    """What a pool had before these books began: 借 银行存款 贷 净资产."""
    return _pair(into, _net_assets(pool), fen, pool)


def interest_lines(pool: Pool, fen: int, into: str = accounts.BANK) -> Lines:
    """借 银行存款 贷 其他收入."""
    return _pair(into, accounts.OTHER_INCOME, fen, pool)


def spending_lines(pool: Pool, fen: int, out_of: str = accounts.BANK, cost: str = accounts.PROGRAMME_COST) -> Lines:
    """Money paid for what the pool is for: 借 业务活动成本 贷 银行存款."""
    return _pair(cost, out_of, fen, pool)


def fee_lines(pool: Pool, fen: int, out_of: str = accounts.BANK, cost: str = accounts.FUNDRAISING) -> Lines:
    """A platform's or bank's fee: 借 筹资费用 贷 银行存款."""
    return _pair(cost, out_of, fen, pool)


def transfer_lines(source: Pool, target: Pool, fen: int, account: str = accounts.BANK) -> Lines:
    """Money moved between two pools of one legal entity, through net assets: no pool's income, no pool's cost."""
    return _pair(account, _net_assets(target), fen, target) + _pair(_net_assets(source), account, fen, source)


def _net_assets(pool: Pool) -> str:
    return accounts.RESTRICTED_NET_ASSETS if pool.is_restricted else accounts.UNRESTRICTED_NET_ASSETS


def _pair(debit: str, credit: str, fen: int, pool: Pool) -> Lines:
    return LineDraft(debit, debit_fen=fen, pool_id=pool.id), LineDraft(credit, credit_fen=fen, pool_id=pool.id)
