"""The webhook worker on real addresses: in order, at least once, signed, tried again, given up."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from server.adapters.webhooks import HttpWebhooks
from server.domain.access.scopes import IntegratorScope
from server.domain.messages.retries import MOST_TRIES
from server.services.access import integrators, webhooks
from server.services.access.webhook_delivery import KEPT_FOR, LEASE, Outcome, settle, take
from server.services.context import Context, RuleBroken
from server.store.tables import Integrator, Webhook, WebhookDelivery
from server.workers import webhook_worker
from server.workers.webhook_worker import WebhookWorker
from tests.server.adapters.gateways import Asked, GatewayServer
from tests.server.sample_office import SampleOffice
from wire.vocabulary import FactType

TYPES = (FactType.TICKET_ISSUED, FactType.TICKET_CALLED)
LONGEST_WAIT = 60.0


@dataclass
class Hooked:
    """An office with a webhook, the address that it leads to, and a worker."""

    office: SampleOffice
    there: GatewayServer
    worker: WebhookWorker
    program: int
    id: int = 0
    secret: str = ""

    def add(self, *types: FactType, branch: str = "wroclaw", port: int | None = None) -> int:
        """Make a webhook."""
        context = self.office.runtime.context()
        found = context.office.branch_named(branch)
        assert found is not None
        url = f"http://127.0.0.1:{port or self.there.port}/hook"
        new = webhooks.NewWebhook(self.program, found.id, url, types or TYPES)
        self.id, self.secret = self.write(lambda session, context: webhooks.add(session, context, new, by=1))
        return self.id

    def write(self, work: Any) -> Any:
        """Run a use case."""
        context = self.office.runtime.context()
        return self.office.store.write(lambda session: work(session, context))

    def run(self) -> list[Asked]:
        """Send all that is due now; return what has come there."""
        self.office.wait_until_sealed()
        while self.worker.send_due():
            pass
        return self.there.asked

    def told(self) -> list[dict[str, Any]]:
        """Read the messages that came."""
        return [json.loads(each.body) for each in self.there.asked]

    @property
    def row(self) -> Any:
        """Read the webhook."""
        return self.office.one(Webhook, Webhook.id == self.id)

    @property
    def log(self) -> list[Any]:
        """Read the log, oldest first."""
        return self.office.rows(WebhookDelivery)


@pytest.fixture
def hooked(office: SampleOffice) -> Iterator[Hooked]:
    """Give an office with a program and a webhook."""
    with GatewayServer() as there:
        worker = WebhookWorker(office.store, office.runtime.context, HttpWebhooks(("127.0.0.0/8",), 20.0))
        new = integrators.NewIntegrator("city", {IntegratorScope.FACTS})
        context = office.runtime.context()
        program, _ = office.store.write(lambda session: integrators.add(session, context, new))
        made = Hooked(office, there, worker, program)
        made.add()
        yield made


def test_it_tells_what_happens_from_now_on_in_order_and_signed(office: SampleOffice, hooked: Hooked) -> None:
    issued = [office.walk_in("P") for _ in range(3)]
    office.clerk(7).post("/counters/7/call-next")
    asked = hooked.run()
    told = hooked.told()
    assert [each["type"] for each in told] == ["ticket.issued"] * 3 + ["ticket.called"]
    assert [each["data"]["ticket"] for each in told] == [each["id"] for each in issued] + [issued[0]["id"]]
    assert [each["id"] for each in told] == sorted(each["id"] for each in told)
    for each in asked:
        signed = each.headers["numerek-timestamp"].encode() + b"." + each.body
        right = hmac.new(hooked.secret.encode(), signed, hashlib.sha256).hexdigest()
        assert each.headers["numerek-signature"] == f"v1={right}"
        assert each.headers["numerek-delivery"] == f"{hooked.id}-{json.loads(each.body)['id']}"
    assert {each["branch"] for each in told} == {"wroclaw"}
    assert not {"clerk", "device", "reason"} & {name for each in told for name in each["data"]}
    assert [(line.status, line.problem, line.attempt) for line in hooked.log] == [(200, None, 1)] * 4


def test_it_hears_of_its_branch_and_its_facts_alone(office: SampleOffice, hooked: Hooked) -> None:
    hooked.add(FactType.TICKET_CALLED, branch="legnica")
    office.walk_in("P")
    office.clerk(1, "legnica")
    hooked.run()
    assert [each["type"] for each in hooked.told()] == ["ticket.issued"]


def test_what_happened_before_it_was_made_is_not_told(office: SampleOffice, hooked: Hooked) -> None:
    hooked.write(lambda session, context: webhooks.remove(session, context, hooked.id, by=1))
    office.walk_in("P")
    hooked.office.wait_until_sealed()
    hooked.add()
    assert hooked.run() == []
    office.walk_in("P")
    assert len(hooked.run()) == 1


def test_after_a_failure_the_same_comes_again_and_the_next_waits(
    office: SampleOffice, hooked: Hooked
) -> None:
    office.walk_in("P")
    office.walk_in("P")
    hooked.there.status = 500
    first = hooked.run()
    assert len(first) == 1
    assert hooked.row.problem == "status_500"
    pause = hooked.row.due_at - office.clock.now()
    assert timedelta(seconds=48) <= pause <= timedelta(seconds=72)
    hooked.there.status = 200
    assert len(hooked.run()) == 1
    office.clock.advance(seconds=80)
    asked = hooked.run()
    assert [each.body for each in asked[:2]] == [first[0].body] * 2
    assert asked[0].headers["numerek-delivery"] == asked[1].headers["numerek-delivery"]
    assert asked[0].headers["numerek-timestamp"] != asked[1].headers["numerek-timestamp"]
    assert len(asked) == 3
    assert [(line.attempt, line.problem) for line in hooked.log] == [(1, "status_500"), (2, None), (1, None)]
    assert (hooked.row.problem, hooked.row.failing_since) == (None, None)


def test_after_its_last_try_it_is_switched_off_on_record_and_goes_on_where_it_was(
    office: SampleOffice, hooked: Hooked
) -> None:
    began = office.clock.now()
    office.walk_in("P")
    hooked.there.status = 503
    for _ in range(MOST_TRIES):
        hooked.run()
        office.clock.advance(hours=4)
    assert len(hooked.there.asked) == MOST_TRIES
    assert (hooked.row.gave_up, hooked.row.failing_since) == (True, began)
    assert [fact.data["change"] for fact in office.facts(FactType.WEBHOOK_CHANGED)] == ["added", "gave_up"]
    hooked.there.status = 200
    office.clock.set(began)
    office.walk_in("P")
    assert len(hooked.run()) == MOST_TRIES
    hooked.write(lambda session, context: webhooks.switch_on(session, context, hooked.id, by=1))
    assert len(hooked.run()) == MOST_TRIES + 2
    assert (hooked.row.gave_up, hooked.row.attempts) == (False, 0)


def test_switched_on_from_now_on_it_leaves_out_what_it_missed(office: SampleOffice, hooked: Hooked) -> None:
    hooked.write(lambda session, context: webhooks.switch_off(session, context, hooked.id, by=1))
    office.walk_in("P")
    assert hooked.run() == []
    hooked.write(
        lambda session, context: webhooks.switch_on(session, context, hooked.id, by=1, with_missed=False)
    )
    assert hooked.run() == []
    last = office.walk_in("P")
    hooked.run()
    assert [each["data"]["ticket"] for each in hooked.told()] == [last["id"]]


def test_a_message_of_the_log_is_sent_once_more(office: SampleOffice, hooked: Hooked) -> None:
    for _ in range(2):
        office.walk_in("P")
    first = hooked.run()[0]
    line = hooked.log[0]
    hooked.write(lambda session, context: webhooks.send_again(session, context, hooked.id, line.id))
    asked = hooked.run()
    assert len(asked) == 3
    assert (asked[2].body, asked[2].headers["numerek-delivery"]) == (
        first.body,
        first.headers["numerek-delivery"],
    )
    assert hooked.log[0].again_at is None
    assert len(hooked.log) == 3
    with pytest.raises(RuleBroken, match="not_found"):
        hooked.write(lambda session, context: webhooks.send_again(session, context, hooked.id, 10_000))


def test_a_program_that_may_come_in_no_more_hears_nothing(office: SampleOffice, hooked: Hooked) -> None:
    table: Any = Integrator.__table__
    chosen = table.update().where(table.c.id == hooked.program)
    office.walk_in("P")
    for values in ({"expires_at": office.clock.now()}, {"revoked_at": office.clock.now()}):
        barred = chosen.values(**values)
        office.store.write(lambda session, statement=barred: session.execute(statement))  # type: ignore[misc]
        assert hooked.run() == []
    office.store.write(lambda session: session.execute(chosen.values(expires_at=None, revoked_at=None)))
    assert len(hooked.run()) == 1


def test_what_a_worker_left_in_its_hand_goes_out_again(office: SampleOffice, hooked: Hooked) -> None:
    office.walk_in("P")
    hooked.office.wait_until_sealed()
    parcel = hooked.write(lambda session, context: take(session, context, hooked.id))
    assert hooked.run() == []
    office.clock.advance(seconds=LEASE.total_seconds())
    assert len(hooked.run()) == 1
    late = Outcome(500, "status_500", 1)
    hooked.write(lambda session, context: settle(session, context, parcel, late))
    assert (hooked.row.problem, len(hooked.log)) == (None, 1)


def test_the_log_is_kept_for_its_time(office: SampleOffice, hooked: Hooked) -> None:
    office.walk_in("P")
    hooked.run()
    office.clock.advance(seconds=KEPT_FOR.total_seconds() + 1)
    office.walk_in("P")
    hooked.run()
    assert len(hooked.log) == 1


def test_one_that_hangs_holds_up_no_other(
    office: SampleOffice, hooked: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_worker, "_LOOK_EVERY_SECONDS", 0.02)
    quick = hooked.id
    with GatewayServer(delay=5.0) as slow:
        hooked.add(port=slow.port)
        office.walk_in("P")
        hooked.office.wait_until_sealed()
        hooked.worker.start()
        try:
            until = time.monotonic() + LONGEST_WAIT
            while len(hooked.log) < 2 and time.monotonic() < until:
                time.sleep(0.02)
        finally:
            hooked.worker.stop()
        assert [line.webhook_id for line in hooked.log] == [quick, hooked.id]


def test_the_secret_is_sealed(office: SampleOffice, hooked: Hooked) -> None:
    assert hooked.secret.encode() not in hooked.row.sealed_secret
    assert hooked.secret not in str([fact.data for fact in office.facts()])


@pytest.mark.parametrize(
    "url",
    [
        *("", "hook", "ftp://a.example/", "https://", "https:///x", "https://user:pw@a.example/"),
        *("https://a.example:99999/", "https://a.example/ b", "https://a.example/#x", "https://ą.example/"),
        *("javascript:alert(1)", "https://a.example/" + "x" * 500, "https://[::1/", "file:///etc/passwd"),
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    assert not webhooks.is_address(url)


@pytest.mark.parametrize(
    "url", ["https://a.example/x?y=1", "http://10.0.0.1:8080/", "https://[2001:db8::1]/"]
)
def test_control_an_address_is_one(url: str) -> None:
    assert webhooks.is_address(url)


def test_a_program_without_the_scope_or_of_another_branch_gets_none(
    office: SampleOffice, hooked: Hooked
) -> None:
    found = office.runtime.context().office.branch_named("legnica")
    assert found is not None

    def refused(scopes: set[IntegratorScope], branch_id: int | None, url: str = "https://a.example/") -> str:
        new = integrators.NewIntegrator("x", scopes, branch_id)
        program, _ = hooked.write(lambda session, context: integrators.add(session, context, new))
        here = office.runtime.context().office.branch_named("wroclaw")
        assert here is not None
        wanted = webhooks.NewWebhook(program, here.id, url, TYPES)

        def make(session: Any, context: Context) -> Any:
            return webhooks.add(session, context, wanted, by=1)

        with pytest.raises(RuleBroken) as broken:
            hooked.write(make)
        return broken.value.reason

    assert refused({IntegratorScope.QUEUE_READ}, None) == "scope_missing"
    assert refused({IntegratorScope.FACTS}, found.id) == "wrong_branch"
    assert refused({IntegratorScope.FACTS}, None, "nothing") == "wrong_address"
