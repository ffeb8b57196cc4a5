"""What the database itself refuses about the log: another leaf in a place, a head that goes back, a changed secret."""

from portal.guards import append_only, declare, frozen, not_deleted, not_replaced, refusing

append_only("log_leaf", keys=("idx", ("kind", "ref")))
append_only("log_tile", keys=(("level", "idx"),))
append_only("log_key", keys=("vkey",))
append_only("log_cosignature", keys=(("size", "witness"),))
frozen("log_secret", "idx", "field", "commitment")
not_deleted("log_secret")
not_replaced("log_secret", keys=(("idx", "field"),))
declare(
    refusing(
        "log_secret_salt_goes",
        "log_secret",
        verb="UPDATE",
        when="NEW.salt IS NOT NULL AND NEW.salt IS NOT OLD.salt",
        sentence="a salt is deleted, never changed",
    )
)
not_deleted("log_head")
not_replaced("log_head", keys=("id",))
declare(
    refusing(
        "log_head_grows",
        "log_head",
        verb="UPDATE",
        when="NEW.size < OLD.size",
        sentence="the log only grows",
    )
)
