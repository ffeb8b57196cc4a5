from collections.abc import Iterator, Mapping
from typing import Any

from portal.notices.kinds import KINDS, WAYS, Channel, Kind, Way
from portal.web.forms import Choice, PortalForm


class ChoicesForm(PortalForm):
    """One choice for each kind and channel; `choices_form` adds the fields."""

    @property
    def choices(self) -> dict[tuple[str, Channel], Way]:
        """What was chosen, all of it valid."""
        return {(kind.name, channel): Way(self[_name(kind, channel)].data) for kind, channel in _all()}

    @property
    def lines(self) -> Iterator[tuple[Kind, list[Any]]]:
        """The kinds with their fields."""
        for kind in dict.fromkeys(kind for kind, _ in _all()):
            yield kind, [self[_name(kind, channel)] for channel in Channel]


def choices_form(chosen: Mapping[tuple[str, Channel], Way], **options: Any) -> ChoicesForm:
    """The form with what holds now; `options` go to the form."""
    fields: dict[str, Any] = {
        _name(kind, channel): Choice(
            str(channel.label),
            choices={way.value: str(way.label) for way in WAYS[channel]},
            default=chosen.get((kind.name, channel), kind.usual(channel)).value,
        )
        for kind, channel in _all()
    }
    form: ChoicesForm = type("ChoicesForm", (ChoicesForm,), fields)(**options)
    return form


def _all() -> Iterator[tuple[Kind, Channel]]:
    return ((kind, channel) for kind in KINDS.values() if not kind.is_needed for channel in Channel)


def _name(kind: Kind, channel: Channel) -> str:
    return f"{kind.name.replace('.', '_')}_{channel}"
