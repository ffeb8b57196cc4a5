from portal.people.actions import LONGEST_REASON
from portal.people.models import Person
from portal.people.queries import people_called
from portal.problems import DomainError
from portal.web.forms import Line, Lines, PortalForm, as_typed, at_most, required
from portal.web.libs import _l

LONGEST_CALL = 100


class PairForm(PortalForm):
    """Which two entries. Each by volunteer number or login."""

    twin = Line(_l("要并掉的一份"), [required(_l("请写编号。")), at_most(LONGEST_CALL)], render_kw=as_typed())
    into = Line(_l("要留下的一份"), [required(_l("请写编号。")), at_most(LONGEST_CALL)], render_kw=as_typed())

    def people(self) -> tuple[Person, Person]:
        """Raises DomainError, beside its field, for what names nobody."""
        return _one_called(self.twin), _one_called(self.into)


class ReasonForm(PortalForm):
    """Why two entries are, or are not, one person."""

    reason = Lines(_l("凭什么这样认定"), [required(_l("请写明原因。")), at_most(LONGEST_REASON)])


def _one_called(field: Line) -> Person:
    found = people_called(field.data or "")
    if not found:
        raise DomainError(_l("没有这个编号或登录名。"), field=field.short_name)
    return found[0]
