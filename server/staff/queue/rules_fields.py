"""The rules of calling as fields of one form: those of the branch, of its services and of its counters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext as _l

from server.domain.office.differences import part
from server.domain.office.reading import flag
from server.services.office import things
from server.services.office.settings import BranchView, CounterView
from server.services.office.things import Thing
from server.services.store_types import Session
from server.staff.office.codec import Setting
from server.staff.office.described import Words
from server.staff.office.groups import branch_setting, service_setting

OF_BRANCH = (
    *("call_lead_minutes", "overdue_minutes", "maximum_wait_minutes"),
    *("after_maximum_wait", "priority_every", "delay_grace_minutes"),
    *("language_head_start_minutes", "out_of_order"),
    *("left_at_closing", "left_at_closing_minutes"),
)
OF_SERVICE = ("call_lead_minutes", "overdue_minutes", "maximum_wait_minutes", "after_maximum_wait")
OF_COUNTER = ("strict_order", "services")
_STRICT = Words(_l("Strictly in this order"))
_ORDER = Words(_l("Services in their order"))


@dataclass(frozen=True, slots=True)
class InOrder:
    """The reader of a counter's services, which are given another order here and no others."""

    letters: tuple[str, ...]

    def __call__(self, value: Any) -> list[str]:
        """Read letters with anything between them."""
        found = [each for each in str(value).upper() if each.isalpha()]
        if sorted(found) != sorted(self.letters):
            raise ValueError("the same letters in another order are expected")
        return found


@dataclass(frozen=True, slots=True)
class Part:
    """A thing whose rules stand on the page: what begins the names of its fields, and its settings."""

    thing: Thing
    prefix: str
    settings: tuple[Setting, ...]

    def own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Take the values of this thing out of those of the form."""
        return {
            each.name.removeprefix(self.prefix): values[each.name]
            for each in self.settings
            if each.name in values
        }


def parts(branch: BranchView) -> list[Part]:
    """List the branch, its services and those of its counters that serve several, with their rules."""
    found = [Part(things.branch(branch.code), "", tuple(branch_setting(name) for name in OF_BRANCH))]
    for letter in branch.services:
        prefix = f"service.{letter}."
        own = tuple(_prefixed(prefix, service_setting(name)) for name in OF_SERVICE)
        found.append(Part(things.service(branch.code, letter), prefix, own))
    for number, counter in sorted(branch.counters.items()):
        if len(counter.service_ids) > 1 and not counter.archived and not counter.differs_today:
            prefix, letters = f"counter.{number}.", letters_of(branch, counter)
            own = (
                Setting(f"{prefix}strict_order", flag, _STRICT, False),
                Setting(f"{prefix}services", InOrder(tuple(letters)), _ORDER),
            )
            found.append(Part(things.counter(branch.code, number), prefix, own))
    return found


def letters_of(branch: BranchView, counter: CounterView) -> list[str]:
    """List the letters of a counter's services in its order."""
    letters = {each.id: each.letter for each in branch.services.values()}
    return [letters[each] for each in counter.service_ids if each in letters]


def stated(session: Session, found: list[Part]) -> dict[str, Any]:
    """Read what the office rules of all parts now, by the names of the fields."""
    values: dict[str, Any] = {}
    for each in found:
        names = [setting.name.removeprefix(each.prefix) for setting in each.settings]
        held = part(things.stated(session, each.thing), names)
        values |= {f"{each.prefix}{name}": value for name, value in held.items()}
    return values


def shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write lists of letters as they are typed."""
    return {name: " ".join(each) if isinstance(each, list) else each for name, each in values.items()}


def tried(branch: BranchView, found: list[Part], values: Mapping[str, Any]) -> BranchView:
    """Return the branch as it would be with these values; nothing is changed."""
    read = {
        each.name: each.read(value)
        for one in found
        for each in one.settings
        if (value := values.get(each.name, each.default)) is not None
    }
    services, counters, policy = dict(branch.services), dict(branch.counters), branch.policy
    for each in found:
        own: dict[str, Any] = each.own(read)
        if each.prefix.startswith("service."):
            service = services[each.thing.name]
            own = dict.fromkeys(OF_SERVICE) | own
            services[each.thing.name] = replace(service, policy=replace(service.policy, **own))
        elif each.prefix.startswith("counter."):
            ids = tuple(services[letter].id for letter in own["services"])
            counter = counters[int(each.thing.name)]
            counters[counter.number] = replace(
                counter, service_ids=ids, strict_order=own.get("strict_order", False)
            )
        else:
            policy = replace(policy, **own)
    return replace(branch, policy=policy, services=services, counters=counters)


def _prefixed(prefix: str, setting: Setting) -> Setting:
    return replace(setting, name=f"{prefix}{setting.name}")
