from wtforms import BooleanField

from portal.profiles.details import Details
from portal.profiles.fields import BasicParts, ChoiceParts, GuardianParts, SensitiveParts, ticked
from portal.profiles.models import Proof, Topic
from portal.web.forms import Choice, Day, Line, PortalForm, as_typed, at_most, required
from portal.web.libs import _l


class ProfileForm(BasicParts, GuardianParts, ChoiceParts, SensitiveParts):
    """Her own file, whole. The number of her paper is never shown: nothing written keeps the one that is there."""

    address = Line(_l("详细住址"), [at_most(100)], render_kw={"autocomplete": "street-address"})

    @classmethod
    def of(cls, details: Details) -> "ProfileForm":
        guardian = details.guardian
        return cls(
            formdata=None,
            gender=details.gender.value if details.gender else "",
            born_on=details.born_on,
            area=details.area,
            address=details.address,
            id_kind=details.paper.value if details.paper else "",
            health=details.health,
            ethnic=details.ethnic,
            party=details.party or "",
            guardian_name=guardian.name if guardian else "",
            guardian_mobile=guardian.mobile if guardian else "",
            guardian_relation=guardian.relation if guardian else "",
            **ticked({Topic.SKILL: details.skills, Topic.SERVICE: details.services, Topic.TIME: details.times}),
        )


class DocumentForm(PortalForm):
    kind = Choice(_l("种类"), choices=[(one.value, one.label) for one in Proof])
    name = Line(_l("名称"), [required(_l("请填写名称。")), at_most(60)])
    number = Line(_l("证书号或保单号"), [at_most(60)], render_kw=as_typed())
    valid_from = Day(_l("从哪天起有效"))
    valid_until = Day(_l("到哪天为止"))


class WithdrawForm(PortalForm):
    sure = BooleanField(_l("我明白，请撤回"), [required(_l("请先勾选这一项。"))])
