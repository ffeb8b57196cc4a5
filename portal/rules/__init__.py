"""Rules: what the alliance may set for itself, dated, each with its legal source. Code asks `value`, here only.

A value is set for a day that is today or later and never changed afterwards: another one is set in its place. So what
held on a day that is past is known for ever.
"""

from portal.rules.queries import value

__all__ = ["value"]
