"""How the overview of a hall says things."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from server.domain.office.hours import day_of
from server.services.office.settings import BranchView
from server.services.queue.day_forecasts import WillWait
from server.services.queue.views.branches import BranchAtAGlance
from server.services.queue.views.hall import (
    Ahead,
    AheadShown,
    Alarm,
    AlarmKind,
    CounterInHall,
    Doing,
    ServiceShown,
)
from server.staff import languages
from server.staff.device_names import device_name
from server.web.times import hour, short_day
from wire.vocabulary import Refusal, Urgency

_NO_TICKETS = {
    Refusal.NOT_OFFERED: _l("reservations only"),
    Refusal.CLOSED: _l("closed now"),
    Refusal.LIMIT_REACHED: _l("no more tickets today"),
    Refusal.UNLIKELY_TODAY: _l("not today any more"),
}
_PARTS = {
    "printer": _l("printer"),
    "second_printer": _l("second printer"),
    "roll": _l("paper roll"),
    "second_roll": _l("second paper roll"),
    "scanner": _l("scanner"),
    "paper": _l("paper"),
    "clock": _l("clock"),
}
_STATES = {
    "paper_out": _l("out of paper"),
    "cover_open": _l("cover open"),
    "offline": _l("offline"),
    "error": _l("error"),
    "no_answer": _l("does not answer"),
    "disconnected": _l("disconnected"),
    "lost": _l("not found"),
    "wrong": _l("wrong time"),
}

_NOT_AHEAD = {
    Ahead.BEING_MADE: _l("How many will be waiting is being worked out."),
    Ahead.NOBODY_WORKS: _l("How many will be waiting cannot be told while no counter is open."),
    Ahead.OVER: _l("The day is over for visitors."),
}

URGENCIES = {
    Urgency.HEALTH: _l("state of health"),
    Urgency.SMALL_CHILDREN: _l("small children"),
    Urgency.MISTAKE_OF_OURS: _l("a mistake of ours"),
    Urgency.LONG_WAIT: _l("a very long wait"),
    Urgency.OTHER: _l("another reason"),
}


def name_of(service: ServiceShown) -> str:
    """Return a service's name in the language of the page, else in any that there is."""
    names = service.names
    return names.get(languages.current()) or names.get("pl") or next(iter(names.values()), service.letter)


def ahead(shown: AheadShown, zone: ZoneInfo) -> str:
    """Say how many will be waiting, or why that is not said."""
    told = shown.in_words
    if told is not None:
        return " ".join(
            (
                _will_wait(told, zone),
                *_too_late(shown, zone),
                _("It is worked out for the counters of now; a break ends after about 15 minutes."),
            )
        )
    if shown.state is Ahead.FEW_DAYS:
        return ngettext(
            "How many will be waiting is told once %(least)s days are over to learn from; so far %(num)s is.",
            "How many will be waiting is told once %(least)s days are over to learn from; so far %(num)s are.",
            shown.days,
            least=shown.fewest_days,
        )
    return str(_NOT_AHEAD[shown.state])


def _will_wait(told: WillWait, zone: ZoneInfo) -> str:
    return ngettext(
        "About %(num)s person will be waiting at %(hour)s, between %(fewest)s and %(most)s.",
        "About %(num)s people will be waiting at %(hour)s, between %(fewest)s and %(most)s.",
        told.middle,
        hour=hour(told.at, zone),
        fewest=told.fewest,
        most=told.most,
    )


def _too_late(shown: AheadShown, zone: ZoneInfo) -> list[str]:
    if not shown.too_late:
        return []
    return [
        _(
            "Red line (%(hours)s): who comes later without a reservation will not be called before closing; "
            "the kiosk gives no ticket then.",
            hours=", ".join(f"{each.letter} {hour(each.at, zone)}" for each in shown.too_late),
        )
    ]


def services(branch: BranchView) -> list[tuple[str, str]]:
    """List a branch's services by letter and name."""
    return [(each.letter, each.name(languages.current())) for each in branch.services.values()]


def services_in_order(branch: BranchView, letters: Sequence[str]) -> list[tuple[str, str]]:
    """List a branch's services by letter and name, those of a counter first and in its order."""
    names = dict(services(branch))
    return [(each, names[each]) for each in dict.fromkeys([*letters, *names]) if each in names]


def reasons() -> list[tuple[str, str]]:
    """List why a visitor may go before all others."""
    return [(str(each), str(URGENCIES[each])) for each in Urgency]


def newcomer(service: ServiceShown) -> str:
    """Say what somebody would wait who came now."""
    if service.refusal is not None:
        return str(_NO_TICKETS.get(service.refusal, _NO_TICKETS[Refusal.CLOSED]))
    if service.newcomer_minutes is None:
        return _("nobody serves it")
    earliest, latest = service.newcomer_minutes
    return _("%(from)d–%(until)d min", **{"from": earliest, "until": latest})


def open_until(shown: BranchAtAGlance) -> str:
    """Say until when a branch is open, or when it opens next, by its own clock."""
    zone, at = shown.branch.policy.zone, shown.next_change_at
    if at is None:
        return _("around the clock") if shown.is_open else _("all day")
    if shown.is_open:
        return _("until %(hour)s", hour=hour(at, zone))
    opens_today = day_of(at, zone) == day_of(shown.now, zone)
    day = "" if opens_today else f"{short_day(day_of(at, zone))}, "
    return _("opens %(at)s", at=f"{day}{hour(at, zone)}")


def clock(since: datetime, now: datetime) -> str:
    """Write how long something has lasted: 3:20, or 1:03:20."""
    seconds = max(0, int((now - since).total_seconds()))
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def doing(counter: CounterInHall) -> str:
    """Say what a counter does, before how long it has done so."""
    return {
        Doing.SERVING: _("serving"),
        Doing.CALLED: _("called"),
        Doing.FREE: _("free"),
        Doing.PAUSED: _("break"),
        Doing.CLOSED: _("closed"),
    }[counter.doing]


def alarm(told: Alarm, zone: ZoneInfo) -> str:
    """Say what wants attention, in one sentence."""
    at = hour(told.at, zone) if told.at else ""
    if told.kind is AlarmKind.HELP:
        if told.name:
            return _(
                "Counter %(counter)d called for help: %(name)s is coming",
                counter=told.counter,
                name=told.name,
            )
        return _("Counter %(counter)d calls for help", counter=told.counter)
    if told.kind is AlarmKind.WAIT:
        return _(
            "%(service)s: the longest wait is %(minutes)d min (target %(target)d)",
            service=told.service,
            minutes=told.minutes,
            target=told.target,
        )
    if told.kind is AlarmKind.WAIT_AT_MOST:
        return _(
            "%(service)s: somebody has waited %(minutes)d min, longer than the %(target)d allowed",
            service=told.service,
            minutes=told.minutes,
            target=told.target,
        )
    if told.kind is AlarmKind.NOBODY:
        return _nobody(told, at)
    if told.kind is AlarmKind.TAKES_LONG:
        return _(
            "Counter %(counter)d: %(ticket)s takes unusually long, %(minutes)d min",
            counter=told.counter,
            ticket=told.ticket,
            minutes=told.minutes,
        )
    if told.kind is AlarmKind.OFFLINE_CONFLICT:
        return ngettext(
            "%(device)s: %(num)d number that it gave without the server needs a decision",
            "%(device)s: %(num)d numbers that it gave without the server need a decision",
            told.count or 0,
            device=device_name(told.device or ""),
        )
    if told.kind is AlarmKind.DEVICE_AWAY:
        return _("%(device)s: no sign of life since %(at)s", device=device_name(told.device or ""), at=at)
    if told.kind is AlarmKind.DEVICE_ERROR:
        return _(
            "%(device)s: %(part)s – %(state)s",
            device=device_name(told.device or ""),
            part=_PARTS.get(told.part or "", told.part),
            state=_STATES.get(told.state or "", told.state),
        )
    if told.kind is AlarmKind.ONE_PRINTER:
        return _(
            "%(device)s: %(part)s – %(state)s. Tickets come out of the other printer",
            device=device_name(told.device or ""),
            part=_PARTS.get(told.part or "", told.part),
            state=_STATES.get(told.state or "", told.state),
        )
    if told.kind is AlarmKind.PAPER_OUT:
        return _("%(device)s: out of paper", device=device_name(told.device or ""))
    return _("%(device)s: paper is running out", device=device_name(told.device or ""))


def _nobody(told: Alarm, at: str) -> str:
    count = told.count or 0
    if not at:
        return ngettext(
            "Nobody serves %(service)s, where %(num)d booked visitor waits",
            "Nobody serves %(service)s, where %(num)d booked visitors wait",
            count,
            service=told.service,
        )
    return ngettext(
        "Nobody serves %(service)s: %(num)d booked visitor, at %(at)s",
        "Nobody serves %(service)s: %(num)d booked visitors, the first at %(at)s",
        count,
        service=told.service,
        at=at,
    )
