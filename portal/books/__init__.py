"""The books for others: the whole ledger as files that other programs read and check, and a feed of what is new.

beancount and hledger add everything up by themselves. At each month's end the files say what `ledger_balance` says, so
that whoever runs `bean-check` or `hledger check -s` sees at once whether lines and sums agree, to the fen.

Nobody who handled money or was helped by it stands in these files; what a gift's entry says was never a donor's name.
"""
