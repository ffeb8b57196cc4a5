from collections.abc import Iterable, Iterator
from typing import Any

from portal.notices.kinds import WAYS, Channel, Kind, Way, kinds_for
from portal.notices.queries import chosen_by
from portal.people.models import Person
from portal.web.forms import Choice, PortalForm


class ChoicesForm(PortalForm):
    """One choice for each kind and channel; `choices_form` adds the fields."""

    kinds: tuple[Kind, ...] = ()

    @property
    def wishes(self) -> dict[tuple[str, Channel], Way]:
        """What was chosen, all of it valid."""
        return {(kind.name, channel): Way(self[_name(kind, channel)].data) for kind, channel in _all(self.kinds)}

    @property
    def lines(self) -> Iterator[tuple[Kind, list[Any]]]:
        """The kinds with their fields."""
        for kind in self.kinds:
            yield kind, [self[_name(kind, channel)] for channel in Channel]


def choices_form(person: Person, **options: Any) -> ChoicesForm:
    """The form with what holds for this person now; `options` go to the form."""
    kinds, chosen = kinds_for(person), chosen_by(person)
    fields: dict[str, Any] = {
        _name(kind, channel): Choice(
            str(channel.label),
            choices={way.value: str(words) for way, words in WAYS[channel].items()},
            default=chosen.get((kind.name, channel), kind.usual(channel)).value,
        )
        for kind, channel in _all(kinds)
    }
    form: ChoicesForm = type("ChoicesForm", (ChoicesForm,), fields)(**options)
    form.kinds = tuple(kinds)
    return form


def _all(kinds: Iterable[Kind]) -> Iterator[tuple[Kind, Channel]]:
    return ((kind, channel) for kind in kinds for channel in Channel)


def _name(kind: Kind, channel: Channel) -> str:
    return f"{kind.name.replace('.', '_')}_{channel}"
