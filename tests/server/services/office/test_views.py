"""What an office's view has worked out of its settings is of these settings, also where other ones are tried."""

from __future__ import annotations

from dataclasses import replace

from tests.server.sample_office import SampleOffice


def test_a_branch_that_is_tried_with_other_settings_calls_by_those(office: SampleOffice) -> None:
    view = office.runtime.context().office
    branch = view.branch_named("wroclaw")
    assert branch is not None
    one, other = (branch.services[letter] for letter in ("P", "N"))
    own = replace(one, policy=replace(one.policy, overdue_minutes=77))
    policy = replace(branch.policy, overdue_minutes=33)
    tried = replace(branch, policy=policy, services={**branch.services, "P": own})
    rules = tried.rules_at()
    minutes = [each.overdue.total_seconds() / 60 for each in (rules.of(one.id), rules.of(other.id))]
    assert minutes == [77, 33]
    assert view.calling(one.id) == one.policy.calling(branch.policy)
