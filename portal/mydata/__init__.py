"""Whose data: what the portal holds of a person, who looked at it and why, her copy, her corrections, her deletion.

What rooms hold they say themselves (`portal.holdings`). Here a file is opened, masked unless there is a reason; a
person takes a copy of all that is kept of her, asks for corrections, and has it deleted; what must stay stays until
its day.
"""
