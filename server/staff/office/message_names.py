"""The kinds of messages to visitors, as the people of the office call them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from wire.vocabulary import MessageKind

MESSAGES: dict[MessageKind, object] = {
    MessageKind.CONFIRM_EMAIL: _l("Confirm the e-mail address"),
    MessageKind.ALREADY_KNOWN: _l("There is an account already"),
    MessageKind.RESET_PASSWORD: _l("New password"),
    MessageKind.CHANGE_EMAIL: _l("New e-mail address"),
    MessageKind.ACCOUNT_CHANGED: _l("The account was changed"),
    MessageKind.ACCOUNT_DELETED: _l("The account was deleted"),
    MessageKind.ACTIVATION_CODE: _l("Code that confirms a booking"),
    MessageKind.CONFIRMATION: _l("Confirmation of a visit"),
    MessageKind.CANCELLATION: _l("Cancellation"),
    MessageKind.REMOVAL: _l("Removal of a reservation"),
    MessageKind.REMINDER: _l("Reminder of a visit"),
    MessageKind.QUESTIONS: _l("Questions before the visit"),
    MessageKind.QUESTIONS_REMINDER: _l("Reminder of the questions"),
    MessageKind.REJECTION: _l("Rejection"),
    MessageKind.RELEASED: _l("The place was released"),
    MessageKind.PLACES: _l("There are places again"),
    MessageKind.DRAW_APPLIED: _l("Application for a draw"),
    MessageKind.DRAW_RESULT: _l("Result of a draw"),
    MessageKind.PAGE_LINK: _l("Link to a page"),
}
