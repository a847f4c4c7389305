"""What a branch that is being set up has, for the guide of the first steps."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.domain.access.roles import Permission, may
from server.domain.office.first_steps import Standing
from server.services.access import colleagues
from server.services.office.settings import BranchView
from server.store.queries.access import devices
from wire.vocabulary import DeviceRole


def standing(session: Session, branch: BranchView) -> Standing:
    """Tell what there is at a branch: of devices those that came in, of people those who may serve."""
    services = [each for each in branch.services.values() if not each.policy.archived]
    counters = [each for each in branch.counters.values() if not each.archived]
    served = {service_id for each in counters for service_id in each.service_ids}
    return Standing(
        halls=sum(not each.archived for each in branch.halls.values()),
        services=tuple(each.letter for each in services),
        offered=frozenset(
            each.letter for each in services if each.policy.walk_in or each.policy.booking.is_online
        ),
        counters=len(counters),
        served=frozenset(each.letter for each in services if each.id in served),
        has_hours=branch.policy.opening_hours is not None,
        kiosks=sum(
            each.is_enrolled and each.role == DeviceRole.KIOSK for each in devices.listed(session, branch.id)
        ),
        people=sum(
            not each.is_disabled and may(each.held, Permission.SERVE, branch.id)
            for each in colleagues.in_sight(session, branch.id)
        ),
    )
