"""Devices and clerks: enrol, tell who one is, report, sign in and out."""

from __future__ import annotations

from dataclasses import dataclass

from server.api import responses
from server.api.authentication import Visit
from server.api.routes import ANYONE, CLERK, DEVICES, KIOSK, Answer, route
from server.services.access import devices, sign_in, staff_codes
from server.services.context import RuleBroken
from server.services.store_types import Session
from wire import messages as wire


def count_try(visit: Visit, _: wire.EnrolRequest) -> str:
    """Count a try of a code by the address that it comes from, and return that. Raises RuleBroken 429."""
    source = visit.asked.source
    devices.try_code(visit.runtime.store, visit.context, source)
    return source


@route("POST /devices/enrol", ANYONE, {201: wire.EnrolAnswer}, wire.EnrolRequest, before=count_try)
def enrol_device(visit: Visit, session: Session, body: wire.EnrolRequest, prepared: str) -> Answer:
    """Turn a one-time enrolment code into a device and its token."""
    found = devices.enrol(session, visit.context, body.enrolment_code, prepared)
    if found is None:
        raise RuleBroken(404, "unknown_enrolment_code")
    row, token = found
    return 201, wire.EnrolAnswer(device=responses.device(visit.context, row), token=token)


@route("GET /devices/me", DEVICES, {200: wire.Device})
def who_am_i(visit: Visit, session: Session) -> Answer:
    """Tell a device its role, branch, hall and settings."""
    return 200, responses.device(visit.context, visit.caller.place)


@route("POST /devices/me/status", DEVICES, {200: wire.Device}, wire.StatusRequest)
def report_status(visit: Visit, session: Session, body: wire.StatusRequest) -> Answer:
    """Keep how a device is; a change becomes a fact that staff see."""
    words = devices.status_words(visit.context, body.model_dump(exclude={"supplies"}))
    devices.report_status(session, visit.context, visit.caller.place, words)
    if body.supplies is not None:
        devices.keep_supplies(session, visit.caller.place.id, body.model_dump()["supplies"])
    return 200, responses.device(visit.context, visit.caller.place)


@route("POST /devices/me/shown", DEVICES, {204: None}, wire.ShownRequest, keeps=False)
def report_shown(visit: Visit, session: Session, body: wire.ShownRequest) -> Answer:
    """Take when a device showed what this server traces; what it does not trace is passed over."""
    tracer, place = visit.runtime.store.tracer, visit.caller.place
    if tracer is not None:
        for each in body.shown:
            tracer.shown(each.traceparent, visit.context.now - each.shown_at, place.id, place.role)
    return 204, None


@route("POST /devices/me/staff-menu", KIOSK, {204: None}, wire.StaffMenuRequest)
def report_staff_menu(visit: Visit, session: Session, body: wire.StaffMenuRequest) -> Answer:
    """Note that staff opened the menu of this kiosk."""
    staff_codes.opened(session, visit.context, visit.caller.place, body.opened_at)
    return 204, None


@dataclass(frozen=True, slots=True)
class Verified:
    """What the password check outside the transaction found."""

    clerk_id: int | None


def verify_password(visit: Visit, body: wire.SignInRequest) -> Verified:
    """Compare the password before the transaction."""
    runtime = visit.runtime
    return Verified(
        sign_in.verify(runtime.store, visit.context, visit.caller.place, body.login, body.password)
    )


@route(
    "POST /sessions",
    frozenset({"counter"}),
    {201: wire.SignInAnswer, 409: wire.Problem},
    wire.SignInRequest,
    before=verify_password,
)
def sign_in_clerk(visit: Visit, session: Session, body: wire.SignInRequest, prepared: Verified) -> Answer:
    """Sign a clerk in at the counter of the device; wrong login and wrong password look the same.

    Whoever works there at another device, or in a browser, is sent away by `take_over` only.
    """
    if prepared.clerk_id is None:
        sign_in.sign_in_refused(session, visit.context, visit.caller.place)
        return 403, responses.problem(403, "wrong_login_or_password", {})
    done = sign_in.sign_in(
        session, visit.context, visit.caller.place, prepared.clerk_id, take_over=body.take_over
    )
    return 201, wire.SignInAnswer(
        token=done.token,
        clerk=wire.Clerk(id=done.clerk_id, login=done.login, name=done.name),
        counter=done.counter,
        expires_at=done.expires_at,
        not_closed=list(done.not_closed),
    )


@route("DELETE /sessions/me", CLERK, {204: None})
def sign_out_clerk(visit: Visit, session: Session) -> Answer:
    """Sign the clerk out and close the counter."""
    if visit.caller.clerk is not None:
        sign_in.sign_out(session, visit.context, visit.caller.clerk)
    return 204, None
