"""Why a visit cannot be booked by somebody, in plain words: what happened and what can be done."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

Words = tuple[str, str]


def words_of(reason: str, hour: str | None = None) -> Words:
    """Return heading and text for a reason; one that is not known is said in general.

    `hour` is from when it can be tried again, where the reason has one.
    """
    if reason == "holds_let_go" and hour:
        return _holds_let_go(hour)
    return _WORDS.get(reason, _other)()


def _already_booked() -> Words:
    return (
        _("There is a reservation for this person already"),
        _(
            "Everybody can have one reservation for this service. If it is yours, open it by the link in our "
            "message, or under My reservations if you have an account: there you can also move or cancel it."
        ),
    )


def _email_used() -> Words:
    return (
        _("There is a reservation with this e-mail address already"),
        _(
            "For this service an e-mail address can have one reservation. Use another address, or cancel "
            "the first."
        ),
    )


def _phone_used() -> Words:
    return (
        _("There is a reservation with this telephone number already"),
        _(
            "For this service a telephone number can have one reservation. Use another number, or cancel "
            "the first."
        ),
    )


def _account_limit() -> Words:
    return (
        _("Your account has as many reservations as it can have"),
        _("When one of the visits is over, or you cancel it, you can book this service again."),
    )


def _not_released() -> Words:
    return (
        _("It is not your turn yet"),
        _(
            "The places of this service are given in turn. What you typed is kept for two hours: when it is your "
            "turn, look at your answers and send them again."
        ),
    )


def _holds_let_go(hour: str) -> Words:
    return (
        _("You can book again from %(hour)s", hour=hour),
        _(
            "Several hours were kept for you today, and the code was not entered. So that others can book "
            "them, there is a pause now."
        ),
    )


def _already_applied() -> Words:
    return (
        _("This person takes part already"),
        _("Everybody can apply once to a draw: with one account, one name and one document."),
    )


def _other() -> Words:
    return (
        _("This visit cannot be booked now"),
        _("Nothing was booked. Look at your answers and try again later."),
    )


_WORDS: dict[str, Callable[[], Words]] = {
    "already_applied": _already_applied,
    "already_booked": _already_booked,
    "email_used": _email_used,
    "phone_used": _phone_used,
    "account_limit": _account_limit,
    "not_released": _not_released,
}
