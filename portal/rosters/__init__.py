"""Rosters: lists of volunteers brought in from files, and given out as files.

`columns`, `recognising` and `rows` read a file and know no database; `matching` says who of a file is known already;
`booking` enters what was confirmed, a chunk at a time.
"""
