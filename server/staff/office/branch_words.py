"""The settings of a branch in words: what each is called and rules, and the pages on which they stand."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from server.staff.office.described import Group, Words

BRANCH: dict[str, Words] = {
    "name": Words(_l("Name of the branch"), _l("As on slips, boards and the booking pages.")),
    "zone": Words(_l("Time zone"), _l("The clock of the branch, such as Europe/Warsaw.")),
    "languages": Words(
        _l("Languages of kiosk and board"),
        _l("Codes of two letters such as pl, en, uk, ru; one a line, the first one first."),
    ),
    "address": Words(_l("Address"), _l("Shown on the booking pages and in confirmations.")),
    "map_url": Words(_l("Link to a map")),
    "phone": Words(_l("Telephone"), _l("For people who cannot book on the web.")),
    "email": Words(_l("E-mail address"), _l("For questions to the office.")),
    "sms_name": Words(_l("Name in text messages"), _l("How a text message begins; at most 20 characters.")),
    "portal_url": Words(
        _l("Address of the booking pages"), _l("The kiosk shows it as a QR to those who came too late.")
    ),
    "day_starts_at": Words(
        _l("The business day begins at"), _l("Ticket numbers, limits and figures begin anew at this hour.")
    ),
    "opening_hours": Words(
        _l("Opening hours"),
        _l(
            "Such as 08:00-15:30, several with a comma. A day without hours is closed; without any, always open."
        ),
    ),
    "opening_periods": Words(
        _l("Periods with other hours"),
        _l("Such as a summer or a day before a holiday. Visits that are booked outside the new hours stay."),
    ),
    "left_at_closing": Words(
        _l("Who still waits at closing"),
        _l("Whoever is not called any more is taken out of the line, on record; the kiosk says so."),
    ),
    "left_at_closing_minutes": Words(
        _l("Until (minutes after closing)"), _l("Counts only where people are not served without end.")
    ),
    "public_holidays": Words(
        _l("Public holidays"), _l("On the public holidays of this country nothing can be booked.")
    ),
    "closures": Words(_l("Closed days"), _l("Further days on which nothing can be booked.")),
    "left_in_hand_minutes": Words(
        _l("End forgotten tickets after (minutes)"),
        _l("A ticket that is still at a counter so long after the day has ended is ended by itself."),
    ),
    "check_in_lead_minutes": Words(
        _l("Check in at least (minutes before the hour)"), _l("Exactly so long before is still in time.")
    ),
    "delay_grace_minutes": Words(
        _l("While the office is late itself, visitors may be later by as much, up to (minutes)"),
        _l(
            "For check-in and for coming back after a missed call. When booked visitors are called 20 minutes "
            "after their hour, nobody is late within 20. 0: never."
        ),
    ),
    "check_in_earliest_minutes": Words(
        _l("Check in at most (minutes before the hour)"), _l("Left empty: from the start of the day.")
    ),
    "ask_service_first": Words(_l("The kiosk asks for the service before the code")),
    "no_show_grace_minutes": Words(
        _l("Come back after a missed call within (minutes)"),
        _l("Whoever shows the code again in this time is put back into the line, once; 0: never."),
    ),
    "wrong_code_tries": Words(_l("Wrong codes before a pause")),
    "wrong_code_pause_seconds": Words(
        _l("First pause after wrong codes (seconds)"), _l("Each further wrong code doubles it.")
    ),
    "wrong_code_longest_pause_seconds": Words(_l("Longest pause after wrong codes (seconds)")),
    "help_counter": Words(
        _l("Counter that helps"),
        _l("Where the kiosk sends those whom it cannot help; left empty: to the staff."),
    ),
    "information_service": Words(
        _l("Service that answers questions"),
        _l("The letter of the service whose ticket the kiosk offers to those whom it cannot help."),
    ),
    "letters_like_digits": Words(
        _l("Allow the letters O and I"),
        _l("They look like 0 and 1: O001 would be taken for 0001. Leave it off unless you need them."),
    ),
    "call_lead_minutes": Words(_l("Booked visitors are due (minutes before the hour)")),
    "overdue_minutes": Words(
        _l("Booked visitors come first after (minutes)"),
        _l("So long past their hour they come before walk-ins that wait long."),
    ),
    "maximum_wait_minutes": Words(
        _l("Longest wait of walk-ins (minutes)"),
        _l("A walk-in that waited so long comes before booked visitors that are just due."),
    ),
    "after_maximum_wait": Words(
        _l("After the longest wait"),
        _l("Where staff are only told, the hall overview shows it and nobody is overtaken."),
    ),
    "priority_every": Words(
        _l("Priority visitors get at most each n-th call"), _l("So that nobody else waits for ever.")
    ),
    "priority_classes": Words(
        _l("Kinds of priority"),
        _l("In this order at the kiosk and at the counters; empty a row to remove it."),
    ),
    "language_head_start_minutes": Words(
        _l("Head start of visitors whose language the clerk speaks (minutes)"),
        _l(
            "At counters whose clerk speaks their language they count as so much earlier; nobody is overtaken "
            "by whoever came later than that. 0: no head start."
        ),
    ),
    "out_of_order": Words(
        _l("Who may call somebody before the others"),
        _l("Each such call asks for a reason and is on record."),
    ),
    "no_show_after_calls": Words(
        _l("Calls before a visitor is given up"), _l("The first call counts as well.")
    ),
    "outcomes": Words(_l("How a visit can end"), _l("In this order at the counters.")),
    "target_wait_minutes": Words(
        _l("Target for the wait (minutes)"), _l("Longer waits are marked at the counters.")
    ),
    "statistics_by_clerk": Words(
        _l("Statistics by clerk"),
        _l("Switch it on only if your office has agreed on it; switched off, the names go from the figures."),
    ),
    "transfer_keeps_place": Words(
        _l("A transferred visitor keeps the hour of arrival"),
        _l("Otherwise the wait in the new line begins with the transfer."),
    ),
    "undo_seconds": Words(
        _l("A clerk can take a step back for (seconds)"),
        _l("Start, finish, no-show, park, transfer and withdraw."),
    ),
    "board_shows_not_handed_over": Words(
        _l("The board lists numbers that were not handed over"),
        _l("The visitor had left the kiosk before a late answer came; counters always mark such tickets."),
    ),
    "board_shows_checkpoint": Words(
        _l("The board shows the short code of the last signed day"),
        _l("Small, beside the notices: whoever notes it down can check the log of that day later."),
    ),
    "slip.office": Words(_l("Name of the office on the slip"), _l("Left empty: the name of the branch.")),
    "slip.number_size": Words(_l("Size of the number")),
    "slip.rows": Words(_l("Lines below the number"), _l("In the order of their numbers.")),
    "slip.hall": Words(_l("The hall stands on it")),
    "slip.service": Words(_l("The service stands on it")),
    "slip.to_bring": Words(_l("What to bring stands on it"), _l("Where the service says so.")),
    "slip.qr": Words(_l("A QR leads to the queue on the phone")),
    "slip.footer": Words(_l("Text at the foot"), _l("At most ten lines.")),
    "slip.logo": Words(
        _l("The picture at the top is printed"), _l("Where the kiosk's machine has one; not in the preview.")
    ),
    "slip.mark_copies": Words(_l("A slip that is printed again is marked as a copy")),
    "slip.cut": Words(_l("Cut the paper")),
    "notices": Words(_l("Line at the foot of the board"), _l("It always stands there.")),
    "timed_notices": Words(
        _l("Notices from an hour until another"),
        _l("They begin and end by themselves, on the boards and on the booking pages."),
    ),
    "witnesses": Words(
        _l("Witnesses who may co-sign the log"),
        _l(
            "The public key of each, one a line; behind a space the address to which each day is posted, or the "
            "e-mail address to which it is sent."
        ),
    ),
    "report_mail_to": Words(
        _l("Who gets the monthly report by e-mail"),
        _l(
            "E-mail addresses, one a line, 20 at most; left empty: nobody. No visitor is named in the report."
        ),
    ),
    "report_mail_day": Words(
        _l("Day of the month on which it is sent"),
        _l("At six in the morning, with the figures of the month before."),
    ),
    "office_language": Words(
        _l("Language of letters to the office itself and to witnesses"),
        _l("The report that is enclosed is in English for English, else in Polish."),
    ),
    "public_queue": Words(
        _l("Everybody may see the queue in figures"),
        _l(
            "At an address for other programs: who waits and how long, by service, without any personal data."
        ),
    ),
    "public_expected_times": Words(
        _l("Everybody may see how many expected times held"),
        _l("Of the last 28 days, on the phone page of a waiting ticket and in the queue for other programs."),
    ),
    "phone_pause_minutes": Words(
        _l("More time on request from the phone (minutes)"),
        _l("Once a ticket; the others are called on, and then it is back at its place. 0: not offered."),
    ),
    "phone_announces": Words(
        _l("Visitors may say from the phone that they are here"),
        _l("After a call, or when they come back after a missed one; the counter marks it."),
    ),
    "paperless_tickets": Words(
        _l("Tickets without paper, on the phone"),
        _l(
            "Kiosk and board show a code that changes each minute; whoever scans it in the hall takes a ticket "
            "without a reservation on the phone."
        ),
    ),
    "offline_hours": Words(
        _l("A kiosk goes on without the server for (hours)"),
        _l(
            "Check-ins and tickets by its last list, with numbers of its own such as PX01; the server takes them "
            "in when it is back. 0: no tickets meanwhile."
        ),
    ),
    "feedback": Words(
        _l("Ask visitors what they think"),
        _l("The page of a finished ticket asks for a mark from 1 to 5, and some words, for a day."),
    ),
    "booking_countries": Words(
        _l("Countries that may book on the web"), _l("Codes such as PL, one a line; none: all countries.")
    ),
    "erase_after_days": Words(
        _l("Erase personal data after (days)"), _l("Counted from the day of the visit.")
    ),
    "evidence_hold_days": Words(
        _l("Keep evidence of removed reservations for (days)"),
    ),
}

BRANCH_GROUPS: dict[str, Group] = {
    "branch": Group(
        _l("Name, address, contact"),
        (
            *("name", "zone", "languages", "address", "map_url", "phone", "email", "sms_name"),
            "portal_url",
        ),
    ),
    "hours": Group(
        _l("Opening hours and closed days"),
        (
            *(
                "opening_hours",
                "left_at_closing",
                "left_at_closing_minutes",
                "opening_periods",
                "public_holidays",
                "closures",
            ),
            *("day_starts_at", "left_in_hand_minutes"),
        ),
    ),
    "arrival": Group(
        _l("Check-in and kiosk"),
        (
            *("check_in_lead_minutes", "check_in_earliest_minutes", "delay_grace_minutes"),
            "ask_service_first",
            *("paperless_tickets", "offline_hours"),
            *("no_show_grace_minutes", "help_counter", "information_service", "letters_like_digits"),
            *("wrong_code_tries", "wrong_code_pause_seconds", "wrong_code_longest_pause_seconds"),
        ),
    ),
    "calling": Group(
        _l("Calling and visits"),
        (
            *("target_wait_minutes", "statistics_by_clerk"),
            *("call_lead_minutes", "overdue_minutes", "maximum_wait_minutes"),
            *("after_maximum_wait", "priority_every", "priority_classes", "language_head_start_minutes"),
            *("out_of_order", "no_show_after_calls", "outcomes"),
            *("phone_pause_minutes", "phone_announces"),
            *("transfer_keeps_place", "undo_seconds", "feedback"),
        ),
    ),
    "slip": Group(
        _l("Slip"),
        tuple(
            f"slip.{name}"
            for name in (
                *("office", "number_size", "rows", "hall", "service", "to_bring", "qr", "footer"),
                *("logo", "mark_copies", "cut"),
            )
        ),
    ),
    "board": Group(
        _l("Board and notices"),
        (
            *("notices", "timed_notices", "board_shows_not_handed_over", "board_shows_checkpoint"),
            *("witnesses", "public_queue", "public_expected_times"),
        ),
    ),
    "report": Group(_l("Monthly report by e-mail"), ("report_mail_to", "report_mail_day", "office_language")),
    "data": Group(
        _l("Booking from abroad and personal data"),
        ("booking_countries", "erase_after_days", "evidence_hold_days"),
    ),
}
