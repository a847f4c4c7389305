"""The line in front of the pages: at no cost, by arrival, and nobody makes up, copies or jumps a place."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from server.api import request_counts
from server.http.arrivals import Inside, Marks, Waiting
from server.portal.bare_page import plain_page
from server.portal.waiting_page import LANGUAGES, waiting_pages
from server.store.tables import ArrivalCount
from tests.server.http.visitors import Browser, Counted, Site, crowd
from tests.server.sample_office import SampleOffice

COOKIE = "__Host-numerek-place"
SOON = 4_000_000_000


def test_while_the_servers_bear_all_nobody_waits_and_nothing_is_counted(one_office: SampleOffice) -> None:
    site = Site(one_office, 3)
    for _ in range(5):
        assert crowd(site, 3) == []
        site.tick()
    assert len(site.seen) == 15
    assert one_office.rows(ArrivalCount) == []


def test_more_than_that_wait_by_arrival_and_are_let_in_at_the_pace(one_office: SampleOffice) -> None:
    site = Site(one_office, 3)
    waiting = crowd(site, 13)
    assert [each.number for each in waiting] == list(range(1, 11))
    assert not waiting[0].is_in
    for left in (7, 4, 1, 0):
        site.tick()
        still = [each for each in waiting if each.ask("/pl/wait?look").status != 204]
        assert still == waiting[10 - left :]
    # Who is let in comes to the page that was wanted, and the page learns by which pass.
    opened = waiting[0].ask("/pl/wait")
    assert (opened.status, opened.leads_to) == (303, "/pl/book/wroclaw/P?day=2026-12-01")
    site.seen.clear()
    assert waiting[0].ask("/pl/book/wroclaw/P").status == 200
    assert site.seen == [("/pl/book/wroclaw/P", {"numerek.pass": "n1"})]


def test_whoever_comes_while_others_wait_stands_behind_them(one_office: SampleOffice) -> None:
    site = Site(one_office, 2)
    waiting = crowd(site, 8)
    site.tick()
    (late,) = crowd(site, 1)
    assert late.number == 7
    site.tick()
    site.tick()
    assert all(each.is_in for each in waiting)
    assert not late.is_in
    site.tick()
    assert late.is_in


def test_who_is_in_goes_on_whatever_happens_at_the_door(one_office: SampleOffice) -> None:
    site = Site(one_office, 1)
    inside = Browser(site)
    assert inside.is_in
    crowd(site, 50)
    for _ in range(20):
        assert inside.ask("/pl/book/draft/x/hold", "POST").status == 200


def test_looking_again_asks_neither_database_nor_counts(one_office: SampleOffice) -> None:
    counting = Counted()
    site = Site(one_office, 1, counting)
    site.tick()
    waiting = crowd(site, 4)
    asked, counting.is_away = len(counting.added), True
    one_office.store.close()
    for _ in range(3):
        for each in waiting:
            led = each.ask("/pl/wait").leads_to
            assert each.ask(led).status == 200
    assert len(counting.added) == asked
    # Control: a number more does ask, and is refused while it cannot be given.
    site.seconds += 2
    refused = request_counts.refusals().get(("server.portal", "database_busy"), 0)
    stranger = Browser(site).ask("/uk/")
    assert stranger.status == 503
    assert "Сервер зараз зайнятий" in stranger.body.decode()
    # Else whoever watches the server would not see that nobody new comes in.
    assert request_counts.refusals()["server.portal", "database_busy"] == refused + 1


def test_the_page_is_the_same_for_all_and_may_be_kept(one_office: SampleOffice) -> None:
    site = Site(one_office, 1)
    one, other = crowd(site, 3)
    led = one.ask("/pl/wait").leads_to
    assert re.fullmatch(r"/pl/wait/\d+", led)
    first, second = one.ask(led), other.ask(led)
    assert (first.body, first.headers) == (second.body, second.headers)
    assert "set-cookie" not in first.headers
    assert first.headers["cache-control"].startswith("public, max-age=")
    again = other.ask(led, if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert other.ask(led, if_none_match='"another"').status == 200
    assert other.ask(led, "POST").status == 405


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_how_long_and_looks_again_without_scripts(
    one_office: SampleOffice, language: str
) -> None:
    site = Site(one_office, 1, turn_kept_minutes=7)
    waiting = [Browser(site) for _ in range(140)]
    for each in waiting:
        led = each.ask(f"/{language}/").leads_to
    assert led == f"/{language}/wait/5"
    page = waiting[-1].ask(led).body.decode()
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page
    refresh = f'<meta http-equiv="refresh" content="60; url=/{language}/wait">'
    assert f"<noscript>{refresh}</noscript>" in page
    assert re.search(r'<p id="wait" role="status" data-again="60">[^<{]*5[^<{]*</p>', page)
    assert " 7\u00a0" in page
    assert not re.search(r"\d \w", re.sub(r"<[^>]*>", "", page.split("</h1>")[1].split("</main>")[0]))
    assert "{" not in re.sub(r"<(style|script)[^>]*>.*?</\1>", "", page, flags=re.S)
    # The nearer the turn, the sooner.
    near = waiting[1].ask(f"/{language}/wait").leads_to
    assert f'content="10; url=/{language}/wait"' in waiting[1].ask(near).body.decode()


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(1, "دقيقة واحدة"), (2, "دقيقتين"), (10, "10 دقائق"), (15, "15 دقيقة"), (103, "103 دقائق")],
)
def test_minutes_are_counted_as_in_arabic(minutes: int, told: str) -> None:
    page = waiting_pages(minutes)["/ar/wait/5"].body.decode()
    assert f"خلال {told}." in page.replace("\u00a0", " ")


def test_the_page_of_the_front_itself_runs_from_the_right_in_arabic_alone() -> None:
    arabic = plain_page(503, "/ar/book").decode()
    assert '<html lang="ar" dir="rtl">' in arabic
    every = plain_page(503, "/book").decode()
    assert '<html lang="pl" dir="ltr">' in every
    assert re.findall(r'<p lang="(\w\w)" dir="rtl">', every) == ["ar"]


def test_a_language_that_the_page_does_not_speak_reads_english(one_office: SampleOffice) -> None:
    site = Site(one_office, 1)
    assert [Browser(site).ask(path).leads_to for path in ("/de/", "/de/", "/")] == [
        "",
        "/en/wait/1",
        "/pl/wait/1",
    ]


def test_only_pages_stand_behind_the_line(one_office: SampleOffice) -> None:
    site = Site(one_office, 1)
    crowd(site, 5)
    others = (
        "/assets/1/a.css",
        "/api/v1/time",
        "/t/abc/state",
        "/staff/",
        "/healthz",
        "/robots.txt",
        "/board",
    )
    for path in others:
        assert Browser(site).ask(path).body == b"a page"
    assert Browser(site).ask("/pl/account/confirm/secret").leads_to.startswith("/pl/wait/")


@pytest.mark.parametrize("change", ["number", "path", "key", "kind", "nothing signed", "rubbish"])
def test_a_place_that_is_not_of_our_writing_is_none(one_office: SampleOffice, change: str) -> None:
    site = Site(one_office, 1)
    waiting = crowd(site, 6)
    value = waiting[-1].cookies[COOKIE]
    signature, said = value.split(".", 1)
    forged = {
        "number": f"{signature}.{said.replace('w.5.', 'w.1.')}",
        "path": f"{signature}.{said}/elsewhere",
        "key": Marks(lambda: [b"another key"]).write(Waiting(1, SOON, "/pl/")),
        "kind": f"{signature}.{said.replace('w.', 'i.')}",
        "nothing signed": f".{said}",
        "rubbish": "ż.w.x",
    }[change]
    site.tick()
    liar = Browser(site, cookies={COOKIE: forged.encode().decode("latin-1")})
    assert not liar.is_in
    assert liar.number == 6
    # Control: the same number under our own signature is let in.
    ours = Marks(lambda: one_office.runtime.keys.all_derived("line in front")).write(Waiting(1, SOON, "/pl/"))
    assert Browser(site, cookies={COOKIE: ours}).is_in


def test_a_number_of_yesterday_is_none_even_where_a_server_just_began_to_look(
    one_office: SampleOffice,
) -> None:
    before = Site(one_office, 1)
    (kept,) = crowd(before, 2)
    before.tick()
    one_office.clock.advance(hours=23)
    # The server began anew: how long ago that turn came is known to nobody any more.
    after = Site(one_office, 1)
    after.tick()
    crowd(after, 3)
    kept.site = after
    assert kept.is_in
    one_office.clock.advance(hours=2)
    later = Browser(
        after,
        cookies={
            COOKIE: Marks(lambda: one_office.runtime.keys.all_derived("line in front")).write(
                Waiting(1, int(one_office.clock.now().timestamp()), "/pl/")
            )
        },
    )
    assert not later.is_in
    assert later.number > 1


def test_the_page_that_was_wanted_is_one_of_ours(one_office: SampleOffice) -> None:
    site = Site(one_office, 1)
    crowd(site, 1)
    keys = one_office.runtime.keys.all_derived("line in front")
    wanted = {
        "//evil.example/": "",
        "/pl//evil.example/": "/pl/",
        "/pl/book/wroclaw/P?day=1&x=\r\nSet-Cookie: a": "/pl/book/wroclaw/P",
        "/pl/" + "a" * 400: "/pl/",
        "/pl/book/Wrocław": "/pl/",
    }
    for path, kept in wanted.items():
        browser = Browser(site)
        answer = browser.ask(path)
        if not kept:
            assert answer.body == b"a page"  # no page of ours: what is behind refuses it
            continue
        mark = Marks(lambda: keys).read(browser.cookies[COOKIE])
        assert isinstance(mark, Waiting)
        assert mark.path == kept


def test_who_comes_back_in_time_keeps_the_turn_and_who_does_not_stands_at_the_end(
    one_office: SampleOffice,
) -> None:
    site = Site(one_office, 1, turn_kept_minutes=10)
    back, late, *_ = crowd(site, 4)
    for _ in range(4):
        site.tick()
    site.tick(590)
    assert back.is_in
    site.tick(20)
    crowd(site, 3)  # others wait again
    assert not late.is_in
    assert late.number == 6


def test_a_pass_ends_and_is_renewed_by_use(one_office: SampleOffice) -> None:
    site = Site(one_office, 1)
    used, idle = Browser(site), Browser(site)
    assert used.is_in
    site.tick()
    assert idle.is_in
    for _ in range(3):
        site.tick(2_400)
        assert used.is_in
    crowd(site, 5)
    assert used.is_in
    assert not idle.is_in
    mark = Marks(lambda: one_office.runtime.keys.all_derived("line in front")).read(used.cookies[COOKIE])
    assert isinstance(mark, Inside)


def test_numbers_are_fetched_in_blocks_when_many_come(one_office: SampleOffice) -> None:
    counting = Counted()
    site = Site(one_office, 1, counting)

    async def take() -> list[int]:
        return [await site.line.take() for _ in range(20_000)]

    assert asyncio.run(take()) == list(range(1, 20_001))
    # Some to grow, then a thousand each: a million are about a thousand statements.
    assert len(counting.added) <= 80
    assert counting.added[-1] == 1_000
    # What is left of a block is not given a second later: somebody came elsewhere meanwhile.
    site.seconds += 2
    counting.add("given", 5)
    (number,) = (asyncio.run(site.line.take()) for _ in range(1))
    assert number > sum(counting.added[:-2])


def test_a_block_of_addresses_gets_so_many_numbers(one_office: SampleOffice) -> None:
    site = Site(one_office, 1, newcomers_per_ten_minutes=20)
    answers = [Browser(site, address=f"203.0.113.{each}").ask("/pl/").status for each in range(23)]
    assert answers == [200, *[303] * 20, 503, 503]
    assert Browser(site, address="198.51.100.1").ask("/pl/").status == 303


def test_slow_answers_and_refusals_let_fewer_in(one_office: SampleOffice) -> None:
    site = Site(one_office, 10)
    site.tick()
    assert site.line.pace == 10
    site.status = 503
    inside = Browser(site)
    inside.ask("/pl/")
    site.tick()
    assert site.line.pace == pytest.approx(7)
    site.status = 200
    for _ in range(200):
        site.line.answered(0.01, 200)
    site.line.answered(9.0, 200)
    site.tick()
    assert site.line.pace == pytest.approx(7.5)  # one of 200 is not what 99 of 100 see
    for _ in range(5):
        site.line.answered(0.9, 200)
    site.tick()
    assert site.line.pace == pytest.approx(5.25)


def test_a_turn_that_is_kept_for_two_hours_is_over_after_them(one_office: SampleOffice) -> None:
    site = Site(one_office, 1, turn_kept_minutes=120)
    (late,) = crowd(site, 2)
    for _ in range(140):  # somebody comes each minute
        site.tick(60)
        crowd(site, 3)
    for _ in range(20):
        site.tick(1)
    crowd(site, 2)
    late.ask("/pl/wait")
    assert late.number > 2


def test_a_visitor_s_slow_line_slows_nobody_down(
    one_office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, clock = Site(one_office, 10), [0.0]
    monkeypatch.setattr("server.http.arrivals.time.monotonic", lambda: clock[0])
    parts = [
        {"type": "http.request", "body": b"a", "more_body": True},
        {"type": "http.request", "body": b"b"},
    ]
    took = 0.0

    async def pages(_scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        clock[0] += took
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        clock[0] += 9.0
        return parts[int(clock[0]) // 9 - 1]

    async def send(_message: Any) -> None:
        clock[0] += 9.0

    site.arrivals._inner = pages
    scope = {"type": "http", "method": "POST", "path": "/pl/", "headers": [], "client": ("198.51.100.1", 1)}
    asyncio.run(site.arrivals(scope, receive, send))
    site.tick()
    assert site.line.pace == 10
    # Control: what the server takes itself does.
    clock[0], took = 0.0, 0.6
    asyncio.run(site.arrivals(scope, receive, send))
    site.tick()
    assert site.line.pace == pytest.approx(7)


def test_an_error_of_ours_does_not_end_the_looking(
    one_office: SampleOffice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("server.http.line.TICK_SECONDS", 0.0)
    site, looked, loops = Site(one_office, 5), asyncio.Event(), list[Any]()

    def context() -> Any:
        if not caplog.records:
            raise KeyError("of ours")
        loops[0].call_soon_threadsafe(looked.set)
        return one_office.runtime.context()

    async def keep() -> None:
        loops.append(asyncio.get_running_loop())
        kept = asyncio.create_task(site.line.keep(context))
        async with asyncio.timeout(30):
            await looked.wait()
        kept.cancel()

    asyncio.run(keep())
    assert "could not be looked at" in caplog.text


def served(application: Any) -> list[str]:
    """Live through a start and a stop; return what was told."""
    told: list[str] = []
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        told.append(message["type"])

    asyncio.run(application({"type": "lifespan"}, receive, send))
    return told


def test_it_lives_and_ends_with_what_is_behind(one_office: SampleOffice) -> None:
    site = Site(one_office, 5)

    async def lives(_scope: Any, receive: Any, send: Any) -> None:
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})

    site.arrivals._inner = lives
    assert served(site.arrivals) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
