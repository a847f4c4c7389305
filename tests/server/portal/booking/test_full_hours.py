"""Those too late are told so without Flask, in Flask's own words; everything else is Flask's to answer."""

from __future__ import annotations

import asyncio
import math
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from bench.crowd import Person, fill_in, hold, log_in
from server.api import request_counts
from server.http.asgi import _run_wsgi
from server.http.dispatch import Pages
from server.http.holds import Answer, Environ, Holds
from server.portal.guard import limits
from server.services.booking.drafts import KEPT
from server.services.booking.owners import Owner
from server.services.guard.refusals import write_refusals
from server.services.office.settings import ServiceView
from server.store.errors import StoreUnavailable
from server.store.tables import Account, AccountSession, Draft, Reservation, Slot
from server.texts import LANGUAGES
from tests.server.movable_clock import at
from tests.server.sample_office import SampleOffice

HOUR = at("10:00") + timedelta(days=1)
COOKIE = "__Host-numerek"
TEMPLATE = {"days": ["mon"], "hours": "08:00-09:00", "every_minutes": 60}
GUEST = "b" * 32
NEW = re.compile(rb"nonce-[\w-]{22}|^[0-9a-f]{16}$")


class Rush:
    """People whose hour is full, in front of the way that a hold takes; it is noted whether Flask was asked."""

    def __init__(self, office: SampleOffice, portal: Flask) -> None:
        self.office, self.portal = office, portal
        pages = Pages(lambda: portal)
        pages()
        self.holds = Holds(pages, office.store, 2)
        self.threads: set[str] = set()
        self.until = math.inf
        self.heard: Callable[[], Any] = lambda: None
        self.of_flask = 0
        self._loop = asyncio.new_event_loop()
        office.open_slot("L", HOUR, 1)
        self.fill(1)
        self.people = log_in(office.runtime, portal, 20)

    def fill(self, taken: int) -> None:
        """Let so many places of the hour be taken."""
        self.write(update(Slot).where(Slot.starts_at == HOUR).values(taken=taken))

    def write(self, change: Any) -> None:
        """Change rows behind the server's back, as another server does."""
        self.office.store.write(lambda session: session.execute(change))

    @property
    def service(self) -> ServiceView:
        """Return the service that is booked."""
        branch = self.office.runtime.office.current().branch_named("wroclaw")
        assert branch is not None
        return branch.services["L"]

    def request(self, person: Person | None = None, draft: str | None = None) -> bytes:
        """Fill in a draft for the hour, and write the POST."""
        who = person or self.people[0]
        return hold(who, draft or self.draft(who), COOKIE)

    def draft(self, person: Person) -> str:
        """Fill in a draft for the hour; return its secret."""
        (token,) = fill_in(self.office.runtime, [person], self.service, [HOUR])
        return token

    def ask(self, *requests: bytes) -> list[Answer]:
        """Send requests at once."""

        async def all_of() -> list[Answer | None]:
            return await asyncio.gather(*(self._answer(each) for each in requests))

        return [each for each in self._loop.run_until_complete(all_of()) if each is not None]

    async def _answer(self, request: bytes) -> Answer | None:
        scope, body = scope_of(request)

        def flask(environ: Environ) -> Answer:
            self.of_flask += 1
            self.threads.add(threading.current_thread().name.partition("-")[0])
            self.heard()
            return self.flask(request, environ)

        return await self.holds.answer(scope, body, flask, self.until)

    def flask(self, request: bytes, environ: Environ | None = None) -> Answer:
        """Have Flask answer a request."""
        return _run_wsgi(self.portal.wsgi_app, *scope_of(request), environ or {})

    def close(self) -> None:
        """End its threads."""
        self.holds.close()
        self._loop.close()


def scope_of(request: bytes) -> tuple[dict[str, Any], bytes]:
    """Read a request as uvicorn does."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    path, _, query = first.split()[1].partition(b"?")
    scope = {
        "type": "http",
        "method": "POST",
        "path": path.decode(),
        "query_string": query,
        "scheme": "https",
        "client": ("198.51.100.7", 50_000),
        "headers": [
            (name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)
        ],
    }
    return scope, body


def cookie_of(portal: Flask, person: Person, **words: str | None) -> str:
    """Sign a cookie of the portal that says the same as somebody's, but for these words."""
    cookies: Any = portal.session_interface
    signer = cookies.get_signing_serializer(portal)
    said = signer.loads(person.cookie) | words
    return str(signer.dumps({name: value for name, value in said.items() if value is not None}))


def told(answer: Answer) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return an answer without what is new each time."""
    status, headers, body = answer
    return status, [(name, NEW.sub(b"(new)", value)) for name, value in headers], body


def there(answer: Answer) -> str:
    """Return where an answer sends to."""
    return dict(answer[1]).get(b"location", b"").decode()


@pytest.fixture
def rush(office: SampleOffice, portal: Flask) -> Iterator[Rush]:
    office.set_policy("L", booking={"slots": [TEMPLATE]})
    made = Rush(office, portal)
    yield made
    made.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_too_late_hears_it_byte_for_byte_as_flask_says_it(rush: Rush, language: str) -> None:
    request = rush.request().replace(b"/pl/", f"/{language}/".encode(), 1)
    (answer,) = rush.ask(request)
    assert rush.of_flask == 0
    assert told(answer) == told(rush.flask(request))
    assert there(answer).endswith("/hour?gone=slot_full")
    assert there(answer).startswith(f"/{language}/book/draft/")


def test_what_is_new_with_each_answer_is_new(rush: Rush) -> None:
    one, other = rush.ask(rush.request(), rush.request())
    for name in (b"x-request-id", b"content-security-policy"):
        assert dict(one[1])[name] != dict(other[1])[name]
        assert len(NEW.findall(dict(one[1])[name])) == 1


def test_a_guest_is_told_as_flask_tells_guests(rush: Rush) -> None:
    rush.office.set_policy("L", booking={"slots": [TEMPLATE], "account_required": False})
    guest = replace(
        rush.people[0], cookie=cookie_of(rush.portal, rush.people[0], session=None, browser=GUEST)
    )
    request = rush.request(guest, rush.draft(guest))
    rush.write(update(Draft).values(account_id=None, browser_hash=Owner(browser=GUEST).browser_hash))
    (answer,) = rush.ask(request)
    assert rush.of_flask == 0
    assert told(answer) == told(rush.flask(request))


def test_it_is_noted_counted_and_logged_as_flask_does(rush: Rush, caplog: pytest.LogCaptureFixture) -> None:
    request, found = rush.request(), []
    for ask in (rush.ask, rush.flask):
        before = request_counts.counts()
        caplog.clear()
        with caplog.at_level("INFO", "numerek.requests"):
            ask(request)
        after = request_counts.counts()
        (line,) = [each.fields for each in caplog.records if each.name == "numerek.requests"]
        assert write_refusals(rush.office.store, rush.office.runtime.context()) == 1
        data = rush.office.facts("booking.refused")[-1].data
        counted = {key: after[key] - before.get(key, 0) for key in after if after[key] != before.get(key)}
        found.append((data, counted, {key: line[key] for key in line if key not in ("id", "ms")}))
    assert found[0] == found[1]
    assert found[0][0] == {"reason": "slot_full", "account": rush.people[0].account_id}


def test_a_session_that_is_told_so_was_seen(rush: Rush) -> None:
    for _ in range(3):
        rush.office.clock.advance(minutes=20)  # idle for 30 minutes it would be over
        rush.ask(rush.request())
    assert rush.of_flask == 0


def test_a_place_that_comes_back_is_sold_to_the_next_who_asks(rush: Rush) -> None:
    """What was full a moment ago is asked of the database again: nothing that is remembered refuses anybody."""
    assert "gone=slot_full" in there(rush.ask(rush.request())[0])
    rush.fill(0)
    assert there(rush.ask(rush.request())[0]).startswith("/pl/reservations/")
    assert rush.of_flask == 1
    assert "gone=slot_full" in there(rush.ask(rush.request(rush.people[1]))[0])
    assert rush.of_flask == 1


def test_all_who_came_meanwhile_are_told_after_one_look(rush: Rush, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = [rush.request(person) for person in rush.people[:3] for _ in range(12)]
    looks, look = [], rush.office.store.look
    monkeypatch.setattr(rush.office.store, "look", lambda work: looks.append(work) or look(work))
    answers = rush.ask(*requests)
    assert [there(each) for each in answers] == [there(rush.flask(each)) for each in requests]
    assert rush.of_flask == 0
    assert len(looks) == 1 + 2 * len(
        requests
    )  # all of them once; then Flask, for each the session and the draft


def test_holds_are_written_where_it_costs_least(rush: Rush) -> None:
    rush.fill(0)
    assert there(rush.ask(rush.request())[0]).startswith("/pl/reservations/")
    assert rush.threads == {"store" if rush.office.store.sqlite else "rush"}


def test_of_many_holds_some_are_written_together_and_the_others_wait(rush: Rush) -> None:
    rush.write(update(Slot).values(taken=0, capacity=20))
    crowded: list[bool] = []
    rush.heard = lambda: crowded.append(rush.holds.is_crowded)
    answers = rush.ask(*(rush.request(person) for person in rush.people))
    assert len({there(each) for each in answers if there(each).startswith("/pl/reservations/")}) == 20
    assert any(crowded)
    assert not rush.holds.is_crowded


def test_whose_turn_comes_too_late_is_sent_away_with_nothing_done(rush: Rush) -> None:
    rush.fill(0)
    rush.until = -math.inf
    assert rush.ask(rush.request()) == []
    assert rush.of_flask == 0
    assert rush.office.rows(Reservation) == []


# --- what goes on to Flask -------------------------------------------------------------------------------


def other_form(rush: Rush) -> bytes:
    """Send the token of somebody else's form."""
    return rush.request(
        replace(rush.people[0], form_token=rush.people[1].form_token), rush.draft(rush.people[0])
    )


def body_of(change: Callable[[bytes], bytes]) -> Callable[[Rush], bytes]:
    """Send another body."""

    def made(rush: Rush) -> bytes:
        head, _, body = rush.request().partition(b"\r\n\r\n")
        return head + b"\r\n\r\n" + change(body)

    return made


def head_of(old: bytes, new: bytes) -> Callable[[Rush], bytes]:
    """Send another head."""

    def made(rush: Rush) -> bytes:
        request = rush.request()
        assert old in request
        return request.replace(old, new, 1)

    return made


def with_words(**words: str | None) -> Callable[[Rush], bytes]:
    """Send a genuine cookie with other words in it."""

    def made(rush: Rush) -> bytes:
        cookie = cookie_of(rush.portal, rush.people[0], **words)
        return rush.request(replace(rush.people[0], cookie=cookie), rush.draft(rush.people[0]))

    return made


def after(change: Any) -> Callable[[Rush], bytes]:
    """Send it after rows changed."""

    def made(rush: Rush) -> bytes:
        request = rush.request()
        rush.write(change)
        return request

    return made


def too_old(rush: Rush) -> bytes:
    """Send a draft whose time is over, in a session that is not."""
    request = rush.request()
    long_ago = rush.office.clock.now() - KEPT
    rush.write(update(Draft).values(made_at=long_ago))
    return request


def others_draft(rush: Rush) -> bytes:
    """Ask for the draft of somebody else."""
    return rush.request(rush.people[0], rush.draft(rush.people[1]))


SPEECHLESS = with_words(session=None, browser=None)
FOR_FLASK: Sequence[Any] = [
    pytest.param(other_form, 400, id="another's form"),
    pytest.param(body_of(lambda _: b""), 400, id="no form"),
    pytest.param(body_of(lambda body: body[:-3] + b"xyz"), 400, id="a forged form"),
    pytest.param(body_of(lambda body: body + b"&hour=1"), 303, id="another field"),
    pytest.param(head_of(b"/hold HTTP", b"/hold?a=b HTTP"), 303, id="a query"),
    pytest.param(head_of(b"x-www-form-urlencoded", b"json"), 400, id="another kind"),
    pytest.param(head_of(b"Cookie: ", b"Cookie: __Host-numerek=x; "), 400, id="two cookies"),
    pytest.param(head_of(b"Cookie: __Host-numerek=", b"Cookie: other="), 400, id="no cookie"),
    pytest.param(head_of(b"Cookie: __Host-numerek=", b"Cookie: __Host-numerek=x"), 400, id="forged"),
    pytest.param(with_words(mark=None), 303, id="a newcomer"),
    pytest.param(with_words(csrf_token=None), 400, id="no token in the cookie"),
    pytest.param(SPEECHLESS, 404, id="nobody"),
    pytest.param(with_words(session="na_unknown"), 404, id="no such session"),
    pytest.param(with_words(session="x" * 200), 404, id="a long session"),
    pytest.param(others_draft, 404, id="another's draft"),
    pytest.param(too_old, 404, id="an old draft"),
    pytest.param(lambda rush: rush.request(draft="x" * 32), 404, id="no such draft"),
    pytest.param(lambda rush: rush.request(draft="x" * 99), 404, id="a long address"),
    pytest.param(after(update(Account).values(terms_version="2020-01")), 303, id="terms of before"),
    pytest.param(after(update(AccountSession).values(ended_at=at("09:00"))), 404, id="ended session"),
    pytest.param(after(update(AccountSession).values(expires_at=at("09:00"))), 404, id="session is over"),
    pytest.param(after(update(AccountSession).values(seen_at=at("09:00"))), 404, id="idle session"),
    pytest.param(after(update(Account).values(deleted_at=at("09:00"))), 404, id="no account"),
    pytest.param(after(update(Slot).values(taken=0)), 303, id="the hour is free"),
    pytest.param(after(update(Slot).values(capacity=2)), 303, id="there is one more place"),
    pytest.param(after(update(Draft).values(starts_at=None)), 303, id="no hour is chosen"),
]


@pytest.mark.parametrize(("made", "status"), FOR_FLASK)
def test_everything_else_is_flasks_to_answer(rush: Rush, made: Callable[[Rush], bytes], status: int) -> None:
    (answer,) = rush.ask(made(rush))
    assert rush.of_flask == 1
    assert answer[0] == status


def test_who_holds_the_hour_hears_of_the_own_reservation_not_that_it_is_full(rush: Rush) -> None:
    rush.fill(0)
    request = rush.request()
    held = there(rush.ask(request)[0])
    assert held.startswith("/pl/reservations/")
    assert there(rush.ask(request)[0]) == held


def test_what_fails_is_left_to_flask(rush: Rush, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    def broken(_: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(rush.portal.extensions["full_hours"], "answers", broken)
    assert [each[0] for each in rush.ask(rush.request(), rush.request())] == [303, 303]
    assert rush.of_flask == 2
    assert "full hours could not be told" in caplog.text
    caplog.clear()


@pytest.mark.parametrize("what", ["no cookie", "no token", "large", "another path"])
def test_what_is_not_genuine_stays_out_of_the_writer(rush: Rush, what: str) -> None:
    rush.fill(0)
    genuine = rush.request()
    head, _, body = genuine.partition(b"\r\n\r\n")
    rubbish = {
        "no cookie": re.sub(rb"(?i)\r\ncookie:[^\r]*", b"", head) + b"\r\n\r\n" + body,
        "no token": genuine.replace(b"csrf_token=", b"csrf_tokem="),
        "large": genuine + b"&a=1" * 10_000,
        "another path": genuine.replace(b" /", b" /x/", 1),
    }[what]
    assert rubbish != genuine
    rush.ask(rubbish)
    assert rush.threads == {"rush"}
    rush.threads.clear()
    rush.ask(genuine)
    assert rush.threads == {"store" if rush.office.store.sqlite else "rush"}, "the control"


def test_those_who_came_first_do_not_wait_for_all(rush: Rush, monkeypatch: pytest.MonkeyPatch) -> None:
    full_hours, sizes = rush.portal.extensions["full_hours"], list[int]()
    answers = full_hours.answers

    def noted(asked: Sequence[Any]) -> Any:
        sizes.append(len(asked))
        return answers(asked)

    monkeypatch.setattr(full_hours, "answers", noted)
    assert len(rush.ask(*[rush.request()] * 300)) == 300
    assert (sum(sizes), max(sizes)) == (300, 256)


@pytest.mark.parametrize("broken", ["_is_genuine", "_look"])
def test_what_fails_for_one_is_left_to_flask_and_counted_once(
    rush: Rush, monkeypatch: pytest.MonkeyPatch, caplog: Any, broken: str
) -> None:
    full_hours = rush.portal.extensions["full_hours"]
    works, calls = getattr(full_hours, broken), list[object]()

    def first_fails(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == 1:
            raise ValueError("a bug")
        return works(*given)

    monkeypatch.setattr(full_hours, broken, first_fails)
    outcomes = [full_hours.answers([(*scope_of(rush.request()), 0.0)] * 2) for _ in range(2)]
    told = [[answer is not None for answer, _ in each] for each in outcomes]
    counted = [limits.COUNTED in environ for _, environ in outcomes[0]]
    if broken == "_look":
        assert (told, counted) == ([[False, False], [True, True]], [True, True])
    else:
        assert (told, counted) == ([[False, True], [True, True]], [False, False])
    assert "a bug" in caplog.text
    caplog.clear()


def test_while_the_database_cannot_tell_flask_asks_it_again(
    rush: Rush, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, away = rush.office.store.look, [StoreUnavailable("database_busy")]

    def first_away(work: Any) -> Any:
        if away:
            raise away.pop()
        return look(work)

    request = rush.request()
    monkeypatch.setattr(rush.office.store, "look", first_away)
    assert "gone=slot_full" in there(rush.ask(request)[0])
    assert rush.of_flask == 1


def test_pages_that_nobody_opened_yet_are_flasks(rush: Rush) -> None:
    rush.holds.close()
    rush.holds = Holds(Pages(lambda: rush.portal), rush.office.store, 1)
    assert "gone=slot_full" in there(rush.ask(rush.request())[0])
    assert rush.of_flask == 1
    assert rush.threads == {"rush"}  # where loading them is in nobody's way


# --- how often -------------------------------------------------------------------------------------------


@pytest.fixture
def strict(office: SampleOffice, portal_with: Callable[..., Flask]) -> Iterator[Rush]:
    """Let a browser ask twice a minute, and a block five times."""
    office.set_policy("L", booking={"slots": [TEMPLATE]})
    made = Rush(office, portal_with(requests_per_minute=2, block_requests_per_minute=5))
    yield made
    made.close()


def test_beyond_its_limit_a_browser_is_refused_by_flask_and_counted_once(strict: Rush) -> None:
    statuses = [strict.ask(strict.request())[0][0] for _ in range(4)]
    assert statuses == [303, 303, 429, 429]
    assert strict.of_flask == 2
    assert counts(strict, "session/") == [4]
    assert counts(strict, "block/") == [2]


def test_beyond_the_limit_of_its_block_too(strict: Rush) -> None:
    statuses = [strict.ask(strict.request(person))[0][0] for person in strict.people[:3] for _ in range(2)]
    assert statuses == [303] * 5 + [429]
    assert counts(strict, "session/") == [2, 2, 2]
    assert counts(strict, "block/") == [6]


def test_what_goes_on_is_counted_once(strict: Rush) -> None:
    strict.fill(0)
    assert there(strict.ask(strict.request())[0]).startswith("/pl/reservations/")
    assert counts(strict, "session/") == [1]
    strict.flask(strict.request())
    assert counts(strict, "session/") == [2]


def counts(rush: Rush, kind: str) -> list[int]:
    """Return what is counted by the keys of a kind."""
    kept = rush.portal.extensions[limits.TALLY]._memory._counts
    return [count for key, (count, _) in kept.items() if key.startswith(kind)]
