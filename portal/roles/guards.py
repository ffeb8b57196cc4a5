"""What the database itself refuses about wishes for deputies: they are answered once and otherwise stay as they are."""

from portal.guards import declare, frozen, not_deleted, not_replaced, refusing

_WISH = "roles_deputy_wish"

frozen(_WISH, "id", "grant_id", "person_id", "starts_on", "ends_on", "reason", "wished_by_id", "wished_at")
not_deleted(_WISH)
not_replaced(_WISH)
declare(
    refusing(
        "roles_deputy_wish_answered",
        _WISH,
        verb="UPDATE",
        when="OLD.answer IS NOT NULL",
        sentence="a wish is answered once",
    )
)
