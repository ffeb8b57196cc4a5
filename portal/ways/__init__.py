"""The way of a gift: each fen from its arrival to what it paid, and back from a payment to the gifts that paid it.

Nothing is worked out here: all of it is read from the trace that the ledger wrote when it posted.
"""
