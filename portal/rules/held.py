"""What rules hold of a person."""

from portal.holdings import Group, holds
from portal.words import _l

holds("rules_value", _l("改过的规则"), Group.WORK, deeds=("set_by_id",), why=_l("规则是谁定的，要查得清"))
