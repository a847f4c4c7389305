"""The page of statistics: who may see it, what it says of no data, one ticket and a made history; its plots."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from deploy.demo.history import write_history
from server.services.ports import NotWritten, Outside, Plot
from server.store.tables import Ticket
from tests.server.movable_clock import TEN
from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice
from tests.server.services.statistics.test_keeping import kept, served
from tests.server.staff.people import Colleague
from wire.vocabulary import Role

PAGE = "/staff/at/wroclaw/statistics"
SignedIn = Callable[..., Colleague]


class PlotsKept:
    """Plots that are their own words."""

    def __init__(self, *, broken: bool = False) -> None:
        self.asked: list[Plot] = []
        self.broken = broken

    def svg(self, plot: Plot) -> bytes:
        """Keep what was asked."""
        if self.broken:
            raise NotWritten("broken")
        self.asked.append(plot)
        return b"<svg/>"


@pytest.fixture
def plots(office: SampleOffice, monkeypatch: pytest.MonkeyPatch) -> PlotsKept:
    """Give the office plots that remember."""
    made = PlotsKept()
    outside: Outside = replace(outer_world(), plots=made)
    runtime = replace(office.runtime, outside=outside)
    monkeypatch.setitem(office.app.extensions["staff"]().extensions, "numerek", runtime)
    return made


def made(office: SampleOffice) -> None:
    """Write the made history."""
    context = office.runtime.context()
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    write_history(office.store, context, branch)


def figures(text: str) -> dict[str, str]:
    """Read the figures at the head of a page."""
    found = re.findall(
        r'<dt>([^<]*)</dt><dd><span class="statistics-value">([^<]*)</span>', text.replace("\xa0", " ")
    )
    return dict(found)


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.MANAGER, 200), (Role.AUDITOR, 200), (Role.SUPERVISOR, 403), (Role.CLERK, 403)],
)
def test_managers_and_auditors_see_it(signed_in: SignedIn, role: Role, status: int) -> None:
    for path in (PAGE, f"{PAGE}/all.json"):
        assert signed_in(role).get(path).status == status


def test_another_branchs_are_not_found(signed_in: SignedIn) -> None:
    assert signed_in(Role.MANAGER).get("/staff/at/legnica/statistics").status == 404


def test_a_period_without_tickets_says_so(signed_in: SignedIn) -> None:
    found = signed_in(Role.MANAGER).get(PAGE)
    assert "There are no tickets in this period." in found.words
    assert "<picture>" not in found.text


def test_one_ticket_has_its_figures_and_tables(office: SampleOffice, signed_in: SignedIn) -> None:
    served(office)
    kept(office)
    found = signed_in(Role.MANAGER).get(f"{PAGE}?period=today&compare=nothing")
    told = figures(found.text)
    assert told["Served"] == "1"
    assert told["Median wait"] == "8.5 min"
    assert told["Within 15 min"] == "100%"
    assert "Half of the 1 who were called waited at most 8.5 min" in found.words
    assert "The longest waits are here: Monday, 10:00" in found.words
    assert "Tickets by day" not in found.words, "one day is no row of days"


def test_a_page_that_is_open_shows_what_was_summed_up_since(
    office: SampleOffice, signed_in: SignedIn
) -> None:
    manager = signed_in(Role.MANAGER)
    served(office)
    kept(office)
    assert figures(manager.get(f"{PAGE}?period=today").text)["Served"] == "1"
    served(office)
    kept(office)
    assert figures(manager.get(f"{PAGE}?period=today").text)["Served"] == "2"


def test_raw_figures_count_what_cleaned_ones_leave_out(office: SampleOffice, signed_in: SignedIn) -> None:
    served(office)
    left = office.walk_in("N")["id"]
    office.clerk(7).post(f"/tickets/{left}/withdraw", {"reason": "ticket_twice"})
    kept(office)
    manager = signed_in(Role.MANAGER)
    cleaned = manager.get(f"{PAGE}?period=today&compare=nothing")
    raw = manager.get(f"{PAGE}?period=today&compare=nothing&figures=raw")
    assert "leave out 1 of 2 tickets" in cleaned.words
    assert "Raw figures: all tickets." in raw.words
    assert "Taken twice" in raw.words


def test_a_made_history_is_marked(office: SampleOffice, signed_in: SignedIn) -> None:
    made(office)
    manager = signed_in(Role.MANAGER)
    found = manager.get(f"{PAGE}?period=last_month")
    assert "22 days of this period were made up for the demo" in found.words
    assert "Compared with: September 2026" in found.words
    assert "made up" not in manager.get(f"{PAGE}?period=today").words


def test_a_service_alone_and_one_that_is_put_away(office: SampleOffice, signed_in: SignedIn) -> None:
    served(office, "N")
    served(office, "P", 8)
    kept(office)
    office.set_policy("N", archived=True)
    found = signed_in(Role.MANAGER).get(f"{PAGE}?period=today&compare=nothing")
    assert figures(found.text)["Served"] == "2"
    assert "N – Service N (put away)" in found.words
    alone = signed_in(Role.MANAGER).get(f"{PAGE}?period=today&compare=nothing&service=P")
    assert figures(alone.text)["Served"] == "1"


@pytest.mark.parametrize(
    "asked",
    [
        "period=own&first=2026-99-99&last=x",
        "period=own&first=0001-01-01&last=9999-12-31",
        "period=own&first=2999-12-31&last=2000-01-01",
        "period=%00&compare=own&first_before=%F0&last_before=",
        "service=%3Cscript%3E&figures=none",
    ],
)
def test_an_address_that_says_nothing_useful_shows_a_page(signed_in: SignedIn, asked: str) -> None:
    found = signed_in(Role.MANAGER).get(f"{PAGE}?{asked}")
    assert found.status in (200, 400)
    assert "<script>" not in found.text.split("<main")[-1]


def test_each_plot_has_an_address_and_two_themes(
    office: SampleOffice, signed_in: SignedIn, plots: PlotsKept
) -> None:
    made(office)
    manager = signed_in(Role.MANAGER)
    page = manager.get(f"{PAGE}?period=last_month")
    addresses = [each.replace("&amp;", "&") for each in re.findall(r'<img src="([^"]+)"', page.text)]
    assert len(addresses) == 7
    for each in addresses:
        answer = manager.get(each)
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    assert manager.get(addresses[0] + "&theme=dark").status == 200
    assert [plot.dark for plot in plots.asked] == [False] * 7 + [True]
    assert {plot.kind for plot in plots.asked} == {"bars", "grid", "lying_bars"}
    waits = plots.asked[0]
    assert waits.line_after == 2, "the target of a quarter of an hour ends the third bar"
    assert [mark.apart for mark in waits.marks[:4]] == [False, False, False, True]
    assert manager.get(f"{PAGE}/plots/no_such.svg").status == 404


def test_a_plot_that_cannot_be_drawn_leaves_the_page_and_its_tables(
    office: SampleOffice, signed_in: SignedIn, plots: PlotsKept
) -> None:
    plots.broken = True
    made(office)
    manager = signed_in(Role.MANAGER)
    assert manager.get(f"{PAGE}/plots/hours.svg?period=last_month").status == 503
    assert manager.get(f"{PAGE}?period=last_month").status == 200


def test_clerks_are_on_the_page_only_where_the_office_allows_it(
    office: SampleOffice, signed_in: SignedIn
) -> None:
    office.set_policy(statistics_by_clerk=True)
    served(office)
    kept(office)
    manager = signed_in(Role.MANAGER)
    assert "The office allows figures by clerk" in manager.get(f"{PAGE}?period=today").words
    office.set_policy(statistics_by_clerk=False)
    assert "Anna Nowak" not in manager.get(f"{PAGE}?period=today").words


def test_a_period_of_days_to_come_has_no_figures_that_fail(office: SampleOffice, signed_in: SignedIn) -> None:
    office.book("P", TEN + timedelta(days=2))
    kept(office)
    found = signed_in(Role.MANAGER).get(f"{PAGE}?period=own&first=2026-11-24&last=2026-11-30")
    assert found.status == 200
    assert "Of 1 booked visits 100% were booked a week or less before." in found.words


def test_how_true_the_expected_times_were_stands_there_with_a_way_to_its_page(
    office: SampleOffice, signed_in: SignedIn
) -> None:
    served(office, wait=2)
    served(office, wait=90)
    kept(office)
    found = signed_in(Role.MANAGER).get(f"{PAGE}?period=today&compare=nothing")
    held = [each.promised_from <= each.called_at <= each.promised_until for each in office.rows(Ticket)]
    assert figures(found.text)["Called in the promised time"] == f"{50 * sum(held)}%"
    assert "Of 2 numbers whose slip told a time" in found.words
    assert '<a href="/staff/at/wroclaw/expected-times">' in found.text
    told = signed_in(Role.MANAGER).get(f"{PAGE}/promises.csv?period=today").response.data.decode("utf-8-sig")
    assert told.splitlines()[1].startswith("N – Service N,2,")
    assert "All services together,2," in told


def test_a_comparison_with_days_without_data_has_no_bars_at_zero(
    office: SampleOffice, signed_in: SignedIn, plots: PlotsKept
) -> None:
    served(office)
    kept(office)
    manager = signed_in(Role.MANAGER)
    found = manager.get(f"{PAGE}?period=today")
    assert "There is no data in that period." in found.words
    assert found.words.count("Bars without a line: there is no data in the period compared with.") == 2
    for code in ("hours", "weekdays"):
        assert manager.get(f"{PAGE}/plots/{code}.svg?period=today").status == 200
    assert [mark.other for plot in plots.asked for mark in plot.marks if mark.value] == [None, None]


def test_a_weekday_that_the_other_period_lacks_has_no_bar_and_the_others_have(
    office: SampleOffice, signed_in: SignedIn, plots: PlotsKept
) -> None:
    made(office)
    manager = signed_in(Role.MANAGER)
    own = "period=own&first=2026-11-16&last=2026-11-20"
    asked = f"{own}&compare=own&first_before=2026-11-09&last_before=2026-11-10"
    assert "Bars without a line" in manager.get(f"{PAGE}?{asked}").words
    manager.get(f"{PAGE}/plots/weekdays.svg?{asked}")
    assert [mark.other is not None for mark in plots.asked[0].marks] == [True, True, False, False, False]
    whole = asked.replace("2026-11-10", "2026-11-13")
    assert "Bars without a line" not in manager.get(f"{PAGE}?{whole}").words


def test_paper_is_said_to_be_reckoned(office: SampleOffice, signed_in: SignedIn) -> None:
    served(office)
    kept(office)
    assert "Paper is reckoned and not measured" in signed_in(Role.MANAGER).get(PAGE).words
