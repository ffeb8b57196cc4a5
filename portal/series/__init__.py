"""Gapless numbers: vouchers, confirmations, volunteers. A number is taken in the transaction that uses it."""

from portal.series.actions import take

__all__ = ["take"]
