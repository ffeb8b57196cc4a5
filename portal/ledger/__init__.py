"""The books: what came in, what went out, and what each fund still has, by double entry.

An entry (记账凭证) has lines (分录), each in one account (科目) and mostly in one pool (专项资金). `post` and
`post_many` write lines first and the entry last; the entry's arrival makes the database check the sum, move the pools'
balances and seal the entry. Nothing posted ever changes: a mistake is taken back by a reversing entry (红字冲销) with a
public reason. Debit (借) and credit (贷) are positive columns in 分.
"""
