"""What the first day holds of a person."""

from portal.holdings import Group, holds
from portal.words import _l

holds("administration_set_up", _l("门户的设立"), Group.WORK, deeds=("done_by_id",), why=_l("门户由谁设立，要查得清"))
