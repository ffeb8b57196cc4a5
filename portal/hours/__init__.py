"""Service hours: what volunteers gave, claimed by them or their leader, decided by others.

A claim (记录) never changes: decisions are events, a correction is a new claim in place of a returned one.
Nobody decides on their own hours, nor on what they entered for somebody else.
"""
