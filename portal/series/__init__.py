"""Gapless numbers: vouchers, confirmations, volunteers. A number is taken in the transaction that uses it."""

from portal.series.actions import LAST_ON_PAPER, go_on_after, take

__all__ = ["LAST_ON_PAPER", "go_on_after", "take"]
