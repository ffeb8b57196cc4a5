"""An expense before it is a payment: entered, approved by others, paid by the cashier, posted by the accountant.

Whoever enters never approves, whoever pays never checks. What is posted becomes a payment of the fund
(`portal.funds.spending`), open to everyone. Only the core of it, so that money can be followed to what it paid.
"""
