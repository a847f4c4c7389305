"""The settings of a service in words: what each is called and rules, and the pages on which they stand."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from server.staff.office.described import Group, Words

SERVICE: dict[str, Words] = {
    "names": Words(_l("Name of the service"), _l("In each language that the branch speaks.")),
    "expected_service_minutes": Words(
        _l("A visit takes (minutes)"), _l("Until the figures of the day are known.")
    ),
    "walk_in": Words(_l("Tickets without a reservation")),
    "walk_in_hours": Words(
        _l("Hours for tickets without a reservation"),
        _l("Such as 08:00-12:00; without any, whenever the branch is open."),
    ),
    "walk_in_daily_limit": Words(_l("Tickets without a reservation a day"), _l("Left empty: no limit.")),
    "verification_required": Words(
        _l("The office verifies each visit first"), _l("A reservation waits until staff accept it.")
    ),
    "check_in_lead_minutes": Words(
        _l("Check in at least (minutes before the hour)"), _l("Left empty: as at the branch.")
    ),
    "check_in_earliest_minutes": Words(
        _l("Check in at most (minutes before the hour)"), _l("Left empty: as at the branch.")
    ),
    "call_lead_minutes": Words(
        _l("Booked visitors are due (minutes before the hour)"), _l("Left empty: as at the branch.")
    ),
    "overdue_minutes": Words(
        _l("Booked visitors come first after (minutes)"), _l("Left empty: as at the branch.")
    ),
    "maximum_wait_minutes": Words(
        _l("Longest wait of walk-ins (minutes)"), _l("Left empty: as at the branch.")
    ),
    "after_maximum_wait": Words(_l("After the longest wait")),
    "prepare": Words(_l("What to bring"), _l("In a few words: on the slip and after the check-in.")),
    "checklist": Words(
        _l("What the clerk compares"),
        _l("Words such as identity, confirmation, payment, photograph; one a line."),
    ),
    "information.summary": Words(_l("What the service is"), _l("A sentence or two.")),
    "information.documents": Words(_l("Documents to bring")),
    "information.fees": Words(_l("Fees")),
    "information.payment": Words(_l("How to pay")),
    "information.photos": Words(_l("Photographs")),
    "information.forms": Words(_l("Forms to fill in")),
    "information.copies": Words(_l("What must be copied")),
    "booking.slots": Words(
        _l("Hours that can be booked"),
        _l(
            "Each entry makes hours of its own; where entries meet, their places add up. None: not on the web."
        ),
    ),
    "booking.horizon_days": Words(_l("Can be booked so many days ahead")),
    "booking.lead_minutes": Words(_l("And at least so many minutes ahead")),
    "booking.daily_limit": Words(_l("Visits a day"), _l("Whatever the hours hold. Left empty: no limit.")),
    "target_wait_minutes": Words(
        _l("Target for the wait of this service (minutes)"),
        _l("Statistics count who was called within it; left empty: as at the branch."),
    ),
    "booking.account_required": Words(_l("Only with an account")),
    "booking.account_limit": Words(_l("Visits at once for one account")),
    "booking.one_per_person": Words(_l("One visit at once for a person")),
    "booking.one_per_email": Words(_l("One visit at once for an e-mail address")),
    "booking.one_per_phone": Words(_l("One visit at once for a telephone number")),
    "booking.phone_required": Words(
        _l("A telephone number has to be given"), _l("For visits before which the office calls.")
    ),
    "booking.most_children": Words(_l("Minor children that a parent may add")),
    "booking.ask_legal_stay": Words(
        _l("Ask for the last day of legal stay"), _l("And warn when the visit is later.")
    ),
    "booking.activation": Words(_l("How the code that confirms a booking comes")),
    "booking.hold_minutes": Words(_l("The code must be typed within (minutes)")),
    "booking.contact_corrections": Words(
        _l("Corrections of the address or number"), _l("While the hour is held.")
    ),
    "booking.hold_return_minutes": Words(
        _l("An hour that was let go comes back after (minutes)"), _l("After a random time between these.")
    ),
    "booking.holds_let_go": Words(
        _l("Hours that a person may let go a day"), _l("Then there is a pause that grows.")
    ),
    "booking.moves": Words(_l("How often a visit can be moved"), _l("0: never.")),
    "booking.return_minutes": Words(
        _l("The place of a cancelled visit comes back after (minutes)"),
        _l("After a random time between these."),
    ),
    "booking.reminders": Words(
        _l("Reminders (minutes before the hour)"), _l("One a line; 1440 is a day. None: no reminders.")
    ),
    "booking.wishes": Words(_l("A notice can be asked for when there are places again")),
    "booking.few_share": Words(
        _l("“Few places” is said at one place in"), _l("4: when at most a quarter of the places is free.")
    ),
    "booking.release": Words(_l("How places are released")),
    "booking.release_at": Words(_l("Daily at")),
    "booking.release_days_ahead": Words(_l("Opening the day so many days ahead")),
    "booking.admit_per_minute": Words(_l("People let in from the waiting room a minute")),
    "booking.draw": Words(_l("Draw")),
    "booking.questions": Words(_l("Questions before the visit")),
    "booking.answer_hours": Words(
        _l("Answers are awaited for (hours)"), _l("Without them the place is released.")
    ),
    "booking.answer_reminder_hours": Words(_l("A reminder of the questions after (hours)")),
    "booking.words": Words(
        _l("The service's own words in messages"), _l("They are added to the letter of this kind.")
    ),
}

SERVICE_GROUPS: dict[str, Group] = {
    "service": Group(
        _l("Name and visit"),
        (
            *("names", "expected_service_minutes", "prepare", "checklist", "verification_required"),
            *("walk_in", "walk_in_hours", "walk_in_daily_limit"),
        ),
    ),
    "calling": Group(
        _l("Check-in and calling"),
        (
            *("check_in_lead_minutes", "check_in_earliest_minutes"),
            *("call_lead_minutes", "overdue_minutes", "maximum_wait_minutes", "after_maximum_wait"),
            "target_wait_minutes",
        ),
    ),
    "information": Group(
        _l("What visitors are told"),
        tuple(name for name in SERVICE if name.startswith("information.")),
    ),
    "slots": Group(
        _l("Hours that can be booked"),
        ("booking.slots", "booking.horizon_days", "booking.lead_minutes", "booking.daily_limit"),
    ),
    "booking": Group(
        _l("Conditions of booking"),
        tuple(
            f"booking.{name}"
            for name in (
                *("account_required", "account_limit", "one_per_person", "one_per_email", "one_per_phone"),
                *("phone_required", "most_children", "ask_legal_stay", "activation", "hold_minutes"),
                *("contact_corrections", "hold_return_minutes", "holds_let_go", "moves", "return_minutes"),
                *("reminders", "wishes", "few_share"),
            )
        ),
    ),
    "release": Group(
        _l("Release of places"),
        tuple(
            f"booking.{name}"
            for name in ("release", "release_at", "release_days_ahead", "admit_per_minute", "draw")
        ),
    ),
    "questions": Group(
        _l("Questions before the visit"),
        ("booking.questions", "booking.answer_hours", "booking.answer_reminder_hours"),
    ),
    "words": Group(_l("Words in messages"), ("booking.words",)),
}

# What stands in lists and tables within a setting, by the names of their fields.
WITHIN: dict[str, dict[str, Words]] = {
    "OpeningPeriod": {
        "first": Words(_l("First day")),
        "last": Words(_l("Last day")),
        "hours": Words(_l("Opening hours"), _l("A day without hours is closed.")),
        "why": Words(_l("Reason")),
    },
    "Closure": {
        "first": Words(_l("First day")),
        "last": Words(_l("Last day")),
        "why": Words(_l("Reason")),
    },
    "SlotTemplate": {
        "days": Words(_l("Weekdays")),
        "hours": Words(_l("From – to"), _l("Such as 08:00-15:00.")),
        "every_minutes": Words(_l("Every (minutes)")),
        "capacity": Words(_l("Visits at once")),
        "first": Words(_l("From this day on"), _l("Left empty: always.")),
        "last": Words(_l("Until this day"), _l("Left empty: without end.")),
    },
    "OutcomeKind": {
        "code": Words(_l("Short name"), _l("Small letters, digits and _; it never changes.")),
        "names": Words(_l("Name at the counters"), _l("Left empty: ours, where there is one.")),
        "served": Words(_l("Counts as served"), _l("In the figures of the counters.")),
        "asks_missing": Words(
            _l("Asks which documents were missing"), _l("Where the service has a checklist.")
        ),
    },
    "PriorityKind": {
        "code": Words(_l("Short name"), _l("Small letters, digits and _; tickets keep it.")),
        "names": Words(
            _l("Name at the kiosk and the counters"),
            _l("Up to 60 characters. Left empty: ours, where there is one."),
        ),
        "staff_only": Words(_l("Given by staff only"), _l("The kiosk does not offer it.")),
        "archived": Words(_l("No longer given"), _l("Tickets that have it keep it, with its name.")),
    },
    "Notice": {
        "text": Words(_l("Text"), _l("Up to 200 characters in each language.")),
        "begins": Words(_l("From"), _l("Left empty: from now on.")),
        "ends": Words(_l("Until"), _l("Left empty: until you remove it.")),
        "board": Words(_l("On the boards")),
        "portal": Words(_l("On the booking pages")),
    },
    "Contact": {
        "name": Words(_l("Person or unit")),
        "email": Words(_l("E-mail address")),
        "phone": Words(_l("Telephone")),
    },
    "Fee": {"what": Words(_l("What for")), "amount": Words(_l("Amount"), _l("Such as 140 zł."))},
    "Form": {"name": Words(_l("Name of the form")), "url": Words(_l("Web address"))},
    "Question": {
        "key": Words(_l("Short name"), _l("Small letters, digits and _; it never changes.")),
        "label": Words(_l("Question")),
        "kind": Words(_l("Kind of answer")),
        "required": Words(_l("Must be answered")),
        "when": Words(_l("Where a date may lie")),
        "hint": Words(_l("Help below the question")),
        "choices": Words(_l("Answers to choose from")),
    },
    "DrawPolicy": {
        "weekday": Words(_l("Applications begin on")),
        "opens": Words(_l("At")),
        "window_hours": Words(_l("And last (hours)")),
        "ahead_days": Words(_l("The first day drawn comes after (days)"), _l("Counted from the end.")),
        "covers_days": Words(_l("Days drawn at once")),
        "public_number": Words(
            _l("Public number that decides"),
            _l("In words; without one the list and the secret decide."),
        ),
    },
}
