"""Which parts of a file rest on a consent of their own, and whether it was given."""

from collections.abc import Collection
from dataclasses import replace

from portal.consents.models import Purpose
from portal.consents.texts import text_of
from portal.problems import DomainError
from portal.profiles.details import Details
from portal.words import _l

RESTS_ON: dict[Purpose, tuple[str, ...]] = {
    Purpose.IDENTITY: ("paper", "number"),
    Purpose.HEALTH: ("health",),
    Purpose.ETHNIC: ("ethnic",),
    Purpose.PARTY: ("party",),
}
"""Parts of `Details`, by the consent that lets them be kept."""


def asked_for(details: Details) -> list[Purpose]:
    """What must be agreed to for all that these details say, besides joining."""
    return [purpose for purpose, parts in RESTS_ON.items() if getattr(details, parts[-1])]


def require_agreed(details: Details, agreed: Collection[Purpose]) -> None:
    """Raise DomainError, beside the tick, when something was said without its consent."""
    for purpose in asked_for(details):
        if purpose not in agreed:
            raise DomainError(
                _l("填了这一项，请读一读下面的说明并勾选同意；不愿意就把它留空。"), field=field_of(purpose)
            )


def without(details: Details, purposes: Collection[Purpose]) -> Details:
    """The same without what rests on these."""
    gone: dict[str, None] = {part: None for purpose in purposes for part in RESTS_ON.get(purpose, ())}
    return replace(details, **gone)  # type: ignore[arg-type] # all of these parts may be None


def field_of(purpose: Purpose) -> str:
    """The tick of a form."""
    return f"agree_{purpose.value}"


def still_shown(purpose: Purpose, version: int | None) -> bool:
    """Whether what somebody has read is what would be agreed to today."""
    return version == text_of(purpose).version
