"""What consents hold of a person."""

from portal.holdings import PROOFS, Group, Then, holds
from portal.words import _l

holds(
    "consents_consent",
    _l("您同意过什么，什么时候撤回的"),
    Group.CONSENT,
    own=("person_id",),
    deeds=("given_by_id", "withdrawn_by_id"),
    then=Then.EMPTIED,
    rule=PROOFS,
    why=_l("证明当时征得了同意；民法典：诉讼时效三年"),
    emptied=("guardian", "guardian_relation"),
)
