"""How people of the staff come in: the sign-in, the second factor, one-time addresses, users and their roles."""

from __future__ import annotations

from server.staff.access import (
    devices,
    integrators,
    links,
    me,
    passkeys,
    passwords,
    people_log,
    recovery,
    second_factor,
    sign_in,
    users,
    webhooks,
)

PAGES = (
    sign_in,
    second_factor,
    passkeys,
    recovery,
    links,
    me,
    passwords,
    users,
    devices,
    integrators,
    webhooks,
    people_log,
)
