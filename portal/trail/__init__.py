"""操作记录: the audit trail as pages, for those who watch over everybody else.

Who did what to which record, when, in which request; each record's own history; all of it as a file. The lines
themselves are written by every room (`portal.audit`) and never change.
"""
