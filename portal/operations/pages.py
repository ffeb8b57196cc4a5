"""The words of the pages about background work."""

from datetime import datetime
from typing import Any

from portal import clock
from portal.faults import Fault
from portal.jobs.actions import MOST_ATTEMPTS
from portal.jobs.handlers import name_of
from portal.jobs.models import Job
from portal.jobs.problems import LOST, STOPPED, UNKNOWN
from portal.operations.forms import DropForm
from portal.operations.queries import (
    STATES,
    attempts_of,
    count_by_state,
    deeds_on,
    is_alive,
    is_any_alive,
    jobs_found,
    names_found,
    state_of,
    workers_seen,
)
from portal.post.carriers import WHY
from portal.post.queries import count_waiting, not_set_up
from portal.settings import current_settings
from portal.web.libs import _, _l, ngettext
from portal.web.tables import Listing

STATE_NAMES = {
    "aside": _l("搁置"),
    "running": _l("进行中"),
    "waiting": _l("排队"),
    "done": _l("已办完"),
    "dropped": _l("不再做"),
}
KINDS = {"aside": "odd", "running": "wait", "waiting": "wait", "done": "", "dropped": "still"}
OUTCOMES = {
    "running": _l("进行中"),
    "done": _l("办完了"),
    "failed": _l("出错"),
    "refused": _l("被规则拒绝"),
    "put_back": _l("放回去等"),
    "lost": _l("进程失联"),
}
OUTCOME_KINDS = {"running": "wait", "done": "", "failed": "odd", "refused": "odd", "put_back": "still", "lost": "odd"}


def list_page(listing: Listing, *, at: datetime) -> dict[str, Any]:
    """What the list of jobs shows."""
    counts = count_by_state()
    has_worker = is_any_alive(at=at)
    return {
        "found": jobs_found(listing),
        "counts": counts,
        "states": STATES,
        "names": names_found(),
        "title": _title(counts, has_worker=has_worker),
        "has_worker": has_worker,
        **_unsent(at),
        "workers": [(worker, is_alive(worker, at=at)) for worker in workers_seen(at=at)],
        **_words(),
    }


def _unsent(at: datetime) -> dict[str, Any]:
    """By which ways letters cannot leave, and how many wait for that; asked only where something is not set up."""
    closed = not_set_up(current_settings())
    return {"closed": closed, "unsent": count_waiting(closed, at=at) if closed else 0}


def job_page(job: Job, form: DropForm | None = None) -> dict[str, Any]:
    """What the page of one job shows; `form` is one that was refused."""
    return {
        "job": job,
        "state": state_of(job),
        "attempts": attempts_of(job.id),
        "most_attempts": MOST_ATTEMPTS,
        "deeds": deeds_on(job.id),
        "drop": form or DropForm(formdata=None),
        "waits": job.run_after > clock.now(),
        **_words(),
    }


def why(error: str | None) -> str:
    """The kind of an error as a sentence; what only a programmer understands stays as it is, inside it."""
    if not error:
        return ""
    if error in _KNOWN:
        return str(_KNOWN[error])
    if error in set(Fault):
        return str(_FAULTS[Fault(error)])
    if ": " in error:
        return _("规则不允许：%(sentence)s", sentence=error.partition(": ")[2])
    return _("程序出错，请转告开发人员：%(error)s", error=error)


_KNOWN = {
    LOST: _l("做这项工作的进程中途没了消息，每次都是。"),
    UNKNOWN: _l("这个版本的程序不认识这项工作，等新版本的进程来做。"),
    **WHY,
    STOPPED: _l("后台进程正常停下，工作交给下一个进程接着做。"),
}
_FAULTS = {
    Fault.BUSY: _l("数据库太忙，没等到。"),
    Fault.AWAY: _l("数据库连不上。"),
    Fault.FULL: _l("磁盘满了，存不进去。"),
    Fault.READ_ONLY: _l("磁盘或数据库只能读，不能写。"),
}


def _words() -> dict[str, Any]:
    return {
        "name_of": name_of,
        "why": why,
        "state_names": STATE_NAMES,
        "kinds": KINDS,
        "outcomes": OUTCOMES,
        "outcome_kinds": OUTCOME_KINDS,
    }


def _title(counts: dict[str, int], *, has_worker: bool) -> str:
    """What is so, in a sentence."""
    if count := counts["aside"]:
        return ngettext("%(num)d 项后台工作搁置了", "%(num)d 项后台工作搁置了", count)
    if not has_worker:
        return _("没有后台进程在运行")
    if count := counts["waiting"] + counts["running"]:
        return ngettext("%(num)d 项后台工作在办", "%(num)d 项后台工作在办", count)
    return _("后台工作都办完了")
