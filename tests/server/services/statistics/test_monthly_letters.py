"""The report of a month is put into the outbox once: for whom, when, and whatever clocks and servers do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from server.domain.statistics.mailing import read_month
from server.services.context import RuleBroken
from server.services.office.settings import BranchView
from server.services.statistics.monthly_letters import mail_reports, mailings, send_now
from server.store.queries.privacy import personal_keys
from server.store.queries.statistics import sums
from server.store.tables import Message, ReportMailing
from server.workers.jobs import JOBS
from tests.server.at_once import at_once
from tests.server.movable_clock import WARSAW
from tests.server.sample_office import SampleOffice
from tests.server.services.statistics.test_keeping import kept, served
from wire.vocabulary import MessageStatus

TO = ["anna@example.org", "jan@example.org"]
FIRST = datetime(2026, 12, 1, 6, tzinfo=WARSAW)


@pytest.fixture
def november(office: SampleOffice) -> SampleOffice:
    """Give an office in which somebody was served on 23 November, and the next month has come."""
    served(office)
    kept(office)
    office.set_policy(report_mail_to=TO)
    office.clock.set(FIRST)
    return office


def mail(office: SampleOffice) -> int:
    return mail_reports(office.store, office.runtime.context())


def branch(office: SampleOffice, code: str = "wroclaw") -> BranchView:
    found = office.runtime.office.current().branch_named(code)
    assert found is not None
    return found


def ask(office: SampleOffice, month: str = "2026-11") -> int:
    context, of = office.runtime.context(), read_month(month)
    assert of is not None
    return office.store.write(lambda session: send_now(session, context, branch(office), of))


def readers(office: SampleOffice) -> list[Any]:
    keys = office.runtime.keys

    def read(session: Any) -> list[Any]:
        rows = session.query(Message).order_by(Message.id).all()
        boxes = [personal_keys.box(session, keys, row.personal_key_id) for row in rows]
        return [
            personal_keys.open_json(box, row.sealed_to, b"to") for box, row in zip(boxes, rows, strict=True)
        ]

    return office.store.read(read)


def test_it_goes_to_each_address_once_a_month_apart_and_in_the_offices_language(
    november: SampleOffice,
) -> None:
    november.set_policy(office_language="en")
    assert [mail(november) for _ in range(3)] == [2, 0, 0]
    rows = november.rows(Message)
    assert [
        (row.kind, row.channel, row.language, row.facts["month"], row.facts["branch"]) for row in rows
    ] == [("monthly_report", "email", "en", "2026-11", "wroclaw")] * 2
    assert [row.due_at - FIRST.astimezone(UTC) for row in rows] == [timedelta(0), timedelta(minutes=1)]
    assert readers(november) == TO
    assert all("example.org" not in str(row.facts) + row.key for row in rows), "addresses are sealed"
    (row,) = november.rows(ReportMailing)
    assert (row.branch_id, row.month.isoformat()) == (branch(november).id, "2026-11-01")


def test_nobody_is_written_to_before_the_hour_or_a_week_after_it(november: SampleOffice) -> None:
    for at in (FIRST - timedelta(minutes=1), FIRST + timedelta(days=7)):
        november.clock.set(at)
        assert mail(november) == 0
    november.clock.set(FIRST + timedelta(days=7, minutes=-1))
    assert mail(november) == 2, "a server that was down catches up"


def test_the_day_is_the_branchs_own(november: SampleOffice) -> None:
    november.set_policy(report_mail_day=5)
    assert mail(november) == 0
    november.clock.set(FIRST + timedelta(days=4))
    assert mail(november) == 2


def test_a_clock_that_goes_back_and_a_changed_day_send_no_second_one(november: SampleOffice) -> None:
    assert mail(november) == 2
    november.clock.set(FIRST - timedelta(days=2))
    assert mail(november) == 0
    november.set_policy(report_mail_day=3, report_mail_to=[*TO, "new@example.org"])
    november.clock.set(FIRST + timedelta(days=2, hours=1))
    assert mail(november) == 0
    november.clock.set(datetime(2027, 1, 3, 6, tzinfo=WARSAW))
    assert mail(november) == 3, "control: the next month goes"


def test_two_servers_send_it_once(november: SampleOffice) -> None:
    assert sum(at_once(4, lambda _: mail(november))) == 2
    assert len(november.rows(Message)) == 2


def test_without_addresses_or_put_away_nobody_is_written_to(november: SampleOffice) -> None:
    november.set_policy(report_mail_to=[])
    assert mail(november) == 0
    november.set_policy(report_mail_to=TO, archived=True)
    assert mail(november) == 0
    assert november.rows(ReportMailing) == []


def test_the_same_address_twice_gets_one_letter(november: SampleOffice) -> None:
    november.set_policy(report_mail_to=[TO[0], TO[0], TO[0].upper()])
    assert mail(november) == 1


def test_a_branch_that_was_not_there_yet_sends_nothing(november: SampleOffice) -> None:
    november.set_policy(branch="legnica", report_mail_to=["legnica@example.org"])
    known = november.store.read(
        lambda session: sums.standing(session, branch(november, "legnica").id, *_NOVEMBER)
    )
    assert known.made_at is None
    assert mail(november) == 2
    assert readers(november) == TO
    with pytest.raises(RuleBroken) as told:
        ask(november, "2026-10")
    assert told.value.reason == "not_there_yet"


_NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


def test_it_waits_until_the_month_is_summed_up(november: SampleOffice) -> None:
    last = _NOVEMBER[1]
    november.store.write(lambda session: sums.make_due(session, [(branch(november).id, last)]))
    assert mail(november) == 0
    kept(november)
    assert mail(november) == 2


def test_a_manager_has_it_sent_at_once_and_not_again_and_again(november: SampleOffice) -> None:
    november.clock.set(FIRST - timedelta(days=3))
    assert ask(november) == 2
    assert ask(november) == 0, "who presses twice sends one"
    for _ in range(3):
        november.clock.advance(minutes=2)
        assert ask(november) == 2
    with pytest.raises(RuleBroken) as told:
        ask(november)
    assert (told.value.status, told.value.reason) == (429, "too_often")
    november.clock.set(FIRST)
    assert mail(november) == 2, "the month's own letters go all the same"
    november.set_policy(report_mail_to=[])
    with pytest.raises(RuleBroken) as told:
        ask(november)
    assert told.value.reason == "no_addresses"


def test_what_became_of_the_letters_is_told_by_month(november: SampleOffice) -> None:
    def look() -> list[tuple[Any, ...]]:
        found = november.store.read(lambda session: mailings(session, branch(november)))
        return [(each.month, each.sent, each.waiting, each.failed, each.problems) for each in found]

    assert look() == []
    mail(november)
    assert look() == [("2026-11", 0, 2, 0, ())]

    def end(session: Any) -> None:
        first, second = session.query(Message).order_by(Message.id)
        first.status = MessageStatus.SENT
        second.status, second.problem = MessageStatus.FAILED, "address_refused_550"

    november.store.write(end)
    november.clock.advance(minutes=5)
    ask(november)
    assert look() == [("2026-11", 0, 2, 0, ()), ("2026-11", 1, 0, 1, ("address_refused_550",))]
    legnica = november.store.read(lambda session: mailings(session, branch(november, "legnica")))
    assert legnica == []


def test_the_server_looks_for_it_each_minute() -> None:
    (job,) = [each for each in JOBS if each.work is mail_reports]
    assert job.every == timedelta(minutes=1)
