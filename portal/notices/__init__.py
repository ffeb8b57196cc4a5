"""What a person is told: on her bell, and by mail or text message as she has chosen.

A room declares what it tells of with `kind(…)` and says it with `tell` in the transaction of the deed:

    RETURNED = kind("hours.returned", words=_l("服务时间退回"), detail=_l("「%(activity)s」被退回。"), mail=Way.NOW)
    tell([claim.person_id], RETURNED, at=at, url=f"/hours/{claim.id}", activity=activity.name)
"""

from portal.notices.actions import Told, tell, tell_each
from portal.notices.kinds import Kind, Way, kind

__all__ = ["Kind", "Told", "Way", "kind", "tell", "tell_each"]
