"""The words of the office as enums: one word per thing, the same in code, JSON, database and texts."""

from __future__ import annotations

from enum import StrEnum


class TicketStatus(StrEnum):
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    FINISHED = "finished"
    NO_SHOW = "no_show"
    WITHDRAWN = "withdrawn"


class TicketAction(StrEnum):
    """What a clerk may do with a ticket; the URL uses the same words with dashes."""

    CALL = "call"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no-show"
    PARK = "park"
    PUT_BACK = "put-back"
    TRANSFER = "transfer"
    REINSTATE = "reinstate"
    WITHDRAW = "withdraw"


class ReservationStatus(StrEnum):
    HELD = "held"
    PENDING = "pending"
    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


class ReservationAction(StrEnum):
    ACTIVATE = "activate"
    ASK = "ask"
    ACCEPT = "accept"
    REJECT = "reject"
    CHECK_IN = "check_in"
    LAPSE = "lapse"
    CANCEL = "cancel"
    REINSTATE = "reinstate"


class Refusal(StrEnum):
    """Why a check-in or a walk-in ticket is refused. In check-ins the first that holds is told (api.md)."""

    UNKNOWN_CODE = "unknown_code"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    NOT_VERIFIED = "not_verified"
    OTHER_BRANCH = "other_branch"
    OTHER_DAY = "other_day"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    LAPSED = "lapsed"
    OTHER_SERVICE = "other_service"
    TICKET_NO_SHOW = "ticket_no_show"
    TICKET_FINISHED = "ticket_finished"
    TICKET_WITHDRAWN = "ticket_withdrawn"
    SERVICE_STOPPED = "service_stopped"
    CLOSED = "closed"
    NOT_OFFERED = "not_offered"
    LIMIT_REACHED = "limit_reached"
    UNLIKELY_TODAY = "unlikely_today"


class Conflict(StrEnum):
    """Why an entry of a kiosk that was alone could not simply become a ticket that waits (ADR 0026)."""

    CANCELLED = "cancelled"
    CHECKED_IN_ELSEWHERE = "checked_in_elsewhere"
    NOT_ADMITTED = "not_admitted"
    UNKNOWN_RESERVATION = "unknown_reservation"
    UNKNOWN_SERVICE = "unknown_service"
    NUMBER_TAKEN = "number_taken"


class Outcome(StrEnum):
    """How serving ended; a branch may offer more of its own (rules.md 23)."""

    SERVED = "served"
    WITHOUT_DOCUMENTS = "without_documents"
    WRONG_PERSON = "wrong_person"
    OTHER = "other"


class Withdrawal(StrEnum):
    """Why a ticket left the line; people give all but the last one."""

    VISITOR_LEFT = "visitor_left"
    TICKET_TWICE = "ticket_twice"
    WRONG_SERVICE = "wrong_service"
    OTHER = "other"
    DAY_OVER = "day_over"


class CallReason(StrEnum):
    """Why a ticket is called out of its order, or again after it was set aside (rules.md 25)."""

    SUPERVISOR = "supervisor_decision"
    HEALTH = "health"
    CALLED_BEFORE = "called_before"
    SAME_MATTER = "same_matter"
    OTHER = "other"
    WAS_PARKED = "parked"


class Reopening(StrEnum):
    """Why a supervisor reopens a finished ticket."""

    BY_MISTAKE = "by_mistake"
    CAME_BACK = "came_back"
    NOT_DONE = "not_done"
    OTHER = "other"


class Priority(StrEnum):
    """Priority classes (rules.md 24): given by staff or chosen at the kiosk; never shown on a board."""

    PREGNANCY = "pregnancy"
    DISABILITY = "disability"
    SMALL_CHILDREN = "small_children"
    ELDERLY = "elderly"


class SlipRow(StrEnum):
    """A row of a slip (rules.md 20): a label and what it says."""

    APPOINTMENT_AT = "appointment_at"
    ISSUED = "issued"
    AHEAD = "ahead"
    EXPECTED = "expected"


class CounterState(StrEnum):
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class CounterProgram(StrEnum):
    """In what a clerk works at a counter: the program that is installed there, or a browser."""

    WINDOW = "window"
    BROWSER = "browser"


class DeviceRole(StrEnum):
    KIOSK = "kiosk"
    BOARD = "board"
    COUNTER = "counter"


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"


class MessageKind(StrEnum):
    CONFIRM_EMAIL = "confirm_email"
    ALREADY_KNOWN = "already_known"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a word, no password
    CHANGE_EMAIL = "change_email"
    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_DELETED = "account_deleted"
    ACTIVATION_CODE = "activation_code"
    CONFIRMATION = "confirmation"
    CANCELLATION = "cancellation"
    REMOVAL = "removal"
    REMINDER = "reminder"
    QUESTIONS = "questions"
    QUESTIONS_REMINDER = "questions_reminder"
    REJECTION = "rejection"
    RELEASED = "released"
    PLACES = "places"
    DRAW_APPLIED = "draw_applied"
    DRAW_RESULT = "draw_result"
    PAGE_LINK = "page_link"
    MONTHLY_REPORT = "monthly_report"
    CHECKPOINT = "checkpoint"


class MessageStatus(StrEnum):
    """Where a message is; `unknown`: the line broke while it was handed over, so it is not sent blindly again."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DROPPED = "dropped"


class ReleaseMode(StrEnum):
    """How the places of a service are released (rules.md 10)."""

    OPEN = "open"
    DAILY = "daily"
    DRAW = "draw"


class Role(StrEnum):
    """What a person of the staff is, at one branch or at all."""

    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class SteeringKind(StrEnum):
    """What a supervisor rules for a while, beside what the office rules always."""

    SERVICE_CLOSED = "service_closed"
    WALK_INS_STOPPED = "walk_ins_stopped"
    COUNTER_SERVES = "counter_serves"
    NOTICE = "notice"
    MESSAGE = "message"
    HELP = "help"


class Urgency(StrEnum):
    """Why a supervisor lets a ticket go before all others."""

    HEALTH = "health"
    SMALL_CHILDREN = "small_children"
    MISTAKE_OF_OURS = "mistake_of_ours"
    LONG_WAIT = "long_wait"
    OTHER = "other"


class FactType(StrEnum):
    """Types of the rows of the event log: past participles."""

    TICKET_ISSUED = "ticket.issued"
    TICKET_CALLED = "ticket.called"
    TICKET_RECALLED = "ticket.recalled"
    TICKET_STARTED = "ticket.started"
    TICKET_FINISHED = "ticket.finished"
    TICKET_MISSED = "ticket.no_show"
    TICKET_PARKED = "ticket.parked"
    TICKET_PUT_BACK = "ticket.put_back"
    TICKET_TRANSFERRED = "ticket.transferred"
    TICKET_PAUSED = "ticket.paused"
    TICKET_RESUMED = "ticket.resumed"
    TICKET_ANNOUNCED = "ticket.announced"
    TICKET_REINSTATED = "ticket.reinstated"
    TICKET_CAME_BACK = "ticket.came_back"
    TICKET_WITHDRAWN = "ticket.withdrawn"
    TICKET_UNDONE = "ticket.undone"
    TICKET_REOPENED = "ticket.reopened"
    TICKET_NOT_CLOSED = "ticket.not_closed"
    TICKET_NOT_HANDED_OVER = "ticket.not_handed_over"
    TICKET_HANDED_OVER = "ticket.handed_over"
    TICKET_MADE_URGENT = "ticket.made_urgent"
    TICKET_MADE_ORDINARY = "ticket.made_ordinary"
    OFFLINE_CONFLICT = "offline.conflict"
    OFFLINE_RESOLVED = "offline.resolved"
    SERVICE_CLOSED = "service.closed"
    SERVICE_OPENED = "service.opened"
    WALK_INS_STOPPED = "walk_ins.stopped"
    WALK_INS_RESUMED = "walk_ins.resumed"
    COUNTER_ASSIGNED = "counter.assigned"
    COUNTER_TOLD = "counter.told"
    COUNTER_HEARD = "counter.heard"
    NOTICE_POSTED = "notice.posted"
    NOTICE_ENDED = "notice.ended"
    HELP_CALLED = "help.called"
    HELP_ACCEPTED = "help.accepted"
    HELP_ENDED = "help.ended"
    TICKET_CHECKED = "ticket.checked"
    FEEDBACK_GIVEN = "feedback.given"
    CONFIRMATION_VERIFIED = "confirmation.verified"
    CONFIRMATION_MISMATCHED = "confirmation.mismatched"
    CHECK_IN_REFUSED = "check_in.refused"
    CHECK_IN_REPEATED = "check_in.repeated"
    CHECK_IN_PAUSED = "check_in.paused"
    RESERVATION_BOOKED = "reservation.booked"
    RESERVATION_HELD = "reservation.held"
    RESERVATION_ACTIVATED = "reservation.activated"
    RESERVATION_ACCEPTED = "reservation.accepted"
    RESERVATION_REJECTED = "reservation.rejected"
    RESERVATION_REMOVED = "reservation.removed"
    RESERVATION_CHECKED_IN = "reservation.checked_in"
    RESERVATION_LAPSED = "reservation.lapsed"
    RESERVATION_CANCELLED = "reservation.cancelled"
    RESERVATION_REINSTATED = "reservation.reinstated"
    RESERVATION_CHANGED = "reservation.changed"
    RESERVATION_MOVED = "reservation.moved"
    RESERVATION_LOOKED_AT = "reservation.looked_at"
    CODE_SENT_AGAIN = "code.sent_again"
    VISITOR_PHONED = "visitor.phoned"
    WALK_IN_REFUSED = "walk_in.refused"
    COUNTER_OPENED = "counter.opened"
    COUNTER_PAUSED = "counter.paused"
    COUNTER_CLOSED = "counter.closed"
    CLERK_SIGNED_IN = "clerk.signed_in"
    CLERK_SIGNED_OUT = "clerk.signed_out"
    SIGN_IN_REFUSED = "sign_in.refused"
    USER_CHANGED = "user.changed"
    STAFF_SIGNED_IN = "staff.signed_in"
    STAFF_SIGNED_OUT = "staff.signed_out"
    INTEGRATOR_CHANGED = "integrator.changed"
    WEBHOOK_CHANGED = "webhook.changed"
    SLOTS_ADDED = "slots.added"
    SLOTS_PLANNED = "slots.planned"
    PLACE_RETURNED = "place.returned"
    ACCOUNT_MADE = "account.made"
    ACCOUNT_CONFIRMED = "account.confirmed"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_DELETED = "account.deleted"
    ACCOUNT_LOGGED_IN = "account.logged_in"
    ACCOUNT_LOGGED_OUT = "account.logged_out"
    LOG_IN_REFUSED = "log_in.refused"
    BOOKING_REFUSED = "booking.refused"
    QUESTIONS_ASKED = "questions.asked"
    QUESTIONS_ANSWERED = "questions.answered"
    MESSAGE_SENT = "message.sent"
    MESSAGE_SET_ASIDE = "message.set_aside"
    WAITING_ROOM_SHUFFLED = "waiting_room.shuffled"
    DRAW_OPENED = "draw.opened"
    DRAW_CLOSED = "draw.closed"
    DRAW_DRAWN = "draw.drawn"
    APPLICATION_MADE = "application.made"
    APPLICATION_CHANGED = "application.changed"
    APPLICATION_WITHDRAWN = "application.withdrawn"
    EVIDENCE_HELD = "evidence.held"
    EVIDENCE_EXPORTED = "evidence.exported"
    PERSONAL_DATA_GIVEN = "personal_data.given"
    PERSONAL_DATA_ERASED = "personal_data.erased"
    DEVICE_ENROLLED = "device.enrolled"
    DEVICE_REVOKED = "device.revoked"
    DEVICE_RESTART_ASKED = "device.restart_asked"
    DEVICE_REPORTED = "device.reported"
    OFFICE_CHANGED = "office.changed"
    WHAT_IF_CHANGED = "what_if.changed"
