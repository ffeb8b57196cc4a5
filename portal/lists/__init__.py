"""Lists of gifts: a cashier brings one, checks it and hands it over; an accountant, another person, confirms it.

`columns`, `recognising`, `body`, `rows`, `footers` and `parsing` read a list and know no database; `reading` and
`repeats` bring what they found together with what is booked already.
"""
